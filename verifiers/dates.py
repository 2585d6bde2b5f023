"""Calendar dates in running text."""

import re
from dataclasses import dataclass

from ..retrieval.passages import Span

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?P<month{0}>Jan(?:uary|\.)?|Feb(?:ruary|\.)?|Mar(?:ch|\.)?|Apr(?:il|\.)?|May|June?\.?|July?\.?|Aug(?:ust|\.)?|"
    r"Sept?(?:ember|\.)?|Oct(?:ober|\.)?|Nov(?:ember|\.)?|Dec(?:ember|\.)?|JANUARY|FEBRUARY|MARCH|APRIL|MAY|"
    r"JUNE|JULY|AUGUST|"
    r"SEPTEMBER|OCTOBER|NOVEMBER|DECEMBER)"
)
_DAY = r"(?P<day{0}>3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?"
_YEAR = r"(?P<year{0}>1\d{{3}}|20\d{{2}})"
_DATE = re.compile(
    r"(?<![\w/-])(?:"
    + "|".join(
        form.replace("M", "\x00").replace("D", "\x01").replace("Y", "\x02")
        .replace("\x00", _MONTH.format(i)).replace("\x01", _DAY.format(i)).replace("\x02", _YEAR.format(i))
        for i, form in enumerate([
            r"D(?:\sof)?\sM(?:,?\sY)?(?!\w)",
            r"M\sD(?!\d|:)(?:,?\s(?:of\s)?Y(?!\d))?(?!\w)",
            r"M,?\s(?:of\s)?Y(?!\w)",
            r"Y-(?P<m4>0[1-9]|1[0-2])-D(?!\w|-\d)",
            r"(?P<a>3[01]|[12]\d|0?[1-9])(?P<sep>[/.])(?P<b>3[01]|[12]\d|0?[1-9])(?P=sep)Y(?!\w|/\d)",
        ])
    )
    + ")"
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FoundDate:
    """One date. A part that is not written is None; `other` is the second reading of "05/06/1954"."""

    year: int | None
    month: int
    day: int | None
    span: Span
    other: tuple[int, int] | None = None

    def within(self, source: "FoundDate") -> bool:
        """Whether `source` says at least as much, and the same, in one of its readings."""
        return any(self._agrees(source, mine, theirs) for mine in self._readings() for theirs in source._readings())

    def conflicts(self, source: "FoundDate") -> bool:
        """Whether both write the same parts and no reading of them agrees."""
        shared = (self.day is None) == (source.day is None) and (self.year is None) == (source.year is None)
        return shared and not self.within(source)

    def _readings(self) -> list[tuple[int, int | None]]:
        return [(self.month, self.day)] + ([self.other] if self.other else [])

    def _agrees(self, source: "FoundDate", mine: tuple[int, int | None], theirs: tuple[int, int | None]) -> bool:
        same_year = self.year is None or self.year == source.year
        return same_year and mine[0] == theirs[0] and (mine[1] is None or mine[1] == theirs[1])


def find_dates(text: str) -> list[FoundDate]:
    """Dates of `text` that name a month, in order: 12 May 1954, May 12, 1954, 1954-05-12, 12/05/1954, May 1954."""
    return [found for match in _DATE.finditer(text) if (found := _date(match)) is not None]


def _date(match: re.Match[str]) -> FoundDate | None:
    parts = match.groupdict()
    span = Span(*match.span())
    year = next((int(v) for k, v in parts.items() if k.startswith("year") and v), None)
    if parts["a"]:
        first, second = int(parts["a"]), int(parts["b"])
        readings = [(m, d) for m, d in ((second, first), (first, second)) if m <= 12]
        if not readings:
            return None
        return FoundDate(year, *readings[0], span, readings[1] if len(readings) > 1 else None)
    day = next((int(v) for k, v in parts.items() if k.startswith("day") and v), None)
    name = next((v for k, v in parts.items() if k.startswith("month") and v), "")
    month = int(parts["m4"]) if parts["m4"] else _month(name)
    return FoundDate(year, month, day, span)


def _month(name: str) -> int:
    return _MONTHS.index(name[:3].casefold()) + 1
