"""The steady part of a load test, and throughput over its windows.

Tokens are counted when they arrive, so that long answers count in the window in which they were made. The beginning is
cut where MSER says: the cut that makes the standard error of what is left smallest (K. P. White, Simulation 69, 1997).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri, stdtrit

from .estimate import Estimate, InsufficientDataError
from .served_requests import ServedRequest

Floats = NDArray[np.float64]
FEWEST_WINDOWS = 5
MOST_WINDOWS = 20
_BINS = 60


def token_times(requests: Sequence[ServedRequest]) -> tuple[Floats, Floats]:
    """When tokens arrived, and how many: (seconds, tokens), a chunk of n tokens counting n.

    Only of requests that were answered in full and delivered; where the server's count differs from the chunks, each
    chunk carries its share.
    """
    good = [r for r in requests if r.ok and r.delivered and r.chunks]
    times = np.concatenate([np.asarray(r.arrivals, float) for r in good] or [np.zeros(0)])
    weights = np.concatenate([np.full(r.chunks, r.tokens / r.chunks) for r in good] or [np.zeros(0)])
    return times, weights


def mser_cut(values: Sequence[float] | Floats) -> int:
    """How many leading values to drop: the MSER rule over the first half. 0 for fewer than four values."""
    array = np.asarray(values, float)
    half = len(array) // 2
    if half < 2:
        return 0
    errors = np.array([array[d:].var() / (len(array) - d) for d in range(half)])
    rounding = 1e-12 * float(np.mean(array)) ** 2
    return int(np.argmax(errors <= errors.min() + rounding))


def steady_window(requests: Sequence[ServedRequest], warm: float, stopped: float) -> tuple[float, float]:
    """From when on the load was steady until it stopped being offered, seconds.

    Args:
        warm: End of the declared warm-up; the window starts there or later.
        stopped: When the last request was offered; what drains afterwards is left out.

    Raises:
        InsufficientDataError: No time between the two.
    """
    if not stopped > warm:
        raise InsufficientDataError("the load ended within its warm-up: measure for longer")
    times, weights = token_times(requests)
    counts, edges = np.histogram(times, bins=_BINS, range=(warm, stopped), weights=weights)
    return float(edges[mser_cut(counts)]), stopped


def token_rate(
    requests: Sequence[ServedRequest], window: tuple[float, float], confidence_level: float = 0.95
) -> Estimate:
    """Output tokens per second in the steady window: the mean of 5 to 20 windows with a t interval (batch means).

    A window is as long as a mean request where that leaves at least five, so that windows hardly depend on each other.

    Raises:
        InsufficientDataError: Fewer than five good requests, or no time.
    """
    start, end = window
    good = [r for r in requests if r.ok and r.delivered and r.end > start and r.scheduled < end]
    if len(good) < FEWEST_WINDOWS or not end > start:
        raise InsufficientDataError(
            f"{len(good)} requests were answered in the steady window; {FEWEST_WINDOWS} are needed: measure for longer"
        )
    mean_request = float(np.mean([max(r.end - r.sent, 0.0) for r in good]))
    fitting = int((end - start) / mean_request) if mean_request > 0 else MOST_WINDOWS
    windows = min(max(fitting, FEWEST_WINDOWS), MOST_WINDOWS)
    times, weights = token_times(requests)
    counts, _ = np.histogram(times, bins=windows, range=(start, end), weights=weights)
    return rate_estimate(counts * windows / (end - start), confidence_level, len(good))


def rate_estimate(rates: Sequence[float] | Floats, confidence_level: float, n: int) -> Estimate:
    """The mean of at least five rates, from windows or runs, with Student's t interval, cut at 0.

    Raises:
        InsufficientDataError: Fewer than five.
    """
    array = np.asarray(rates, float)
    if len(array) < FEWEST_WINDOWS:
        raise InsufficientDataError(f"an interval of T needs {FEWEST_WINDOWS} windows or runs, not {len(array)}")
    mean = float(array.mean())
    tail = 1 - (1 - confidence_level) / 2
    half = float(stdtrit(len(array) - 1, tail)) * float(array.std(ddof=1)) / len(array) ** 0.5
    low, high = max(mean - half, 0.0), mean + half
    method = f"batch means, {len(array)} windows, t"
    return Estimate(mean, min(low, mean), max(high, mean), confidence_level, n, len(array), method, "tokens/s")


def grows(values: Sequence[float] | Floats, level: float = 0.01) -> bool:
    """Whether a latency rises in the order of its requests: a queue that only grows (Mann-Kendall, one-sided).

    The normal approximation without ties; false for fewer than ten values. The rise must also be at least half of the
    median, so that thousands of requests do not make a trifle of one.
    """
    array = np.asarray(values, float)
    if len(array) > 400:  # quadratic in the number; block means keep a trend
        array = np.array([block.mean() for block in np.array_split(array, 400)])
    n = len(array)
    if n < 10:
        return False
    s = float(np.sign(np.subtract.outer(array, array))[np.tril_indices(n, -1)].sum())
    z = (s - 1) / (n * (n - 1) * (2 * n + 5) / 18) ** 0.5
    fifth = max(n // 5, 1)
    rise = float(np.median(array[-fifth:]) - np.median(array[:fifth]))
    return bool(z > float(ndtri(1 - level)) and rise > 0.5 * float(np.median(array)))
