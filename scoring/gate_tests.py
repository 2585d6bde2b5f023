"""The tests of one domain, from first attempts of two models at the same samples.

p is what blocks. Beside it stand two guards, shares of all samples, so that p is not bought by silence or by answers
that cannot be read: right answers, and abstentions where the sources hold an answer (to abstain where they hold none is
right, and never a loss).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .estimate import InsufficientDataError
from .gate import Evidence, GateTest, Margin, Role
from .gate_power import least_margin, more_items
from .intervals import cluster_numbers
from .outcome_columns import OutcomeColumns
from .paired import Arms, PairedTable, paired_table
from .power import DEFAULT_TEST, PairedTest
from .records import Outcome, OutcomeBy

Floats = NDArray[np.float64]
GUARDS = ("correct", "abstained")
INFORMATION = ("wrong", "refused", "invalid", "unscored")
UNCHECKED = "a model graded the answers and nobody checked it: its own rate is not p; label some answers by hand"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two models on one domain's samples, row by row the same sample and epoch.

    Attributes:
        model: Name of the candidate. against: "baseline" or "release anchor".
    """

    domain: str
    model: str
    old: OutcomeColumns
    new: OutcomeColumns
    against: str = "baseline"

    @property
    def clusters(self) -> Floats:
        """Cluster number of each row; an epoch is no new cluster."""
        return cluster_numbers(self.old.clusters.tolist())


def outcome_tests(
    pair: Pair, primaries: Sequence[str], margins: Mapping[str, Margin], test: PairedTest = DEFAULT_TEST
) -> list[GateTest]:
    """p, the guards and what only informs.

    Args:
        primaries: What was declared; "p" or "correct" or "abstained" blocks, and p brings its guards with it.
        margins: By measure; those of `p` and of the shares.
    """
    found = []
    for measure in ("p", *GUARDS, *INFORMATION):
        role = _role(measure, primaries)
        margin = margins.get(measure) or margins["p"]
        try:
            evidence, why = measured(pair, measure, margin, test), ""
        except InsufficientDataError as error:
            evidence, why = None, str(error)
        found.append(GateTest(pair.domain, measure, role, margin, evidence, why, pair.model, pair.against))
    return found


def _role(measure: str, primaries: Sequence[str]) -> Role:
    if measure in primaries:
        return Role.PRIMARY
    return Role.GUARD if measure in GUARDS and "p" in primaries else Role.INFORMATION


def measured(pair: Pair, measure: str, margin: Margin, test: PairedTest = DEFAULT_TEST) -> Evidence:
    """One measure's evidence.

    Raises:
        InsufficientDataError: Nothing attempted and judged in an arm, a model grader that nobody checked, one cluster.
    """
    old, new = (_SHARES[measure](side) for side in (pair.old, pair.new))
    table = paired_table(Arms(*old, *new, pair.clusters), 1 - test.alpha)
    return evidence_of(table, margin, test, good=measure in _GOOD)


def evidence_of(table: PairedTable, margin: Margin, test: PairedTest, *, good: bool = False) -> Evidence:
    """A paired table as evidence; `good`: the measure is the share that is not bad."""
    level = 1 - test.alpha
    return Evidence(
        baseline=1 - table.old if good else table.old,
        candidate=1 - table.new if good else table.new,
        loss=table.loss,
        lower=min(table.lower(level), table.loss),
        upper=max(table.upper(level), table.loss),
        p_inferior=table.p_inferior(margin.value),
        p_no_loss=table.p_no_loss,
        n=table.items,
        n_clusters=table.n_clusters,
        method=table.method,
        smallest_margin=least_margin(table, test),
        more_items=more_items(table, margin.value, test, table.items),
    )


Share = tuple[Floats, Floats]  # bad, of: row by row


def _p(side: OutcomeColumns) -> Share:
    even = side.evenly_judged()
    attempted = even.attempted
    if (even.outcome_by[attempted] == OutcomeBy.GRADER.value).any():
        raise InsufficientDataError(UNCHECKED)
    return even.ended(Outcome.INCORRECT).astype(float), attempted.astype(float)


def _correct(side: OutcomeColumns) -> Share:
    if (side.outcome_by[side.attempted] == OutcomeBy.GRADER.value).any():
        raise InsufficientDataError(UNCHECKED)
    return 1.0 - side.ended(Outcome.CORRECT), np.ones(len(side))


def _abstained(side: OutcomeColumns) -> Share:
    unfit = side.ended(Outcome.ABSTAINED) & (side.answerable != False)  # noqa: E712 - an element of objects
    return unfit.astype(float), np.ones(len(side))


def _ended(outcome: Outcome) -> Callable[[OutcomeColumns], Share]:
    return lambda side: (side.ended(outcome).astype(float), np.ones(len(side)))


_SHARES: dict[str, Callable[[OutcomeColumns], Share]] = {
    "p": _p,
    "correct": _correct,
    "abstained": _abstained,
    "wrong": _ended(Outcome.INCORRECT),
    "refused": _ended(Outcome.REFUSED),
    "invalid": _ended(Outcome.INVALID),
    "unscored": _ended(Outcome.UNSCORED),
}
_GOOD = ("correct",)
