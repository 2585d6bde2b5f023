"""Counts behind p: verdicts of a binary judge by labels of people, and how the labelled answers were picked."""

from dataclasses import dataclass
from enum import StrEnum
from math import isfinite

from .estimate import InsufficientDataError


class Estimand(StrEnum):
    """Of what p speaks: answers like these (superpopulation), or this very pool (finite)."""

    SUPERPOPULATION = "superpopulation"
    FINITE = "finite"


class LabelChoice(StrEnum):
    """How the labelled answers were picked: at random, at random within verdicts, or by how they looked."""

    RANDOM = "at random"
    BY_VERDICT = "by verdict"
    BY_OUTCOME = "by outcome"


@dataclass(frozen=True, slots=True)
class Mark:
    """What was said of one answer: `flagged` by the judge, `wrong` by a person; None where it, or nobody, spoke.

    `weight`: answers like it that a labelled one stands for, one over its inclusion probability; above 0.
    """

    flagged: bool | None
    wrong: bool | None
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Stratum:
    """Answers of one verdict.

    Attributes:
        pool: All of them, labelled ones included. labelled: Seen by people. wrong: Found wrong by people.
        trials: Labels of equal weight that the labelled ones are worth, where they were picked with unequal
            probabilities; None: they were not, and each counts one. events: Wrong among `trials`.
    """

    pool: int
    labelled: int
    wrong: int
    trials: float | None = None
    events: float | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.wrong <= self.labelled <= self.pool:
            raise ValueError(f"0 <= wrong <= labelled <= pool does not hold: {self}; the pool counts labelled ones too")
        if (self.trials is None) != (self.events is None) or not 0 <= self.counts[0] <= self.counts[1]:
            raise ValueError(f"0 <= events <= trials does not hold: {self}; they are given together or not at all")

    @property
    def counts(self) -> tuple[float, float]:
        """Wrong, and labelled, as the posterior counts them: weighted ones where there are weights."""
        if self.trials is None or self.events is None:
            return float(self.wrong), float(self.labelled)
        return self.events, self.trials


@dataclass(frozen=True, slots=True)
class JudgeTable:
    """Counts of the answers that the judge flagged as wrong, and of those that it did not."""

    flagged: Stratum
    unflagged: Stratum

    @property
    def labelled(self) -> int:
        """Answers with a human label."""
        return self.flagged.labelled + self.unflagged.labelled

    @property
    def pool(self) -> int:
        """All judged answers."""
        return self.flagged.pool + self.unflagged.pool


def check_labels(table: JudgeTable, chosen: LabelChoice) -> None:
    """Refuse what labels cannot tell.

    Raises:
        InsufficientDataError: Nothing judged; no human label (verdicts alone are not p); labels picked by outcome.
    """
    if not table.pool:
        raise InsufficientDataError("no answer was judged")
    if not table.labelled:
        raise InsufficientDataError(
            f"the judge flagged {table.flagged.pool} of {table.pool} answers, and nobody checked any: a judge's own "
            "rate is not p (it mixes errors it missed with false alarms); label some answers by hand, half of them "
            "flagged and half unflagged"
        )
    if chosen is LabelChoice.BY_OUTCOME:
        raise InsufficientDataError(
            "the labelled answers were picked by how they looked, so their share of errors is not that of the rest: "
            "label answers picked at random, over all or within each verdict"
        )


def check_design_effects(*deffs: float) -> None:
    """Raises ValueError for a design effect below 1 or not finite."""
    if not all(isfinite(deff) and deff >= 1 for deff in deffs):
        raise ValueError(f"a design effect is a number of at least 1, not {min(deffs)}")
