"""Two models on the same samples, and the shares of which a gate asks whether they got worse."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .corrected import UNCHECKED
from .estimate import InsufficientDataError
from .intervals import cluster_numbers
from .judge_tables import LabelChoice
from .outcome_columns import OutcomeColumns
from .paired import Arms, PairedTable, paired_table
from .records import Outcome, OutcomeBy

Floats = NDArray[np.float64]
Share = tuple[Floats, Floats]  # bad, of: sample by sample


@dataclass(frozen=True, slots=True)
class Pair:
    """Two models on one domain's samples, row by row the same sample and epoch.

    Attributes:
        model: Name of the candidate. against: "baseline" or "release anchor".
        same: Rows whose answers are the same text in both arms; None: not looked at.
        chosen: How people picked the answers that they labelled, where they labelled some only.
    """

    domain: str
    model: str
    old: OutcomeColumns
    new: OutcomeColumns
    against: str = "baseline"
    same: NDArray[np.bool_] | None = None
    chosen: LabelChoice = LabelChoice.RANDOM

    @property
    def clusters(self) -> Floats:
        """Cluster number of each row; an epoch is no new cluster."""
        return cluster_numbers(self.old.clusters.tolist())

    def by_automatic(self) -> "Pair":
        """The pair as the automatic evaluator saw it, people's labels apart."""
        return replace(self, old=_by_automatic(self.old), new=_by_automatic(self.new))


def _by_automatic(side: OutcomeColumns) -> OutcomeColumns:
    person = side.outcome_by == OutcomeBy.HUMAN.value
    unjudged = np.where(side.attempted, Outcome.UNSCORED.value, side.outcome)
    seen = np.where(side.graded == None, unjudged, side.graded)  # noqa: E711 - an element of objects
    others = side.outcome_by[~person & side.attempted]
    nobody = np.full(len(side), None, object)
    return replace(
        side,
        human=nobody,
        graded=nobody,
        outcome=np.where(person, seen, side.outcome),
        outcome_by=np.where(person, np.array(others[:1].tolist() or [None], object), side.outcome_by),
    )


def table_of(pair: Pair, measure: str, confidence_level: float = 0.95) -> PairedTable:
    """The paired table of "p", "correct", "abstained" or another ending; bad is what should not be.

    Raises:
        InsufficientDataError: Nothing attempted and judged in an arm, a model grader that nobody checked, one cluster.
    """
    return paired_table(arms_for(pair, measure), confidence_level)


def arms_for(pair: Pair, measure: str) -> Arms:
    """Numerators and denominators of one measure; raises as `table_of` does."""
    old, new = (_SHARES[measure](side) for side in (pair.old, pair.new))
    return Arms(*old, *new, pair.clusters)


def _p(side: OutcomeColumns) -> Share:
    even = side.evenly_judged()
    _check_judged(even)
    return even.ended(Outcome.INCORRECT).astype(float), even.attempted.astype(float)


def _not_correct(side: OutcomeColumns) -> Share:
    _check_judged(side)
    return (~side.ended(Outcome.CORRECT)).astype(float), np.ones(len(side))


def _check_judged(side: OutcomeColumns) -> None:
    if (side.outcome_by[side.attempted] == OutcomeBy.GRADER.value).any():
        raise InsufficientDataError(UNCHECKED)


def _abstained(side: OutcomeColumns) -> Share:
    unfit = side.ended(Outcome.ABSTAINED) & (side.answerable != False)  # noqa: E712 - an element of objects
    return unfit.astype(float), np.ones(len(side))


def _ended(outcome: Outcome) -> Callable[[OutcomeColumns], Share]:
    return lambda side: (side.ended(outcome).astype(float), np.ones(len(side)))


_SHARES: dict[str, Callable[[OutcomeColumns], Share]] = {
    "p": _p,
    "correct": _not_correct,
    "abstained": _abstained,
    "wrong": _ended(Outcome.INCORRECT),
    "refused": _ended(Outcome.REFUSED),
    "invalid": _ended(Outcome.INVALID),
    "unscored": _ended(Outcome.UNSCORED),
}
GOOD = ("correct",)
"""Measures of which more is better: printed as they are, lost as their complement."""
