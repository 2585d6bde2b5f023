"""The verdict of a gate: PASS, FAIL or INCONCLUSIVE, from tests that are already measured.

PASS: every blocking test shows that the loss is below its margin, each at alpha (an intersection-union test, Berger
1982, doi:10.1080/00401706.1982.10487790: no correction). FAIL: a loss is proven; Holm's procedure over all blocking
tests (1979) names which, so that a gate that compares a model with itself fails in at most alpha of cases. Else
INCONCLUSIVE. A loss that is proven but smaller than the margin passes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np


class Verdict(StrEnum):
    """What a gate says."""

    PASS = "PASS"
    FAIL = "FAIL"
    INCONCLUSIVE = "INCONCLUSIVE"


class Role(StrEnum):
    """A primary and its guards block; the rest informs."""

    PRIMARY = "primary"
    GUARD = "guard"
    INFORMATION = "information"


@dataclass(frozen=True, slots=True)
class Margin:
    """The loss that is accepted, above 0, and where the number comes from."""

    value: float
    source: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the data say of one loss; a loss is positive where the candidate is worse.

    Attributes:
        baseline, candidate: The measure in each arm, as it is printed elsewhere.
        loss, lower, upper: Estimate and one-sided bounds, in the unit of the margin.
        p_inferior: p-value of a loss of the margin or more. p_no_loss: of no loss.
        n, n_clusters: Items compared, and independent groups among them.
        smallest_margin: What this many items can tell from no change with the power of the gate.
        more_items: Further items (or human labels, as `more_of` says) that would settle it, if what was seen holds;
            None: out of reach.
    """

    baseline: float
    candidate: float
    loss: float
    lower: float
    upper: float
    p_inferior: float
    p_no_loss: float
    n: int
    n_clusters: int
    method: str
    smallest_margin: float | None = None
    more_items: int | None = None
    more_of: str = "items"


@dataclass(frozen=True, slots=True)
class GateTest:
    """One measure of one domain against one baseline.

    Attributes:
        model: The candidate's. against: "baseline", "release anchor", or "limit": the margin is then a launch limit,
            and `loss` how far beyond it the measure is.
        evidence: None where it was not measured; `unmeasured` then says why.
    """

    domain: str
    measure: str
    role: Role
    margin: Margin
    evidence: Evidence | None
    unmeasured: str = ""
    model: str = ""
    against: str = "baseline"

    @property
    def blocks(self) -> bool:
        """Whether it may stop the change. What is asked for beside p and was not measured never does."""
        if self.role is Role.INFORMATION:
            return False
        return self.evidence is not None or self.measure not in OPTIONAL


OPTIONAL = ("vcpd",)
"""Measures that block only where they are defined in both arms."""


LIMIT = "limit"
_LIMIT_REASONS = {
    Verdict.PASS: "the bound keeps the limit",
    Verdict.FAIL: "the limit is missed for certain",
    Verdict.INCONCLUSIVE: "neither keeping nor missing the limit is shown",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """A test with its verdict.

    Attributes:
        verdict: None for what only informs. p_fail: Holm's adjusted p-value of no loss; None where not measured.
        reason: One sentence.
    """

    test: GateTest
    verdict: Verdict | None
    p_fail: float | None
    reason: str


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdict of the whole, and the findings in the order of the tests. `alpha`: level of each test."""

    verdict: Verdict
    findings: tuple[Finding, ...]
    alpha: float

    @property
    def blocking(self) -> tuple[Finding, ...]:
        """What decided."""
        return tuple(f for f in self.findings if f.verdict is not None)

    def of(self, verdict: Verdict) -> tuple[Finding, ...]:
        """The findings with this verdict."""
        return tuple(f for f in self.findings if f.verdict is verdict)


def decide(tests: Sequence[GateTest], alpha: float = 0.05, *, pass_alpha: float | None = None) -> Decision:
    """The verdict of the gate.

    Args:
        pass_alpha: Level of non-inferiority where it is not `alpha`: half of it where one rerun was declared.

    Raises:
        ValueError: Nothing blocks, or a level outside (0, 1).
    """
    level = alpha if pass_alpha is None else pass_alpha
    if not (0 < alpha < 1 and 0 < level < 1):
        raise ValueError(f"the level of a test lies in (0, 1), not {alpha:g} and {level:g}")
    blocking = [t for t in tests if t.blocks]
    if not blocking:
        raise ValueError("a gate without a blocking test decides nothing")
    adjusted = dict(zip(map(id, blocking), holm([_p_no_loss(t) for t in blocking]), strict=True))
    findings = tuple(_finding(t, adjusted.get(id(t)), alpha, level) for t in tests)
    verdicts = {f.verdict for f in findings}
    worst = next(v for v in (Verdict.FAIL, Verdict.INCONCLUSIVE, Verdict.PASS) if v in verdicts)
    return Decision(worst, findings, alpha)


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's step-down adjusted p-values, in the order given."""
    p = np.array(p_values, float)
    order = np.argsort(p, kind="stable")
    adjusted = np.minimum(1.0, np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)))
    found = np.empty(len(p))
    found[order] = adjusted
    return [float(x) for x in found]


def _p_no_loss(test: GateTest) -> float:
    return 1.0 if test.evidence is None else test.evidence.p_no_loss


def _finding(test: GateTest, p_fail: float | None, alpha: float, level: float) -> Finding:
    e = test.evidence
    if not test.blocks or p_fail is None:
        said = f"not measured: {test.unmeasured}" if e is None else ""
        return Finding(test, None, None, said and said + ("; it does not block" if test.role is Role.PRIMARY else ""))
    if e is None:
        return Finding(test, Verdict.INCONCLUSIVE, None, f"not measured: {test.unmeasured}")
    if test.against == LIMIT:
        verdict = Verdict.PASS if e.p_inferior <= level else Verdict.FAIL if p_fail <= alpha else Verdict.INCONCLUSIVE
        return Finding(test, verdict, p_fail, _LIMIT_REASONS[verdict])
    if e.p_inferior <= level:
        within = e.p_no_loss <= alpha
        said = "a loss is proven, but smaller than the margin" if within else "no loss of the margin or more"
        return Finding(test, Verdict.PASS, p_fail, said)
    if p_fail <= alpha:
        return Finding(test, Verdict.FAIL, p_fail, "a loss is proven, and one of the margin or more is not excluded")
    return Finding(test, Verdict.INCONCLUSIVE, p_fail, "neither a loss nor its absence within the margin is shown")
