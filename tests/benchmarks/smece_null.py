"""What a perfectly calibrated model shows by chance: mean smECE and mean 10-bin ECE by number of answers.

    python tests/benchmarks/smece_null.py [models]

Confidences from Beta(5, 2), answers right with just that probability. For n = 50, 100, 200, 500: smECE .079, .062,
.049, .036; ECE .121, .087, .062, .040.
"""

import sys

import numpy as np
from vcpd.scoring.calibration import ece, smooth_ece
from vcpd.scoring.stated import stated


def simulate(n: int, models: int, seed: int = 6) -> tuple[float, float, float]:
    """(mean smECE, its standard error, mean ECE) over calibrated models."""
    rng = np.random.default_rng(seed)
    rows = []
    for _ in range(models):
        f = rng.beta(5, 2, n)
        data = stated(f, rng.random(n) < f)
        rows.append((smooth_ece(data), ece(data)))
    values = np.array(rows)
    return float(values[:, 0].mean()), float(values[:, 0].std() / models**0.5), float(values[:, 1].mean())


if __name__ == "__main__":
    print("n      smECE (s.e.)    ECE")
    for n in (50, 100, 200, 500):
        smooth, error, binned = simulate(n, int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
        print(f"{n:<6} {smooth:.4f} ({error:.4f})  {binned:.4f}")
