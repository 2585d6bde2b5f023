"""A run's records with what people said of them in its review."""

from collections.abc import Sequence
from dataclasses import replace

from ...scoring.abstention import ATTEMPTED
from ...scoring.policy import AttemptKey, attempt_key
from ...scoring.records import Outcome, OutcomeBy, Record
from ...scoring.review_sample import Pick, inclusion_of_labelled
from .plan import Planned, unreviewed
from .standing import Standing


def with_labels(records: Sequence[Record], standings: Sequence[Standing]) -> list[Record]:
    """The records with people's outcome and the probability of having it; the evaluator's outcome stays.

    What an earlier call put there is replaced. An answer that is disputed, or of which nobody could tell, has no
    label; its like stand for it.
    """
    inclusion = inclusions(standings)
    human = {s.planned.key: s.human for s in standings if s.human is not None}
    found = []
    for record in map(unreviewed, records):
        key = attempt_key(record)
        said = human.get(key)
        found.append(record if said is None else replace(record, human=said, inclusion=inclusion[key]))
    return found


def inclusions(standings: Sequence[Standing]) -> dict[AttemptKey, float]:
    """The probability with which each labelled answer came to be labelled, within its model and domain."""
    cells: dict[tuple[str, str], list[Standing]] = {}
    for standing in standings:
        cells.setdefault((standing.planned.model, standing.planned.domain), []).append(standing)
    found: dict[AttemptKey, float] = {}
    for mine in cells.values():
        picks = [_pick(n, s.planned) for n, s in enumerate(mine)]
        shares = inclusion_of_labelled(picks, [s.human is not None for s in mine])
        found |= {s.planned.key: p for s, p in zip(mine, shares, strict=True) if s.human is not None}
    return found


def _pick(index: int, planned: Planned) -> Pick:
    return Pick(index, planned.place, planned.flagged, planned.certain, planned.candidate, planned.inclusion)


def judged_by_people(record: Record) -> Record:
    """The record with people's outcome in place of the evaluator's, which is kept beside it."""
    if record.human is None or record.inclusion is None:
        return record
    graded = record.outcome if record.outcome in ATTEMPTED else None
    return replace(record, outcome=record.human, outcome_by=OutcomeBy.HUMAN, graded=graded)


def is_labelled(record: Record) -> bool:
    """Whether the review gave the record a right or wrong."""
    return record.inclusion is not None and record.human in (Outcome.CORRECT, Outcome.INCORRECT)
