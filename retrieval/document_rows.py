"""Documents as JSON rows: what a line of a corpus may hold, and what is wrong with one that does not."""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from datetime import date as Date
from functools import partial
from typing import Any

from .passages import Document

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


class CorpusError(ValueError):
    """A corpus that cannot be read; the message names file, line and field."""


def document_fields(line: str, where: str) -> dict[str, Any]:
    """The fields of a document from one line of JSON, checked; null and unknown ones left out.

    Args:
        where: File and line, for the message.

    Raises:
        CorpusError: Not an object, or a missing or wrong field; the message names it.
    """
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise CorpusError(f"{where}: not JSON: {error}") from error
    if not isinstance(row, dict):
        raise CorpusError(f"{where}: not a JSON object but {type(row).__name__}")
    for name in ("doc_id", "text"):
        if not isinstance(row.get(name), str) or not row[name].strip():
            got = _shown(row.get(name))
            raise CorpusError(f"{where}: field {name}: a string that is not empty expected; got {got}")
    return {"doc_id": row["doc_id"], "text": row["text"], **optional_fields(row, where)}


def optional_fields(row: Mapping[str, Any], where: str) -> dict[str, Any]:
    """The fields of `OPTIONAL_FIELDS` that `row` holds, checked. Raises CorpusError naming `where` and the field."""
    rest: dict[str, Any] = {}
    for name, (check, wanted) in OPTIONAL_FIELDS.items():
        value = row.get(name)
        if value is None:
            continue
        try:
            rest[name] = check(value)
        except ValueError as error:
            raise CorpusError(f"{where}: field {name}: {wanted} expected; got {_shown(value)}") from error
    check_interval(rest, where)
    return rest


def check_interval(fields: Mapping[str, Any], where: str) -> None:
    """Raises CorpusError where `fields` end before they begin to be in force."""
    first, last = fields.get("valid_from"), fields.get("valid_to")
    if first is not None and last is not None and last < first:
        raise CorpusError(f"{where}: field valid_to: {last} lies before valid_from {first}")


def document_of(doc_id: str, text: str, **rest: Any) -> Document:
    """A document with the hash of its text."""
    return Document(doc_id, text, sha256=hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(), **rest)


def document_row(document: Document) -> dict[str, Any]:
    """The fields of a document as JSON can hold them, without its text; defaults left out."""
    row: dict[str, Any] = {"doc_id": document.doc_id, "sha256": document.sha256}
    for name in OPTIONAL_FIELDS:
        value = getattr(document, name)
        if value:
            row[name] = value.isoformat() if isinstance(value, Date) else value
    return row


def _string(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError
    return value


def _day(value: object) -> Date:
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise ValueError
    return Date.fromisoformat(value)


def _level(value: object, highest: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= highest:
        raise ValueError
    return value


_DATED = "a day written YYYY-MM-DD"
OPTIONAL_FIELDS: dict[str, tuple[Callable[[object], object], str]] = {
    "title": (_string, "a string"),
    "source": (_string, "a string"),
    "date": (_day, _DATED),
    "jurisdiction": (_string, "a string"),
    "authority": (partial(_level, highest=5), "a whole number from 0 to 5"),
    "url": (_string, "a string"),
    "valid_from": (_day, _DATED),
    "valid_to": (_day, _DATED),
    "superseded_by": (_string, "a string"),
    "license": (_string, "a string"),
    "safety_tier": (partial(_level, highest=3), "a whole number from 0 to 3"),
}
"""How each optional field of a document is checked, and what is expected of it."""


def _shown(value: object) -> str:
    return "nothing" if value is None else repr(value)[:80]
