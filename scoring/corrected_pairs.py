"""Two models on the same samples where people labelled some answers of an automatic judge: the loss, corrected.

Each answer gets the pseudo-outcome t_j + labelled (wrong - t_j) / pi_j, with t_j the wrong share that people found at
the judge's verdict j and pi_j the share of those answers that they labelled: its mean is p whatever the judge is worth,
and what is common to both arms cancels in the difference. Answers that are the same text in both arms are equally
right, and never count as a difference. The test is Tango's on a table of the size of the labels, not of the judged
answers: where few labels show no difference, neither bound collapses. It passes a regression equal to the margin in at
most 5 % of runs, where posteriors by strata do in up to 10 % with 50 labels (benchmark gate_size).
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .estimate import InsufficientDataError
from .judge_tables import LabelChoice
from .outcome_columns import OutcomeColumns
from .paired import Arms, PairedTable, paired_table
from .paired_shares import Pair
from .records import Outcome

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]
_ABSENT, _PASSED, _FLAGGED, _SILENT = range(4)  # not attempted; not flagged; flagged; attempted without a verdict


@dataclass(frozen=True, slots=True)
class _Arm:
    """What was said of an arm, sample by sample. `wrong`: 1, 0, or -1 where no person looked."""

    said: Whole
    wrong: Whole

    @property
    def attempted(self) -> Flags:
        return np.asarray(self.said != _ABSENT)

    @property
    def labels(self) -> int:
        return int(((self.wrong >= 0) & self.attempted).sum())


def _arm(side: OutcomeColumns) -> _Arm:
    auto, human = side.automatic.astype(str), side.human.astype(str)
    said = np.where(auto == Outcome.INCORRECT.value, _FLAGGED, _SILENT)
    said = np.where(auto == Outcome.CORRECT.value, _PASSED, said)
    wrong = np.where(human == Outcome.INCORRECT.value, 1, np.where(human == Outcome.CORRECT.value, 0, -1))
    return _Arm(np.where(side.attempted, said, _ABSENT), wrong)


def needs_correction(pair: Pair) -> bool:
    """Whether people labelled some attempted answers of an arm, but not all."""
    return any(0 < _arm(side).labels < int(side.attempted.sum()) for side in (pair.old, pair.new))


@dataclass(frozen=True, slots=True)
class CorrectedTable:
    """The corrected table of a measure, and the human labels of both arms together that it rests on."""

    table: PairedTable
    labels: int


def corrected_table(pair: Pair, measure: str, confidence_level: float = 0.95) -> CorrectedTable:
    """The table of "p" or "correct" on pseudo-outcomes.

    Raises:
        InsufficientDataError: People labelled answers of one arm alone or none of one verdict, or picked by outcome.
    """
    old, new = _arm(pair.old), _arm(pair.new)
    if pair.chosen is LabelChoice.BY_OUTCOME:
        raise InsufficientDataError(
            "the labelled answers were picked by how they looked: label answers picked at random, or within verdicts"
        )
    for arm, name in ((old, pair.against), (new, "candidate")):
        if not arm.labels:
            raise InsufficientDataError(
                f"people labelled answers of one arm alone, none of the {name}: label some of it too, or compare "
                "by the automatic evaluator alone with --ignore-labels"
            )
    same = _unchanged(pair, old, new)
    either = np.where(old.wrong >= 0, old.wrong, new.wrong)
    sides = [_Arm(arm.said, np.where(same, either, arm.wrong)) for arm in (old, new)]
    outcomes, sizes = zip(*(_pseudo_outcomes(side, same) for side in sides), strict=True)
    tried = [side.attempted.astype(float) for side in sides]
    bad, of = list(outcomes), tried
    if measure == "correct":
        bad, of = [a * y + 1 - a for a, y in zip(tried, outcomes, strict=True)], [np.ones(len(same))] * 2
    arms = Arms(bad[0], of[0], bad[1], of[1], pair.clusters)
    table = paired_table(arms, confidence_level, independent=2 / (1 / sizes[0] + 1 / sizes[1]))
    said = f"pseudo-outcomes of {old.labels + new.labels} human labels, {table.method}"
    return CorrectedTable(replace(table, method=said), old.labels + new.labels)


def _unchanged(pair: Pair, old: _Arm, new: _Arm) -> Flags:
    if pair.same is None:
        return np.zeros(len(old.said), bool)
    return np.asarray(pair.same & (old.said == new.said) & old.attempted)


def _pseudo_outcomes(arm: _Arm, same: Flags) -> tuple[Floats, float]:
    """Wrongness of each answer, corrected, and the labels it is worth: the fewest for what they stand for."""
    found, worth = np.zeros(len(arm.said)), float("inf")
    for said in (_PASSED, _FLAGGED, _SILENT):
        whole = arm.said == said
        for mine in (whole & same, whole & ~same):
            if not mine.any():
                continue
            known = mine & (arm.wrong >= 0)
            seen = known if known.any() else whole & (arm.wrong >= 0)
            if not seen.any():
                raise InsufficientDataError(
                    "people labelled none of the answers with one of the judge's verdicts: label flagged and unflagged "
                    "answers half and half"
                )
            t = float(arm.wrong[seen].mean())
            found[mine] = t
            if known.any():
                found[known] += (arm.wrong[known] - t) * (mine.sum() / known.sum())
        if whole.any():
            worth = min(
                worth, float((whole & (arm.wrong >= 0)).sum()) * float(arm.attempted.sum()) / float(whole.sum())
            )
    return found, worth
