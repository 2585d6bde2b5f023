"""May a model ship in a domain: its measured numbers against the limits that the pack declares.

Each limit is shown to be kept, shown to be broken, or not shown either way, as the gate decides it (`launch.py`); a
number without enough data shows nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from .estimate import Measurement
from .gate import Finding, Verdict


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
    "q_min": Limit("q", False, "floor of Q, the share right among delivered answers"),
    "must_abstain_recall_min": Limit("abstention_recall", False, "share of unanswerable questions left unanswered"),
    "usd_per_verified_answer_max": Limit("usd_per_verified_answer", True, "dollars per verified answer"),
}
"""What each name in a pack's [limits] is about."""


@dataclass(frozen=True, slots=True)
class Check:
    """One limit against what was measured.

    Attributes:
        measured: The measure of `LIMITS[name]`; None where the run has no such row.
        bound: The one-sided exact bound of p; None of the others.
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
    findings: Sequence[Finding], measured: Mapping[str, Measurement], *, items_for_launch: int
) -> LaunchVerdict:
    """The verdict on one model in one domain.

    Args:
        findings: The gate's on each declared limit (`launch.launch_tests`, decided by `gate.decide`).
        measured: The run's own numbers, by measure.
        items_for_launch: Samples below which a pack supports no launch, whatever they show; 0: any number.
    """
    names = {limit.measure: name for name, limit in LIMITS.items()}
    checks = tuple(_check(names[f.test.measure], f, measured) for f in findings)
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


_VERDICTS = {Verdict.PASS: Launch.YES, Verdict.FAIL: Launch.NO, Verdict.INCONCLUSIVE: Launch.NOT_SHOWN}


def _check(name: str, finding: Finding, measured: Mapping[str, Measurement]) -> Check:
    rule, test = LIMITS[name], finding.test
    row, exact = measured.get(rule.measure), measured.get(rule.claim)
    verdict = _VERDICTS[finding.verdict or Verdict.INCONCLUSIVE]
    bound = exact.estimate.value if exact and exact.estimate else None
    more = test.evidence.more_items if test.evidence else None
    reason = "" if verdict is not Launch.NOT_SHOWN else finding.reason
    if reason and more:
        reason += (
            f"; about {more} more {test.evidence.more_of if test.evidence else 'items'} would tell, if it stays so"
        )
    return Check(name, test.margin.value, row, bound, verdict, reason)
