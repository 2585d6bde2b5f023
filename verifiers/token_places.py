"""From tokens with probabilities to stretches of text, exact to the code point."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from ..retrieval.passages import Span


@dataclass(frozen=True, slots=True)
class TokenReading:
    """One token: its place in the text, and the probability, in [0, 1], that no source supports it."""

    span: Span
    unsupported: float


def flagged_spans(text: str, tokens: Sequence[TokenReading], threshold: float) -> list[Span]:
    """Stretches of neighbouring tokens whose probability is above `threshold`.

    Neighbours may have white space between them. A stretch neither begins nor ends with white space, and does
    not part a letter from its combining marks.
    """
    spans: list[Span] = []
    joined = False  # whether the token before was flagged
    for token in tokens:
        if token.span.start == token.span.end:
            continue
        if token.unsupported <= threshold:
            joined = False
            continue
        span = _whole(text, token.span)
        if span.start == span.end:  # white space parts nothing
            continue
        if spans and (span.start < spans[-1].end or (joined and _is_blank(text, spans[-1].end, span.start))):
            spans[-1] = Span(spans[-1].start, max(spans[-1].end, span.end))
        else:
            spans.append(span)
        joined = True
    return spans


def _is_blank(text: str, start: int, end: int) -> bool:
    return not text[start:end].strip()


def _whole(text: str, span: Span) -> Span:
    """`span` without white space at its ends, with the combining marks that follow it and the letter before them."""
    start, end = span.start, span.end
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    while 0 < start < end and unicodedata.combining(text[start]) and not text[start - 1].isspace():
        start -= 1
    while start < end < len(text) and unicodedata.combining(text[end]):
        end += 1
    return Span(start, end)
