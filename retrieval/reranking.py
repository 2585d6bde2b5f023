"""The best of one ranking, read again by a model that sees query and passage together."""

import time
from dataclasses import replace

from .encoders import Reranker
from .fusion import open_ranking
from .ranking import check_k
from .search import BlockedHit, Hit, Retriever, SearchResult
from .sources import SourcePolicy

DEPTH = 50
"""How many allowed passages are read again."""


class RerankingRetriever:
    """Orders the first `depth` allowed passages of a retriever by a cross-encoder.

    Forbidden passages are not read: `blocked` is what the first retriever would have put among its first k.
    """

    def __init__(self, retriever: Retriever, reranker: Reranker, *, depth: int = DEPTH) -> None:
        """Raises ValueError where `depth` is below 1."""
        check_k(depth)
        self._retriever, self._reranker, self._depth = retriever, reranker, depth

    @property
    def name(self) -> str:
        """The first retriever's name with that of the re-ranker."""
        return f"{self._retriever.name}>{self._reranker.name}"

    @property
    def version(self) -> str:
        """Changes with either part."""
        first = getattr(self._retriever, "version", self._retriever.name)
        return f"1 depth={self._depth} {self._reranker.name} ({first})"

    def search(self, query: str, k: int, source_policy: SourcePolicy) -> SearchResult:
        """The best `k` allowed passages by the re-ranker, ties in the first retriever's order.

        Raises:
            ValueError: `k` is below 1.
        """
        check_k(k)
        began = time.perf_counter()
        found = self._retriever.search(query, max(k, self._depth), source_policy)
        passages = [hit.passage for hit in found.hits]
        scores = self._reranker.scores(query, [passage.text for passage in passages])
        order = sorted(range(len(passages)), key=lambda i: -scores[i])[:k]
        hits = tuple(Hit(passages[i], scores[i]) for i in order)
        blocked = tuple(hit for hit in open_ranking(found, k) if isinstance(hit, BlockedHit))
        usage = replace(found.usage, seconds=time.perf_counter() - began)
        return SearchResult(hits, blocked, usage)
