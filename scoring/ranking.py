"""How well a probability of being right ranks the wrong below the right: AUROC and AUPRC, the wrong being positive.

No threshold is involved. Equal probabilities count as they would in expectation over all orders of the ties (AUROC) or
enter together, as one threshold (AUPRC).
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from .draws import DrawSettings, estimate_of
from .estimate import Estimate, InsufficientDataError
from .risk_levels import Levels, drawn, levels_of
from .stated import Stated

Floats = NDArray[np.float64]
DEFAULT_DRAWS = DrawSettings(n=2_000)


def auroc(data: Stated) -> float:
    """Area under the ROC curve, in [0, 1]: P(a right item is more probable than a wrong one), ties counting half.

    Raises:
        InsufficientDataError: All are right, or all are wrong.
    """
    return _plain(data, _auroc)


def auprc(data: Stated) -> float:
    """Average precision, in (0, 1]: sum of precision times the growth of recall, least probable items first.

    The wrong are the positive class; the value of chance is their share. Without interpolation, which is too
    optimistic (Davis and Goadrich 2006, doi:10.1145/1143844.1143874).

    Raises:
        InsufficientDataError: All are right, or all are wrong.
    """
    return _plain(data, _average_precision)


def auroc_estimate(data: Stated, *, settings: DrawSettings = DEFAULT_DRAWS) -> Estimate:
    """`auroc` with the interval of a cluster bootstrap.

    Raises:
        InsufficientDataError: All are right, all are wrong, or there is one cluster only.
    """
    return _estimate(data, _auroc, settings)


def auprc_estimate(data: Stated, *, settings: DrawSettings = DEFAULT_DRAWS) -> Estimate:
    """`auprc` with the interval of a cluster bootstrap. Raises InsufficientDataError as `auroc_estimate` does."""
    return _estimate(data, _average_precision, settings)


def _auroc(levels: Levels) -> Floats:
    right = levels.size - levels.wrong
    below = levels.wrong.sum(1, keepdims=True) - np.cumsum(levels.wrong, 1)
    pairs = levels.wrong.sum(1) * right.sum(1)
    return _ratio((right * (below + levels.wrong / 2)).sum(1), pairs)


def _average_precision(levels: Levels) -> Floats:
    wrong, size = levels.wrong[:, ::-1], levels.size[:, ::-1]  # the least probable first
    precision = _ratio(np.cumsum(wrong, 1), np.cumsum(size, 1))
    return _ratio(np.where(wrong > 0, wrong * precision, 0).sum(1), wrong.sum(1))


def _ratio(numerator: Floats, denominator: Floats) -> Floats:
    """NaN where the denominator is 0: a draw without either class has no ranking."""
    undefined = np.full(denominator.shape, np.nan)
    return np.asarray(np.divide(numerator, denominator, out=undefined, where=denominator > 0))


def _plain(data: Stated, statistic: Callable[[Levels], Floats]) -> float:
    _check(data)
    return float(statistic(levels_of(data))[0])


def _estimate(data: Stated, statistic: Callable[[Levels], Floats], settings: DrawSettings) -> Estimate:
    _check(data)
    if data.n_clusters < 2:
        raise InsufficientDataError("one cluster alone says nothing of the variance between clusters")
    [draws] = drawn(data, [statistic], settings)
    return replace(estimate_of(draws, settings, data.n, data.n_clusters), method="cluster bootstrap")


def _check(data: Stated) -> None:
    if data.right.min() == data.right.max():
        every = "right" if data.right[0] else "wrong"
        raise InsufficientDataError(f"all {data.n} items are {every}: there is no ranking to judge")
