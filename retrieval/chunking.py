"""Documents cut into passages of whole sentences."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from .passages import Document, Passage, Span
from .sentences import split_sentences

_WORD = re.compile(r"\S+")


def chunk(document: Document, max_words: int = 120, sections: Sequence[int] = ()) -> list[Passage]:
    """Passages of at most `max_words` words (by white space) that together hold every word of `document`, in order.

    Whole sentences are packed while they fit; only a sentence longer than `max_words` is cut, between words. Offsets
    are exact: `p.text == p.span.of(document.text)`. A document without words has no passages. Linear in its length.

    Args:
        sections: Where sections of the text begin, in order: no passage and no sentence crosses one.

    Raises:
        ValueError: `max_words` is below 1.
    """
    return [document.passage(span) for span in passage_spans(document.text, max_words, sections)]


def passage_spans(text: str, max_words: int = 120, sections: Sequence[int] = ()) -> list[Span]:
    """Where the passages of `chunk` stand in `text`. Raises ValueError where `max_words` is below 1."""
    if max_words < 1:
        raise ValueError(f"max_words must be at least 1, not {max_words}")
    cuts = [0, *(cut for cut in sections if 0 < cut < len(text)), len(text)]
    return [span for start, end in pairwise(cuts) for span in _section(text, start, end, max_words)]


def _section(text: str, first: int, last: int, max_words: int) -> Iterator[Span]:
    """The passages of the section [first, last)."""
    part = text[first:last]
    if len(part.split(None, max_words)) <= max_words:  # all of it fits, wherever its sentences end
        body = part.strip()
        if body:
            start = first + len(part) - len(part.lstrip())
            yield Span(start, start + len(body))
        return
    start = end = words = 0
    for span, count in _pieces(part, max_words):
        if words and words + count > max_words:
            yield Span(first + start, first + end)
            words = 0
        if not words:
            start = span.start
        end = span.end
        words += count
    if words:
        yield Span(first + start, first + end)


def _pieces(text: str, max_words: int) -> Iterator[tuple[Span, int]]:
    """Sentences, the long ones cut, each with its number of words."""
    for sentence in split_sentences(text):
        words = list(_WORD.finditer(text, sentence.start, sentence.end))
        for first in range(0, len(words), max_words):
            part = words[first : first + max_words]
            yield Span(part[0].start(), part[-1].end()), len(part)
