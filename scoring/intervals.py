"""Intervals of proportions: Wilson to show, Clopper-Pearson to claim, both on clusters."""

from collections.abc import Sequence
from math import sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, ndtri, stdtrit

from .estimate import Estimate, InsufficientDataError

Floats = NDArray[np.float64]


def wilson(successes: float, n: float, critical: float) -> tuple[float, float]:
    """Wilson score interval of a proportion (doi:10.1080/01621459.1927.10502953).

    Args:
        successes: In [0, n]; may be fractional where `n` is an effective sample size.
        n: Sample size, above 0.
        critical: Two-sided critical value, e.g. 1.96.
    """
    p = successes / n
    denominator = 1 + critical**2 / n
    center = (p + critical**2 / (2 * n)) / denominator
    half = critical * sqrt(p * (1 - p) / n + critical**2 / (4 * n**2)) / denominator
    return max(0.0, min(center - half, p)), min(1.0, max(center + half, p))


def clopper_pearson_upper(successes: float, n: float, confidence_level: float = 0.95) -> float:
    """One-sided exact upper bound of a proportion (doi:10.1093/biomet/26.4.404); coverage at least nominal.

    With no success it is 1 - (1 - confidence_level) ** (1 / n).
    """
    if successes >= n:
        return 1.0
    return float(betaincinv(successes + 1, n - successes, confidence_level))


def effective_size(numerator: Floats, denominator: Floats, clusters: Floats) -> tuple[float, float, int]:
    """Ratio of sums, its Korn-Graubard effective sample size, and the number of clusters.

    Args:
        numerator, denominator: Per unit, 0 <= numerator <= denominator; units with denominator 0 carry nothing.
        clusters: Cluster number of each unit, 0..G-1, without gaps.

    Returns:
        (p, n_effective, G) with p = sum(numerator) / sum(denominator). `n_effective` is p(1-p)/v with v the
        clustered, linearised variance of p (Miller 2024, arXiv:2411.00640; Korn and Graubard 1998), at most
        sum(denominator). With one unit a cluster it is the number of units; where p is 0 or 1, v cannot be
        estimated and the number of clusters is used.

    Raises:
        InsufficientDataError: No unit has a denominator.
    """
    total = float(denominator.sum())
    if total <= 0:
        raise InsufficientDataError("there is nothing to take a share of")
    p = float(numerator.sum()) / total
    present = np.bincount(clusters.astype(np.intp), denominator) > 0
    groups = int(present.sum())
    independent = groups == int((denominator > 0).sum()) and float(denominator.max()) <= 1
    if independent or not 0 < p < 1:
        return min(max(p, 0.0), 1.0), float(min(groups, total)), groups
    residual = np.bincount(clusters.astype(np.intp), numerator - p * denominator)[present]
    if groups < 2:
        raise InsufficientDataError("one cluster alone says nothing of the variance between clusters")
    variance = groups / (groups - 1) * float(residual @ residual) / total**2
    return p, min(p * (1 - p) / variance, total) if variance > 0 else total, groups


def posterior_size(
    numerator: Floats, denominator: Floats, clusters: Floats, *, confidence_level: float = 0.95
) -> tuple[float, float, int]:
    """`effective_size` for exact and posterior intervals, which know no t: less where clusters are few.

    The effective size is multiplied by (z / t with G-1 degrees of freedom)^2 (Korn and Graubard 1998), so that a
    variance estimated from few clusters is not taken for known. One cluster counts as one item.

    Raises:
        InsufficientDataError: No unit has a denominator.
    """
    if not denominator.sum() > 0:
        raise InsufficientDataError("there is nothing to take a share of")
    groups = int((np.bincount(clusters.astype(np.intp), denominator) > 0).sum())
    if groups < 2:
        return float(numerator.sum() / denominator.sum()), 1.0, groups
    p, n_effective, groups = effective_size(numerator, denominator, clusters)
    independent = groups == int((denominator > 0).sum()) and float(denominator.max()) <= 1
    if independent or not 0 < p < 1:
        return p, n_effective, groups
    return p, n_effective * (_critical(confidence_level, None) / _critical(confidence_level, groups - 1)) ** 2, groups


def clustered_proportion(
    numerator: Floats, denominator: Floats, clusters: Floats, *, confidence_level: float = 0.95, unit: str = ""
) -> Estimate:
    """Share sum(numerator)/sum(denominator) with Wilson's interval on the effective sample size.

    Equals inspect-ai's `ci_wilson(cluster=...)` for shares strictly between 0 and 1 with more units than
    clusters; with one unit a cluster it is Wilson's plain interval.

    Raises:
        InsufficientDataError: Nothing in the denominator, or a single cluster with a share between 0 and 1.
    """
    p, n_effective, groups = effective_size(numerator, denominator, clusters)
    units = int((denominator > 0).sum())
    independent = groups == units and float(denominator.max()) <= 1
    critical = _critical(confidence_level, None if independent else max(groups - 1, 1))
    low, high = wilson(p * n_effective, n_effective, critical)
    method = "wilson" if independent else "wilson, clustered"
    return Estimate(p, low, high, confidence_level, units, groups, method, unit)


def clustered_upper(
    numerator: Floats, denominator: Floats, clusters: Floats, *, confidence_level: float = 0.95
) -> Estimate:
    """One-sided exact upper bound of a share, on `posterior_size`; `value` is the bound itself.

    Exact for independent items; with clusters it is approximate, as the effective size is estimated.
    """
    p, n_effective, groups = posterior_size(numerator, denominator, clusters, confidence_level=confidence_level)
    bound = max(p, clopper_pearson_upper(p * n_effective, n_effective, confidence_level))
    units = int((denominator > 0).sum())
    return Estimate(bound, 0.0, bound, confidence_level, units, groups, "clopper-pearson, one-sided")


def clustered_mean(values: Floats, clusters: Floats, *, confidence_level: float = 0.95, unit: str = "") -> Estimate:
    """Mean with a cluster-robust t interval (arXiv:2411.00640).

    Raises:
        InsufficientDataError: Fewer than two clusters, or no variance at all.
    """
    groups = len(set(clusters.tolist()))
    if groups < 2:
        raise InsufficientDataError("a mean with an interval needs two clusters")
    mean = float(values.mean())
    residual = np.bincount(clusters.astype(np.intp), values - mean)
    variance = groups / (groups - 1) * float(residual @ residual) / len(values) ** 2
    if variance <= 0:
        raise InsufficientDataError("all values are equal: the variance cannot be estimated")
    half = _critical(confidence_level, groups - 1) * sqrt(variance)
    return Estimate(mean, mean - half, mean + half, confidence_level, len(values), groups, "t, clustered", unit)


def cluster_numbers(names: Sequence[str]) -> Floats:
    """Numbers 0..G-1 for cluster names, in order of first appearance."""
    order = {name: i for i, name in enumerate(dict.fromkeys(names))}
    return np.array([order[name] for name in names], dtype=np.float64)


def _critical(confidence_level: float, degrees: int | None) -> float:
    tail = 1 - (1 - confidence_level) / 2
    return float(ndtri(tail) if degrees is None else stdtrit(degrees, tail))
