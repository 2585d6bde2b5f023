"""BM25 over the passages of a collection, under a source policy."""

import time

import numpy as np

from .bm25 import TermScores, term_scores
from .corpus import Corpus
from .passage_store import CorpusPassages, PassageStore
from .ranking import check_k, ranked
from .search import SearchResult
from .sources import SourcePolicy
from .tokens import TOKENS_VERSION, tokenize


class LexicalRetriever:
    """Ranks passages by BM25, as `bm25` defines it, each indexed together with the title of its document.

    Term statistics are those of the whole collection, whatever the policy: the policy decides what is ranked, not the
    scores. Ties go to the earlier passage. Deterministic; safe to share between threads.
    """

    def __init__(self, corpus: Corpus, *, max_words: int = 120, k1: float = 1.5, b: float = 0.75) -> None:
        """Indexes `corpus` in memory, in passages of at most `max_words` words."""
        store = CorpusPassages(corpus, max_words)
        self._store: PassageStore = store
        self._terms = _in_memory(store, k1, b)
        self._settings = f"tokens={TOKENS_VERSION} max_words={max_words} k1={k1} b={b}"

    @classmethod
    def over(cls, store: PassageStore, terms: TermScores, settings: str) -> "LexicalRetriever":
        """A retriever over passages and term scores that were made before, e.g. those of an index on disk."""
        self = cls.__new__(cls)
        self._store, self._terms, self._settings = store, terms, settings
        return self

    @property
    def name(self) -> str:
        """Always "bm25"."""
        return "bm25"

    @property
    def version(self) -> str:
        """Changes whenever the same search may give another result."""
        return f"1 {self._settings}"

    @property
    def store(self) -> PassageStore:
        """The passages that are ranked."""
        return self._store

    def search(self, query: str, k: int, source_policy: SourcePolicy) -> SearchResult:
        """The best `k` passages that `source_policy` allows, best first; only such as share a term with `query`.

        `blocked` holds the forbidden passages among the best `k` of all, each with the rule it breaks. The policy is
        applied before ranking. `usage.seconds` is the measured wall time.

        Raises:
            ValueError: `k` is below 1.
        """
        check_k(k)
        began = time.perf_counter()
        scores = self._terms.scores(tokenize(query))
        return ranked(scores, self._store, source_policy, k, began=began, above=0.0)


def _in_memory(store: PassageStore, k1: float, b: float) -> TermScores:
    vocabulary: dict[str, int] = {}
    terms: list[int] = []
    lengths: list[int] = []
    owner, title = -1, list[str]()
    for number in range(len(store)):
        if store.owners[number] != owner:
            owner, title = int(store.owners[number]), tokenize(store.title(number))
        tokens = title + tokenize(store.passage(number).text)
        terms += [vocabulary.setdefault(token, len(vocabulary)) for token in tokens]
        lengths.append(len(tokens))
    made = term_scores(np.array(terms, np.int32), np.array(lengths, np.int64), len(vocabulary), k1, b)
    return TermScores(*made, len(store), vocabulary.get)
