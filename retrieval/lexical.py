"""BM25 over the passages of a corpus, under a source policy. The door of bm25s."""

import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..scoring.usage import Usage
from .chunking import chunk
from .corpus import Corpus
from .passages import Passage
from .search import BlockedHit, Hit, SearchResult
from .sources import SourcePolicy, blocking_rule
from .tokens import TOKENS_VERSION, tokenize

_Scores = NDArray[np.float64]
_Mask = tuple[NDArray[np.bool_], list[str | None]]  # per passage: allowed; per document: the rule it breaks

_COMMON_WEIGHT = 0.01
_CACHED_POLICIES = 32


class LexicalRetriever:
    """Ranks passages by BM25 (Robertson and Zaragoza 2009, doi:10.1561/1500000019).

    Scores are those of `rank_bm25.BM25Okapi`, computed by bm25s (method "atire", idf "robertson"), each query term
    once, over passages of at most `max_words` words, each indexed together with the title of its document. One
    difference, on purpose: a term in half of the N passages or more (n of them) has the idf
    log((N - n + 0.5) / (n + 0.5)) <= 0. `BM25Okapi` raises a negative one to a quarter of the mean idf: more than
    rarer terms get, and negative again in a tiny corpus. Here such a term has the idf
    0.01 * log(1 + (N - n + 0.5) / (n + 0.5)), positive and falling with n: it breaks ties and lets a corpus of one
    passage be searched, but hardly weighs against terms that tell passages apart.

    Term statistics are those of the whole corpus, whatever the policy: the policy decides what is ranked, not the
    scores. Ties go to the earlier passage. Deterministic; safe to share between threads.
    """

    def __init__(self, corpus: Corpus, *, max_words: int = 120, k1: float = 1.5, b: float = 0.75) -> None:
        self._documents = corpus.documents
        self._passages: list[Passage] = []
        owners: list[int] = []
        tokens: list[list[str]] = []
        for owner, document in enumerate(corpus.documents):
            title = tokenize(document.title)
            for passage in chunk(document, max_words):
                self._passages.append(passage)
                owners.append(owner)
                tokens.append(title + tokenize(passage.text))
        self._owners = np.array(owners, dtype=np.int64)
        self._index = _index(tokens, k1, b)
        self._common = _common_terms(tokens, k1, b)
        self._masks: dict[SourcePolicy, _Mask] = {}
        self._settings = f"tokens={TOKENS_VERSION} max_words={max_words} k1={k1} b={b}"

    @property
    def name(self) -> str:
        """Always "bm25"."""
        return "bm25"

    @property
    def version(self) -> str:
        """Changes whenever the same search may give another result."""
        return f"1 {self._settings}"

    def search(self, query: str, k: int, source_policy: SourcePolicy) -> SearchResult:
        """The best `k` passages that `source_policy` allows, best first; only such as share a term with `query`.

        `blocked` holds the forbidden passages among the best `k` of all, each with the rule it breaks. The policy is
        applied before ranking. `usage.seconds` is the measured wall time.

        Raises:
            ValueError: `k` is below 1.
        """
        if k < 1:
            raise ValueError(f"k must be at least 1, not {k}")
        began = time.perf_counter()
        allowed, rules = self._mask(source_policy)
        scores = self._scores(query)
        hits = tuple(Hit(self._passages[i], float(scores[i])) for i in _best(scores * allowed, k))
        blocked = tuple(
            BlockedHit(self._passages[i], float(scores[i]), rule)
            for i in _best(scores, k)
            if (rule := rules[self._owners[i]]) is not None
        )
        usage = Usage(stage="retrieve", seconds=time.perf_counter() - began, requests=1)
        return SearchResult(hits, blocked, usage)

    def _mask(self, policy: SourcePolicy) -> _Mask:
        mask = self._masks.get(policy)
        if mask is None:
            rules = [blocking_rule(document, policy) for document in self._documents]
            mask = np.array([rule is None for rule in rules], dtype=np.bool_)[self._owners], rules
            if len(self._masks) >= _CACHED_POLICIES:
                self._masks.clear()
            self._masks[policy] = mask
        return mask

    def _scores(self, query: str) -> _Scores:
        """One score a passage; 0 where it shares no term with `query`."""
        scores: _Scores = np.zeros(len(self._passages))
        terms = list(dict.fromkeys(tokenize(query)))
        known = [term for term in terms if self._index is not None and term in self._index.vocab_dict]
        if known:
            scores += self._index.get_scores(known)
        for term in terms:
            if term in self._common:
                scores += self._common[term]
        return scores


def _index(tokens: Sequence[Sequence[str]], k1: float, b: float) -> Any:
    """The bm25s index of tokenised passages; None where there is no token at all."""
    import bm25s

    vocabulary: dict[str, int] = {}
    ids = [[vocabulary.setdefault(token, len(vocabulary)) for token in passage] for passage in tokens]
    if not vocabulary:
        return None
    index = bm25s.BM25(k1=k1, b=b, method="atire", idf_method="robertson", dtype="float64")
    index.index((ids, vocabulary), create_empty_token=False, show_progress=False)
    return index


def _common_terms(tokens: Sequence[Sequence[str]], k1: float, b: float) -> dict[str, _Scores]:
    """What each term with an idf <= 0 adds to the score of each passage (bm25s gives it 0)."""
    total = len(tokens)
    frequency = Counter(term for passage in tokens for term in set(passage))
    common = {term: n for term, n in frequency.items() if 2 * n >= total}
    if not common:
        return {}
    counts = [Counter(passage) for passage in tokens]
    lengths = np.array([len(passage) for passage in tokens], dtype=np.float64)
    norm = k1 * (1 - b + b * lengths / lengths.mean())
    added: dict[str, _Scores] = {}
    for term, n in common.items():
        times = np.array([count[term] for count in counts], dtype=np.float64)
        idf = _COMMON_WEIGHT * np.log1p((total - n + 0.5) / (n + 0.5))
        added[term] = idf * times * (k1 + 1) / (times + norm)
    return added


def _best(scores: _Scores, k: int) -> list[int]:
    """Places of the at most `k` highest scores above 0, highest first, ties in order."""
    places = np.flatnonzero(scores > 0)
    if len(places) > k:
        least = np.partition(scores[places], len(places) - k)[len(places) - k]
        places = places[scores[places] >= least]
    order = np.argsort(-scores[places], kind="stable")[:k]
    return [int(place) for place in places[order]]
