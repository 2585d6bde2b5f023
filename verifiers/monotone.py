"""A logistic regression on piecewise linear curves that may only rise, or only fall: the head of the embedded verifier.

More shared words never speak against a claim, more missing numbers never for it. With the direction of each curve
fixed, a few hundred labels suffice, and the fit has one optimum. After Pya and Wood 2015, doi:10.1007/s11222-013-9448-7
(shape constrained additive models), with hinges instead of B-splines.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

_KNOTS = (0.2, 0.4, 0.6, 0.8)  # quantiles of a feature in training where its curve may bend
_ENDS = (0.01, 0.99)  # quantiles beyond which a curve is flat
_EDGE = 0.05  # knots nearer than this to an end are left out
_RIDGE = 10.0
_ROUNDS = 400
_FARTHEST = 30.0


@dataclass(frozen=True, slots=True)
class Curve:
    """What one feature adds to the logit: linear between the knots, flat outside [low, high].

    Attributes:
        direction: 1: may only rise; -1: may only fall; 0: a straight line either way.
        knots: In (0, 1), of z = (x - low) / (high - low).
        weights: Of z, then for each knot k of max(z - k, 0) / (1 - k) and min(z / k, 1).
    """

    feature: str
    direction: int
    low: float
    high: float
    knots: tuple[float, ...]
    weights: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Head:
    """P(supported) = 1 / (1 + exp(-(bias + sum of curves)))."""

    bias: float
    curves: tuple[Curve, ...]

    def probabilities(self, rows: "ArrayLike") -> "Floats":
        """In (0, 1), one for each row of features in the order of the curves."""
        import numpy as np

        x = np.asarray(rows, np.float64).reshape(-1, len(self.curves))
        weights = np.concatenate([np.zeros(0), *(np.array(c.weights) for c in self.curves)])
        z = self.bias + _basis(x, self.curves) @ weights
        return np.asarray(1 / (1 + np.exp(-np.clip(z, -_FARTHEST, _FARTHEST))))


def head_from(read: Mapping[str, Any]) -> Head:
    """A head from its JSON object; raises KeyError or ValueError where it is none."""
    return Head(
        float(read["bias"]),
        tuple(
            Curve(c["feature"], int(c["direction"]), float(c["low"]), float(c["high"]),
                  tuple(map(float, c["knots"])), tuple(map(float, c["weights"])))
            for c in read["curves"]
        ),
    )  # fmt: skip


def head_json(head: Head, digits: int = 4) -> dict[str, Any]:
    """The JSON object of a head, rounded."""
    curves = [
        {
            "feature": c.feature,
            "direction": c.direction,
            "low": round(c.low, digits),
            "high": round(c.high, digits),
            "knots": [round(k, digits) for k in c.knots],
            "weights": [round(w, digits) for w in c.weights],
        }
        for c in head.curves
    ]
    return {"bias": round(head.bias, digits), "curves": curves}


def fit(
    rows: "ArrayLike", labels: Sequence[bool], directions: Mapping[str, int], weights: "ArrayLike | None" = None
) -> Head:
    """The head most likely to give `labels` (supported), under a ridge; deterministic.

    Args:
        rows: Features, one row a claim, columns in the order of `directions`.
        directions: 1, -1 or 0 for each feature.
        weights: Of the claims, each above 0; equal ones by default.

    Raises:
        ValueError: The labels are all the same, or shapes differ.
    """
    import numpy as np
    from scipy.optimize import minimize

    x, y = np.asarray(rows, np.float64), np.array(labels, np.float64)
    if x.shape != (len(y), len(directions)):
        raise ValueError(f"one row of {len(directions)} features a label: got {x.shape} for {len(y)} labels")
    if len(set(labels)) < 2:
        raise ValueError("a head is fitted on supported and unsupported claims; one kind is missing")
    w = np.ones(len(y)) if weights is None else np.asarray(weights, np.float64)
    w = w / w.sum()
    curves = [_blank(name, d, x[:, i]) for i, (name, d) in enumerate(directions.items())]
    basis, penalty = _basis(x, curves), _RIDGE / len(y)

    def loss(t: "Floats") -> "tuple[float, Floats]":
        z = t[0] + basis @ t[1:]
        residual = w * (1 / (1 + np.exp(-np.clip(z, -_FARTHEST, _FARTHEST))) - y)
        value = float(w @ (np.logaddexp(0, z) - y * z) + penalty / 2 * t[1:] @ t[1:])
        return value, np.concatenate([[residual.sum()], basis.T @ residual + penalty * t[1:]])

    ranges = {1: (0.0, None), -1: (None, 0.0), 0: (None, None)}
    bounds = [(None, None), *(ranges[c.direction] for c in curves for _ in c.weights)]
    best = minimize(
        loss, np.zeros(basis.shape[1] + 1), jac=True, bounds=bounds, method="L-BFGS-B", options={"maxiter": _ROUNDS}
    ).x
    rest = iter(best[1:])
    filled = (
        Curve(c.feature, c.direction, c.low, c.high, c.knots, tuple(float(next(rest)) for _ in c.weights))
        for c in curves
    )
    return Head(float(best[0]), tuple(filled))


def _blank(name: str, direction: int, values: "Floats") -> Curve:
    import numpy as np

    low, high = (float(q) for q in np.quantile(values, _ENDS))
    high = high if high > low else low + 1.0
    z = np.clip((values - low) / (high - low), 0, 1)
    knots = sorted({round(float(k), 3) for k in np.quantile(z, _KNOTS)} if direction else set())
    inner = tuple(k for k in knots if _EDGE < k < 1 - _EDGE)
    return Curve(name, direction, low, high, inner, (0.0,) * (1 + 2 * len(inner)))


def _basis(x: "Floats", curves: Sequence[Curve]) -> "Floats":
    import numpy as np

    columns = []
    for i, c in enumerate(curves):
        z = np.clip((x[:, i] - c.low) / (c.high - c.low), 0, 1)
        columns.append(z)
        for k in c.knots:
            columns += [np.maximum(z - k, 0) / (1 - k), np.minimum(z / k, 1)]
    return np.stack(columns, 1) if columns else np.zeros((len(x), 0))


def logistic(z: float) -> float:
    """1 / (1 + exp(-z)) for any z."""
    return 1 / (1 + exp(-max(-_FARTHEST, min(_FARTHEST, z))))
