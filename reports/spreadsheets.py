"""Rows as CSV that a spreadsheet shows and does not run."""

import csv
import io
from collections.abc import Iterable, Sequence

from .marked_text import visible

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
Cell = str | int | float | bool | None


def csv_text(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """RFC 4180 text. A cell that a spreadsheet would take for a formula gets an apostrophe before it; numbers stay.

    `plain_cell` takes it away again, so that what was written can be read back.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return out.getvalue()


def plain_cell(cell: str) -> str:
    """The text of a cell as `csv_text` was given it (control characters stay as their pictures)."""
    return cell[1:] if cell[:1] == "'" and _risky(cell[1:]) else cell


def _cell(value: Cell) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        return str(value)
    text = visible(value)
    return f"'{text}" if _risky(text) else text


def _risky(text: str) -> bool:
    """Whether it starts like a formula, after blanks or after an apostrophe of its own."""
    return text.lstrip(" \u00a0").startswith(_FORMULA) or (text[:1] == "'" and _risky(text[1:]))
