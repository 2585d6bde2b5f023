"""The grade that a file holds, beside what the answer itself says: it abstains, it refuses, it is empty."""

from collections.abc import Sequence
from dataclasses import replace

from ..scoring.records import Outcome, Record
from ..verifiers.abstention import Ending, classify
from .importers.recorded import RecordedAnswer
from .pipeline import well_formed

_SAID = {Ending.ABSTAINED: Outcome.ABSTAINED, Ending.REFUSED: Outcome.REFUSED}


def with_recorded_grade(record: Record, recorded: RecordedAnswer) -> Record:
    """`record` with the outcome that the file's own grade gives it; unchanged where the file holds none.

    An answer that says "I don't know" abstained, and one that refuses refused, whatever the grade: most scorers call
    both wrong, and some call them right. Of any other answer the grade stands, also of an empty or cut off one, since
    its tool may have judged more than the text. A grade "abstained" of an empty answer is invalid: nothing was said.
    """
    grade = recorded.grade
    if grade is None:
        return record
    ending = _ending(recorded)
    outcome = _SAID.get(ending, grade.outcome)
    if outcome is Outcome.ABSTAINED and ending is Ending.INVALID:
        outcome = Outcome.INVALID
    judged = outcome in (Outcome.CORRECT, Outcome.INCORRECT)
    return replace(record, outcome=outcome, outcome_by=grade.by if judged else None)


def grade_remarks(answers: Sequence[RecordedAnswer]) -> list[str]:
    """Where grades of the files and outcomes part, counted, so that nobody wonders why two accuracies differ."""
    parted = {(o, e): 0 for o in (Outcome.INCORRECT, Outcome.CORRECT) for e in _SAID}
    unsaid = 0
    for recorded in answers:
        if recorded.grade is None or recorded.grade.outcome not in (Outcome.CORRECT, Outcome.INCORRECT):
            continue
        ending = _ending(recorded)
        if ending in _SAID:
            parted[recorded.grade.outcome, ending] += 1
        unsaid += ending is Ending.INVALID
    told = [
        f"{n} answers graded {outcome.value} {'abstain' if ending is Ending.ABSTAINED else 'refuse'} in their text: "
        f"counted as {_SAID[ending].value}"
        for (outcome, ending), n in parted.items()
        if n
    ]
    return told + ([f"{unsaid} graded answers are empty or cut off: their grade stands"] if unsaid else [])


def _ending(recorded: RecordedAnswer) -> Ending:
    return classify(well_formed(recorded.answer), recorded.finish_reason)
