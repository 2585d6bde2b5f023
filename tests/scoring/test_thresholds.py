"""Thresholds with a guarantee: tables by hand, and how often the promise is broken."""

import importlib.util
from math import log
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest
from vcpd.scoring.estimate import InsufficientDataError
from vcpd.scoring.stated import Stated, stated
from vcpd.scoring.thresholds import (
    binomial_p_value,
    conformal_risk_control,
    fewest_accepted,
    learn_then_test,
    least_abstention,
    threshold_grid,
)

LEVELS = st.sampled_from([0.01, 0.05, 0.1, 0.2])


def graded(right_high: int, wrong_high: int, right_low: int, wrong_low: int) -> Stated:
    """Answers at confidence .9 and .5."""
    high, low = right_high + wrong_high, right_low + wrong_low
    right = [1] * right_high + [0] * wrong_high + [1] * right_low + [0] * wrong_low
    return stated([0.9] * high + [0.5] * low, right)


@pytest.mark.parametrize(
    ("alpha", "delta", "n"), [(0.05, 0.1, 45), (0.05, 0.05, 59), (0.01, 0.05, 299), (0.5, 0.25, 2)]
)
def test_fewest_accepted(alpha: float, delta: float, n: int) -> None:
    assert fewest_accepted(alpha=alpha, delta=delta) == n
    assert n >= log(delta) / log(1 - alpha) - 1e-9
    assert binomial_p_value(0, n, alpha=alpha) <= delta + 1e-12
    assert binomial_p_value(0, n - 1, alpha=alpha) > delta


def test_least_abstention() -> None:
    assert least_abstention(base_risk=0.124, alpha=0.05) == pytest.approx(0.0779, abs=1e-4)
    assert least_abstention(base_risk=0.04, alpha=0.05) == 0
    with pytest.raises(ValueError, match="risk"):
        least_abstention(base_risk=1.2, alpha=0.05)


@given(st.integers(1, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), LEVELS)
def test_p_values_are_those_of_scipy(counts: tuple[int, int], alpha: float) -> None:
    errors, n = counts
    assert binomial_p_value(errors, n, alpha=alpha) == pytest.approx(binomtest(errors, n, alpha, "less").pvalue)


def test_p_values_without_answers_and_with_nonsense() -> None:
    assert binomial_p_value(0, 0, alpha=0.1) == 1
    for errors, n in ((-1, 5), (6, 5)):
        with pytest.raises(ValueError, match="errors <= accepted"):
            binomial_p_value(errors, n, alpha=0.1)
    with pytest.raises(ValueError, match="alpha"):
        binomial_p_value(0, 5, alpha=0)


def test_the_loosest_certified_threshold() -> None:
    """0 of 60 and 1 of 100 give p = .046 and .037 at alpha = .05; 21 of 120 fails."""
    data = stated([0.9] * 60 + [0.7] * 40 + [0.3] * 20, [1] * 99 + [0] + [0] * 20)
    found = learn_then_test(data, [0.8, 0.6, 0.0], alpha=0.05, delta=0.1)
    assert (found.threshold, found.accepted, found.errors, found.n, found.tested) == (0.6, 100, 1, 120, 3)
    assert found.coverage == pytest.approx(100 / 120)
    assert found.guarantee == "P(wrong | accepted) <= 0.05 with probability 0.9"


def test_the_sequence_stops_at_its_first_failure() -> None:
    """A later threshold that would pass by itself is not reached: nothing may be skipped."""
    data = graded(30, 3, 400, 0)
    assert binomial_p_value(3, 433, alpha=0.05) < 0.1
    with pytest.raises(InsufficientDataError, match="3 wrong of 33 accepted by the strictest"):
        learn_then_test(data, [0.8, 0.2], alpha=0.05, delta=0.1)
    assert learn_then_test(data, [0.2], alpha=0.05, delta=0.1).accepted == 433


def test_nothing_is_certified_from_too_few_right_answers() -> None:
    with pytest.raises(InsufficientDataError, match=r"p = 0\.105"):
        learn_then_test(graded(44, 0, 0, 0), [0.5], alpha=0.05, delta=0.1)
    assert learn_then_test(graded(45, 0, 0, 0), [0.5], alpha=0.05, delta=0.1).accepted == 45


