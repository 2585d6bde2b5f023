"""What a detector finds at its threshold, against the truth: sensitivity, specificity, balanced accuracy, F1.

Positive is what ought to be flagged. Every measure is a ratio of sums over all units, never a mean of ratios, and is
undefined, not 0, where the truth lacks the class that it is about.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .draws import DrawSettings, bootstrap_means, estimate_of
from .estimate import Estimate, InsufficientDataError
from .intervals import cluster_numbers, clustered_proportion
from .ranking import DEFAULT_DRAWS

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Detected:
    """Units, what is true of them and what was said of them; made by `detected`.

    Attributes:
        positive: 1 where the unit ought to be flagged, else 0. flagged: 1 where it was.
        clusters: Cluster number of each unit, 0..G-1.
    """

    positive: Floats
    flagged: Floats
    clusters: Floats


def detected(positive: ArrayLike, flagged: ArrayLike, *, cluster_ids: Sequence[str]) -> Detected:
    """Arrays, checked.

    Raises:
        InsufficientDataError: There is no unit. ValueError: Lengths differ, or a value is neither 0 nor 1.
    """
    truth, said = np.array(positive, np.float64), np.array(flagged, np.float64)
    if truth.ndim != 1 or truth.shape != said.shape or len(cluster_ids) != len(truth):
        raise ValueError(f"one truth, flag and cluster a unit: {truth.shape}, {said.shape}, {len(cluster_ids)}")
    if not len(truth):
        raise InsufficientDataError("there is nothing that people labelled")
    if not all(((part == 0) | (part == 1)).all() for part in (truth, said)):
        raise ValueError("truth and flags are 0 or 1")
    return Detected(truth, said, cluster_numbers(cluster_ids))


def sensitivity(data: Detected, *, confidence_level: float = 0.95) -> Estimate:
    """Share flagged among the positive, in [0, 1], with Wilson's interval on clusters.

    Raises:
        InsufficientDataError: Nothing is positive, or all of it is in one cluster.
    """
    return _share(data, data.positive, data.flagged, confidence_level)


def specificity(data: Detected, *, confidence_level: float = 0.95) -> Estimate:
    """Share not flagged among the negative, in [0, 1]. Raises InsufficientDataError as `sensitivity` does."""
    return _share(data, 1 - data.positive, 1 - data.flagged, confidence_level)


def balanced_accuracy(data: Detected, *, settings: DrawSettings = DEFAULT_DRAWS) -> Estimate:
    """Mean of sensitivity and specificity, in [0, 1]; 1/2 is chance. Interval: cluster bootstrap.

    Raises:
        InsufficientDataError: All units are of one class, or in one cluster.
    """
    if data.positive.min() == data.positive.max():
        raise InsufficientDataError(f"all {len(data.positive)} units are of one class")
    return _resampled(data.clusters, _outcomes(data), _balanced, settings)


def f1(data: Detected, *, settings: DrawSettings = DEFAULT_DRAWS) -> Estimate:
    """2 TP / (2 TP + FP + FN), in [0, 1]: 0 where there is something to flag and nothing of it was. Cluster bootstrap.

    Raises:
        InsufficientDataError: Nothing is positive, or there is one cluster only.
    """
    if not data.positive.any():
        raise InsufficientDataError("there is nothing to be found")
    return _resampled(data.clusters, _outcomes(data), lambda c: 2 * c[0] / (2 * c[0] + c[1] + c[2]), settings)


def overlap_f1(
    shared: ArrayLike,
    flagged: ArrayLike,
    marked: ArrayLike,
    *,
    cluster_ids: Sequence[str],
    settings: DrawSettings = DEFAULT_DRAWS,
) -> Estimate:
    """F1 of stretches by size, pooled over texts: precision shared/flagged, recall shared/marked (arXiv:2401.00396).

    Args:
        shared, flagged, marked: Characters (or tokens) of each text that both, the detector, and people marked.

    Raises:
        InsufficientDataError: Nobody marked anything, or there is one cluster only.
    """
    columns = np.column_stack([np.array(part, np.float64) for part in (shared, flagged, marked)])
    if not columns[:, 2].any():
        raise InsufficientDataError("no stretch is marked by people")
    return _resampled(cluster_numbers(cluster_ids), columns, lambda c: 2 * c[0] / (c[1] + c[2]), settings)


def mean_estimate(values: ArrayLike, *, cluster_ids: Sequence[str], settings: DrawSettings = DEFAULT_DRAWS) -> Estimate:
    """Mean per unit with the interval of a cluster bootstrap.

    Raises:
        InsufficientDataError: There is no unit, or one cluster only.
    """
    column = np.array(values, np.float64)[:, None]
    if not len(column):
        raise InsufficientDataError("there is nothing that people labelled")
    return _resampled(cluster_numbers(cluster_ids), column, lambda c: c[0], settings)


def _outcomes(data: Detected) -> Floats:
    """Columns true positive, false positive, false negative, true negative."""
    y, z = data.positive, data.flagged
    return np.column_stack([y * z, (1 - y) * z, y * (1 - z), (1 - y) * (1 - z)])


def _balanced(c: Floats) -> Floats:
    tp, fp, fn, tn = c
    return np.asarray((tp / (tp + fn) + tn / (tn + fp)) / 2)


def _share(data: Detected, among: Floats, said: Floats, confidence_level: float) -> Estimate:
    if not among.any():
        raise InsufficientDataError(f"all {len(among)} units are of the other class")
    return clustered_proportion(among * said, among, data.clusters, confidence_level=confidence_level)


def _resampled(
    clusters: Floats, columns: Floats, statistic: Callable[[Floats], Floats], settings: DrawSettings
) -> Estimate:
    groups = int(clusters.max()) + 1
    if groups < 2:
        raise InsufficientDataError("one cluster alone says nothing of the variance between clusters")
    with np.errstate(divide="ignore", invalid="ignore"):  # a draw may lack a class: its value is not a number
        draws = np.asarray(statistic(bootstrap_means(columns, clusters, settings).T))
    return replace(estimate_of(draws, settings, len(columns), groups), method="cluster bootstrap")
