"""The grade of a model in the place of the rule-based one, where an answer is free text with a gold target."""

from dataclasses import replace

from ..scoring.records import Outcome, OutcomeBy
from ..verifiers.abstention import strip_protocol
from ..verifiers.grader import Grader
from .pipeline import Attempt
from .samples import Sample


def graded(attempt: Attempt, sample: Sample, grader: Grader | None) -> Attempt:
    """`attempt` with its outcome as the grader says; unchanged where there is no grader or nothing for it to say.

    Keys keep judging what they can (choices, questions that must not be answered), rules keep telling abstentions and
    refusals from answers. A grader that cannot say leaves the answer unscored: the rules do not step in for it. Its
    usage is added to the record, under the stage "grade:<model>".
    """
    if grader is None or not _is_open(attempt, sample):
        return attempt
    body = strip_protocol(attempt.answer.text).body
    result = grader.grade(sample.question, body, sample.targets, sample.wrong)
    record = replace(
        attempt.record,
        outcome=result.outcome,
        outcome_by=None if result.outcome is Outcome.UNSCORED else OutcomeBy.GRADER,
        usage=(*attempt.record.usage, result.usage),
    )
    return replace(attempt, record=record, graded=result)


def _is_open(attempt: Attempt, sample: Sample) -> bool:
    record = attempt.record
    if record.outcome_by is OutcomeBy.REFERENCE:
        return True
    return record.outcome is Outcome.UNSCORED and bool(sample.targets) and not sample.choices
