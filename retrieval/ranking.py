"""From one number a passage to a search result: the policy first, then the best k of what it allows."""

import time

import numpy as np
from numpy.typing import NDArray

from ..scoring.usage import Usage
from .passage_store import PassageStore
from .search import BlockedHit, Hit, SearchResult
from .sources import SourcePolicy

Scores = NDArray[np.floating]


def check_k(k: int) -> None:
    """Raises ValueError where `k` is below 1."""
    if k < 1:
        raise ValueError(f"k must be at least 1, not {k}")


def ranked(
    scores: Scores, store: PassageStore, policy: SourcePolicy, k: int, *, began: float, above: float | None = None
) -> SearchResult:
    """The best `k` allowed passages, and what the policy kept out of the best `k` of all.

    Args:
        scores: One a passage of `store`. Ties go to the earlier passage.
        began: `time.perf_counter()` when the search began.
        above: Only passages with a greater score are found; None: all.
    """
    chosen = store.filter(policy)
    everything = bool(chosen.allowed.all())
    found = np.arange(len(scores)) if above is None else np.flatnonzero(scores > above)
    open_best = best_of(scores, found, k)
    best = open_best if everything else best_of(scores, found[chosen.allowed[found]], k)
    hits = tuple(Hit(store.passage(i), float(scores[i])) for i in best)
    blocked = []
    for i in [] if everything else open_best:
        rule = chosen.rule(int(store.owners[i]))
        if rule is not None:
            blocked.append(BlockedHit(store.passage(i), float(scores[i]), rule))
    usage = Usage(stage="retrieve", seconds=time.perf_counter() - began, requests=1)
    return SearchResult(hits, tuple(blocked), usage)


def best_of(scores: Scores, places: NDArray[np.intp], k: int) -> list[int]:
    """The at most `k` of `places` with the highest scores, highest first, ties in the order of the places."""
    if len(places) > k:
        among = scores[places]
        least = np.partition(among, len(places) - k)[len(places) - k]
        places = places[among >= least]
    order = np.argsort(-scores[places], kind="stable")[:k]
    return [int(place) for place in places[order]]
