"""A verifier against human labels: whole answers, claims, and marked stretches; unsupported is the positive class."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from ..retrieval.passages import Span
from ..scoring.calibration import smooth_ece_estimate
from ..scoring.detection import (
    Detected,
    balanced_accuracy,
    detected,
    f1,
    mean_estimate,
    overlap_f1,
    sensitivity,
    specificity,
)
from ..scoring.draws import DrawSettings
from ..scoring.estimate import Estimate, InsufficientDataError
from ..scoring.ranking import DEFAULT_DRAWS, auprc_estimate, auroc_estimate
from ..scoring.stated import Stated, stated
from .decisions import Cuts, flags_answer, flags_claim, marked_spans
from .judged import JudgedAnswer
from .labelled import LabelledClaim
from .labelling import is_unsupported, merged, shared_length
from .verdict import Verdict

_TOKEN = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Decided:
    """A judged answer, and the thresholds that apply to it: none that was chosen with its own labels."""

    judged: JudgedAnswer
    cuts: Cuts = field(default_factory=Cuts)


def verifier_measures(
    decided: Sequence[Decided], *, settings: DrawSettings = DEFAULT_DRAWS
) -> dict[str, Callable[[], Estimate]]:
    """Every measure of `scoring.measures.VERIFIER_MEASURES`, to be computed when called.

    Whole answers: those on whose claims the verifier never failed. Claims: those with a verdict. Stretches: answers
    whose unsupported stretches people marked, of the first kind. Clusters are resampled whole.

    Each callable raises InsufficientDataError where its measure is undefined.
    """
    return {**_responses(decided, settings), **_claims(decided, settings), **_spans(decided, settings)}


def _responses(decided: Sequence[Decided], settings: DrawSettings) -> dict[str, Callable[[], Estimate]]:
    def among() -> list[Decided]:
        if all(_is_one_claim(d.judged) for d in decided):
            raise InsufficientDataError("every answer is a single claim: see the measures of claims")
        return [d for d in decided if d.judged.probability is not None]

    def flags(name: str) -> Detected:
        rows = among()
        said = [flags_answer(d.judged, getattr(d.cuts, name)) for d in rows]
        return detected([is_unsupported(d.judged.answer) for d in rows], said, cluster_ids=_clusters(rows))

    def ranked() -> Stated:
        rows = among()
        right = [not is_unsupported(d.judged.answer) for d in rows]
        return stated([d.judged.probability or 0.0 for d in rows], right, cluster_ids=_clusters(rows))

    level = settings.confidence_level
    return {
        "sensitivity": lambda: sensitivity(flags("response_balanced"), confidence_level=level),
        "specificity": lambda: specificity(flags("response_balanced"), confidence_level=level),
        "response_balanced_accuracy": lambda: balanced_accuracy(flags("response_balanced"), settings=settings),
        "response_f1": lambda: f1(flags("response_f1"), settings=settings),
        "response_auroc": lambda: auroc_estimate(ranked(), settings=settings),
        "response_auprc": lambda: auprc_estimate(ranked(), settings=settings),
    }


def _is_one_claim(judged: JudgedAnswer) -> bool:
    """Whether the answer is nothing but the one statement that people labelled."""
    return len(judged.answer.claims) == 1 and judged.answer.claims[0].claim.text == judged.answer.text


def _claims(decided: Sequence[Decided], settings: DrawSettings) -> dict[str, Callable[[], Estimate]]:
    rows: list[tuple[Decided, LabelledClaim, Verdict]] = [
        (d, c, r)
        for d in decided
        for c, r in zip(d.judged.claims, d.judged.results, strict=True)
        if isinstance(r, Verdict)
    ]
    clusters = _clusters([d for d, _, _ in rows])

    def flags(name: str) -> Detected:
        said = [flags_claim(v, getattr(d.cuts, name)) for d, _, v in rows]
        return detected([not c.supported for _, c, _ in rows], said, cluster_ids=clusters)

    def ranked() -> Stated:
        return stated([v.probability for _, _, v in rows], [c.supported for _, c, _ in rows], cluster_ids=clusters)

    def brier() -> Estimate:
        return mean_estimate([(v.probability - c.supported) ** 2 for _, c, v in rows], cluster_ids=clusters,
                             settings=settings)  # fmt: skip

    level = settings.confidence_level
    return {
        "claim_sensitivity": lambda: sensitivity(flags("claim_balanced"), confidence_level=level),
        "claim_specificity": lambda: specificity(flags("claim_balanced"), confidence_level=level),
        "claim_balanced_accuracy": lambda: balanced_accuracy(flags("claim_balanced"), settings=settings),
        "claim_f1": lambda: f1(flags("claim_f1"), settings=settings),
        "claim_auroc": lambda: auroc_estimate(ranked(), settings=settings),
        "claim_auprc": lambda: auprc_estimate(ranked(), settings=settings),
        "claim_brier": brier,
        "claim_smece": lambda: smooth_ece_estimate(ranked(), confidence_level=level, seed=settings.seed),
    }


def _spans(decided: Sequence[Decided], settings: DrawSettings) -> dict[str, Callable[[], Estimate]]:
    def overlap(sizes: Callable[[Decided], tuple[int, int, int]]) -> Estimate:
        rows = [d for d in decided if d.judged.answer.unsupported is not None and d.judged.probability is not None]
        if not rows:
            raise InsufficientDataError("no stretch is marked by people")
        shared, said, human = zip(*map(sizes, rows), strict=True)
        return overlap_f1(shared, said, human, cluster_ids=_clusters(rows), settings=settings)

    return {"span_f1": partial(overlap, _characters), "span_token_f1": partial(overlap, _tokens)}


def _characters(d: Decided) -> tuple[int, int, int]:
    """Characters that both marked, that the verifier marked, that people marked."""
    said, human = marked_spans(d.judged, d.cuts), merged(d.judged.answer.unsupported or ())
    return shared_length(said, human), sum(s.end - s.start for s in said), sum(s.end - s.start for s in human)


def _tokens(d: Decided) -> tuple[int, int, int]:
    """The same in tokens: runs of word characters and other signs, marked where any of their characters is."""
    tokens = [Span(m.start(), m.end()) for m in _TOKEN.finditer(d.judged.answer.text)]
    said = _touched(tokens, marked_spans(d.judged, d.cuts))
    human = _touched(tokens, merged(d.judged.answer.unsupported or ()))
    return len(said & human), len(said), len(human)


def _touched(tokens: Sequence[Span], spans: Sequence[Span]) -> set[int]:
    """Numbers of the tokens that overlap a span; both are in order and disjoint."""
    found: set[int] = set()
    i = 0
    for span in spans:
        while i < len(tokens) and tokens[i].end <= span.start:
            i += 1
        at = i
        while at < len(tokens) and tokens[at].start < span.end:
            found.add(at)
            at += 1
    return found


def _clusters(rows: Sequence[Decided]) -> list[str]:
    return [d.judged.answer.cluster_id for d in rows]
