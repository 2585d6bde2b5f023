"""Fitting the embedded verifier on human labels: heads on all of them, thresholds on claims held out."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from math import sqrt
from typing import TYPE_CHECKING

from ..scoring.estimate import InsufficientDataError
from .alignment import Aligner
from .calibration import DIRECTIONS, AnswerHead, Calibration, answer_features
from .labelled import LabelledAnswer
from .labelling import is_unsupported, labelled_claims, merged, shared_length
from .monotone import fit

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_FOLDS = 3
_RIDGE = 1.0
_FEWEST = 10  # answers of each kind before the head for answers is fitted


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Claims with features and labels, flattened.

    Attributes:
        features: One row a claim. labels: Supported. answers: Number of the answer. weights: Above 0.
        lengths, shared: Characters of each claim in its answer, and how many of them people marked; 0 where nobody did.
    """

    features: "Floats"
    labels: "NDArray[np.bool_]"
    answers: "NDArray[np.intp]"
    weights: "Floats"
    lengths: "Floats"
    shared: "Floats"


def fit_calibration(answers: Sequence[LabelledAnswer], aligner: Aligner, groups: Sequence[int] = ()) -> Calibration:
    """Everything fitted on the labelled claims of `answers`.

    Args:
        groups: Number of the set that each answer comes from. A set of n claims weighs as sqrt(n); equal claims weigh
            equally where no sets are named.

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
    answer, answer_threshold = _answers(held_out, rows, unsupported)
    threshold = _balanced(held_out, rows)
    marked = sum(s.end - s.start for a in answers for s in merged(a.unsupported or ()))
    return Calibration(head, answer, threshold, _span_threshold(held_out, rows, marked, threshold), answer_threshold)


def rows_of(answers: Sequence[LabelledAnswer], aligner: Aligner, groups: Sequence[int] = ()) -> Rows:
    """The claims of `answers` that have words to compare."""
    import numpy as np

    entries = [(n, claim) for n, answer in enumerate(answers) for claim in labelled_claims(answer)]
    found = aligner.align([(c.claim.text, answers[n].passages) for n, c in entries])
    kept = [(n, c, a.features) for (n, c), a in zip(entries, found, strict=True) if a.features is not None]
    numbers = np.array([n for n, _, _ in kept], np.intp)
    spans = [c.claim.span for _, c, _ in kept]
    human = [merged(a.unsupported or ()) for a in answers]
    return Rows(
        np.array([f for _, _, f in kept], np.float64).reshape(-1, len(DIRECTIONS)),
        np.array([c.supported for _, c, _ in kept], bool),
        numbers,
        _weights(numbers, groups),
        np.array([s.end - s.start for s in spans], np.float64),
        np.array([shared_length((s,), human[n]) for s, n in zip(spans, numbers, strict=True)], np.float64),
    )


def _weights(numbers: "NDArray[np.intp]", groups: Sequence[int]) -> "Floats":
    import numpy as np

    if not groups:
        return np.ones(len(numbers))
    of = np.array(groups, np.intp)[numbers]
    return np.array([1 / sqrt(n) for n in np.bincount(of)[of]])


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
    return found


def _balanced(p: "Floats", rows: Rows) -> float:
    """The threshold with the best mean of sensitivity and specificity, claims weighted."""
    import numpy as np

    order = np.argsort(p, kind="stable")
    labels, weights = rows.labels[order], rows.weights[order]
    supported = np.where(labels, weights, 0.0)
    rest = np.where(labels, 0.0, weights)
    below = np.cumsum(rest) / rest.sum() - np.cumsum(supported) / supported.sum()
    return _between(p[order], int(np.argmax(below)))


def _answers(p: "Floats", rows: Rows, unsupported: "NDArray[np.bool_]") -> tuple[AnswerHead, float]:
    """The head for answers, and the threshold with the best F1 of unsupported ones."""
    import numpy as np

    present = np.unique(rows.answers)
    wrong = unsupported[present]
    if min(wrong.sum(), (~wrong).sum()) < _FEWEST or len(present) == len(rows.answers):
        return AnswerHead(), 0.5
    features = np.array([answer_features(p[rows.answers == n].tolist()) for n in present])
    head = _fit_answers(features, ~wrong)
    said = np.array([head.probability(p[rows.answers == n].tolist()) for n in present])
    order = np.argsort(said, kind="stable")
    hits = np.cumsum(wrong[order])
    f1 = 2 * hits / (np.arange(1, len(order) + 1) + wrong.sum())
    return head, _between(said[order], int(np.argmax(f1)))


def _fit_answers(features: "Floats", right: "NDArray[np.bool_]") -> AnswerHead:
    import numpy as np
    from scipy.optimize import minimize

    y = right.astype(np.float64)
    x = np.column_stack([np.ones(len(y)), features])

    def loss(t: "Floats") -> "tuple[float, Floats]":
        z = np.clip(x @ t, -30, 30)
        ridge = np.concatenate([[0.0], t[1:]]) * _RIDGE / len(y)
        residual = 1 / (1 + np.exp(-z)) - y
        return float(np.mean(np.logaddexp(0, z) - y * z) + ridge @ t / 2), x.T @ residual / len(y) + ridge

    bounds = [(None, None), (0.0, None), (0.0, None)]
    best = minimize(loss, np.array([0.0, 0.5, 0.1]), jac=True, bounds=bounds, method="L-BFGS-B").x
    return AnswerHead(*(float(t) for t in best))


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
