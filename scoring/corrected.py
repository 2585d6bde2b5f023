"""One model in one domain where an automatic judge spoke of all attempted answers and people of some.

The judge is the automatic evaluator (answer key, reference grader, model grader) or, where that spoke of less than half
of the answers, the verifier in the loop. Its own rate of errors is never p: people's labels correct it (`error_rate`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .abstention import ATTEMPTED, first_attempts
from .draws import DrawSettings
from .error_rate import ErrorRate
from .estimate import Estimate, InsufficientDataError
from .judge_tables import LabelChoice, Mark
from .judged_items import ItemSettings, post_stratified_items, tabled
from .label_bounds import guaranteed_upper
from .policy import AttemptKey, attempt_key
from .records import Outcome, OutcomeBy, PolicyVerdict, Record

UNCHECKED = (
    "a model graded the answers and nobody checked it: its own rate is not p; label some answers by hand, half of "
    "those it calls wrong and half of the others"
)

NO_JUDGE = "unequal chances of being labelled"
"""Stands for the judge where none spoke, and labels have unequal weights."""


@dataclass(frozen=True, slots=True)
class Marks:
    """Marks of attempted answers, later attempts included, and who the judge is.

    Attributes:
        chosen: How the labelled answers were picked.
    """

    judge: str
    by_attempt: Mapping[AttemptKey, Mark]
    chosen: LabelChoice = LabelChoice.RANDOM


def marks_of(records: Sequence[Record], chosen: LabelChoice = LabelChoice.RANDOM) -> Marks | None:
    """Marks of one model in one domain; None where people labelled all attempted answers or none, or no judge spoke."""
    among = answered(records)
    first = first_attempts(among)
    labelled = sum(_wrong(r.human) is not None for r in first)
    if not 0 < labelled < len(first):
        return None
    name, flags = judge_of(among)
    if not _spoke(flags, first):
        if len({r.inclusion for r in first if _wrong(r.human) is not None}) < 2:
            return None
        name, flags = NO_JUDGE, dict.fromkeys(flags, False)  # one stratum: the labels differ in weight alone
    marks = {attempt_key(r): Mark(flags[attempt_key(r)], _wrong(r.human), _weight(r)) for r in among}
    return Marks(name, marks, chosen)


def answered(records: Sequence[Record]) -> list[Record]:
    """The attempts that p and its judge speak of: neither abstained, nor refused, nor invalid."""
    return [r for r in records if r.outcome in (*ATTEMPTED, Outcome.UNSCORED)]


def judge_of(among: Sequence[Record]) -> tuple[str, dict[AttemptKey, bool | None]]:
    """Whom people's labels correct, and whom of `among` it flagged as wrong; None where it did not speak."""
    first = first_attempts(among)
    graded = {attempt_key(r): _wrong(_automatic(r)) for r in among}
    verdicts = {attempt_key(r): _rejected(r) for r in among}
    by_verifier = _spoke(verdicts, first) > _spoke(graded, first) < len(first) / 2
    return ("verifier in the loop", verdicts) if by_verifier else ("automatic evaluator", graded)


def corrected_rate(records: Sequence[Record], marks: Marks, settings: DrawSettings) -> ErrorRate:
    """p and the judge's rates over the first attempts, in one joint set of draws.

    Raises:
        InsufficientDataError: No label beside a verdict, labels picked by outcome, or one cluster only.
    """
    among, clusters = _first(records, marks)
    return marked_rate(among, clusters, marks.chosen, settings)


def corrected_upper(records: Sequence[Record], marks: Marks, confidence_level: float) -> Estimate:
    """Upper bound of p that holds at least at the confidence level; raises as `corrected_rate` does."""
    among, clusters = _first(records, marks)
    flags, wrong = [m.flagged for m in among], [m.wrong for m in among]
    table, deff_labels, deff_pool = tabled(flags, wrong, clusters, [m.weight for m in among])
    return guaranteed_upper(
        table,
        deff_labels=deff_labels,
        deff_pool=deff_pool,
        chosen=marks.chosen,
        confidence_level=confidence_level,
    )


def verifier_rate(records: Sequence[Record], settings: DrawSettings, chosen: LabelChoice) -> ErrorRate:
    """Sensitivity, false positives, PPV and escape of the verifier in the loop, over first attempts that it judged.

    The truth is people's where they labelled any of these answers, else the evaluator's.

    Raises:
        InsufficientDataError: It judged nothing, nobody judged what it judged, or one cluster only.
    """
    among = [r for r in answered(first_attempts(records)) if r.policy_verdict is not None]
    if not among:
        raise InsufficientDataError("the verifier in the loop judged no attempted answer")
    people = [_wrong(r.human) for r in among]
    truth = people if any(w is not None for w in people) else [_wrong(r.outcome) for r in among]
    if truth is not people and any(r.outcome_by is OutcomeBy.GRADER for r in among):
        raise InsufficientDataError(UNCHECKED)
    weights = map(_weight, among) if truth is people else [1.0] * len(among)
    marks = [Mark(_rejected(r), wrong, w) for r, wrong, w in zip(among, truth, weights, strict=True)]
    return marked_rate(marks, [r.cluster_id for r in among], chosen, settings)


def marked_rate(
    marks: Sequence[Mark], clusters: Sequence[str], chosen: LabelChoice, settings: DrawSettings
) -> ErrorRate:
    """The post-stratified rates of answers so marked; raises as `judged_items.post_stratified_items` does."""
    flags, wrong = [m.flagged for m in marks], [m.wrong for m in marks]
    items = ItemSettings(chosen=chosen, weights=[m.weight for m in marks])
    return post_stratified_items(flags, wrong, clusters, items, settings)


def _first(records: Sequence[Record], marks: Marks) -> tuple[list[Mark], list[str]]:
    among = answered(first_attempts(records))
    return [marks.by_attempt[attempt_key(r)] for r in among], [r.cluster_id for r in among]


def unchecked_grader(records: Sequence[Record]) -> bool:
    """Whether p would rest on a model grader that no person has checked."""
    among = [r for r in records if r.outcome in ATTEMPTED]
    return any(r.outcome_by is OutcomeBy.GRADER for r in among) and all(_wrong(r.human) is None for r in among)


def _weight(record: Record) -> float:
    return 1.0 if record.inclusion is None else 1 / record.inclusion


def _automatic(record: Record) -> Outcome | None:
    return record.graded if record.outcome_by is OutcomeBy.HUMAN else record.outcome


def _wrong(outcome: Outcome | None) -> bool | None:
    return outcome is Outcome.INCORRECT if outcome in ATTEMPTED else None


def _rejected(record: Record) -> bool | None:
    return None if record.policy_verdict is None else record.policy_verdict is PolicyVerdict.REJECT


def _spoke(flags: Mapping[AttemptKey, bool | None], records: Sequence[Record]) -> int:
    return sum(flags[attempt_key(r)] is not None for r in records)
