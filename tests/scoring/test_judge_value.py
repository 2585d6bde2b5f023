"""What a judge is worth: the published table, limits, and correlation within clusters by hand and by simulation."""

from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from vcpd.scoring.estimate import InsufficientDataError
from vcpd.scoring.judge_value import (
    design_effect,
    error_icc,
    intra_cluster_correlation,
    label_value,
    labelled_share,
    mean_cluster_size,
    rho_squared,
    split_labels,
)

SHARES = st.floats(0.01, 0.99)


@pytest.mark.parametrize(
    ("sensitivity", "specificity", "factors"),
    [
        (0.7, 0.8, (1.03, 1.14, 1.30)),
        (0.8, 0.9, (1.11, 1.45, 1.93)),
        (0.9, 0.95, (1.29, 2.26, 3.52)),
        (0.95, 0.98, (1.84, 4.48, 7.49)),
    ],
)
def test_what_a_label_beside_a_judge_is_worth(
    sensitivity: float, specificity: float, factors: tuple[float, ...]
) -> None:
    found = [label_value(rho_squared(p, sensitivity, specificity)) for p in (0.02, 0.1, 0.3)]
    assert [round(f, 2) for f in found] == list(factors)


def test_rho_squared_is_the_squared_correlation() -> None:
    # 100 answers: 8 wrong & flagged, 2 wrong & not, 9 right & flagged, 81 right & not
    y = np.repeat([1, 1, 0, 0], [8, 2, 9, 81])
    j = np.repeat([1, 0, 1, 0], [8, 2, 9, 81])
    assert rho_squared(0.1, 0.8, 0.9) == pytest.approx(np.corrcoef(y, j)[0, 1] ** 2)


@given(SHARES, SHARES, SHARES)
def test_rho_squared_does_not_care_which_verdict_is_called_wrong(p: float, se: float, sp: float) -> None:
    rho2 = rho_squared(p, se, sp)
    assert 0 <= rho2 <= 1
    assert rho2 == pytest.approx(rho_squared(p, 1 - se, 1 - sp), abs=1e-12)
    assert rho2 == pytest.approx(rho_squared(1 - p, sp, se), abs=1e-12)


def test_a_judge_that_tells_nothing_is_worth_nothing() -> None:
    assert label_value(rho_squared(0.2, 0.3, 0.7)) == pytest.approx(1.0)


def test_labels_of_everything_gain_nothing_from_a_judge() -> None:
    assert label_value(0.8, labelled_share=1.0) == 1.0
    assert label_value(0.8) == pytest.approx(5.0)
    assert 1.0 < label_value(0.8, labelled_share=0.5) < 5.0


@pytest.mark.parametrize(("p", "se", "sp"), [(0, 0.9, 0.9), (1, 0.9, 0.9), (0.1, 0, 1), (0.1, 1, 0)])
def test_rho_of_a_constant_is_undefined(p: float, se: float, sp: float) -> None:
    with pytest.raises(InsufficientDataError, match="undefined"):
        rho_squared(p, se, sp)


def test_a_perfect_judge_has_no_finite_factor() -> None:
    assert rho_squared(0.1, 1, 1) == pytest.approx(1)
    with pytest.raises(InsufficientDataError, match="infinite"):
        label_value(1.0)


def test_shares_outside_their_range_are_mistakes() -> None:
    for call in (lambda: rho_squared(0.1, 1.2, 0.9), lambda: label_value(-0.1), lambda: design_effect(0.5, 0.1)):
        with pytest.raises(ValueError, match="not"):
            call()


@pytest.mark.parametrize(
    ("labels", "flagged", "unflagged", "split"),
    [(100, 300, 300, (50, 50)), (101, 300, 300, (50, 51)), (100, 20, 400, (20, 80)), (100, 400, 10, (90, 10))],
)
def test_labels_go_half_and_half(labels: int, flagged: int, unflagged: int, split: tuple[int, int]) -> None:
    assert split_labels(labels, flagged, unflagged) == split


def test_labels_that_cannot_be_spent() -> None:
    for labels, flagged, unflagged in ((1, 10, 10), (30, 10, 10)):
        with pytest.raises(InsufficientDataError, match="cannot be spent"):
            split_labels(labels, flagged, unflagged)


