"""Calibration: the definition integrated by force, what chance shows, and scikit-learn on the same input."""

from math import log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, norm
from vcpd.scoring.abstention import brier
from vcpd.scoring.calibration import (
    ece,
    ece_gate,
    log_loss,
    null_smooth_ece,
    reliability_diagram,
    smooth_ece,
    smooth_ece_estimate,
)
from vcpd.scoring.estimate import InsufficientDataError
from vcpd.scoring.records import Outcome, OutcomeBy, Record
from vcpd.scoring.stated import Stated, stated

ROWS = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=30)


def of(rows: list[tuple[float, bool]]) -> Stated:
    return stated([c for c, _ in rows], [r for _, r in rows])


def simulated(n: int, seed: int = 0, power: float = 1.0) -> Stated:
    """Right with probability f ** power: calibrated at 1, overconfident above."""
    rng = np.random.default_rng(seed)
    f = rng.beta(5, 2, n)
    return stated(f, rng.random(n) < f**power)


def integrated(data: Stated, bandwidth: float) -> float:
    """The paper's integral with the reflected Gaussian summed image by image."""
    t = (np.arange(4000) + 0.5) / 4000
    field = np.zeros(len(t))
    for f, y in zip(data.confidence, data.right, strict=True):
        images = [2 * m + sign * f for m in range(-6, 7) for sign in (1, -1)]
        field += (y - f) * sum(norm.pdf(t, image, bandwidth) for image in images)
    return float(np.abs(field / data.n).mean())


@given(ROWS)
@settings(max_examples=15)
def test_smece_is_the_fixed_point_of_its_definition(rows: list[tuple[float, bool]]) -> None:
    data, s = of(rows), smooth_ece(of(rows))
    if s > 0.02:  # below, the sum of narrow images needs a finer grid
        assert integrated(data, s) == pytest.approx(s, abs=1e-4)
    assert 0 <= s <= 1


@pytest.mark.parametrize("n", [1, 40])
def test_one_confidence_for_all_has_its_bias_or_more(n: int) -> None:
    """All residuals at one point have one sign: smoothing keeps their mass, whatever the bandwidth."""
    assert smooth_ece(stated([0.8] * n, [0] * n)) == pytest.approx(0.8, abs=1e-5)
    assert smooth_ece(stated([0.8] * n, [1] * n)) == pytest.approx(0.2, abs=1e-5)


def test_certain_and_right_is_calibrated() -> None:
    assert smooth_ece(stated([1, 1, 0], [1, 1, 0])) == 0
    reversed_ = stated([1, 1, 0], [0, 0, 1])
    assert 1 / 3 < smooth_ece(reversed_) < 1
    assert integrated(reversed_, smooth_ece(reversed_)) == pytest.approx(smooth_ece(reversed_), abs=1e-4)


@given(ROWS)
def test_smece_is_at_least_the_overall_bias(rows: list[tuple[float, bool]]) -> None:
    data = of(rows)
    assert smooth_ece(data) >= abs(float((data.right - data.confidence).mean())) - 2e-6


@pytest.mark.parametrize(("n", "expected"), [(50, 0.077), (100, 0.061), (200, 0.049), (500, 0.037)])
def test_a_calibrated_model_shows_this_by_chance(n: int, expected: float) -> None:
    """Over models, and by the null of single ones."""
    found = [smooth_ece(simulated(n, seed)) for seed in range(150)]
    assert float(np.mean(found)) == pytest.approx(expected, abs=0.005)
    nulls = [null_smooth_ece(simulated(n, seed), resamples=25, seed=seed).mean() for seed in range(10)]
    assert float(np.mean(nulls)) == pytest.approx(expected, abs=0.006)


def test_the_null_tells_calibrated_from_overconfident() -> None:
    above = 0
    for seed in range(60):
        data = simulated(100, seed)
        above += smooth_ece(data) > np.quantile(null_smooth_ece(data, resamples=100, seed=seed), 0.95)
    assert above <= 9  # 5 % of 60 is 3; P(more than 9) = .0004
    bad = simulated(500, power=2)
    assert smooth_ece(bad) > null_smooth_ece(bad, resamples=200).max()


def test_the_null_of_many_levels_is_taken_in_blocks() -> None:
    data = simulated(4500)
    assert len(set(data.confidence)) > 4000
    assert float(null_smooth_ece(data, resamples=20).mean()) == pytest.approx(0.018, abs=0.005)


