"""From probabilities to flags: by the verifier's own thresholds, or by ones chosen on other answers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from ..retrieval.passages import Span
from ..scoring.cuts import Cut, best_balanced_cut, best_f1_cut, best_overlap_cut
from ..scoring.estimate import InsufficientDataError
from ..scoring.stated import Stated, stated
from .judged import JudgedAnswer
from .labelling import is_unsupported, merged, shared_length
from .verdict import Label, Verdict


class Marks(StrEnum):
    """What a flagged claim marks: the verifier's own stretches, whatever the flag; its stretches; all of the claim."""

    OWN = "own"
    STRETCHES = "stretches"
    CLAIM = "claim"


@dataclass(frozen=True, slots=True)
class Cuts:
    """Probabilities of support below which something is flagged; None: the verifier decides.

    Attributes:
        response_f1, claim_f1: For F1. response_balanced, claim_balanced: For sensitivity, specificity and their mean.
        span: For marked stretches, with what is then marked.
    """

    response_f1: float | None = None
    response_balanced: float | None = None
    claim_f1: float | None = None
    claim_balanced: float | None = None
    span: float = 0.0
    marks: Marks = Marks.OWN


def choose_cuts(training: Sequence[JudgedAnswer]) -> Cuts:
    """The thresholds that are best on `training`, each for its own measure; None where it lacks a class."""
    responses = [j for j in training if j.probability is not None]
    answers = [(j.probability or 0.0, not is_unsupported(j.answer)) for j in responses]
    claims = [
        (r.probability, c.supported)
        for j in training
        for c, r in zip(j.claims, j.results, strict=True)
        if isinstance(r, Verdict)
    ]
    span, marks = _span_cut(training)
    return Cuts(
        response_f1=_below(best_f1_cut, answers),
        response_balanced=_below(best_balanced_cut, answers),
        claim_f1=_below(best_f1_cut, claims),
        claim_balanced=_below(best_balanced_cut, claims),
        span=span,
        marks=marks,
    )


def flags_answer(judged: JudgedAnswer, below: float | None) -> bool:
    """Whether the answer is called unsupported. Only for answers with a probability."""
    return bool(judged.flagged) if below is None else (judged.probability or 0.0) < below


def flags_claim(verdict: Verdict, below: float | None) -> bool:
    """Whether the claim is called unsupported."""
    return verdict.label is not Label.SUPPORTED if below is None else verdict.probability < below


def marked_spans(judged: JudgedAnswer, cuts: Cuts) -> tuple[Span, ...]:
    """Stretches of the answer that are called unsupported, merged."""
    verdicts = [r for r in judged.results if isinstance(r, Verdict)]
    return merged([s for v in verdicts if _counts(v, cuts) for s in _stretches(v, cuts.marks)])


def _counts(verdict: Verdict, cuts: Cuts) -> bool:
    return cuts.marks is Marks.OWN or verdict.probability < cuts.span


def _stretches(verdict: Verdict, marks: Marks) -> tuple[Span, ...]:
    if marks is Marks.OWN:
        return verdict.unsupported
    return (marks is Marks.STRETCHES and verdict.unsupported) or (verdict.claim.span,)


def _below(choose: Callable[[Stated], Cut], rows: Sequence[tuple[float, bool]]) -> float | None:
    try:
        return choose(stated([p for p, _ in rows], [s for _, s in rows])).below
    except InsufficientDataError:
        return None


def _span_cut(training: Sequence[JudgedAnswer]) -> tuple[float, Marks]:
    """The better of three ways to mark stretches, with the cut that is best for it."""
    marked = [j for j in training if j.answer.unsupported is not None and j.probability is not None]
    total = sum(s.end - s.start for j in marked for s in merged(j.answer.unsupported or ()))
    found = [(_own_f1(marked, total), 0.0, Marks.OWN)]
    for marks in (Marks.STRETCHES, Marks.CLAIM):
        try:
            cut = _overlap_cut(marked, total, marks)
        except InsufficientDataError:
            continue
        found.append((cut.value, cut.below, marks))
    _, below, marks = max(found, key=lambda entry: entry[0])
    return below, marks


def _own_f1(marked: Sequence[JudgedAnswer], total: int) -> float:
    shared = said = 0
    for judged in marked:
        spans = marked_spans(judged, Cuts())
        said += sum(s.end - s.start for s in spans)
        shared += shared_length(spans, merged(judged.answer.unsupported or ()))
    return 2 * shared / (said + total) if total else 0.0


def _overlap_cut(marked: Sequence[JudgedAnswer], total: int, marks: Marks) -> Cut:
    rows = []
    for judged in marked:
        human = merged(judged.answer.unsupported or ())
        for verdict in judged.results:
            if isinstance(verdict, Verdict):
                spans = merged(_stretches(verdict, marks))
                size = sum(s.end - s.start for s in spans)
                rows.append((verdict.probability, shared_length(spans, human), size))
    columns = np.array(rows, np.float64).reshape(-1, 3)
    return best_overlap_cut(columns[:, 0], columns[:, 1], columns[:, 2], float(total))
