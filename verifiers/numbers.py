"""Numbers and quantities in running text: digits, words, percentages, ranges, ordinals, units."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ..retrieval.passages import Span
from .folding import fold_signs
from .units import CURRENCY_SIGNS, UNIT_PATTERN, rounded, to_base


def _words(listed: str) -> tuple[str, ...]:
    return tuple(listed.split())


_ONES = _words(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty"
)
_TENS = _words("twenty thirty forty fifty sixty seventy eighty ninety")
_SCALES = {
    "hundred": 1e2,
    "thousand": 1e3,
    "million": 1e6,
    "billion": 1e9,
    "trillion": 1e12,
    "mn": 1e6,
    "bn": 1e9,
    "k": 1e3,
}
_ORDINALS = _words(
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth "
    "sixteenth seventeenth eighteenth nineteenth twentieth"
)
_WORDS = (
    {word: float(n) for n, word in enumerate(_ONES)}
    | {word: 10.0 * n for n, word in enumerate(_TENS, 2)}
    | {"twice": 2.0, "thrice": 3.0}
)
_ORDER = {word: float(n) for n, word in enumerate(_ORDINALS, 1)}
_WORD = (
    rf"(?:(?:{'|'.join(_TENS)})[\s-](?:{'|'.join(_ONES[1:10])})|{'|'.join(sorted(_WORDS, key=len, reverse=True))}|an?)"
)
_DIGITS = r"(?:\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d{1,3}(?:[\u00a0\u202f\u2009]\d{3})+(?!\d)|\d+(?:\.\d+)?|\.\d+)"
# Where a number may begin: quick to look for, so that most text is passed over.
_BEGINNING = re.compile(
    r"(?<![^\W\d_]-)(?<![\w.])(?:\d|\.\d)|(?<![\w-])(?:an?(?=\s(?:hundred|[mb]illion|thousand)\b)"
    r"|zero|one|t(?:wo|hree|en|welve|hirt|went|wice|hrice)|f(?:our|ive|ift|ort)|s(?:ix|even)|e(?:ight|leven)|nine)"
)
_NUMBER = re.compile(
    rf"(?:(?P<digits>{_DIGITS})(?P<order>(?:st|nd|rd|th)\b)?|(?P<words>{_WORD})(?!\w))"
    r"(?:(?P<short>(?:k|bn|mn)\b)|(?:[\s-](?:hundred|thousand|million|billion|trillion|bn|mn)\b){1,2})?"
    rf"(?P<unit>[\s\u00a0-]{{0,2}}{UNIT_PATTERN})?"
)
_BEFORE = re.compile(rf"(?:(?:us)?[{CURRENCY_SIGNS}]\s?|(?<![^\s(])[-\u2212])\Z")
_ORDINAL = re.compile(rf"(?<![\w-])(?:{'|'.join(_ORDINALS)})(?!\w)")
_SCALE = re.compile(r"hundred|thousand|million|billion|trillion|bn|mn")
_JOIN = re.compile(r"\s?(?:-|\u2013|\u2014|to|and|or|/|through)\s?\Z")
_LONGEST = 300  # digits of a number that a float can hold
ORDINAL = "#"


@dataclass(frozen=True, slots=True)
class Quantity:
    """One number in a text.

    Attributes:
        value: In base units of `dimension`, to ten significant digits.
        dimension: "" for a bare number, "#" for an ordinal, else as `units.to_base` names it ("g", "%", "g/L").
        raw: The number as written, without its unit.
        span: Its place in the text, unit included.
        spelled: Written as a word.
    """

    value: float
    dimension: str
    raw: float
    span: Span
    spelled: bool = False


def find_quantities(text: str, skip: Sequence[Span] = ()) -> list[Quantity]:
    """The numbers of `text` in order, without those inside `skip`; numbers that are part of a name ("B12") are none.

    "75,000", "75000" and "75 thousand" are equal; both ends of a range carry its unit ("10-20 mg").
    """
    low = fold_signs(text)
    found = list(_outside(_cardinals(low), skip))
    order = (
        Quantity(_ORDER[m.group()], ORDINAL, _ORDER[m.group()], Span(*m.span()), True) for m in _ORDINAL.finditer(low)
    )
    found += _outside(_outside(order, skip), [q.span for q in found])
    return list(_with_shared_units(low, sorted(found, key=lambda q: q.span.start)))


def _cardinals(low: str) -> Iterator[Quantity]:
    end = 0
    for beginning in _BEGINNING.finditer(low):
        at = beginning.start()
        match = _NUMBER.match(low, at) if at >= end else None
        raw = _value(match) if match else None
        if match is None or raw is None:
            continue
        end = match.end()
        before = _BEFORE.search(low, max(0, at - 4), at)
        sign = before.group() if before else ""
        if sign in ("-", "\u2212"):
            raw = -raw
        start = before.start() if before else at
        yield _quantity(raw, match, Span(start, end), sign.strip().removeprefix("us"))


def _quantity(raw: float, match: re.Match[str], span: Span, sign: str) -> Quantity:
    if match["order"]:
        return Quantity(raw, ORDINAL, raw, span)
    unit = (match["unit"] or "").strip(" \u00a0\t\n-")
    if sign and sign in CURRENCY_SIGNS:
        raw = rounded(raw * 1e6) if unit == "m" else raw  # "$5m"
        unit = sign
    value, dimension = to_base(raw, unit) if unit else (raw, "")
    return Quantity(value, dimension, raw, span, bool(match["words"]))


def _value(match: re.Match[str]) -> float | None:
    if match["digits"]:
        digits = re.sub(r"[,\s]", "", match["digits"])
        value = float(digits) if len(digits) <= _LONGEST else None
    else:
        value = sum(_WORDS.get(part, 1.0) for part in re.split(r"[\s-]", match["words"]))
    if value is None:
        return None
    if match["short"]:
        return rounded(value * _SCALES[match["short"]])
    tail = match.group()[match.end("digits" if match["digits"] else "words") - match.start() :]
    for scale in _SCALE.findall(tail[: len(tail) - len(match["unit"] or "")]):
        value *= _SCALES[scale]
    return rounded(value)


def _with_shared_units(text: str, found: list[Quantity]) -> Iterator[Quantity]:
    """In "10-20 mg" and "5 to 10 %" the first number has the unit of the second."""
    for this, following in zip(found, [*found[1:], None], strict=False):
        if following is None or this.dimension or not following.dimension or following.dimension == ORDINAL:
            yield this
        elif following.span.start - this.span.end <= 5 and _JOIN.fullmatch(text, this.span.end, following.span.start):
            size = following.value / following.raw if following.raw else 1.0
            yield Quantity(rounded(this.raw * size), following.dimension, this.raw, this.span, this.spelled)
        else:
            yield this


def _outside(quantities: Iterable[Quantity], taken: Sequence[Span]) -> Iterator[Quantity]:
    """Those that touch none of the `taken` spans, which are in order and apart."""
    starts = [span.start for span in taken]
    for q in quantities:
        last = bisect_right(starts, q.span.end - 1) - 1
        if last < 0 or taken[last].end <= q.span.start:
            yield q
