"""Labelled answers from files: what `vcpd verify bench` measures a verifier on."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ..retrieval.passages import Passage, Span
from ..verifiers.labelled import LabelledAnswer, LabelledClaim
from ..verifiers.verdict import Claim
from .importers.detect import read_answers, source_rows
from .importers.fields import Fields
from .importers.recorded import HumanLabel, RecordedAnswer, RecordedAnswerError
from .labelled_forms import FORMS


@dataclass(frozen=True, slots=True)
class Labelled:
    """What one file of labelled answers held.

    Attributes:
        path: As it was given. data_set: Name of the public set that it is part of; "" where that cannot be told.
        answers: With labels and with the text of every source; never empty.
        unlabelled: Answers left out because nobody labelled a claim or a stretch of them.
        unread: Labelled answers left out because a source has no text: not checkable, never unsupported.
        unknown_fields: As of `importers.Recorded`.
    """

    path: str
    data_set: str
    answers: tuple[LabelledAnswer, ...]
    unlabelled: int = 0
    unread: int = 0
    unknown_fields: tuple[str, ...] = ()


_PREFIXES = {"ragtruth-": "ragtruth", "factscore-": "factscore", "expertqa-": "expertqa"}


def read_labelled(path: str | Path) -> Labelled:
    """Read labelled answers: any form of recorded answers with human labels, or a published set of labelled claims.

    Recorded answers: stretches in `human.unsupported` or claims in `human.claims`; "partially_supported" counts as
    unsupported. Published sets: see `labelled_forms`.

    Raises:
        RecordedAnswerError: There is no such file, a row is wrong (file, line and field are named), or nothing in it
            has both labels and source texts.
    """
    name = str(path)
    form = _form(name, Path(path))
    found = _recorded(name) if form is None else _published(name, Path(path), form)
    if not found.answers:
        raise RecordedAnswerError(
            f"{name}: nothing to measure on: {found.unlabelled} answers have no human label of a claim or a stretch, "
            f"{found.unread} labelled ones lack the text of a source"
        )
    return found


def _form(name: str, path: Path) -> str | None:
    """The published form that the first row shows; None: recorded answers, or nothing there."""
    if path.is_dir():
        return None
    first = next(iter(source_rows(name, path)), None)
    return None if first is None else next((f for f, (keys, _) in FORMS.items() if keys <= first[1].keys()), None)


def _published(name: str, path: Path, form: str) -> Labelled:
    _, read = FORMS[form]
    rows = (Fields(where, values, {}) for where, values in source_rows(name, path))
    answers = tuple(read(row) for row in rows)
    kept = tuple(a for a in answers if a.passages)
    return Labelled(name, form, kept, unread=len(answers) - len(kept))


def _recorded(name: str) -> Labelled:
    file = read_answers(name)
    labelled = [(a, a.human) for a in file.answers if a.human is not None and _is_labelled(a.human)]
    kept = [(a, human) for a, human in labelled if a.sources and all(d.text.strip() for d in a.sources)]
    return Labelled(
        name,
        _data_set(file.answers),
        tuple(_labelled_answer(a, human) for a, human in kept),
        unlabelled=len(file.answers) - len(labelled),
        unread=len(labelled) - len(kept),
        unknown_fields=file.unknown_fields,
    )


def _data_set(answers: Iterable[RecordedAnswer]) -> str:
    names = {next((s for p, s in _PREFIXES.items() if a.sample_id.startswith(p)), "") for a in answers}
    return names.pop() if len(names) == 1 else ""


def _is_labelled(human: HumanLabel) -> bool:
    return human.unsupported is not None or any(c.label is not None for c in human.claims)


def _labelled_answer(a: RecordedAnswer, human: HumanLabel) -> LabelledAnswer:
    """Claims stand where they say or are found word for word; elsewhere their place is the whole answer.

    Stretches can then not be compared: where a claim has no place, marked stretches are left out.
    """
    labelled = [(c, c.span or _place(c.text, a.answer)) for c in human.claims if c.label is not None]
    claims = tuple(
        LabelledClaim(Claim(c.text, span or Span(0, len(a.answer))), c.label == "supported") for c, span in labelled
    )
    comparable = human.unsupported is not None and all(span is not None for _, span in labelled)
    unsupported = tuple(span for span, _ in human.unsupported or ()) if comparable else None
    passages = tuple(Passage(d.doc_id, Span(0, len(d.text)), d.text) for d in a.sources)
    answer_id = f"{a.model}/{a.sample_id}/{a.epoch}"
    return LabelledAnswer(answer_id, a.cluster_id, a.answer, passages, claims, unsupported)


def _place(text: str, answer: str) -> Span | None:
    start = answer.find(text) if text else -1
    return None if start < 0 else Span(start, start + len(text))