def test_the_estimate_says_what_chance_shows() -> None:
    e = smooth_ece_estimate(simulated(200), resamples=200)
    assert (e.low, e.high, e.n, e.n_clusters) == (None, None, 200, 200)
    assert e.value == smooth_ece(simulated(200))
    limit = np.quantile(null_smooth_ece(simulated(200), resamples=200), 0.95)
    assert e.method == f"fixed point; if calibrated, below {limit:.3f} in 95%"
    with pytest.raises(InsufficientDataError, match="one cluster"):
        smooth_ece_estimate(stated([0.5, 0.6], [0, 1], cluster_ids=["a", "a"]))


def test_log_loss_by_hand() -> None:
    e = log_loss(stated([0.8, 0.8, 1.0], [1, 0, 0]))
    assert e.value == pytest.approx(-(log(0.8) + log(0.2) + log(0.001)) / 3)
    assert (e.unit, e.method) == ("nats", "t, clustered; confidences in [0.001, 0.999]")
    assert log_loss(stated([0.8, 1.0], [1, 0]), clip=0.01).value == pytest.approx(-(log(0.8) + log(0.01)) / 2)
    with pytest.raises(ValueError, match="clip"):
        log_loss(stated([0.8, 1.0], [1, 0]), clip=0)
    with pytest.raises(InsufficientDataError):
        log_loss(stated([0.8], [1]))


def test_proper_scores_of_scikit_learn() -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    data = simulated(300)
    records = [
        Record("r", "m", "d", f"{i}", f"{i}", 1, 1, Outcome.CORRECT if y else Outcome.INCORRECT, OutcomeBy.KEY,
               confidence=float(f))
        for i, (f, y) in enumerate(zip(data.confidence, data.right, strict=True))
    ]  # fmt: skip
    assert brier(records, 0.95).value == pytest.approx(metrics.brier_score_loss(data.right, data.confidence))
    clipped = np.clip(data.confidence, 0.001, 0.999)
    assert log_loss(data).value == pytest.approx(metrics.log_loss(data.right, clipped))


def test_a_reliability_diagram_by_hand() -> None:
    data = stated([0.05, 0.1, 0.1, 0.95, 1.0], [0, 0, 1, 1, 1])
    low, second, last = reliability_diagram(data)
    assert (low.low, low.high, low.n, low.confidence, low.right) == (0, 0.1, 1, 0.05, 0)
    assert (second.low, second.n, second.right) == (0.1, 2, 0.5)
    assert (last.high, last.n, last.confidence, last.right) == (1, 2, 0.975, 1)


def test_consistency_bars_are_binomial_quantiles() -> None:
    data = stated([0.7] * 100, [1] * 100)
    [row] = reliability_diagram(data, bins=5, resamples=20_000)
    assert (row.bar_low, row.bar_high) == pytest.approx(binom.ppf([0.025, 0.975], 100, 0.7) / 100, abs=0.011)
    assert row.right > row.bar_high


def test_edges_of_bins_belong_to_the_upper_bin() -> None:
    data = stated([i / 10 for i in range(10)], [0] * 10)
    assert [row.n for row in reliability_diagram(data, resamples=10)] == [1] * 10
    with pytest.raises(ValueError, match="at least one bin"):
        reliability_diagram(data, bins=0)


@given(ROWS, st.integers(1, 12))
def test_ece_is_the_gap_of_the_diagram(rows: list[tuple[float, bool]], bins: int) -> None:
    data = of(rows)
    diagram = reliability_diagram(data, bins=bins, resamples=5)
    assert sum(row.n for row in diagram) == data.n
    assert ece(data, bins=bins) == pytest.approx(sum(r.n * abs(r.right - r.confidence) for r in diagram) / data.n)


def test_no_gate_on_the_ece_below_500() -> None:
    with pytest.raises(InsufficientDataError, match="499 clusters"):
        ece_gate(simulated(499), limit=0.1)
    assert ece_gate(simulated(500), limit=0.1)
    assert not ece_gate(simulated(500, power=3), limit=0.1)
    doubled = simulated(250)
    names = [f"c{i}" for i in range(250)] * 2
    copies = stated(np.tile(doubled.confidence, 2), np.tile(doubled.right, 2), cluster_ids=names)
    with pytest.raises(InsufficientDataError, match="250 clusters"):
        ece_gate(copies, limit=0.1)


@pytest.mark.parametrize(("n", "expected"), [(50, 0.122), (500, 0.040)])
def test_the_bias_of_the_ece(n: int, expected: float) -> None:
    assert float(np.mean([ece(simulated(n, s)) for s in range(300)])) == pytest.approx(expected, abs=0.006)
