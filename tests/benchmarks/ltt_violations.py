"""How often a certified threshold breaks its promise: Learn-then-Test beside choosing by the observed risk.

    python tests/benchmarks/ltt_violations.py [calibrations]

alpha = .05, delta = .1, base risk about .124, 60 thresholds at coverages .1 to 1. A calibration violates when the true
risk among the accepted exceeds alpha. Over 2000 calibrations (s.e. up to 1.1 points), n = 100, 200, 500, 1000: the
observed-risk rule violates in 56, 47, 46, 41 %; Learn-then-Test in 0.4, 4.3, 4.5, 4.8 %, never more than delta, at
coverages .004, .35, .51, .62 of an attainable .80.
"""

import sys

import numpy as np
from vcpd.scoring.estimate import InsufficientDataError
from vcpd.scoring.stated import Stated, stated
from vcpd.scoring.thresholds import learn_then_test, threshold_grid

ALPHA, DELTA, POPULATION = 0.05, 0.1, 400_000
COVERAGES = tuple(np.linspace(0.1, 1, 60).tolist())
Sizes = tuple[int, ...]


def population(rng: np.random.Generator) -> Stated:
    """Scores from Beta(2.2, 1); right with probability logistic(7 score - 2)."""
    score = rng.beta(2.2, 1, POPULATION)
    return stated(score, rng.random(POPULATION) < 1 / (1 + np.exp(2 - 7 * score)))


def by_observed_risk(data: Stated, thresholds: tuple[float, ...]) -> float | None:
    """The loosest threshold whose observed risk is at most alpha: the habit that gives no guarantee."""
    for t in reversed(thresholds):
        taken = data.confidence >= t
        if taken.any() and float((1 - data.right[taken]).mean()) <= ALPHA:
            return t
    return None


def certified(data: Stated, thresholds: tuple[float, ...]) -> float | None:
    """The threshold of Learn-then-Test, None where none is certified."""
    try:
        return learn_then_test(data, thresholds, alpha=ALPHA, delta=DELTA).threshold
    except InsufficientDataError:
        return None


def simulate(sizes: Sizes, calibrations: int, seed: int = 7) -> dict[int, tuple[float, float, float, float]]:
    """By n: (violations of the observed-risk rule, its coverage, violations of Learn-then-Test, its coverage)."""
    rng = np.random.default_rng(seed)
    everything = population(rng)
    wide = threshold_grid(everything.confidence, n_labelled=10**6, alpha=ALPHA, delta=DELTA, coverages=COVERAGES)
    truth: dict[float | None, tuple[float, float]] = {None: (0.0, 0.0)}
    for t in wide:
        taken = everything.confidence >= t
        truth[t] = (float((1 - everything.right[taken]).mean()), float(taken.mean()))
    found = {}
    for n in sizes:
        grid = threshold_grid(everything.confidence, n_labelled=n, alpha=ALPHA, delta=DELTA, coverages=COVERAGES)
        rows = []
        for _ in range(calibrations):
            i = rng.integers(0, POPULATION, n)
            data = stated(everything.confidence[i], everything.right[i])
            naive, sure = truth[by_observed_risk(data, wide)], truth[certified(data, grid)]
            rows.append((naive[0] > ALPHA, naive[1], sure[0] > ALPHA, sure[1]))
        means = np.array(rows, float).mean(0)
        found[n] = (float(means[0]), float(means[1]), float(means[2]), float(means[3]))
    return found


if __name__ == "__main__":
    print("n      observed risk: violations, coverage    learn-then-test: violations, coverage")
    for n, row in simulate((100, 200, 500, 1000), int(sys.argv[1]) if len(sys.argv) > 1 else 2000).items():
        print(f"{n:<6} {row[0]:.3f}  {row[1]:.3f}    {row[2]:.3f}  {row[3]:.3f}")
