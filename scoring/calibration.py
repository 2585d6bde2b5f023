"""Calibration: does 90 % sure mean right nine times in ten.

Proper scores first: `abstention.brier`, then `log_loss`. Then the smooth calibration error (smECE) with what a
calibrated model would show by chance, and the reliability diagram with consistency bars. Every error of calibration
estimated from samples is biased upwards: a perfectly calibrated model shows a smECE near .08 at n = 50 and .04 at
n = 500. Read it beside its null, never alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.fft import idct

from .estimate import Estimate, InsufficientDataError
from .intervals import clustered_mean
from .stated import Stated

Floats = NDArray[np.float64]
GATE_CLUSTERS = 500
RESAMPLES = 1000
_MODES = 512  # cosine modes and grid cells: exact to 1e-6 down to a bandwidth of .004
_HALVINGS = 20
_BLOCK = 2_000


def log_loss(data: Stated, *, clip: float = 0.001, confidence_level: float = 0.95) -> Estimate:
    """Mean -ln of the probability given to what came true, in nats, at least 0; t interval on clusters.

    Args:
        clip: Confidences are first moved into [clip, 1 - clip]. Stated certainties make this choice matter: a wrong
            answer given with confidence 1 costs -ln(clip), 6.9 nats at .001. The method names it.

    Raises:
        InsufficientDataError: Fewer than two clusters, or all losses equal. ValueError: `clip` is not in (0, 1/2).
    """
    if not 0 < clip < 0.5:
        raise ValueError(f"clip lies in (0, 1/2), not {clip:g}")
    f = np.clip(data.confidence, clip, 1 - clip)
    losses = -np.log(np.where(data.right == 1, f, 1 - f))
    e = clustered_mean(losses, data.clusters, confidence_level=confidence_level, unit="nats")
    return replace(e, low=max(0.0, e.low or 0.0), method=f"{e.method}; confidences in [{clip:g}, {1 - clip:g}]")


def smooth_ece(data: Stated) -> float:
    """smECE of Blasiok and Nakkiran 2023 (arXiv:2309.12236), in [0, 1]; 0 is calibrated.

    smECE_s = integral over t in [0, 1] of |(1/n) sum_i (y_i - f_i) K_s(t, f_i)|, K_s the Gaussian of standard
    deviation s reflected at 0 and 1; reported at the one bandwidth with s = smECE_s.
    """
    [parts] = _coefficients(data, data.right[None, :] - data.confidence)
    return float(_fixed_points(parts[None, :])[0])


def null_smooth_ece(data: Stated, *, resamples: int = RESAMPLES, seed: int = 0) -> Floats:
    """smECE of a calibrated model with these confidences: `resamples` values under y ~ Bernoulli(f), in [0, 1].

    Answers are drawn independently of each other, whatever their clusters: with strongly alike answers in a cluster
    the true null lies higher.
    """
    rng, counts = np.random.default_rng(seed), _levels(data)
    total = np.zeros((resamples, _MODES))
    for start in range(0, len(counts[0]), _BLOCK):
        f, size = (part[start : start + _BLOCK] for part in counts)
        total += (rng.binomial(size.astype(np.intp), f, (resamples, len(f))) - size * f) @ _cosines(f)
    return _fixed_points(total / data.n)


def smooth_ece_estimate(
    data: Stated, *, confidence_level: float = 0.95, resamples: int = RESAMPLES, seed: int = 0
) -> Estimate:
    """smECE with, in `method`, the value below which the `confidence_level` of calibrated models stay.

    It has no interval: resampled values are biased upwards even further than the value itself.

    Raises:
        InsufficientDataError: Fewer than two clusters.
    """
    if data.n_clusters < 2:
        raise InsufficientDataError("one cluster alone says nothing of the variance between clusters")
    limit = float(np.quantile(null_smooth_ece(data, resamples=resamples, seed=seed), confidence_level))
    method = f"fixed point; if calibrated, below {limit:.3f} in {confidence_level:.0%}"
    return Estimate(smooth_ece(data), None, None, confidence_level, data.n, data.n_clusters, method)


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """One bin of a reliability diagram.

    Attributes:
        low, high: Its confidences, [low, high), the last bin closed.
        confidence, right: Mean stated confidence and share right, in [0, 1]. n: Answers, at least 1.
        bar_low, bar_high: Consistency bar: where `right` lies in `confidence_level` of calibrated models.
    """

    low: float
    high: float
    n: int
    confidence: float
    right: float
    bar_low: float
    bar_high: float


def reliability_diagram(
    data: Stated, *, bins: int = 10, confidence_level: float = 0.95, resamples: int = RESAMPLES, seed: int = 0
) -> list[ReliabilityBin]:
    """Bins of equal width with consistency bars (Broecker and Smith 2007, doi:10.1175/WAF993.1); empty ones left out.

    The bars resample y ~ Bernoulli(f) at the stated confidences, each answer independently.
    """
    rng = np.random.default_rng(seed)
    tail = (1 - confidence_level) / 2
    rows = []
    for b, members in _bins(data, bins):
        f, size = _levels(Stated(data.confidence[members], data.right[members], data.clusters[members]))
        drawn = rng.binomial(size.astype(np.intp), f, (resamples, len(f))).sum(1) / len(members)
        bar = np.quantile(drawn, [tail, 1 - tail], method="inverted_cdf")
        means = (float(data.confidence[members].mean()), float(data.right[members].mean()))
        rows.append(ReliabilityBin(b / bins, (b + 1) / bins, len(members), *means, float(bar[0]), float(bar[1])))
    return rows


def ece(data: Stated, *, bins: int = 10) -> float:
    """Binned expected calibration error, bins of equal width, in [0, 1].

    For comparison with published numbers only: a calibrated model shows about .12 at n = 50, .04 at n = 500.
    """
    return sum(abs(float((data.right - data.confidence)[members].sum())) for _, members in _bins(data, bins)) / data.n


def ece_gate(data: Stated, *, limit: float, bins: int = 10) -> bool:
    """Whether the ECE is at most `limit`.

    Raises:
        InsufficientDataError: Fewer than GATE_CLUSTERS (500) clusters: below that the bias alone decides.
    """
    if data.n_clusters < GATE_CLUSTERS:
        raise InsufficientDataError(
            f"{data.n_clusters} clusters cannot gate on the ECE, whose bias alone fails calibrated models; "
            f"use at least {GATE_CLUSTERS}, or the Brier score"
        )
    return ece(data, bins=bins) <= limit


def _bins(data: Stated, bins: int) -> Iterator[tuple[int, NDArray[np.intp]]]:
    if bins < 1:
        raise ValueError(f"a diagram has at least one bin, not {bins}")
    edges = np.arange(1, bins) / bins
    which = np.searchsorted(edges, data.confidence, side="right")
    yield from ((b, np.flatnonzero(which == b)) for b in range(bins) if (which == b).any())


def _levels(data: Stated) -> tuple[Floats, Floats]:
    levels, sizes = np.unique(data.confidence, return_counts=True)
    return levels, sizes.astype(np.float64)


def _cosines(f: Floats) -> Floats:
    return np.asarray(np.cos(np.pi * np.outer(f, np.arange(_MODES))))


def _coefficients(data: Stated, residuals: Floats) -> Floats:
    """Rows of residuals to rows of cosine coefficients, the mean of residual * cos(pi k f) for k = 0, 1, ..."""
    blocks = [slice(i, i + _BLOCK) for i in range(0, data.n, _BLOCK)]
    total = np.zeros((len(residuals), _MODES))
    for block in blocks:
        total += residuals[:, block] @ _cosines(data.confidence[block])
    return total / data.n


def _smoothed(coefficients: Floats, bandwidth: Floats) -> Floats:
    """smECE_s of each row at its own bandwidth.

    The Gaussian reflected at both ends is the heat kernel of the interval: it damps the k-th cosine by
    exp(-(pi k s)^2 / 2). The inverse cosine transform then gives the smoothed residual at the middles of the cells.
    """
    k = np.arange(coefficients.shape[1])
    damped = coefficients * np.exp(-((np.pi * k * bandwidth[:, None]) ** 2) / 2)
    return np.asarray(np.abs(idct(damped, axis=1) * 2 * coefficients.shape[1]).mean(1))


def _fixed_points(coefficients: Floats) -> Floats:
    """The s with s = smECE_s, to 1e-6 from below, by halving [0, 1]: smECE_s never grows with s."""
    low, high = np.zeros(len(coefficients)), np.ones(len(coefficients))
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        above = _smoothed(coefficients, middle) > middle
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return low
