"""May a model ship in a domain: its measured numbers against the limits that the pack declares.

Each limit is shown to be kept, shown to be broken, or not shown either way; a number without enough data shows
nothing. All limits must be kept (an intersection-union test, Berger 1982, doi:10.1080/00401706.1982.10487790), so
none is corrected for the others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from .estimate import Estimate, Measurement


class Launch(StrEnum):
    """YES: every limit is shown to be kept. NO: one is shown to be broken. NOT_SHOWN: the data do not tell."""

    YES = "yes"
    NO = "no"
    NOT_SHOWN = "not shown"


@dataclass(frozen=True, slots=True)
class Limit:
    """A launch limit: `measure` may be at most (`most`) or must be at least its value.

    Attributes:
        claim: The measure whose own value is the bound to claim, where there is one (a one-sided exact bound).
    """

    measure: str
    most: bool
    meaning: str
    claim: str = ""


LIMITS: dict[str, Limit] = {
    "p_max": Limit("p", True, "tolerated error probability", claim="p_upper_exact"),
    "q_min": Limit("q_tokens", False, "floor of Q, the share right among delivered answers"),
    "must_abstain_recall_min": Limit("abstention_recall", False, "share of unanswerable questions left unanswered"),
    "usd_per_verified_answer_max": Limit("usd_per_verified_answer", True, "dollars per verified answer"),
}
"""What each name in a pack's [limits] is about."""


@dataclass(frozen=True, slots=True)
class Check:
    """One limit against what was measured.

    Attributes:
        measured: The measure of `LIMITS[name]`; None where the run has no such row.
        bound: The end of the interval that decides a claim; None where there is none.
        reason: Why it is not shown; "" where it is decided.
    """

    name: str
    limit: float
    measured: Measurement | None
    bound: float | None
    verdict: Launch
    reason: str = ""


@dataclass(frozen=True, slots=True)
class LaunchVerdict:
    """All limits of one model in one domain; `reason` says why, where no single limit does."""

    verdict: Launch
    checks: tuple[Check, ...]
    reason: str = ""


def may_ship(
    limits: Mapping[str, float], measured: Mapping[str, Measurement], *, items_for_launch: int
) -> LaunchVerdict:
    """The verdict on one model in one domain.

    Args:
        limits: By name, as in `LIMITS`; others are left out. measured: By measure.
        items_for_launch: Samples below which a pack supports no launch, whatever they show; 0: any number.
    """
    checks = tuple(_check(name, limit, measured) for name, limit in limits.items() if name in LIMITS)
    if any(c.verdict is Launch.NO for c in checks):
        return LaunchVerdict(Launch.NO, checks)
    if not checks:
        return LaunchVerdict(Launch.NOT_SHOWN, checks, "no launch limits are declared for this domain")
    if any(c.verdict is Launch.NOT_SHOWN for c in checks):
        return LaunchVerdict(Launch.NOT_SHOWN, checks)
    row = measured.get("correct")
    n = row.estimate.n_clusters if row and row.estimate else 0
    if n < items_for_launch:
        said = f"{n} independent questions were asked, and the pack supports a launch from {items_for_launch} on"
        return LaunchVerdict(Launch.NOT_SHOWN, checks, said)
    return LaunchVerdict(Launch.YES, checks)


def overall(verdicts: Sequence[Launch]) -> Launch:
    """NO where any is, YES where all are, else NOT_SHOWN; of none, NOT_SHOWN."""
    if Launch.NO in verdicts:
        return Launch.NO
    return Launch.YES if verdicts and all(v is Launch.YES for v in verdicts) else Launch.NOT_SHOWN


def _check(name: str, limit: float, measured: Mapping[str, Measurement]) -> Check:
    rule = LIMITS[name]
    row = measured.get(rule.measure)
    if row is None:
        return Check(name, limit, None, None, Launch.NOT_SHOWN, f"the run does not hold {rule.measure}")
    if row.estimate is None:
        return Check(name, limit, row, None, Launch.NOT_SHOWN, row.note)
    kept, broken = _ends(row.estimate, rule, measured)
    if broken is not None and (broken > limit if rule.most else broken < limit):
        return Check(name, limit, row, broken, Launch.NO)
    if kept is None:
        return Check(name, limit, row, None, Launch.NOT_SHOWN, "the interval is unbounded")
    if kept <= limit if rule.most else kept >= limit:
        return Check(name, limit, row, kept, Launch.YES)
    return Check(name, limit, row, kept, Launch.NOT_SHOWN, "the interval holds values on both sides of the limit")


def _ends(e: Estimate, rule: Limit, measured: Mapping[str, Measurement]) -> tuple[float | None, float | None]:
    """The bound that must keep the limit for a YES, and the one that must break it for a NO."""
    kept, broken = (e.high, e.low) if rule.most else (e.low, e.high)
    exact = measured.get(rule.claim)
    return (exact.estimate.value if exact and exact.estimate else kept), broken
