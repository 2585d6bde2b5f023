"""Documents cut into passages of whole sentences."""

import re
from collections.abc import Iterator

from .passages import Document, Passage, Span
from .sentences import split_sentences

_WORD = re.compile(r"\S+")


def chunk(document: Document, max_words: int = 120) -> list[Passage]:
    """Passages of at most `max_words` words (by white space) that together hold every word of `document`, in order.

    Whole sentences are packed while they fit; only a sentence longer than `max_words` is cut, between words. Offsets
    are exact: `p.text == p.span.of(document.text)`. A document without words has no passages. Linear in its length.

    Raises:
        ValueError: `max_words` is below 1.
    """
    if max_words < 1:
        raise ValueError(f"max_words must be at least 1, not {max_words}")
    passages: list[Passage] = []
    start = end = words = 0
    for span, count in _pieces(document.text, max_words):
        if words and words + count > max_words:
            passages.append(document.passage(Span(start, end)))
            words = 0
        if not words:
            start = span.start
        end = span.end
        words += count
    if words:
        passages.append(document.passage(Span(start, end)))
    return passages


def _pieces(text: str, max_words: int) -> Iterator[tuple[Span, int]]:
    """Sentences, the long ones cut, each with its number of words."""
    for sentence in split_sentences(text):
        words = list(_WORD.finditer(text, sentence.start, sentence.end))
        for first in range(0, len(words), max_words):
            part = words[first : first + max_words]
            yield Span(part[0].start(), part[-1].end()), len(part)
