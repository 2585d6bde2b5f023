"""One joint table of draws behind everything that is printed of a model in a domain.

Element 0 of every array is the plug-in value; elements 1..B are draws. Cluster bootstrap for what is plentiful
(tokens, machine dollars, shares of endings) times Jeffreys posteriors for what is rare (errors among delivered
answers, escalations): the component Monte Carlo. Labelled items are not resampled a second time.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv

from .estimate import Estimate, InsufficientDataError

Floats = NDArray[np.float64]
NORMAL_ABOVE = 2000  # clusters, above which resampled sums are drawn from their joint normal limit
_CHUNK = 2000
_CELLS = 20_000_000  # weights held at once
_KEPT = 5_000_000  # weights kept from one model to the next


@dataclass(frozen=True, slots=True)
class DrawSettings:
    """How many draws, from which seed, at which confidence level.

    Attributes:
        tie_seed: None: the draws describe one model alone. A number, another for each model: they are compared with
            those of other models on the same clusters. Cluster weights are then common to all whatever the number of
            clusters, and rates move with the bootstrap (`rank_uniforms`), not with one another by construction.
    """

    n: int = 10_000
    seed: int = 0
    confidence_level: float = 0.95
    tie_seed: int | None = None

    @property
    def paired(self) -> bool:
        """Whether the draws are for comparing this cell with others of the same samples."""
        return self.tie_seed is not None


def bootstrap_means(values: Floats, clusters: Floats, settings: DrawSettings) -> Floats:
    """Means per unit under resampling of whole clusters; in paired draws the Bayesian bootstrap of clusters
    (doi:10.1214/aos/1176345338), whose weights are exponential and leave no cluster out.

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
    if groups > NORMAL_ABOVE and not settings.paired:  # the normal limit does not share weights between models
        drawn = _normal_sums(sums, rng, settings.n)
    else:
        drawn = _resampled(sums, rng, settings)
    table = np.vstack([sums.sum(0), drawn])
    return np.asarray(table[:, 1:] / table[:, :1])


def cluster_weights(groups: int, n: int, rng: np.random.Generator) -> Floats:
    """How often each cluster is drawn when as many as there are are drawn with replacement: n x groups."""
    picks = rng.integers(groups, size=(n, groups))
    picks += groups * np.arange(n)[:, None]
    return np.bincount(picks.ravel(), minlength=n * groups).reshape(n, groups).astype(np.float64)


def _resampled(sums: Floats, rng: np.random.Generator, settings: DrawSettings) -> Floats:
    groups, n = len(sums), settings.n
    if settings.paired and groups * n <= _KEPT:
        return np.asarray(_common_weights(settings.seed, groups, n) @ sums)
    parts, chunk = [], max(1, min(_CHUNK, _CELLS // groups))
    for start in range(0, n, chunk):
        size = min(chunk, n - start)
        weights = rng.exponential(size=(size, groups)) if settings.paired else cluster_weights(groups, size, rng)
        parts.append(weights @ sums)
    return np.concatenate(parts)


@lru_cache(maxsize=2)
def _common_weights(seed: int, groups: int, n: int) -> Floats:
    """The weights that all models of a comparison share, kept for the next of them."""
    return np.random.default_rng(seed).exponential(size=(n, groups))


def _normal_sums(sums: Floats, rng: np.random.Generator, n: int) -> Floats:
    known = np.isfinite(sums).all(0)
    if not known.all():  # a column of unknown dollars stays unknown; it has no covariance with the others
        drawn = np.full((n, sums.shape[1]), np.nan)
        drawn[:, known] = _normal_sums(sums[:, known], rng, n)
        return drawn
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


def rank_uniforms(events: Floats, of: Floats, rng: np.random.Generator) -> Floats:
    """Uniform numbers in the order of the resampled rates events / of: inverting any law by them keeps that order.

    Models whose `events` come of common weights so keep their dependence, whatever laws their rates follow (an
    empirical copula, the Schaake shuffle: doi:10.1175/1525-7541(2004)005<0243:TSSAMF>2.0.CO;2). Jeffreys' half
    events, of each model alone, stand for what was not seen: models without an error are not tied for certain. With
    independent items events + half of n + 1 is, draw by draw, the Jeffreys posterior itself.

    Args:
        events, of: n resampled counts, 0 <= events <= of.
        rng: The model's own.
    """
    unseen = rng.gamma(0.5, size=(2, len(events)))
    rates = (events + unseen[0]) / (of + unseen.sum(axis=0))
    ranks = np.empty(len(rates))
    ranks[np.argsort(rates)] = np.arange(len(rates))
    return np.asarray((ranks + 0.5) / len(rates))


def rate_order(settings: DrawSettings, *counts: tuple[Floats, Floats]) -> list[Floats]:
    """The uniform numbers that invert the posteriors of rates, one array for each.

    Of one model alone they are the seed's, and rates with the same seed are comonotone. Compared with other models,
    they follow the rates as resampled.

    Args:
        counts: For each rate its resampled events and what they are among; element 0, the plug-in, is left out.
    """
    if settings.tie_seed is None:
        rng = np.random.default_rng(settings.seed + 1)
        return [rng.uniform(size=settings.n) for _ in counts]
    rng = np.random.default_rng([settings.seed, settings.tie_seed])
    return [rank_uniforms(events[1:], of[1:], rng) for events, of in counts]


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
