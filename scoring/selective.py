"""Selective prediction: how wrong is what remains when the least confident answers are withheld.

Sort n answers by confidence, k = 1..n: coverage k/n; selective risk = errors among the k most confident / k;
generalised risk = the same errors / n. Equal confidences, common where a model states its confidence in words, are
broken by the expectation over their random orders, computed exactly (see `risk_levels`). Intervals: percentiles under
resampling of whole clusters. They are too short where errors are few: of 95 % intervals of AURC and AUGRC, 92 and 93 %
hold the truth at an error rate of .18, 80 and 84 % at .02 (n = 200). Without any error there is none.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import xlog1py

from .draws import DrawSettings, estimate_of
from .estimate import Estimate, InsufficientDataError
from .risk_levels import Levels, drawn, levels_of
from .stated import Stated

Floats = NDArray[np.float64]
DEFAULT_DRAWS = DrawSettings()


@dataclass(frozen=True, slots=True)
class RiskCoverage:
    """A risk-coverage curve at k = 1..n; element k-1 is of the k most confident answers.

    Attributes:
        coverage: k/n, in (0, 1]. selective_risk: Expected errors / k. generalised_risk: Expected errors / n.
    """

    coverage: Floats
    selective_risk: Floats
    generalised_risk: Floats


def risk_coverage(data: Stated) -> RiskCoverage:
    """The curve itself, ties in expectation."""
    levels = levels_of(data)
    size, wrong = levels.size[0], levels.wrong[0]
    k = np.arange(1, data.n + 1)
    errors = np.cumsum(np.repeat(wrong / size, size.astype(np.intp)))
    return RiskCoverage(k / data.n, errors / k, errors / data.n)


def aurc(data: Stated) -> float:
    """Area under the selective risk: its mean over k = 1..n, in [0, 1]; lower is better.

    Geifman and El-Yaniv (arXiv:1705.08500, arXiv:1805.08206). The few most confident answers weigh the most in it.
    """
    return float(levels_of(data).aurc()[0])


def optimal_aurc(error_rate: float) -> float:
    """AURC of a perfect ranking, r + (1 - r) ln(1 - r), the limit of many answers; in [0, 1] for r in [0, 1].

    With n answers a perfect ranking lies above it by about r / (2 n).
    """
    return float(error_rate + xlog1py(1 - error_rate, -error_rate)) if error_rate < 1 else 1.0


def e_aurc(data: Stated) -> float:
    """Excess of the AURC over a perfect ranking at the same error rate, at least 0 (arXiv:1805.08206)."""
    return float(_e_aurc(levels_of(data))[0])


def augrc(data: Stated) -> float:
    """Area under the generalised risk, in [0, 1/2 + 1/(2n)]: the average mass of undetected errors; lower is better.

    Traub et al. 2024 (arXiv:2407.01032). Equals (1 - AUROC) a (1 - a) + (1 - a)^2 / 2 + (1 - a) / (2n) with a the
    share right, exactly; the last term vanishes for many answers.
    """
    return float(levels_of(data).augrc()[0])


def selective_risk(data: Stated, *, coverage: float) -> float:
    """Share wrong among the most confident `coverage` of the answers (at least one, rounded up), in [0, 1].

    Raises:
        ValueError: `coverage` is not in (0, 1].
    """
    return float(_selective_risk(coverage)(levels_of(data))[0])


def generalised_risk(data: Stated, *, coverage: float) -> float:
    """Wrong among the most confident `coverage` of the answers as a share of ALL answers, in [0, 1].

    Raises:
        ValueError: `coverage` is not in (0, 1].
    """
    return float(_generalised_risk(coverage)(levels_of(data))[0])


def coverage_at_risk(data: Stated, *, alpha: float) -> float:
    """Largest coverage at which the selective risk is at most `alpha`, in [0, 1].

    A level of ties may be accepted in part: that is a random choice within it. 0 is a value here, not a gap: even the
    most confident answers are wrong too often, and only answering nothing keeps to alpha. A description of these
    data without any guarantee for later ones: see `thresholds.learn_then_test` for that.

    Raises:
        ValueError: `alpha` is not in (0, 1).
    """
    return float(_coverage_at_risk(alpha)(levels_of(data))[0])


def aurc_estimate(data: Stated, *, settings: DrawSettings = DEFAULT_DRAWS) -> Estimate:
    """`aurc` with its interval.

    Raises:
        InsufficientDataError: One cluster only, or answers that are all right or all wrong: no spread to resample.
    """
    return _estimate(data, Levels.aurc, settings)


def e_aurc_estimate(data: Stated, *, settings: DrawSettings = DEFAULT_DRAWS) -> Estimate:
    """`e_aurc` with its interval. Raises InsufficientDataError as `aurc_estimate` does."""
    return _estimate(data, _e_aurc, settings)


def augrc_estimate(data: Stated, *, settings: DrawSettings = DEFAULT_DRAWS) -> Estimate:
    """`augrc` with its interval. Raises InsufficientDataError as `aurc_estimate` does."""
    return _estimate(data, Levels.augrc, settings)


def selective_risk_estimate(data: Stated, *, coverage: float, settings: DrawSettings = DEFAULT_DRAWS) -> Estimate:
    """`selective_risk` with its interval. Raises as `selective_risk` and `aurc_estimate` do.

    Where the accepted answers hold no error the interval is [0, 0] or nearly so and claims too much: claim with
    `thresholds.learn_then_test`.
    """
    return _estimate(data, _selective_risk(coverage), settings)


def generalised_risk_estimate(data: Stated, *, coverage: float, settings: DrawSettings = DEFAULT_DRAWS) -> Estimate:
    """`generalised_risk` with its interval, under the same reserve as `selective_risk_estimate`."""
    return _estimate(data, _generalised_risk(coverage), settings)


def coverage_at_risk_estimate(data: Stated, *, alpha: float, settings: DrawSettings = DEFAULT_DRAWS) -> Estimate:
    """`coverage_at_risk` with its interval. Raises as `coverage_at_risk` and `aurc_estimate` do."""
    return _estimate(data, _coverage_at_risk(alpha), settings)


def selective_estimates(data: Stated, *, alpha: float, settings: DrawSettings = DEFAULT_DRAWS) -> dict[str, Estimate]:
    """aurc, e_aurc, augrc and coverage_at_risk together, of the same draws. Raises as `aurc_estimate` does."""
    statistics = {"aurc": Levels.aurc, "e_aurc": _e_aurc, "augrc": Levels.augrc}
    statistics |= {"coverage_at_risk": _coverage_at_risk(alpha)}
    return dict(zip(statistics, _estimates(data, list(statistics.values()), settings), strict=True))


def _estimate(data: Stated, statistic: Callable[[Levels], Floats], settings: DrawSettings) -> Estimate:
    return _estimates(data, [statistic], settings)[0]


def _estimates(
    data: Stated, statistics: Sequence[Callable[[Levels], Floats]], settings: DrawSettings
) -> list[Estimate]:
    if data.n_clusters < 2:
        raise InsufficientDataError("one cluster alone says nothing of the variance between clusters")
    if data.right.min() == data.right.max():
        every = "right" if data.right[0] else "wrong"
        raise InsufficientDataError(f"all {data.n} answers are {every}: there is no ranking to judge")
    found = drawn(data, statistics, settings)
    estimates = [estimate_of(draws, settings, data.n, data.n_clusters) for draws in found]
    return [replace(estimate, method="cluster bootstrap") for estimate in estimates]


def _e_aurc(levels: Levels) -> Floats:
    rate = np.minimum(levels.error_rate, 1.0)
    best = rate + xlog1py(1 - rate, -np.where(rate < 1, rate, 0.0))
    return np.asarray(levels.aurc() - best)


def _selective_risk(coverage: float) -> Callable[[Levels], Floats]:
    _check_coverage(coverage)

    def statistic(levels: Levels) -> Floats:
        k, errors = levels.errors_at(coverage)
        return errors / k

    return statistic


def _generalised_risk(coverage: float) -> Callable[[Levels], Floats]:
    _check_coverage(coverage)
    return lambda levels: levels.errors_at(coverage)[1] / levels.n


def _coverage_at_risk(alpha: float) -> Callable[[Levels], Floats]:
    if not 0 < alpha < 1:
        raise ValueError(f"the risk alpha lies in (0, 1), not {alpha:g}")
    return lambda levels: levels.coverage_at(alpha)


def _check_coverage(coverage: float) -> None:
    if not 0 < coverage <= 1:
        raise ValueError(f"a coverage lies in (0, 1], not {coverage:g}")
