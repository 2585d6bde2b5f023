"""Several rankings made one by reciprocal rank fusion, under a source policy."""

import time
from collections.abc import Sequence

from ..scoring.usage import Usage
from .passages import Passage
from .ranking import check_k
from .search import BlockedHit, Hit, Retriever, SearchResult
from .sources import SourcePolicy

RANK_CONSTANT = 2
"""What is added to each rank. Cormack, Clarke and Buettcher 2009 (doi:10.1145/1571941.1572114) take 60 for runs a
thousand deep. That is nearly a count of rankings where a handful of passages is wanted of a few hundred: a passage
first in one ranking and far down in the other loses to one in the middle of both. Chosen on questions of RAGTruth, WiCE
and LegalBench-RAG (BM25 and MiniLM, mean nDCG@5 .970 with 2, .966 with 60), none of which is reported on."""
DEPTH = 100
"""How deep each ranking is read, at least."""


class HybridRetriever:
    """Ranks passages by the sum of 1 / (constant + rank) over several retrievers, each read to `depth`.

    Scores of different rankers never meet, only ranks do. Ties go to the passage that an earlier retriever ranks
    better. Policies are pushed into each retriever; `blocked` is what the fusion of their open rankings, forbidden
    passages included, would have put among the first k.
    """

    def __init__(
        self, retrievers: Sequence[Retriever], *, depth: int = DEPTH, rank_constant: int = RANK_CONSTANT
    ) -> None:
        """`retrievers`: over the same passages.

        Raises:
            ValueError: There is no retriever, `depth` is below 1, or `rank_constant` is negative.
        """
        if not retrievers:
            raise ValueError("a fusion needs at least one retriever")
        if rank_constant < 0:
            raise ValueError(f"rank_constant must be 0 or more, not {rank_constant}")
        check_k(depth)
        self._constant = rank_constant
        self._retrievers = tuple(retrievers)
        self._depth = depth

    @property
    def name(self) -> str:
        """Names of what is fused, e.g. "bm25+dense"."""
        return "+".join(retriever.name for retriever in self._retrievers)

    @property
    def version(self) -> str:
        """Changes with any of its parts."""
        parts = ", ".join(str(getattr(retriever, "version", retriever.name)) for retriever in self._retrievers)
        return f"1 rrf={self._constant} depth={self._depth} ({parts})"

    def search(self, query: str, k: int, source_policy: SourcePolicy) -> SearchResult:
        """The best `k` allowed passages of the fused ranking, best first.

        Raises:
            ValueError: `k` is below 1.
        """
        check_k(k)
        began = time.perf_counter()
        depth = max(k, self._depth)
        found = [retriever.search(query, depth, source_policy) for retriever in self._retrievers]
        allowed = fused([[hit.passage for hit in result.hits] for result in found], self._constant)[:k]
        rules = {b.passage: b.rule for result in found for b in result.blocked}
        rankings = [[hit.passage for hit in open_ranking(result, depth)] for result in found] if rules else []
        best = fused(rankings, self._constant)[:k]
        blocked = tuple(BlockedHit(p, score, rules[p]) for p, score in best if p in rules)
        usage = Usage(stage="retrieve", seconds=time.perf_counter() - began, requests=1)
        return SearchResult(tuple(Hit(p, score) for p, score in allowed), blocked, usage)


def fused(rankings: Sequence[Sequence[Passage]], rank_constant: int = RANK_CONSTANT) -> list[tuple[Passage, float]]:
    """Every passage with its sum of 1 / (constant + rank), highest first; a passage counts once a ranking."""
    sums: dict[Passage, float] = {}
    for ranking in rankings:
        for rank, passage in enumerate(dict.fromkeys(ranking), start=1):
            sums[passage] = sums.get(passage, 0.0) + 1 / (rank_constant + rank)
    return sorted(sums.items(), key=lambda entry: -entry[1])


def open_ranking(result: SearchResult, depth: int) -> list[Hit | BlockedHit]:
    """The first `depth` of hits and blocked hits together, best first: the ranking as it is without a policy.

    Args:
        depth: At most the k of the search, beyond which what was blocked is not known.
    """
    every: list[Hit | BlockedHit] = [*result.hits, *result.blocked]
    return sorted(every, key=lambda hit: -hit.score)[:depth]
