"""Proportions: against statsmodels, inspect-ai and by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint
from vcpd.scoring.estimate import Estimate, InsufficientDataError
from vcpd.scoring.intervals import (
    clopper_pearson_upper,
    cluster_numbers,
    clustered_mean,
    clustered_proportion,
    clustered_upper,
    effective_size,
)


def proportion(values: list[float], names: list[str]) -> Estimate:
    y = np.array(values, float)
    return clustered_proportion(y, np.ones(len(y)), cluster_numbers(names))


@pytest.mark.parametrize(("k", "n"), [(0, 50), (1, 50), (7, 20), (50, 50), (3, 1000)])
def test_singletons_are_wilsons_interval(k: int, n: int) -> None:
    e = proportion([1.0] * k + [0.0] * (n - k), [str(i) for i in range(n)])
    low, high = proportion_confint(k, n, method="wilson")
    assert (e.value, e.n, e.n_clusters, e.method) == (k / n, n, n, "wilson")
    assert (e.low, e.high) == (pytest.approx(low, abs=1e-12), pytest.approx(high, abs=1e-12))


@pytest.mark.parametrize(("k", "n"), [(0, 59), (2, 100), (10, 10)])
def test_exact_upper_bound(k: int, n: int) -> None:
    _, high = proportion_confint(k, n, alpha=0.10, method="beta")  # one-sided 95 % is two-sided 90 %
    assert clopper_pearson_upper(k, n) == pytest.approx(high if k < n else 1.0, abs=1e-12)


@pytest.mark.parametrize(("p", "n"), [(0.05, 59), (0.02, 149), (0.01, 299), (0.005, 598), (0.001, 2995)])
def test_items_without_error_that_support_a_claim(p: float, n: int) -> None:
    # n items without an error show p, n - 1 do not
    assert clopper_pearson_upper(0, n) <= p < clopper_pearson_upper(0, n - 1)


def test_clusters_equal_inspects_ci_wilson() -> None:
    scorer = pytest.importorskip("inspect_ai.scorer")
    rng = np.random.default_rng(3)
    names = [f"c{i // 4}" for i in range(60)]
    values = [float(rng.random() < (0.2 if i // 4 % 2 else 0.7)) for i in range(60)]
    scores = [
        scorer.SampleScore(score=scorer.Score(value=v), sample_id=i, sample_metadata={"g": g})
        for i, (v, g) in enumerate(zip(values, names, strict=True))
    ]
    theirs = scorer.ci_wilson(cluster="g")(scores)
    e = proportion(values, names)
    assert e.method == "wilson, clustered"
    assert (e.low, e.high) == (pytest.approx(theirs["lower"], abs=1e-9), pytest.approx(theirs["upper"], abs=1e-9))


def test_all_right_is_not_certainty() -> None:
    e = proportion([0.0] * 30, [str(i) for i in range(30)])
    assert e.low == 0
    assert e.high is not None
    assert e.high > 0.1


def test_five_copies_of_ten_items_are_ten_items() -> None:
    values = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0]
    p, n_effective, groups = effective_size(
        np.repeat(values, 5), np.ones(50), cluster_numbers([str(i) for i in range(10) for _ in range(5)])
    )
    # v = G/(G-1) * sum (5 y - 5 p)^2 / 50^2 = 10/9 * 25 * 2.1 / 2500, n = 0.21 / v
    assert (p, n_effective, groups) == (pytest.approx(0.3), pytest.approx(9.0), 10)


def test_ratio_of_sums_not_mean_of_ratios() -> None:
    # 9 of 10 citations good in one answer, 0 of 1 in another: 9/11, not (0.9 + 0) / 2
    e = clustered_proportion(np.array([9.0, 0.0]), np.array([10.0, 1.0]), np.array([0.0, 1.0]))
    assert e.value == pytest.approx(9 / 11)


def test_nothing_to_share_is_undefined() -> None:
    with pytest.raises(InsufficientDataError, match="nothing"):
        clustered_proportion(np.zeros(3), np.zeros(3), np.arange(3.0))


def test_one_cluster_is_not_enough() -> None:
    with pytest.raises(InsufficientDataError, match="one cluster"):
        proportion([1.0, 0.0], ["a", "a"])
    with pytest.raises(InsufficientDataError):
        clustered_mean(np.array([0.1, 0.2]), np.zeros(2))


def test_clustered_mean_by_hand() -> None:
    # clusters of sums of residuals -1 and +1 around the mean 2: v = 2/1 * 2 / 4^2 = 0.25
    e = clustered_mean(np.array([1.0, 2.0, 2.0, 3.0]), np.array([0.0, 0.0, 1.0, 1.0]))
    assert e.value == 2
    assert e.high == pytest.approx(2 + 12.706204736 * 0.5)


@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=2, max_size=40).filter(
        lambda rows: len({g for _, g in rows}) > 1
    )
)
def test_interval_holds_the_share_and_bound_is_above(rows: list[tuple[bool, int]]) -> None:
    y = np.array([float(v) for v, _ in rows])
    clusters = cluster_numbers([str(g) for _, g in rows])
    e = clustered_proportion(y, np.ones(len(y)), clusters)
    bound = clustered_upper(y, np.ones(len(y)), clusters)
    assert e.low is not None
    assert e.high is not None
    assert 0 <= e.low <= e.value <= e.high <= 1
    assert e.value <= bound.value <= 1


def test_few_clusters_widen_the_exact_bound() -> None:
    """A row must not claim p <= .4 where its own interval reaches .9: two clusters know little."""
    y = np.array([1.0] * 10 + [0.0] * 40 + [0.0] * 50)
    clusters = np.repeat([0.0, 1.0], 50)
    bound = clustered_upper(y, np.ones(100), clusters)
    interval = clustered_proportion(y, np.ones(100), clusters)
    assert interval.high is not None
    assert bound.value > 0.8
    assert clustered_upper(y[:50], np.ones(50), np.zeros(50)).value > 0.9  # one cluster is one item


def test_exact_bound_covers_with_few_clusters() -> None:
    """Eight clusters of ten, beta-binomial, p = .1, intra-cluster correlation .25: 95 % within simulation error."""
    rng = np.random.default_rng(7)
    clusters = np.repeat(np.arange(8.0), 10)
    held = 0
    for _ in range(400):
        y = (rng.random((8, 10)) < rng.beta(0.3, 2.7, (8, 1))).astype(float).ravel()
        held += clustered_upper(y, np.ones(80), clusters).value >= 0.1
    assert held / 400 > 0.93
