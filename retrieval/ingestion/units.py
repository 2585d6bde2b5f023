"""One document, parsed, cut and tokenised: what is kept of it between two indexings, as one line of JSON."""

import hashlib
import json
from typing import Any

from ..chunking import passage_spans
from ..document_rows import document_fields, document_of, document_row
from ..tokens import tokenize
from .formats import parse
from .parsed import Limits, Parsed

Unit = dict[str, Any]


def content_key(data: bytes) -> str:
    """The hash by which a document is known again."""
    return hashlib.sha256(data).hexdigest()


def file_key(data: bytes, kind: str) -> str:
    """The key of a file: of its content and of how it is read."""
    return content_key(data + kind.encode())


def unit_of_file(kind: str, data: bytes, max_words: int, limits: Limits) -> Unit:
    """The unit of a file. Its id, and metadata other than its title, are added later, as they depend on its place.

    Raises:
        UnreadableError, MissingParserError: As `formats.parse`.
    """
    parsed = parse(kind, data, limits)
    return _unit(parsed, {"title": parsed.title} if parsed.title else {}, max_words)


def unit_of_row(line: str, where: str, max_words: int) -> Unit:
    """The unit of a line of JSONL, with its id and metadata. Raises CorpusError naming `where`."""
    document = document_of(**document_fields(line, where))
    return _unit(Parsed(document.text), document_row(document), max_words)


def encoded(unit: Unit) -> bytes:
    """`unit` as JSON."""
    return json.dumps(unit, ensure_ascii=True, separators=(",", ":")).encode("ascii")


def _unit(parsed: Parsed, row: dict[str, Any], max_words: int) -> Unit:
    spans = passage_spans(parsed.text, max_words, parsed.sections)
    return {
        "row": row,
        "text": parsed.text,
        "places": [[place.start, place.label] for place in parsed.places],
        "passages": [[span.start, span.end] for span in spans],
        "tokens": [" ".join(tokenize(span.of(parsed.text))) for span in spans],
    }