def test_conformal_risk_control_by_hand() -> None:
    """n = 99: (errors + 1) / 100 at most alpha."""
    data = graded(40, 4, 45, 10)
    assert conformal_risk_control(data, [0.8, 0.2], alpha=0.05).accepted == 44
    assert conformal_risk_control(data, [0.8, 0.2], alpha=0.15).accepted == 99
    assert "in expectation" in conformal_risk_control(data, [0.8], alpha=0.05).guarantee
    with pytest.raises(InsufficientDataError, match=r"bound the risk at 0\.05"):
        conformal_risk_control(data, [0.8, 0.2], alpha=0.049)


def test_labels_that_share_clusters_are_refused() -> None:
    data = stated([0.9, 0.9], [1, 1], cluster_ids=["a", "a"])
    for call in (lambda: learn_then_test(data, [0.5], alpha=0.1, delta=0.1),
                 lambda: conformal_risk_control(data, [0.5], alpha=0.6)):  # fmt: skip
        with pytest.raises(InsufficientDataError, match="one label a cluster"):
            call()


@pytest.mark.parametrize("thresholds", [[], [0.5, 0.5], [0.2, 0.8]])
def test_thresholds_must_fall(thresholds: list[float]) -> None:
    with pytest.raises(ValueError, match="strict to loose"):
        learn_then_test(graded(50, 0, 0, 0), thresholds, alpha=0.1, delta=0.1)


def test_the_grid_starts_where_twice_the_fewest_are_accepted() -> None:
    scores = np.linspace(0, 1, 1001)
    grid = threshold_grid(scores, n_labelled=200, alpha=0.05, delta=0.1, coverages=(0.2, 0.4, 0.5, 0.9, 1))
    assert grid == pytest.approx((0.5, 0.1, 0.0), abs=0.002)  # .45 of 200 is twice 45
    assert threshold_grid(scores, n_labelled=60, alpha=0.05, delta=0.1) == (0.0,)
    with pytest.raises(InsufficientDataError, match="label 45 or more"):
        threshold_grid(scores, n_labelled=44, alpha=0.05, delta=0.1)


def test_tied_scores_share_a_threshold() -> None:
    grid = threshold_grid([0.9] * 70 + [0.5] * 30, n_labelled=500, alpha=0.05, delta=0.1)
    assert grid == (0.9, 0.5, 0.0)


def test_a_bad_grid_is_named() -> None:
    with pytest.raises(InsufficientDataError, match="need scores"):
        threshold_grid([], n_labelled=100, alpha=0.05, delta=0.1)
    with pytest.raises(ValueError, match="score"):
        threshold_grid([float("nan")], n_labelled=100, alpha=0.05, delta=0.1)
    with pytest.raises(ValueError, match="coverages"):
        threshold_grid([0.5], n_labelled=100, alpha=0.05, delta=0.1, coverages=[0])


def test_conformal_risk_control_holds_on_average() -> None:
    rng, total = np.random.default_rng(5), 0.0
    score = rng.random(20_000)
    wrong = rng.random(20_000) > score
    for _ in range(300):
        i = rng.integers(0, 20_000, 150)
        found = conformal_risk_control(stated(score[i], ~wrong[i]), np.linspace(1, 0, 101).tolist(), alpha=0.1)
        total += float((wrong & (score >= found.threshold)).mean())
    assert 0.085 <= total / 300 <= 0.1 + 0.005  # s.e. .0015


def violations() -> ModuleType:
    path = Path(__file__).resolve().parents[1] / "benchmarks" / "ltt_violations.py"
    spec = importlib.util.spec_from_file_location("ltt_violations", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_promise_is_kept_where_the_observed_risk_breaks_it() -> None:
    """Few calibrations here; tests/benchmarks/ltt_violations.py runs many."""
    naive, _, sure, coverage = violations().simulate((200,), 300)[200]
    assert naive > 0.35
    assert sure <= 0.1
    assert coverage == pytest.approx(0.36, abs=0.08)
