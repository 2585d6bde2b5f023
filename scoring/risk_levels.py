"""Errors by level of confidence, and the areas and points of risk-coverage curves that follow from them.

Answers of equal confidence form a level. In a random order of a level of N answers, W of them wrong, the first j hold
j * W / N wrong ones in expectation, and every denominator is a fixed count: so each sum below IS the expectation over
all orders of the ties, without sampling any.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .draws import DrawSettings, cluster_weights
from .stated import Stated

Floats = NDArray[np.float64]
_CELLS = 4_000_000  # cells of the largest array held at a time
_WORK = 40_000_000  # draws times answers
_FEWEST = 1_000
_SLACK = 1e-9  # of a count, for sums of binary fractions


@dataclass(frozen=True, slots=True)
class Levels:
    """Draws x levels, the most confident level first; one row where nothing is drawn.

    Attributes:
        size, wrong: Answers, and wrong ones, of each level; a level may be empty in a draw.
    """

    size: Floats
    wrong: Floats

    @property
    def n(self) -> Floats:
        """Answers of each draw."""
        return np.asarray(self.size.sum(1))

    @property
    def error_rate(self) -> Floats:
        """Share wrong of each draw: the risk at full coverage."""
        return np.asarray(self.wrong.sum(1) / self.n)

    @property
    def _above(self) -> tuple[Floats, Floats]:
        return np.cumsum(self.size, 1) - self.size, np.cumsum(self.wrong, 1) - self.wrong

    @property
    def _rate(self) -> Floats:
        return np.divide(self.wrong, self.size, out=np.zeros_like(self.wrong), where=self.size > 0)

    def aurc(self) -> Floats:
        """Mean over k = 1..n of the risk of the k most confident answers.

        Sum over j = 1..N of (W' + j e) / (N' + j) = e N + (W' - e N') (H(N' + N) - H(N')), with N', W' the answers and
        errors above the level, e = W / N, and H the harmonic numbers.
        """
        size, wrong = self._above
        harmonic = np.concatenate([[0.0], np.cumsum(1 / np.arange(1, self.n.max() + 1))])
        tail = harmonic[(size + self.size).astype(np.intp)] - harmonic[size.astype(np.intp)]
        return np.asarray((self.wrong + (wrong - self._rate * size) * tail).sum(1) / self.n)

    def augrc(self) -> Floats:
        """Mean over k = 1..n of the errors among the k most confident answers, divided by n."""
        _, wrong = self._above
        return np.asarray((wrong * self.size + self.wrong * (self.size + 1) / 2).sum(1) / self.n**2)

    def errors_at(self, coverage: float) -> tuple[Floats, Floats]:
        """(k, expected errors among the k most confident), k the fewest answers with k / n >= coverage."""
        k = np.maximum(np.ceil(coverage * self.n - _SLACK), 1)
        size, wrong = self._above
        level = np.argmax(size + self.size >= k[:, None], 1)
        row = np.arange(len(k))
        return k, wrong[row, level] + (k - size[row, level]) * self._rate[row, level]

    def coverage_at(self, alpha: float) -> Floats:
        """Largest k / n at which the expected risk of the k most confident is at most alpha; 0 where there is none."""
        size, wrong = self._above
        spare, excess = alpha * size - wrong + _SLACK, self._rate - alpha
        within = np.divide(spare, excess, out=np.zeros_like(spare), where=excess > 0)
        whole = wrong + self.wrong <= alpha * (size + self.size) + _SLACK
        part = np.where((spare > 0) & (excess > 0), np.minimum(np.floor(within), self.size), 0)
        taken = np.where(whole, self.size, part)
        return np.asarray(np.where(taken > 0, size + taken, 0).max(1) / self.n)


def levels_of(data: Stated) -> Levels:
    """The data as they are: one row."""
    return Levels(*_Ranking(data).sums(np.ones((1, data.n_clusters))))


def drawn(data: Stated, statistics: Sequence[Callable[[Levels], Floats]], settings: DrawSettings) -> list[Floats]:
    """Each statistic of the data, then of draws under resampling of whole clusters, all of the same draws.

    The weights are those that `draws.bootstrap_means` draws from the same seed. Above _WORK answers times draws there
    are fewer draws than asked for, at least _FEWEST.
    """
    ranking, rng = _Ranking(data), np.random.default_rng(settings.seed)
    n = min(settings.n, max(_FEWEST, _WORK // data.n))
    step = max(1, _CELLS // data.n)
    found = [[statistic(levels_of(data))] for statistic in statistics]
    for start in range(0, n, step):
        levels = Levels(*ranking.sums(cluster_weights(data.n_clusters, min(step, n - start), rng)))
        for values, statistic in zip(found, statistics, strict=True):
            values.append(statistic(levels))
    return [np.concatenate(values) for values in found]


class _Ranking:
    """Answers by falling confidence, sorted once for all draws."""

    def __init__(self, data: Stated) -> None:
        order = np.argsort(-data.confidence, kind="stable")
        ranked = data.confidence[order]
        self._starts = np.flatnonzero(np.concatenate([[True], ranked[1:] != ranked[:-1]]))
        self._clusters = data.clusters[order].astype(np.intp)
        self._wrong = 1 - data.right[order]

    def sums(self, weights: Floats) -> tuple[Floats, Floats]:
        """Answers and wrong answers of each level, for each row of cluster weights."""
        units = weights[:, self._clusters]
        size = np.add.reduceat(units, self._starts, axis=1)
        return size, np.add.reduceat(units * self._wrong, self._starts, axis=1)
