"""Fitting the embedded verifier on human labels: heads on all of them, thresholds on claims held out."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from ..retrieval.passages import Span
from ..scoring.estimate import InsufficientDataError
from .alignment import Aligner
from .calibration import DIRECTIONS, AnswerHead, Calibration, answer_features
from .fact_rules import fact_factor
from .labelled import LabelledAnswer
from .labelling import is_unsupported, labelled_claims, merged, shared_length
from .monotone import fit

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_FOLDS = 3
_USUAL = (0.5, 0.5)  # weights of the lowest and of the joint probability: half of each
_FAR = 1e5  # no bias lies beyond
_FEWEST = 10  # answers of each kind before the head for answers is fitted


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Claims with features and labels, flattened.

    Attributes:
        features: One row a claim. labels: Supported. answers: Number of the answer. weights: Above 0.
        factors: Of `fact_rules.fact_factor`.
        lengths, shared: Characters of each claim in its answer, and how many of them people marked; 0 in answers in
            which nobody marked stretches.
    """

    features: "Floats"
    labels: "NDArray[np.bool_]"
    answers: "NDArray[np.intp]"
    weights: "Floats"
    factors: "Floats"
    lengths: "Floats"
    shared: "Floats"


def fit_calibration(answers: Sequence[LabelledAnswer], aligner: Aligner, groups: Sequence[int] = ()) -> Calibration:
    """Everything fitted on the labelled claims of `answers`.

    Args:
        groups: Number of the set that each answer comes from. A set of n claims weighs as the fourth root of n, so that
            the large ones do not decide alone; where no sets are named, claims weigh alike.

    Raises:
        InsufficientDataError: The claims are all supported, or none is.
    """
    import numpy as np

    rows = rows_of(answers, aligner, groups)
    if len(set(rows.labels.tolist())) < 2:
        raise InsufficientDataError("a head is fitted on supported and unsupported claims; one kind is missing")
    head = fit(rows.features, rows.labels.tolist(), DIRECTIONS, rows.weights)
    held_out = _held_out(answers, rows)
    unsupported = np.array([is_unsupported(a) for a in answers], bool)
    answer, answer_threshold = _answers(held_out, rows, unsupported, np.array(groups or [0] * len(answers)))
    threshold = _balanced(held_out, rows)
    marked = sum(s.end - s.start for a in answers for s in merged(a.unsupported or ()))
    return Calibration(head, answer, threshold, _span_threshold(held_out, rows, marked, threshold), answer_threshold)


def rows_of(answers: Sequence[LabelledAnswer], aligner: Aligner, groups: Sequence[int] = ()) -> Rows:
    """The claims of `answers` that have words to compare."""
    import numpy as np

    entries = [(n, claim) for n, answer in enumerate(answers) for claim in labelled_claims(answer)]
    found = aligner.align([(c.claim.text, answers[n].passages) for n, c in entries])
    kept = [(n, c, a) for (n, c), a in zip(entries, found, strict=True) if a.features is not None]
    numbers = np.array([n for n, _, _ in kept], np.intp)
    human = [None if a.unsupported is None else merged(a.unsupported) for a in answers]
    marked = [(0, 0) if (m := human[n]) is None else _marked(c.claim.span, m) for n, c, _ in kept]
    return Rows(
        np.array([a.features for _, _, a in kept], np.float64).reshape(-1, len(DIRECTIONS)),
        np.array([c.supported for _, c, _ in kept], bool),
        numbers,
        _weights(numbers, groups),
        np.array([fact_factor(a.comparison) for _, _, a in kept], np.float64),
        *np.array(marked, np.float64).reshape(-1, 2).T,
    )


def _marked(claim: Span, human: Sequence[Span]) -> tuple[int, int]:
    return claim.end - claim.start, shared_length((claim,), human)


