"""One row of a file, read field by field, with errors that say where and what."""

import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date as Date
from datetime import datetime
from typing import TypeGuard

from ...retrieval.passages import Span
from .recorded import RecordedAnswerError

_TYPES: dict[type, str] = {dict: "an object", list: "a list", str: "a string", bool: "true or false", int: "a number"}
_LARGEST = 10**12  # of any count
_HALF = re.compile("[\ud800-\udfff]")
_INDEX = re.compile(r"\[\d+\]")


def kind(value: object) -> str:
    """What a JSON value is, in words."""
    if value is None:
        return "null"
    return _TYPES.get(type(value), "a number" if isinstance(value, float) else type(value).__name__)


def shown(value: object) -> str:
    """A value in one short line of an error message, never longer than 60 characters."""
    text = ascii(value[:80]) if isinstance(value, str) else ascii(value)
    return text if len(text) <= 60 else text[:57] + "..."


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of one JSON object; null counts as absent.

    Attributes:
        where: File and line, e.g. "answers.jsonl, line 7".
        unknown: Collects the names of fields that nobody asked for.
        prefix: Path of this object within the row, e.g. "human.claims[2].".
    """

    where: str
    values: Mapping[str, object]
    unknown: dict[str, None]
    prefix: str = ""

    def error(self, name: str, problem: str) -> RecordedAnswerError:
        """The error to raise for field `name`."""
        return RecordedAnswerError(f"{self.where}, field '{_printable(self.prefix + name)}': {problem}")

    def note_unknown(self, known: frozenset[str]) -> None:
        """Collect the names that are not in `known`."""
        for name in self.values:
            if name not in known:
                self.unknown.setdefault(_printable(_INDEX.sub("", self.prefix) + name))

    def text(self, name: str) -> str | None:
        """A string, possibly empty; None where absent."""
        value = self.values.get(name)
        if value is None or isinstance(value, str):
            return value
        raise self.error(name, f"a string is needed, found {kind(value)}")

    def needed(self, name: str) -> str:
        """A string that must be there; it may be empty."""
        text = self.text(name)
        if text is None:
            raise self.error(name, "missing")
        return text

    def identifier(self, name: str) -> str | None:
        """A name or number that identifies something, as a string that is not blank; None where absent."""
        value = self.values.get(name)
        if _whole(value):
            return str(value)
        text = self.text(name)
        if text is not None and not text.strip():
            raise self.error(name, "empty")
        if text is not None and _HALF.search(text):
            raise self.error(name, f"{shown(text)} holds half of a surrogate pair, which no file can keep")
        return text

    def needed_identifier(self, name: str) -> str:
        """The same, where it must be there."""
        text = self.identifier(name)
        if text is None:
            raise self.error(name, "missing")
        return text

    def number(self, name: str, high: float | None = None) -> float | None:
        """A finite number of at least 0, at most `high`; None where absent."""
        value = self.values.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.error(name, f"a number is needed, found {kind(value)}")
        if not 0 <= value <= (sys.float_info.max if high is None else high):
            wanted = "a finite number of at least 0" if high is None else f"between 0 and {high:g}"
            raise self.error(name, f"{shown(value)} is not {wanted}")
        return float(value)

    def count(self, name: str, low: int = 0) -> int | None:
        """A whole number of at least `low`; None where absent."""
        value = self.values.get(name)
        if value is None:
            return None
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if not _whole(value):
            raise self.error(name, f"a whole number is needed, found {_what(value)}")
        if value < low:
            raise self.error(name, f"{shown(value)} is less than {low}")
        if value > _LARGEST:
            raise self.error(name, f"{shown(value)} is more than {_LARGEST}")
        return value

    def flag(self, name: str) -> bool | None:
        """True or false; None where absent."""
        value = self.values.get(name)
        if value is None or isinstance(value, bool):
            return value
        raise self.error(name, f"true or false is needed, found {_what(value)}")

    def strings(self, name: str) -> tuple[str, ...]:
        """A list of strings (whole numbers are taken as strings); empty where absent."""
        entries = self._list(name)
        for index, entry in enumerate(entries):
            if not isinstance(entry, str) and not _whole(entry):
                raise self.error(f"{name}[{index}]", f"a string is needed, found {kind(entry)}")
        return tuple(str(entry) for entry in entries)

    def date(self, name: str) -> Date | None:
        """A day, from an ISO date or date and time; None where absent or ""."""
        value = self.values.get(name)
        if value is None or value == "":
            return None
        if isinstance(value, Date):  # Parquet columns hold dates; a datetime is a date too
            return value.date() if isinstance(value, datetime) else value
        try:
            return datetime.fromisoformat(value).date() if isinstance(value, str) else _no_date()
        except ValueError:
            raise self.error(name, f"{shown(value)} is not a date (YYYY-MM-DD)") from None

    def child(self, name: str) -> "Fields | None":
        """A nested object; None where absent."""
        value = self.values.get(name)
        if value is None:
            return None
        if not isinstance(value, Mapping):
            raise self.error(name, f"an object is needed, found {kind(value)}")
        return Fields(self.where, value, self.unknown, f"{self.prefix}{name}.")

    def children(self, name: str) -> Iterator["Fields"]:
        """The objects of a list; none where absent."""
        for index, entry in enumerate(self._list(name)):
            if not isinstance(entry, Mapping):
                raise self.error(f"{name}[{index}]", f"an object is needed, found {kind(entry)}")
            yield Fields(self.where, entry, self.unknown, f"{self.prefix}{name}[{index}].")

    def span(self, name: str, length: int) -> Span | None:
        """A pair [start, end) of code points within a text of `length`; None where absent."""
        if self.values.get(name) is None:
            return None
        edges = self._list(name)
        start, end = edges if len(edges) == 2 else (None, None)
        if not _whole(start) or not _whole(end):
            raise self.error(name, f"[start, end] is needed, two whole numbers, found {shown(edges)}")
        return self.span_of(name, start, end, length)

    def span_of(self, name: str, start: int, end: int, length: int) -> Span:
        """The span [start, end) within a text of `length` code points; field `name` is at fault where it is none."""
        if not 0 <= start <= end:
            raise self.error(name, f"[{start}, {end}] is no span: 0 <= start <= end must hold")
        if end > length:
            raise self.error(name, f"[{start}, {end}] reaches past the answer, which has {length} characters")
        return Span(start, end)

    def _list(self, name: str) -> list[object]:
        value = self.values.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise self.error(name, f"a list is needed, found {kind(value)}")
        return value


def _what(value: object) -> str:
    return shown(value) if isinstance(value, str | float) else kind(value)


def _printable(name: str) -> str:
    # Names come from the file: no control characters or surrogates on their way to a terminal.
    return name if name.isprintable() else ascii(name)


def _whole(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _no_date() -> Date:
    raise ValueError
