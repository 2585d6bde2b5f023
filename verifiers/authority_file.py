"""An index of authorities read from a file."""

import json
from collections.abc import Mapping
from datetime import date as Date
from pathlib import Path
from typing import Any

from .authorities import Authority, AuthorityIndex, Coverage


class AuthorityError(ValueError):
    """A file of authorities that cannot be read; the message names file, line and field."""


def read_authorities(path: Path) -> AuthorityIndex:
    """An index from JSON Lines: one authority a line, and lines that say what the index is complete for.

    An authority has the fields of `Authority` ("citation" may stand for a single one; days as "1954-05-17"). A line
    `{"complete": {"reporter": "U.S.", "first_volume": 1, "last_volume": 600}}` declares coverage, `{"closed": true}`
    that nothing else may be cited.

    Raises:
        AuthorityError: The file is missing, or a line is no such object.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise AuthorityError(f"{path}: cannot be read: {error}") from error
    authorities: list[Authority] = []
    complete: list[Coverage] = []
    closed = False
    for number, line in enumerate(lines, 1):
        if line.strip():
            where = f"{path}, line {number}"
            row = _object(line, where)
            if "complete" in row:
                complete.append(_coverage(row["complete"], where))
            elif "closed" in row:
                closed = bool(row["closed"])
            else:
                authorities.append(_row(row, where))
    return AuthorityIndex(tuple(authorities), tuple(complete), closed)


def _object(line: str, where: str) -> Mapping[str, Any]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise AuthorityError(f"{where}: not JSON: {error}") from error
    if not isinstance(row, dict):
        raise AuthorityError(f"{where}: an object is needed, one authority a line")
    return row


def _coverage(row: object, where: str) -> Coverage:
    if not isinstance(row, dict) or not isinstance(row.get("reporter"), str):
        raise AuthorityError(f'{where}: "complete" needs an object with the field "reporter", e.g. "U.S."')
    return Coverage(row["reporter"], _number(row, "first_volume", where), _number(row, "last_volume", where))


def _row(row: Mapping[str, Any], where: str) -> Authority:
    given = row.get("citations", row.get("citation"))
    citations = [given] if isinstance(given, str) else given
    if not isinstance(citations, list) or not citations or not all(isinstance(c, str) and c for c in citations):
        raise AuthorityError(f'{where}: the field "citations" must be a list of one or more citations')
    texts = {key: row.get(key, "") for key in ("name", "court", "overruled_by")}
    wrong = next((key for key, value in texts.items() if not isinstance(value, str)), None)
    if wrong or not texts["name"]:
        raise AuthorityError(f'{where}: the field "{wrong or "name"}" must be text')
    doc_id = row.get("doc_id")
    if doc_id is not None and not isinstance(doc_id, str):
        raise AuthorityError(f'{where}: the field "doc_id" must be text')
    pages: dict[str, Any] = {key: _number(row, key, where) for key in ("year", "first_page", "last_page")}
    overruled_on = _day(row, where)
    return Authority(tuple(citations), doc_id=doc_id, overruled_on=overruled_on, **texts, **pages)


def _number(row: Mapping[str, Any], key: str, where: str) -> int | None:
    value = row.get(key)
    if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 0):
        raise AuthorityError(f'{where}: the field "{key}" must be a whole number, not {value!r}')
    return value


def _day(row: Mapping[str, Any], where: str) -> Date | None:
    value = row.get("overruled_on")
    try:
        return Date.fromisoformat(value) if value is not None else None
    except (TypeError, ValueError) as error:
        raise AuthorityError(f'{where}: the field "overruled_on" must be a day like "1954-05-17"') from error
