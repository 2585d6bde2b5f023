"""Passages ranked by the cosine of their vectors and the query's, under a source policy. Exact: all are seen."""

import time
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from .corpus import Corpus
from .encoders import Encoder
from .passage_store import CorpusPassages, PassageStore
from .ranking import check_k, ranked
from .search import SearchResult
from .sources import SourcePolicy

Vectors = NDArray[np.float32]


class DenseRetriever:
    """Ranks passages by cosine (Karpukhin et al. 2020, arXiv:2004.04906), each encoded with the title of its document.

    Every allowed passage is ranked, however unlike the query: a search for nothing in particular finds k passages.
    Ties go to the earlier passage. Vectors of another machine or library version may differ in the sixth digit.
    """

    def __init__(self, corpus: Corpus, encoder: Encoder, *, max_words: int = 120) -> None:
        """Encodes `corpus` in memory, in passages of at most `max_words` words."""
        store = CorpusPassages(corpus, max_words)
        self._store: PassageStore = store
        self._vectors: Vectors = encoder.encode_passages(list(encoded_texts(store)))
        self._encoder = encoder

    @classmethod
    def over(cls, store: PassageStore, vectors: Vectors, encoder: Encoder) -> "DenseRetriever":
        """A retriever over vectors that were made before, one row a passage of `store`.

        Raises:
            ValueError: There are more or fewer vectors than passages.
        """
        if len(vectors) != len(store):
            raise ValueError(f"{len(vectors)} vectors for {len(store)} passages: rebuild the index")
        self = cls.__new__(cls)
        self._store, self._vectors, self._encoder = store, vectors, encoder
        return self

    @property
    def name(self) -> str:
        """Always "dense"."""
        return "dense"

    @property
    def version(self) -> str:
        """Changes with the encoder."""
        return f"1 {self._encoder.name}"

    @property
    def store(self) -> PassageStore:
        """The passages that are ranked."""
        return self._store

    def search(self, query: str, k: int, source_policy: SourcePolicy) -> SearchResult:
        """The `k` passages that `source_policy` allows and whose vectors are nearest to the query's, best first.

        `blocked` holds the forbidden passages among the best `k` of all. `usage.seconds` is the measured wall time,
        the encoding of the query included.

        Raises:
            ValueError: `k` is below 1.
        """
        check_k(k)
        began = time.perf_counter()
        [vector] = self._encoder.encode_queries([query])
        scores = self._vectors @ vector if len(self._store) else np.zeros(0, np.float32)
        return ranked(scores, self._store, source_policy, k, began=began)


def encoded_texts(store: PassageStore) -> Iterator[str]:
    """What is encoded of each passage: the title of its document and its text."""
    for number in range(len(store)):
        yield encoded_text(store.title(number), store.passage(number).text)


def encoded_text(title: str, text: str) -> str:
    """What is encoded of a passage."""
    return f"{title}. {text}" if title.strip() else text
