"""An answer or a gold target as a sequence of comparable tokens: words, numbers with units, parts of dates."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from .dates import find_dates
from .folding import fold_signs
from .numbers import find_quantities

_INITIALS = re.compile(r"\b(?:[A-Z]\.\s?)+[A-Z]\.|\b(?:[A-Za-z]\.){2,}|\b(?:[A-Z]\.){1,}[A-Z]\b")
_A_DAY = re.compile(r"(?<=[a-z])(?:/| per | each | every | a )(?:day|d)\b", re.IGNORECASE)  # "mg/day": 400 mg daily
_MINUS = re.compile(r"\s?\^\s?\{?\s?[-\u2212]\s?(?=\d)")  # of an exponent: 10^-21
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?|\d+|[.;:!?\n]|,(?=\s+but\b)|\x00")
_BOUNDARIES = frozenset(".;:!?\n,")
_DROPPED = frozenset({"a", "an", "the", "of"})
_SPELLINGS = {
    "&": "and",
    "vs": "v",
    "versus": "v",
    "sec": "section",
    "art": "article",
    "amdt": "amendment",
    "paragraph": "para",
}
BOUNDARY = "|"


@dataclass(frozen=True, slots=True)
class Token:
    """One comparable token; `raw` is the bare number of a quantity with a unit, so that "14" can match "14 days"."""

    key: str
    raw: str = ""


def grading_tokens(text: str) -> list[Token]:
    """`text` as tokens; case, accents, quotation marks, punctuation inside words, articles and hyphens do not count.

    Quantities are in base units ("0.3 mg" and "300 mcg" are one token), "mg/day" is "mg daily", dates are day, month,
    year in this order, a sentence boundary is a token of its own.
    """
    spelled = text.replace("\u00a7", " section ").replace("\u207b", "^-")
    plain = _without_accents(_INITIALS.sub(lambda m: re.sub(r"[.\s]", "", m.group()) + " ", spelled))
    plain = _A_DAY.sub(" daily", _MINUS.sub(" minus ", plain))
    pieces: list[tuple[int, int, list[Token]]] = []
    dates = find_dates(plain)
    for date in dates:
        parts = [("d", date.day), ("m", date.month), ("n", date.year)]
        pieces.append((date.span.start, date.span.end, [Token(f"{k}{v}") for k, v in parts if v is not None]))
    for q in find_quantities(plain, [d.span for d in dates]):
        number = f"{q.raw:.15g}"
        key = f"n{number}" if not q.dimension else f"q{q.value:.12g}{q.dimension}"
        pieces.append((q.span.start, q.span.end, [Token(key, f"n{number}")]))
    return list(_without_joiners(_in_order(fold_signs(plain), sorted(pieces, key=lambda p: p[:2]))))


def _in_order(low: str, pieces: list[tuple[int, int, list[Token]]]) -> Iterator[Token]:
    at = 0
    for start, end, tokens in pieces:
        yield from _words(low[at:start])
        yield from tokens
        at = end
    yield from _words(low[at:])


def _words(low: str) -> Iterator[Token]:
    for match in _WORD.finditer(low.replace("&", " and ")):
        word = match.group()
        if word in _BOUNDARIES:
            yield Token(BOUNDARY)
            continue
        word = word.removesuffix("'s").replace("'", "") if not word.endswith("n't") else word
        if word and word not in _DROPPED:
            yield Token(_SPELLINGS.get(word, word))


def _without_joiners(tokens: Iterator[Token]) -> Iterator[Token]:
    """Without "to" and "through" between two numbers, so that "10 to 20 mg" is "10-20 mg"."""
    held = list(tokens)
    for i, token in enumerate(held):
        between = 0 < i < len(held) - 1 and held[i - 1].raw and held[i + 1].raw
        if not (between and token.key in ("to", "through", "and")):
            yield token


def _without_accents(text: str) -> str:
    if text.isascii():
        return text
    return "".join(
        c for c in unicodedata.normalize("NFKD", text.replace("\u00b5", "u")) if not unicodedata.combining(c)
    )
