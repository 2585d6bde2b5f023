"""A passage prepared for comparison: its sentences, their tokens, and where a claim's words are found together."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from ..retrieval.passages import Passage, Span
from ..retrieval.sentences import split_sentences
from ..retrieval.tokens import tokenize
from .facts import SourceFacts, source_facts_of

_CACHED = 512  # passages
_CACHED_LENGTH = 20_000  # characters of the longest passage that outlives its call
_CANDIDATES = 3
_PAIR_COST = 0.02  # one sentence is better evidence than two that say no more
_BIGRAM_WEIGHT = 0.5

Bigram = tuple[str, str]


class PassageIndex:
    """The sentences of one passage and the tokens in each; facts and bigrams are computed when first asked for."""

    def __init__(self, passage: Passage) -> None:
        self.passage = passage
        self.sentences = split_sentences(passage.text)
        self.tokens = [tokenize(span.of(passage.text)) for span in self.sentences]
        self.postings: dict[str, list[int]] = {}
        for i, tokens in enumerate(self.tokens):
            for token in set(tokens):
                self.postings.setdefault(token, []).append(i)
        self._bigrams: dict[int, frozenset[Bigram]] = {}
        self._facts: dict[Span, SourceFacts] = {}

    def bigrams(self, sentence: int) -> frozenset[Bigram]:
        """Neighbouring tokens of one sentence."""
        if sentence not in self._bigrams:
            tokens = self.tokens[sentence]
            self._bigrams[sentence] = frozenset(pairwise(tokens))
        return self._bigrams[sentence]

    def facts(self, span: Span | None = None) -> SourceFacts:
        """Facts of the stretch `span` of the passage's text, or of all of it."""
        span = span or Span(0, len(self.passage.text))
        if span not in self._facts:
            self._facts[span] = source_facts_of(span.of(self.passage.text))
        return self._facts[span]


@lru_cache(maxsize=_CACHED)
def _remembered(passage: Passage) -> PassageIndex:
    return PassageIndex(passage)


def index_passage(passage: Passage) -> PassageIndex:
    """The index of `passage`; those of short passages are remembered."""
    return _remembered(passage) if len(passage.text) <= _CACHED_LENGTH else PassageIndex(passage)


@dataclass(frozen=True, slots=True)
class Window:
    """One or two neighbouring sentences of a passage, and how much of a claim they hold.

    Attributes:
        recall: Share of the claim's distinct tokens found here, in [0, 1].
        bigram_recall: Share of its neighbouring token pairs found here, in [0, 1].
    """

    index: PassageIndex
    first: int
    last: int
    recall: float
    bigram_recall: float = 0.0

    @property
    def span(self) -> Span:
        """Place in the passage's text."""
        return Span(self.index.sentences[self.first].start, self.index.sentences[self.last].end)

    @property
    def rank(self) -> float:
        """Larger is better evidence."""
        return self.recall + _BIGRAM_WEIGHT * self.bigram_recall - _PAIR_COST * (self.last - self.first)

    def evidence(self) -> Passage:
        """The window as a passage of its document."""
        whole, local = self.index.passage, self.span
        start = whole.span.start
        return Passage(whole.doc_id, Span(start + local.start, start + local.end), local.of(whole.text))


def best_windows(tokens: Sequence[str], indexes: Sequence[PassageIndex]) -> list[Window]:
    """The few windows that hold most of `tokens`, best first; none where no passage has any of them."""
    distinct = {token: 1 << i for i, token in enumerate(dict.fromkeys(tokens))}
    if not distinct:
        return []
    found: list[Window] = []
    for index in indexes:
        masks: dict[int, int] = {}
        for token, bit in distinct.items():
            for sentence in index.postings.get(token, ()):
                masks[sentence] = masks.get(sentence, 0) | bit
        found += _top(index, masks, len(distinct))
    pairs = frozenset(pairwise(tokens))
    found.sort(key=lambda w: -w.rank)
    scored = sorted((_with_bigrams(w, pairs) for w in found[: 2 * _CANDIDATES]), key=lambda w: -w.rank)
    return scored[:_CANDIDATES]


def _top(index: PassageIndex, masks: dict[int, int], n_tokens: int) -> list[Window]:
    """The best few windows of one passage by recall."""
    counted = sorted(_counted(masks), key=lambda c: (-c[0], c[2] - c[1], c[1]))[: 2 * _CANDIDATES]
    return [Window(index, first, last, count / n_tokens) for count, first, last in counted]


def _counted(masks: dict[int, int]) -> Iterator[tuple[int, int, int]]:
    for sentence, mask in masks.items():
        count = mask.bit_count()
        yield count, sentence, sentence
        following = masks.get(sentence + 1, 0)
        if following | mask != mask and following | mask != following:
            yield (following | mask).bit_count(), sentence, sentence + 1


def _with_bigrams(window: Window, pairs: frozenset[Bigram]) -> Window:
    if not pairs:
        return Window(window.index, window.first, window.last, window.recall, window.recall)
    there = window.index.bigrams(window.first)
    if window.last != window.first:
        there = there | window.index.bigrams(window.last)
    return Window(window.index, window.first, window.last, window.recall, len(pairs & there) / len(pairs))
