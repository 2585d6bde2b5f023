"""Hard facts of a claim against a source: numbers, units, dates, negation, names, and how a medicine is given."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from ..retrieval.passages import Span
from .dates import FoundDate, find_dates
from .folding import fold_signs
from .medication import (
    NO_MEDICATION,
    NO_SOURCE_MEDICATION,
    Medication,
    SourceMedication,
    differences,
    medication_of,
    source_medication_of,
)
from .names import find_names
from .negation import Polarity, opposites_of, polarity, stem
from .numbers import ORDINAL, Quantity, find_quantities
from .units import rounded

_ROUNDING = 0.02  # of a converted quantity
_DAY = 86400.0  # seconds
_NEXT = re.compile(r"[ \t]([^\W\d_]{4,40})")
_WORD = re.compile(r"[^\W_]+")
_DOTTED = re.compile(r"\b(?:[A-Z]\.[ \u00a0]?){2,5}")


class MismatchKind(StrEnum):
    """What does not agree."""

    NUMBER = "number"
    UNIT = "unit"
    DATE = "date"
    NEGATION = "negation"
    NAME = "name"
    DRUG = "drug"
    ROUTE = "route"
    FREQUENCY = "frequency"


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A fact of the claim that the source does not have.

    Attributes:
        span: Its place in the claim's text; `text == span.of(claim_text)`.
        contradicts: The source says otherwise (another quantity of the same dimension, another date, the opposite),
            rather than nothing.
    """

    kind: MismatchKind
    span: Span
    text: str
    contradicts: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """What one text says in numbers, dates, names and negations; computed once, compared often.

    `quantities` and `names` are without those that are part of `medication`.
    """

    text: str
    quantities: tuple[Quantity, ...]
    dates: tuple[FoundDate, ...]
    names: tuple[Span, ...]
    polarity: Polarity
    medication: Medication = NO_MEDICATION

    def __len__(self) -> int:
        """Number of numbers, dates and names, those of medicines, routes and frequencies among them."""
        given = self.medication
        medical = len(given.drugs) + len(given.routes) + len(given.frequencies)
        return len(self.quantities) + len(self.dates) + len(self.names) + medical


def facts_of(text: str) -> Facts:
    """The facts of `text`. Numbers inside a date are part of the date."""
    dates = tuple(find_dates(text))
    every = find_quantities(text, [d.span for d in dates])
    medication = medication_of(text, every)
    often = {n for f in medication.frequencies for n in range(f.span.start, f.span.end)}
    quantities = tuple(q for q in every if q.span.start not in often)
    spans = [d.span for d in dates] + [q.span for q in quantities] + [d.span for d in medication.drugs]
    spans += [f.span for f in medication.frequencies] + [r.span for r in medication.routes]
    taken = {n for span in spans for n in range(span.start, span.end)}
    names = tuple(span for span in find_names(text) if span.start not in taken)
    return Facts(text, quantities, dates, names, polarity(text), medication)


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """What a source offers for comparison."""

    quantities: frozenset[tuple[str, float]]
    dimensions: frozenset[str]
    raw: dict[float, frozenset[str]]
    counted: frozenset[str]
    dates: tuple[FoundDate, ...]
    words: frozenset[str]
    polarity: Polarity
    medication: SourceMedication = NO_SOURCE_MEDICATION


def source_facts_of(text: str) -> SourceFacts:
    """What `text` offers for comparison. Years inside dates count as numbers too."""
    found = find_quantities(text)
    raw: dict[float, set[str]] = {}
    for q in found:
        raw.setdefault(q.raw, set()).add(q.dimension)
    return SourceFacts(
        frozenset((q.dimension, q.value) for q in found),
        frozenset(q.dimension for q in found),
        {value: frozenset(dimensions) for value, dimensions in raw.items()},
        frozenset(_counted(q, text) for q in found if not q.dimension) - {""},
        tuple(find_dates(text)),
        frozenset(stem(w) for w in _WORD.findall(fold_signs(text))) | _dotted(text),
        polarity(text),
        source_medication_of(text, found),
    )


def _dotted(text: str) -> set[str]:
    """ "U.S.C." as the word "usc" that others write for it."""
    return {stem("".join(c for c in found if c.isalpha()).casefold()) for found in _DOTTED.findall(text)}


def fact_mismatches(claim_text: str, source_text: str) -> list[Mismatch]:
    """The facts of a claim that a stretch of a source does not have or contradicts, in the order of the claim.

    Compared after normalisation: 75,000 = 75 thousand, 0.3 mg = 300 mcg, 12 May 1954 = 1954-05-12, 5th = fifth,
    acetaminophen = paracetamol, b.i.d. = every 12 hours, IM = intramuscularly. An empty source lacks everything and
    contradicts nothing.
    """
    return compare(facts_of(claim_text), source_facts_of(source_text))


def compare(claim: Facts, source: SourceFacts) -> list[Mismatch]:
    """`fact_mismatches` on facts found before."""
    found = [*_numbers(claim, source), *_dates(claim, source), *_negations(claim, source), *_names(claim, source)]
    found += _given(claim, source)
    return sorted(found, key=lambda m: (m.span, m.kind))


def _given(claim: Facts, source: SourceFacts) -> Iterator[Mismatch]:
    """Which medicine, by which route and how often."""
    for kind, span, contradicts in differences(claim.medication, source.medication, source.words):
        yield Mismatch(MismatchKind(kind), span, claim.text[span.start : span.end], contradicts)


