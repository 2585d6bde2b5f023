"""One joint table of draws behind everything that is printed of a model in a domain.

Element 0 of every array is the plug-in value; elements 1..B are draws. Cluster bootstrap for what is plentiful
(tokens, machine dollars, shares of endings) times Jeffreys posteriors for what is rare (errors among delivered
answers, escalations): the component Monte Carlo. Labelled items are not resampled a second time.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv

from .estimate import Estimate, InsufficientDataError

Floats = NDArray[np.float64]
NORMAL_ABOVE = 2000  # clusters, above which resampled sums are drawn from their joint normal limit
_CHUNK = 2000


@dataclass(frozen=True, slots=True)
class DrawSettings:
    """How many draws, from which seed, at which confidence level."""

    n: int = 10_000
    seed: int = 0
    confidence_level: float = 0.95


def bootstrap_means(values: Floats, clusters: Floats, settings: DrawSettings) -> Floats:
    """Means per unit under resampling of whole clusters.

    Args:
        values: Units x columns. clusters: Cluster number of each unit, 0..G-1.

    Returns:
        (1 + n) x columns; row 0 holds the plain means. Each draw divides the resampled sums by the resampled
        number of units. Above NORMAL_ABOVE clusters the sums come from their joint normal limit.
    """
    groups = int(clusters.max()) + 1
    index = clusters.astype(np.intp)
    columns = np.column_stack([np.ones(len(values)), values])
    sums = np.column_stack([np.bincount(index, column, groups) for column in columns.T]).astype(np.float64)
    rng = np.random.default_rng(settings.seed)
    drawn = _normal_sums(sums, rng, settings.n) if groups > NORMAL_ABOVE else _resampled(sums, rng, settings.n)
    table = np.vstack([sums.sum(0), drawn])
    return np.asarray(table[:, 1:] / table[:, :1])


def cluster_weights(groups: int, n: int, rng: np.random.Generator) -> Floats:
    """How often each cluster is drawn when as many as there are are drawn with replacement: n x groups."""
    picks = rng.integers(groups, size=(n, groups))
    picks += groups * np.arange(n)[:, None]
    return np.bincount(picks.ravel(), minlength=n * groups).reshape(n, groups).astype(np.float64)


def _resampled(sums: Floats, rng: np.random.Generator, n: int) -> Floats:
    sizes = [min(_CHUNK, n - start) for start in range(0, n, _CHUNK)]
    return np.concatenate([cluster_weights(len(sums), size, rng) @ sums for size in sizes])


def _normal_sums(sums: Floats, rng: np.random.Generator, n: int) -> Floats:
    groups = len(sums)
    centred = sums - sums.mean(0)
    # of the covariance's square root, any will do; by eigenvalues, since some sums are multiples of others
    values, vectors = np.linalg.eigh(centred.T @ centred)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    return np.asarray(groups * sums.mean(0) + rng.standard_normal((n, len(values))) @ root.T)


def rate_draws(events: float, n: float, uniforms: Floats) -> Floats:
    """Jeffreys posterior Beta(events + 1/2, n - events + 1/2) of a rate, by inversion of `uniforms`.

    Element 0 is the plug-in events / n. Rates drawn with the same `uniforms` are comonotone, which keeps two
    rates of the same items consistent. Counts may be divided by a design effect beforehand.

    Raises:
        InsufficientDataError: n is 0.
    """
    if n <= 0:
        raise InsufficientDataError("no item to estimate a rate from")
    drawn = betaincinv(events + 0.5, n - events + 0.5, uniforms)
    return np.concatenate([[events / n], drawn])


def estimate_of(draws: Floats, settings: DrawSettings, n: int, n_clusters: int, unit: str = "") -> Estimate:
    """The plug-in value with the quantile interval of its draws.

    At a boundary (no error observed) the plug-in can lie outside its draws: the interval is extended to hold it.
    An interval that reaches infinity is given as none, and so is that of one cluster, which knows no variance.

    Raises:
        InsufficientDataError: The plug-in value itself is not finite.
    """
    value = float(draws[0])
    if not np.isfinite(value):
        raise InsufficientDataError("its denominator is 0")
    tail = (1 - settings.confidence_level) / 2
    known = np.where(np.isnan(draws[1:]), np.inf, draws[1:])
    low, high = np.quantile(known, [tail, 1 - tail], method="inverted_cdf")
    bounded = n_clusters > 1 and bool(np.isfinite(low) and np.isfinite(high))
    return Estimate(
        value,
        min(float(low), value) if bounded else None,
        max(float(high), value) if bounded else None,
        settings.confidence_level,
        n,
        n_clusters,
        "component monte carlo",
        unit,
    )