@pytest.mark.parametrize("p", [0.02, 0.1, 0.3])
@pytest.mark.parametrize(("se", "sp"), [(0.7, 0.8), (0.9, 0.95)])
def test_half_and_half_is_near_the_optimal_split(p: float, se: float, sp: float) -> None:
    q = p * se + (1 - p) * (1 - sp)
    t1, t0 = p * se / q, p * (1 - se) / (1 - q)
    spread1, spread0 = q * sqrt(t1 * (1 - t1)), (1 - q) * sqrt(t0 * (1 - t0))

    def variance(on_flagged: float) -> float:
        return spread1**2 / on_flagged + spread0**2 / (1 - on_flagged)

    best = spread1 / (spread1 + spread0)
    assert 0.40 < best < 0.44
    assert sqrt(variance(0.5) / variance(best)) < 1.02


def test_budget_between_labels_and_verdicts() -> None:
    # rho^2 = 1/2, a label 100 times the price of a verdict: one label to ten verdicts
    assert labelled_share(0.5, 1.0, 0.01) == pytest.approx(0.1)
    assert labelled_share(0.0, 1.0, 0.01) == 1.0
    with pytest.raises(InsufficientDataError):
        labelled_share(1.0, 1.0, 0.01)


def test_labelled_share_minimises_the_variance_of_a_budget() -> None:
    rho2, label, verdict = 0.6, 2.0, 0.05
    shares = np.linspace(0.001, 1, 20_000)
    judged = 1 / (verdict + shares * label)  # answers judged per dollar
    variance = (1 - rho2) / (shares * judged) + rho2 / judged
    assert labelled_share(rho2, label, verdict) == pytest.approx(shares[variance.argmin()], abs=1e-3)


def test_correlation_within_clusters_by_hand() -> None:
    # pairs (1,1), (0,0), (1,0), mean 1/2: MSB = 2 (1/4 + 1/4 + 0) / 2 = 1/2, MSW = (0 + 0 + 1/2) / 3 = 1/6
    icc = intra_cluster_correlation(np.array([1.0, 1, 0, 0, 1, 0]), np.array([0.0, 0, 1, 1, 2, 2]))
    assert icc == pytest.approx((1 / 2 - 1 / 6) / (1 / 2 + 1 / 6))


def test_correlation_within_clusters_ends() -> None:
    clusters = np.repeat(np.arange(4.0), 3)
    assert intra_cluster_correlation(np.repeat([1.0, 0, 0, 1], 3), clusters) == 1
    assert intra_cluster_correlation(np.tile([1.0, 0, 0], 4), clusters) == 0


def test_correlation_within_clusters_is_found_again() -> None:
    rng = np.random.default_rng(5)
    sizes = rng.integers(1, 8, 3000)
    k = (1 - 0.3) / 0.3
    clusters = np.repeat(np.arange(3000.0), sizes)
    flags = (rng.random(len(clusters)) < np.repeat(rng.beta(0.2 * k, 0.8 * k, 3000), sizes)).astype(float)
    assert intra_cluster_correlation(flags, clusters) == pytest.approx(0.3, abs=0.03)


@pytest.mark.parametrize(
    ("values", "clusters"), [([1.0, 0.0], [0.0, 0.0]), ([1.0, 0.0], [0.0, 1.0]), ([1.0] * 4, [0.0, 0.0, 1.0, 1.0])]
)
def test_correlation_that_cannot_be_seen(values: list[float], clusters: list[float]) -> None:
    with pytest.raises(InsufficientDataError):
        intra_cluster_correlation(np.array(values), np.array(clusters))


def test_noise_of_the_judge_hides_correlation_of_errors() -> None:
    assert error_icc(0.1, 0.5) == pytest.approx(0.2)
    assert error_icc(0.1, 0.01) == pytest.approx(0.1 / 0.15)  # not 10
    assert error_icc(0.5, 0.2) == 0.9
    assert error_icc(0.95, 1.0) == 0.95


def test_design_effect_of_average_cluster() -> None:
    # clusters of 1 and 3: the cluster of an average answer has (1 + 9) / 4 = 2.5
    size = mean_cluster_size(np.array([0.0, 1, 1, 1]))
    assert size == 2.5
    assert design_effect(size, 0.4) == pytest.approx(1.6)
    assert design_effect(1.0, 0.4) == 1
    with pytest.raises(InsufficientDataError):
        mean_cluster_size(np.array([]))
