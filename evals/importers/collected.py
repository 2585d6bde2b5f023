"""All answers of one file, checked against each other."""

from collections.abc import Iterable
from dataclasses import dataclass

from .fields import shown
from .recorded import RecordedAnswer, RecordedAnswerError


@dataclass(frozen=True, slots=True)
class Recorded:
    """What one file of recorded answers held.

    Attributes:
        answers: In the order of the file; never empty.
        unknown_fields: Names of fields that the recorded form does not know, in the order they were met, with
            their path but without indices ("human.claims.evidence"). Always empty for the published formats,
            whose remaining fields are known and left out on purpose.
        path: As it was given.
        format: Name of the format that was read, one of `detect.FORMATS`.
        evaluator: Which grades of the file count ("inspect scorer 'includes'"); "" where it holds none.
        remarks: What a reader must know of how the file was read.
    """

    answers: tuple[RecordedAnswer, ...]
    unknown_fields: tuple[str, ...]
    path: str
    format: str
    evaluator: str = ""
    remarks: tuple[str, ...] = ()


def collect(
    answers: Iterable[tuple[str, RecordedAnswer]], path: str, format_name: str, unknown: dict[str, None]
) -> Recorded:
    """Gather (place, answer) pairs; `unknown` is read when the last of them has come.

    Raises:
        RecordedAnswerError: There is none, or two share model, domain, sample_id and epoch.
    """
    places: dict[tuple[str, str, str, int], str] = {}
    kept: list[RecordedAnswer] = []
    for where, answer in answers:
        first = places.setdefault((answer.model, answer.domain, answer.sample_id, answer.epoch), where)
        if len(places) == len(kept):
            raise RecordedAnswerError(_duplicate(where, answer, first))
        kept.append(answer)
    if not kept:
        raise RecordedAnswerError(f"{path}: there are no answers in it")
    return Recorded(tuple(kept), tuple(unknown), path, format_name)


def _duplicate(where: str, answer: RecordedAnswer, first: str) -> str:
    sample, model, domain = (shown(name) for name in (answer.sample_id, answer.model, answer.domain))
    return (
        f"{where}, field 'sample_id': {sample} of model {model} (domain {domain}, epoch {answer.epoch}) "
        f"stands already at {first}; give repeated answers different values of epoch"
    )
