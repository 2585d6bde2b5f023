"""The head of the lexical verifier: a logistic regression whose signs are fixed, and its fit on human labels."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp

from ..scoring.estimate import InsufficientDataError
from . import lexical_weights
from .labelled import LabelledAnswer
from .labelling import labelled_claims
from .lexical_features import FEATURES, compare_claim
from .lexical_index import PassageIndex, index_passage

_RIDGE = 1e-3  # of the mean loss: keeps separable data finite
_FARTHEST = 30.0  # of a logit: beyond, a double is 0 or 1


@dataclass(frozen=True, slots=True)
class LexicalHead:
    """P(supported) = 1 / (1 + exp(-(bias + weights . features))), weights in the order of `FEATURES`."""

    bias: float
    weights: tuple[float, ...]

    def probability(self, features: Sequence[float]) -> float:
        """In (0, 1), before the rules on numbers and contradictions."""
        z = self.bias + sum(w * x for w, x in zip(self.weights, features, strict=True))
        return 1 / (1 + exp(-max(-_FARTHEST, min(_FARTHEST, z))))


BUNDLED = LexicalHead(lexical_weights.BIAS, tuple(lexical_weights.WEIGHTS[name] for name in FEATURES))
"""The head of `lexical_weights`."""


def fit_head(answers: Sequence[LabelledAnswer]) -> LexicalHead:
    """The most likely head on the labelled claims of `answers`, each claim counting once, under a light ridge.

    The sign of each weight is that of the bundled head: more in common never speaks against a claim. Claims that share
    no word with any passage are left out: the verifier gives them 0 whatever its head.

    Raises:
        InsufficientDataError: The claims are all supported, or none is.
    """
    rows, labels = _features(answers)
    if len(set(labels)) < 2:
        raise InsufficientDataError("a head is fitted on supported and unsupported claims; one kind is missing")
    import numpy as np
    from scipy.optimize import minimize
    from scipy.special import expit

    x = np.column_stack([np.ones(len(rows)), np.array(rows, np.float64)])
    y = np.array(labels, np.float64)

    def loss(w: "np.typing.NDArray[np.float64]") -> "tuple[float, np.typing.NDArray[np.float64]]":
        z = x @ w
        ridge = np.concatenate([[0.0], w[1:]])
        value = float(np.mean(np.logaddexp(0, z) - y * z) + _RIDGE / 2 * ridge @ ridge)
        return value, x.T @ (expit(z) - y) / len(y) + _RIDGE * ridge

    bounds = [(None, None)] + [(0, None) if w > 0 else (None, 0) for w in BUNDLED.weights]
    best = minimize(loss, np.array([BUNDLED.bias, *BUNDLED.weights]), jac=True, bounds=bounds, method="L-BFGS-B").x
    return LexicalHead(float(best[0]), tuple(float(w) for w in best[1:]))


def _features(answers: Sequence[LabelledAnswer]) -> tuple[list[tuple[float, ...]], list[bool]]:
    rows: list[tuple[float, ...]] = []
    labels: list[bool] = []
    for answer in answers:
        indexes: list[PassageIndex] = [index_passage(p) for p in answer.passages]
        for labelled in labelled_claims(answer):
            found = compare_claim(labelled.claim.text, indexes)
            if found.windows:
                rows.append(found.features)
                labels.append(labelled.supported)
    return rows, labels
