"""Predicted review time on real reviews: from one half of ExpertQA's seconds the mean of the other half, per domain.

The data set is not part of this repository. VCPD_DATA names the folder that holds it.
"""

import json
import os
from pathlib import Path

import numpy as np
import pytest
from vcpd.scoring.draws import DrawSettings
from vcpd.scoring.review_time import predicted_mean_seconds

FILE = Path(os.environ.get("VCPD_DATA", Path(__file__).resolve().parents[3] / "shared" / "data")) / "expertqa.jsonl"
pytestmark = pytest.mark.skipif(not FILE.exists(), reason=f"needs ExpertQA's reviews; none at {FILE} (set VCPD_DATA)")
DRAWS = DrawSettings(n=2000)


def seconds(domain: str, *, per_claim: bool) -> list[float]:
    found = []
    for row in map(json.loads, FILE.read_text().splitlines()):
        human = row["human"]
        if row["domain"] == domain and human.get("seconds"):
            found.append(human["seconds"] / (max(len(human["claims"]), 1) if per_claim else 1))
    return found


def covers(half: list[float], other: list[float], seed: int = 0) -> bool:
    drawn = predicted_mean_seconds(half, len(other), DrawSettings(n=DRAWS.n, seed=seed))
    low, high = np.quantile(drawn[1:], [0.025, 0.975])
    return bool(low <= float(np.mean(other)) <= high)


@pytest.mark.parametrize("per_claim", [False, True])
@pytest.mark.parametrize("domain", ["legal", "medical", "general"])
def test_one_half_predicts_the_other(domain: str, per_claim: bool) -> None:
    """Every second review, either way round."""
    times = seconds(domain, per_claim=per_claim)
    assert covers(times[::2], times[1::2])
    assert covers(times[1::2], times[::2])


@pytest.mark.parametrize(("domain", "least"), [("legal", 0.9), ("medical", 0.9), ("general", 0.83)])
def test_over_random_halves(domain: str, least: float) -> None:
    """Nominal .95. `general` holds one review of two and a half hours (the log knows no pauses), which is thirteen
    times the mean and falls into one of the halves."""
    times = np.array(seconds(domain, per_claim=False))
    held = 0
    for seed in range(200):
        order = np.random.default_rng(seed).permutation(len(times))
        half = len(times) // 2
        held += covers(list(times[order[:half]]), list(times[order[half:]]), seed)
    print(f"{domain}: {held / 200:.3f} of 200 random halves, {len(times)} reviews")
    assert held / 200 >= least
