"""BM25 as a matrix of what each term adds to each passage. The door of bm25s.

Scores are those of `rank_bm25.BM25Okapi` (Robertson and Zaragoza 2009, doi:10.1561/1500000019), computed by bm25s
(method "atire", idf "robertson"; Lu 2024, arXiv:2407.03618), each query term once. One difference, on purpose: a term
in half of the N passages or more (n of them) has the idf log((N - n + 0.5) / (n + 0.5)) <= 0. `BM25Okapi` raises a
negative one to a quarter of the mean idf: more than rarer terms get, and negative again in a tiny corpus. Here such a
term has the idf 0.01 * log(1 + (N - n + 0.5) / (n + 0.5)), positive and falling with n: it breaks ties and lets a
corpus of one passage be searched, but hardly weighs against terms that tell passages apart.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

_COMMON_WEIGHT = 0.01


@dataclass(frozen=True, slots=True, eq=False)
class TermScores:
    """What each term adds to the score of each passage, column by column.

    Attributes:
        data, indices: Scores, and the passages that they belong to, of one term after the other.
        indptr: Where each term's begin; one more than there are terms.
        n_passages: Passages in all.
        number_of: The number of a term; None where no passage holds it.
    """

    data: NDArray[np.float64]
    indices: NDArray[np.int32]
    indptr: NDArray[np.int64]
    n_passages: int
    number_of: Callable[[str], int | None]

    def scores(self, terms: Sequence[str]) -> NDArray[np.float64]:
        """One score a passage; 0 where it holds none of `terms`, of which each counts once."""
        found = (self.number_of(term) for term in dict.fromkeys(terms))
        numbers = [number for number in found if number is not None]
        if not numbers:
            return np.zeros(self.n_passages)
        engine = _engine()
        columns = {"data": self.data, "indices": self.indices, "indptr": self.indptr}
        engine.scores, engine.nonoccurrence_array = {**columns, "num_docs": self.n_passages}, None
        scores: NDArray[np.float64] = engine.get_scores_from_ids(numbers)
        return scores


def term_scores(
    terms: NDArray[np.int32], lengths: NDArray[np.int64], n_terms: int, k1: float, b: float
) -> tuple[NDArray[np.float64], NDArray[np.int32], NDArray[np.int64]]:
    """`data`, `indices` and `indptr` of `TermScores`.

    Args:
        terms: Numbers of the terms of all passages, one passage after the other.
        lengths: Terms of each passage; their sum is the length of `terms`.
        n_terms: Different terms, numbered from 0.
    """
    if not len(terms):
        return np.zeros(0), np.zeros(0, np.int32), np.zeros(n_terms + 1, np.int64)
    ends = np.cumsum(lengths)
    flat, bounds = terms.tolist(), [0, *ends.tolist()]
    passages = [flat[bounds[i] : bounds[i + 1]] for i in range(len(lengths))]
    del flat
    engine = _engine(k1, b)
    made = engine.build_index_from_ids(range(n_terms), passages, show_progress=False)
    del passages
    data, indices, indptr = made["data"], made["indices"].astype(np.int32), made["indptr"].astype(np.int64)
    _raise_common(data, indices, indptr, terms, lengths, k1, b)
    return data, indices, indptr


def _raise_common(
    data: NDArray[np.float64],
    indices: NDArray[np.int32],
    indptr: NDArray[np.int64],
    terms: NDArray[np.int32],
    lengths: NDArray[np.int64],
    k1: float,
    b: float,
) -> None:
    """Write into `data` what each term with an idf <= 0 adds (bm25s gives it 0)."""
    total = len(lengths)
    owners = np.repeat(np.arange(total), lengths)
    norm = k1 * (1 - b + b * lengths / lengths.mean())
    frequency = np.diff(indptr)
    for term in np.flatnonzero(2 * frequency >= total):
        column = slice(int(indptr[term]), int(indptr[term + 1]))
        times = np.bincount(owners[terms == term], minlength=total)[indices[column]]
        n = int(frequency[term])
        idf = _COMMON_WEIGHT * np.log1p((total - n + 0.5) / (n + 0.5))
        data[column] = idf * times * (k1 + 1) / (times + norm[indices[column]])


def _engine(k1: float = 1.5, b: float = 0.75) -> Any:
    import bm25s

    return bm25s.BM25(k1=k1, b=b, method="atire", idf_method="robertson", dtype="float64", backend="numpy")
