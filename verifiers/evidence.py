"""Passages cut to units of about a sentence, and which of them a claim may rest on."""

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from math import log

from ..retrieval.passages import Passage, Span
from ..retrieval.sentences import split_sentences
from ..retrieval.tokens import tokenize
from .lexical_index import PassageIndex, index_passage

ALL_READ = 24
"""Up to this many units are all encoded for every claim; of more, those that share most with it."""

_BEST = 8
_READ = 24  # units encoded for one claim where there are more than ALL_READ
_LONGEST = 480  # characters of a unit
_CACHED = 512
_CACHED_LENGTH = 200_000

Bigram = tuple[str, str]


class Evidence:
    """The passages of one claim, cut to units: sentences, ended by a line break too, of at most 480 characters.

    Attributes:
        units: Number of the passage, and place in its text. texts, tokens: Of each unit.
        postings: Units that have a token.
        indexes: The passages, prepared for the comparison of words and facts.
    """

    def __init__(self, passages: Sequence[Passage]) -> None:
        self.passages = tuple(passages)
        self.indexes: list[PassageIndex] = [index_passage(p) for p in passages]
        self.units = [(n, span) for n, passage in enumerate(passages) for span in units_of(passage.text)]
        self.texts = [span.of(passages[n].text) for n, span in self.units]
        self.tokens = [tokenize(text) for text in self.texts]
        self.sets = [frozenset(tokens) for tokens in self.tokens]
        self.postings: dict[str, list[int]] = {}
        for i, tokens in enumerate(self.sets):
            for token in sorted(tokens):
                self.postings.setdefault(token, []).append(i)
        self.bigrams = [frozenset(pairwise(tokens)) for tokens in self.tokens]
        self.all_bigrams: frozenset[Bigram] = frozenset().union(*self.bigrams)

    def __len__(self) -> int:
        return len(self.units)

    def peculiarity(self, token: str) -> float:
        """How few units have `token`: 1 where none has, near 0 where all have."""
        n = len(self.units)
        return log((n + 1) / (len(self.postings.get(token, ())) + 0.5)) / log(n + 2)

    def adjoin(self, i: int) -> bool:
        """Whether unit i + 1 follows unit i in the same passage."""
        return i + 1 < len(self.units) and self.units[i][0] == self.units[i + 1][0]

    def window(self, first: int, last: int) -> Passage:
        """Units first to last, of one passage, as a passage of its document."""
        passage = self.passages[self.units[first][0]]
        start, end = self.units[first][1].start, self.units[last][1].end
        return Passage(
            passage.doc_id, Span(passage.span.start + start, passage.span.start + end), passage.text[start:end]
        )

    def read_for(self, tokens: Sequence[str]) -> list[int]:
        """Numbers of the units that are worth encoding for a claim of these tokens, in order."""
        n = len(self.units)
        if n <= ALL_READ:
            return list(range(n))
        shared: dict[int, float] = {}
        for token in dict.fromkeys(tokens):
            units = self.postings.get(token, ())
            for i in units:
                shared[i] = shared.get(i, 0.0) + log((n + 1) / len(units))
        ranked = sorted(shared, key=lambda i: (-shared[i], i))
        chosen = {j for i in ranked[:_BEST] for j in (i - 1, i, i + 1) if 0 <= j < n}
        for i in ranked[_BEST:]:
            if len(chosen) >= _READ:
                break
            chosen.add(i)
        return sorted(chosen) or list(range(_BEST))


@lru_cache(maxsize=_CACHED)
def _remembered(passages: tuple[Passage, ...]) -> Evidence:
    return Evidence(passages)


def evidence_of(passages: Sequence[Passage]) -> Evidence:
    """The units of `passages`; remembered unless they are very long."""
    kept = tuple(passages)
    return _remembered(kept) if sum(len(p.text) for p in kept) <= _CACHED_LENGTH else Evidence(kept)


def units_of(text: str) -> list[Span]:
    """Sentences of `text`, cut at line breaks and, where longer than 480 characters, at white space."""
    found: list[Span] = []
    for sentence in split_sentences(text):
        start = sentence.start
        for line in sentence.of(text).split("\n"):
            found += _pieces(text, start, start + len(line))
            start += len(line) + 1
    return found


def _pieces(text: str, start: int, end: int) -> list[Span]:
    pieces = []
    while start < end:
        cut = end
        if end - start > _LONGEST:
            space = text.rfind(" ", start + _LONGEST // 2, start + _LONGEST)
            cut = space if space > 0 else start + _LONGEST
        raw = text[start:cut]
        body = raw.strip()
        if any(c.isalnum() for c in body):
            first = start + len(raw) - len(raw.lstrip())
            pieces.append(Span(first, first + len(body)))
        start = cut
    return pieces
