"""The highest load whose SLO still holds: doubling, then bisection. Pure: what to try next, given what was tried.

T is read there. Throughput alone cannot find the place: an overloaded server delivers the same tokens per second as a
full one, with latencies that only grow.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from .estimate import Estimate


@dataclass(frozen=True, slots=True)
class Probe:
    """One load that was tried.

    Attributes:
        level: Streams (closed loop) or requests per second (open loop), above 0.
        kept: Whether the SLO held, no queue grew, and the percentile's share of requests was answered.
        attained: Share of requests inside the SLO, with its Wilson interval; None where none was due.
        why: What was not kept, in words; "" where all was.
        tokens_per_s: Output tokens per second; None where too little was answered.
    """

    level: float
    kept: bool
    attained: Estimate | None = None
    why: str = ""
    tokens_per_s: float | None = None


@dataclass(frozen=True, slots=True)
class SearchRange:
    """Where to search.

    Attributes:
        first: The level that is tried first. smallest, largest: Ends of what may be tried.
        tolerance: The search ends where the lowest failing level is at most so much above the highest kept one.
        whole: Levels are whole numbers (streams).
    """

    first: float
    smallest: float
    largest: float
    tolerance: float = 0.05
    whole: bool = False

    def __post_init__(self) -> None:
        if not 0 < self.smallest <= self.first <= self.largest < float("inf"):
            raise ValueError("a search needs 0 < smallest <= first <= largest")
        if not 0 < self.tolerance < 1:
            raise ValueError(f"the tolerance of a search must lie between 0 and 1, not {self.tolerance}")


def next_level(probes: Sequence[Probe], where: SearchRange) -> float | None:
    """The level to try next; None when the search is over.

    A level that failed once is failed: of two neighbours that contradict each other the lower one counts, so noise
    ends the search low rather than high.
    """
    if not probes:
        return where.first
    failed = lowest_failed(probes)
    kept = highest_kept(probes)
    if failed is None:
        highest = max(p.level for p in probes)
        return min(highest * 2, where.largest) if highest < where.largest else None
    if kept is None:
        return _step(max(failed / 2, where.smallest), where) if failed > where.smallest else None
    if failed <= kept * (1 + where.tolerance) or (where.whole and failed - kept <= 1):
        return None
    return _step((kept * failed) ** 0.5 if not where.whole else (kept + failed) // 2, where)


def _step(level: float, where: SearchRange) -> float:
    return max(float(int(level)), where.smallest) if where.whole else level


def lowest_failed(probes: Sequence[Probe]) -> float | None:
    """The lowest level that failed."""
    return min((p.level for p in probes if not p.kept), default=None)


def highest_kept(probes: Sequence[Probe]) -> float | None:
    """The highest level that was kept, below every level that failed; None where there is none."""
    failed = lowest_failed(probes)
    return max((p.level for p in probes if p.kept and (failed is None or p.level < failed)), default=None)
