"""Sources as other tools write them down: a text, a list of texts, or objects with a text and a name."""

import ast
import io
import json
import tokenize
from collections.abc import Mapping

from .fields import kind, shown

_TEXTS = ("text", "page_content", "content", "passage", "snippet", "chunk")
_NAMES = ("doc_id", "id", "document_id", "source_id")
_KEPT = ("title", "source", "jurisdiction", "url", "date", "authority", "sha256")
_LONGEST_LIST = 20_000_000  # characters of one cell that holds a list


class SourcesError(ValueError):
    """Sources in no known form; the message says which forms there are."""


def listed_sources(value: object) -> list[dict[str, object]] | None:
    """`value` as the `sources` of the recorded form; None where there is nothing.

    A text is one source. Texts without names are numbered from 1, as answers cite them. Objects have their text in
    `text`, `page_content` or `content`, their name in `doc_id` or `id`, and may carry title, source, url, date,
    jurisdiction and authority, here or in `metadata`. A text that is a list in JSON or Python form is that list.

    Raises:
        SourcesError: Something else, or a list in NumPy's form, whose commas are lost.
    """
    if value is None:
        return None
    if isinstance(value, str):
        value = _unpacked(value)
    if isinstance(value, Mapping):
        value = [value]
    if not isinstance(value, list):
        raise SourcesError(f"a list of sources is needed, found {kind(value)}")
    rows = [_source(number, entry) for number, entry in enumerate(value, 1)]
    return rows or None


def _unpacked(text: str) -> object:
    if not text.strip():
        return []
    if not text.lstrip().startswith("[") or len(text) > _LONGEST_LIST:
        return [text]
    try:
        found = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        found = _python_texts(text)
    return found if isinstance(found, list) else [text]


def _python_texts(text: str) -> list[str] | None:
    """The texts of ['a', "b"]; None where `text` is no list of texts at all (it may begin with "[1] ...")."""
    try:
        tokens = [t for t in tokenize.generate_tokens(io.StringIO(text.strip()).readline) if t.string.strip()]
        strings = [t.string for t in tokens if t.type == tokenize.STRING]
        signs = [t.string for t in tokens if t.type != tokenize.STRING]
        found = [ast.literal_eval(string) for string in strings]
    except (tokenize.TokenError, SyntaxError, ValueError, MemoryError, RecursionError):
        return None
    if not strings or signs[:1] != ["["] or signs[-1:] != ["]"] or set(signs[1:-1]) - {","}:
        return None
    if len(signs) - 2 < len(strings) - 1:
        # NumPy prints ['a' 'b'], which Python would read as one text.
        raise SourcesError(
            "a list without commas, as NumPy prints it: where one source ends cannot be told; write the table as "
            "Parquet, or as JSON Lines (to_json(orient='records', lines=True))"
        )
    return [text for text in found if isinstance(text, str)]


def _source(number: int, entry: object) -> dict[str, object]:
    if isinstance(entry, str):
        return {"doc_id": str(number), "text": entry}
    if not isinstance(entry, Mapping):
        raise SourcesError(f"source {number} is {kind(entry)}; a text, or an object with text and doc_id, is needed")
    inner = entry.get("metadata")
    inner = inner if isinstance(inner, Mapping) else {}
    row: dict[str, object] = {"doc_id": _first(entry, _NAMES) or _first(inner, _NAMES) or str(number)}
    text = _first(entry, _TEXTS)
    if text is not None and not isinstance(text, str):
        raise SourcesError(f"the text of source {number} is {kind(text)}, not a text")
    if text is not None:
        row["text"] = text
    for name in _KEPT:
        value = entry.get(name, inner.get(name))
        if value is not None:
            row[name] = value
    if "text" not in row and len(row) == 1 and row["doc_id"] == str(number):
        raise SourcesError(
            f"source {number} has no text and no name; fields are {shown(', '.join(map(str, entry)))}; "
            "text and doc_id are needed"
        )
    return row


def _first(values: Mapping[str, object], names: tuple[str, ...]) -> object:
    return next((values[name] for name in names if values.get(name) is not None), None)
