"""Seconds of a person's review, from a timing log: skewed, so a plain mean's interval is too short.

Times are taken as lognormal: mean exp(mu + s^2 / 2) with its generalised pivotal quantity (Krishnamoorthy and Mathew
2003, doi:10.1016/S0378-3758(02)00153-2). Where the logarithms are not normal (Shapiro and Wilk, at LEAST_NORMAL) the
arithmetic mean takes its place, with a bootstrap-t on the log scale.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from .draws import DrawSettings
from .economics import Economics
from .estimate import InsufficientDataError

Floats = NDArray[np.float64]
FEWEST = 40
"""Reviews below which a log does not tell its mean."""

FEWEST_TO_PREDICT = 8
"""Reviews below which not even a plan is made of them."""

LEAST_NORMAL = 0.01
_SHAPIRO_MOST = 5000  # above, the test's p-value is not reliable, and any data would fail it


def mean_seconds(times: Sequence[float], settings: DrawSettings) -> Floats:
    """Mean seconds: the plug-in value followed by its draws.

    Args:
        times: Seconds of single reviews (or seconds per claim of each), above 0, pauses taken out by one rule.

    Raises:
        InsufficientDataError: Fewer than FEWEST reviews, or a time of 0 or less.
    """
    values = _checked(times, FEWEST)
    rng = np.random.default_rng(settings.seed + 4)
    return _lognormal(np.log(values), rng, settings.n) if is_lognormal(times) else _bootstrap_t(values, rng, settings.n)


def predicted_mean_seconds(times: Sequence[float], reviews: int, settings: DrawSettings) -> Floats:
    """Mean seconds of so many reviews to come: the plug-in value followed by its draws.

    Wider than the interval of `mean_seconds`, which is of the mean of all reviews there could be: the reviews to come
    are a sample too. A plan, so fewer reviews will do.

    Args:
        times: As of `mean_seconds`. reviews: How many are to come, at least 1.

    Raises:
        InsufficientDataError: Fewer than FEWEST_TO_PREDICT reviews, a time of 0 or less, or none to come.
    """
    values = _checked(times, FEWEST_TO_PREDICT)
    if reviews < 1:
        raise InsufficientDataError("no review is to come")
    rng = np.random.default_rng(settings.seed + 6)
    parts = _parts(settings.n, reviews)
    if not is_lognormal(times):
        means = _bootstrap_t(values, rng, settings.n)
        again = np.concatenate([rng.choice(values, (part, reviews)).mean(1) for part in parts]) / values.mean()
        return np.concatenate([means[:1], means[1:] * again])
    logs = np.log(values)
    centre, spread = _pivots(logs, rng, settings.n)
    ends = np.cumsum([0, *parts])
    drawn = [
        np.exp(centre[a:b, None] + np.sqrt(spread[a:b, None]) * rng.standard_normal((b - a, reviews))).mean(1)
        for a, b in pairwise(ends)
    ]
    return np.concatenate([[np.exp(logs.mean() + logs.var(ddof=1) / 2)], *drawn])


def _checked(times: Sequence[float], fewest: int) -> Floats:
    values = np.array(times, np.float64)
    if len(values) < fewest:
        raise InsufficientDataError(f"{len(values)} reviews were timed: their mean needs {fewest}")
    if not (np.isfinite(values) & (values > 0)).all():
        raise InsufficientDataError("a review takes a time above 0 seconds")
    return values


def seconds_per_claim(economics: Economics, settings: DrawSettings) -> Floats:
    """Of a measured log where it is long enough, else as declared and certain; the plug-in value and its draws."""
    if len(economics.review_log) >= FEWEST:
        return mean_seconds(economics.review_log, settings)
    return np.full(settings.n + 1, economics.review_seconds_per_claim)


def is_lognormal(times: Sequence[float]) -> bool:
    """Whether the logarithms pass for normal; equal times do (they have no spread to misjudge)."""
    from scipy.stats import shapiro

    logs = np.log(np.array(times, np.float64))[:_SHAPIRO_MOST]
    return bool(np.ptp(logs) == 0 or shapiro(logs).pvalue >= LEAST_NORMAL)


def _lognormal(logs: Floats, rng: np.random.Generator, n: int) -> Floats:
    centre, spread = _pivots(logs, rng, n)
    return np.concatenate([[np.exp(logs.mean() + logs.var(ddof=1) / 2)], np.exp(centre + spread / 2)])


def _pivots(logs: Floats, rng: np.random.Generator, n: int) -> tuple[Floats, Floats]:
    """Draws of the mean and of the variance of the logarithms: their generalised pivotal quantities."""
    k = len(logs)
    spread = float(logs.var(ddof=1)) * (k - 1) / rng.chisquare(k - 1, n)
    return float(logs.mean()) + rng.standard_normal(n) * np.sqrt(spread / k), spread


def _bootstrap_t(values: Floats, rng: np.random.Generator, n: int) -> Floats:
    """Draws whose quantiles are the ends of the bootstrap-t interval of the log of the mean."""
    mean = float(values.mean())
    error = float(values.std(ddof=1)) / mean / np.sqrt(len(values))
    again = np.concatenate([rng.choice(values, (part, len(values))) for part in _parts(n, len(values))])
    means = again.mean(1)
    errors = again.std(1, ddof=1) / means / np.sqrt(len(values))
    t = np.divide(np.log(means / mean), errors, out=np.zeros_like(means), where=errors > 0)
    return np.concatenate([[mean], mean * np.exp(-t * error)])


def _parts(n: int, width: int) -> list[int]:
    """`n` in steps of at most two million numbers of that width."""
    step = max(1, 2_000_000 // width)
    return [min(step, n - start) for start in range(0, n, step)]