def _numbers(claim: Facts, source: SourceFacts) -> Iterator[Mismatch]:
    for q in claim.quantities:
        if _has(q, source, _counted(q, claim.text)) or _restated(q, claim, source) or _a_day(q, source):
            continue
        others = source.raw.get(q.raw, frozenset()) - {ORDINAL}
        kind = MismatchKind.UNIT if others else MismatchKind.NUMBER
        if kind is MismatchKind.NUMBER and q.spelled and q.raw == 1:
            continue  # "one" is mostly a pronoun
        contradicts = kind is MismatchKind.UNIT or _rivalled(q, claim.text, source)
        yield Mismatch(kind, q.span, q.span.of(claim.text), contradicts)


def _has(q: Quantity, source: SourceFacts, counted: str = "") -> bool:
    """Whether the source has `q`; "3.5 patients" is not "3.5 % of patients"."""
    if (q.dimension, q.value) in source.quantities:
        return True
    if q.dimension == ORDINAL:
        return (q.spelled and q.raw <= 2) or ("", q.raw) in source.quantities
    same = source.raw.get(q.raw, frozenset())
    return bool(same) and (same != {"%"} or not counted) if not q.dimension else "" in same


def _a_day(q: Quantity, source: SourceFacts) -> bool:
    """Whether "40 mg/day" stands in the source as "40 mg once daily", or the other way round."""
    if q.dimension.endswith("/s"):
        daily = q.dimension.removesuffix("/s"), rounded(q.value * _DAY)
        return 1.0 in source.medication.per_day and daily in source.quantities
    return (f"{q.dimension}/s", rounded(q.value / _DAY)) in source.quantities


def _restated(q: Quantity, claim: Facts, source: SourceFacts) -> bool:
    """Whether `q` is a rounded conversion of another quantity of the claim, as in "350 \u00b0F (175 \u00b0C)"."""
    same = (
        p
        for p in claim.quantities
        if p.dimension == q.dimension and p.raw != q.raw and q.dimension not in ("", ORDINAL)
    )
    return any(abs(p.value - q.value) <= _ROUNDING * abs(p.value) + _half_degree(q) and _has(p, source) for p in same)


def _half_degree(q: Quantity) -> float:
    return 0.6 if q.dimension == "degC" else 0.0


def _rivalled(q: Quantity, text: str, source: SourceFacts) -> bool:
    """Whether the source has another number in its place: of the same dimension, a year, or of the same things."""
    if q.dimension and q.dimension != ORDINAL:
        return q.dimension in source.dimensions
    if _is_year(q.raw) and any(_is_year(value) for value in source.raw):
        return True
    return not q.dimension and _counted(q, text) in source.counted


def _counted(q: Quantity, text: str) -> str:
    """The stem of the word after a bare number ("7 patients": "patient"); "" where no word follows."""
    found = _NEXT.match(text, q.span.end)
    return stem(found[1].casefold()) if found else ""


def _is_year(value: float) -> bool:
    return 1000 <= value <= 2100 and value == int(value)


def _dates(claim: Facts, source: SourceFacts) -> Iterator[Mismatch]:
    for date in claim.dates:
        if not any(date.within(other) for other in source.dates):
            rival = any(date.conflicts(other) for other in source.dates)
            yield Mismatch(MismatchKind.DATE, date.span, date.span.of(claim.text), rival)


def _negations(claim: Facts, source: SourceFacts) -> Iterator[Mismatch]:
    """Words negated on one side only, where the other side negates nothing more, and words that the source opposes.

    Beside a word that weakens a statement ("unlikely") nothing is, unless both sides have it and the reach is known.
    """
    mine, theirs = claim.polarity, source.polarity
    weak, weaker = bool(mine.hedges - theirs.hedges), bool(theirs.hedges - mine.hedges)
    for word, place in mine.negated.items():
        plain = word in theirs.asserted and not theirs.negated.keys() - mine.negated.keys() and not theirs.hedges
        plain = plain and word not in theirs.negated
        found = word in mine.ruled_out and not weaker and theirs.surely(word) and word not in mine.asserted
        if (plain or found) and not opposites_of(word) & source.words:
            yield _negation(claim, place)
    for word, place in mine.asserted.items():
        turned = word in theirs.negated and word not in theirs.asserted and not mine.hedges
        turned = turned and not mine.negated.keys() - theirs.negated.keys() and word not in mine.negated
        absent = word in theirs.ruled_out and word not in theirs.asserted and not weak and mine.surely(word)
        opposed = word not in source.words and opposites_of(word) & theirs.asserted.keys() and not mine.negated
        if turned or absent or opposed:
            yield _negation(claim, place)


def _negation(claim: Facts, place: tuple[int, int]) -> Mismatch:
    return Mismatch(MismatchKind.NEGATION, Span(*place), claim.text[place[0] : place[1]], True)


def _names(claim: Facts, source: SourceFacts) -> Iterator[Mismatch]:
    for span in claim.names:
        parts = [stem(w) for w in _WORD.findall(fold_signs(span.of(claim.text)))]
        if any(part not in source.words for part in parts if len(part) > 1):
            yield Mismatch(MismatchKind.NAME, span, span.of(claim.text))