def _weights(numbers: "NDArray[np.intp]", groups: Sequence[int]) -> "Floats":
    import numpy as np

    if not groups:
        return np.ones(len(numbers))
    of = np.array(groups, np.intp)[numbers]
    return np.asarray(np.bincount(of)[of] ** -0.75)


def _held_out(answers: Sequence[LabelledAnswer], rows: Rows) -> "Floats":
    """The probability of each claim by a head that saw nothing of its cluster, nor of its fold."""
    import numpy as np

    folds = np.array([int(sha256(a.cluster_id.encode(errors="surrogatepass")).hexdigest()[:8], 16) for a in answers])
    of = (folds % _FOLDS)[rows.answers]
    found = np.full(len(rows.labels), 0.5)
    for k in range(_FOLDS):
        train = of != k
        if len(set(rows.labels[train].tolist())) == 2 and (~train).any():
            head = fit(rows.features[train], rows.labels[train].tolist(), DIRECTIONS, rows.weights[train])
            found[~train] = head.probabilities(rows.features[~train])
    return found * rows.factors


def _balanced(p: "Floats", rows: Rows) -> float:
    """The threshold with the best mean of sensitivity and specificity, claims weighted."""
    import numpy as np

    order = np.argsort(p, kind="stable")
    labels, weights = rows.labels[order], rows.weights[order]
    supported = np.where(labels, weights, 0.0)
    rest = np.where(labels, 0.0, weights)
    below = np.cumsum(rest) / rest.sum() - np.cumsum(supported) / supported.sum()
    return _between(p[order], int(np.argmax(below)))


def _answers(
    p: "Floats", rows: Rows, unsupported: "NDArray[np.bool_]", groups: "NDArray[np.intp]"
) -> tuple[AnswerHead, float]:
    """The head for answers, and the threshold with the best F1 of unsupported ones.

    Answers of a single claim say nothing of how claims combine, nor do sets with hardly an answer of one kind.
    """
    import numpy as np

    several = np.bincount(rows.answers, minlength=len(unsupported)) > 1
    telling = [
        g for g in np.unique(groups)
        if min((several & (groups == g) & kind).sum() for kind in (unsupported, ~unsupported)) >= _FEWEST
    ]  # fmt: skip
    present = np.flatnonzero(several & np.isin(groups, telling))
    if not len(present):
        return AnswerHead(), 0.5
    wrong = unsupported[present]
    features = np.array([answer_features(p[rows.answers == n].tolist()) for n in present])
    head = _fit_answers(features, ~wrong)
    said = np.array([head.probability(p[rows.answers == n].tolist()) for n in present])
    order = np.argsort(said, kind="stable")
    hits = np.cumsum(wrong[order])
    f1 = 2 * hits / (np.arange(1, len(order) + 1) + wrong.sum())
    return head, _between(said[order], int(np.argmax(f1)))


def _fit_answers(features: "Floats", right: "NDArray[np.bool_]") -> AnswerHead:
    """The bias under which as many answers are expected to be right as are; labels are too few for the two weights."""
    import numpy as np
    from scipy.optimize import brentq

    z = features @ np.array(_USUAL)
    share = right.mean()
    bias = brentq(lambda b: float(np.mean(1 / (1 + np.exp(-np.clip(b + z, -500, 500)))) - share), -_FAR, _FAR)
    return AnswerHead(float(bias), *_USUAL)


def _span_threshold(p: "Floats", rows: Rows, marked: int, otherwise: float) -> float:
    """The threshold below which to mark whole claims for the best F1 of characters."""
    import numpy as np

    if not rows.shared.any():
        return otherwise
    order = np.argsort(p, kind="stable")
    f1 = 2 * np.cumsum(rows.shared[order]) / (np.cumsum(rows.lengths[order]) + marked)
    return _between(p[order], int(np.argmax(f1)))


def _between(ascending: "Floats", last: int) -> float:
    """A threshold just above entry `last` of probabilities in ascending order."""
    following = ascending[last + 1] if last + 1 < len(ascending) else 1.0
    return float((ascending[last] + following) / 2)
