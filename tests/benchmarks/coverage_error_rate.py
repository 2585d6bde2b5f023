"""Coverage and width of p's interval over 18 cells: judge x p x labels, beside 500 unlabelled answers.

    python tests/benchmarks/coverage_error_rate.py [--reps 2000] [--draws 1000] [--design random|balanced]

Answers are exchangeable; the judge flags with its sensitivity and 1 - specificity. `random` labels n answers at
random beside 500 others; `balanced` labels half flagged and half unflagged ones of n + 500. Exit status 1 where a cell
leaves 91-98.5 %.
"""

import argparse
import itertools
import sys
from dataclasses import dataclass

import numpy as np
from vcpd.scoring.draws import DrawSettings
from vcpd.scoring.error_rate import post_stratified
from vcpd.scoring.judge_tables import JudgeTable, LabelChoice, Stratum
from vcpd.scoring.judge_value import split_labels

JUDGES = ((0.7, 0.8), (0.9, 0.95))
UNLABELLED = 500
LEAST, MOST = 0.91, 0.985


@dataclass(frozen=True, slots=True)
class Cell:
    sensitivity: float
    specificity: float
    p: float
    labels: int

    @property
    def q(self) -> float:
        return self.p * self.sensitivity + (1 - self.p) * (1 - self.specificity)


@dataclass(frozen=True, slots=True)
class Result:
    coverage: float
    width: float
    too_low: float  # share of runs whose whole interval lies below p: the dangerous side


CELLS = [Cell(*judge, p, n) for judge, p, n in itertools.product(JUDGES, (0.02, 0.1, 0.3), (30, 50, 100))]


def sample(cell: Cell, design: str, rng: np.random.Generator) -> JudgeTable:
    ppv, escape = cell.p * cell.sensitivity / cell.q, cell.p * (1 - cell.sensitivity) / (1 - cell.q)
    total = cell.labels + UNLABELLED
    flagged = int(rng.binomial(total, cell.q))
    if design == "balanced":
        m1, m0 = split_labels(cell.labels, flagged, total - flagged)
    else:
        m1 = int(rng.hypergeometric(flagged, total - flagged, cell.labels))
        m0 = cell.labels - m1
    return JudgeTable(
        Stratum(flagged, m1, int(rng.binomial(m1, ppv))), Stratum(total - flagged, m0, int(rng.binomial(m0, escape)))
    )


def simulate(cell: Cell, reps: int, draws: int, seed: int, design: str = "random") -> Result:
    rng = np.random.default_rng(seed)
    chosen = LabelChoice.BY_VERDICT if design == "balanced" else LabelChoice.RANDOM
    ends = np.empty((reps, 2))
    for i in range(reps):
        settings = DrawSettings(n=draws, seed=int(rng.integers(2**31)))
        estimate = post_stratified(sample(cell, design, rng), chosen=chosen, settings=settings).estimate("p")
        assert estimate.low is not None
        assert estimate.high is not None
        ends[i] = estimate.low, estimate.high
    low, high = ends.T
    covered = (low <= cell.p) & (cell.p <= high)
    return Result(float(covered.mean()), float((high - low).mean()), float((high < cell.p).mean()))


def main() -> int:
    parser = argparse.ArgumentParser(description="Coverage of the post-stratified error rate.")
    parser.add_argument("--reps", type=int, default=2000)
    parser.add_argument("--draws", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--design", choices=("random", "balanced"), default="random")
    args = parser.parse_args()
    print("Se    Sp    p     n    coverage  width  p above")
    results = []
    for i, cell in enumerate(CELLS):
        r = simulate(cell, args.reps, args.draws, args.seed + i, args.design)
        results.append(r)
        print(
            f"{cell.sensitivity:.2f}  {cell.specificity:.2f}  {cell.p:.2f}  {cell.labels:3d}  "
            f"{r.coverage:8.1%}  {r.width:.3f}  {r.too_low:6.1%}",
            flush=True,
        )
    coverage = [r.coverage for r in results]
    print(f"coverage {min(coverage):.1%} to {max(coverage):.1%}, width {min(r.width for r in results):.3f} to", end=" ")
    print(f"{max(r.width for r in results):.3f}; {args.reps} runs of {args.draws} draws, labels {args.design}")
    return 0 if all(LEAST <= c <= MOST for c in coverage) else 1


if __name__ == "__main__":
    sys.exit(main())
