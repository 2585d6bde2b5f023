"""Risk-coverage curves: by hand, over all orders of ties, against scikit-learn, and under resampling."""

from itertools import pairwise, permutations
from math import log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from vcpd.scoring.draws import DrawSettings, bootstrap_means
from vcpd.scoring.estimate import Estimate, InsufficientDataError
from vcpd.scoring.records import Outcome, OutcomeBy, Record
from vcpd.scoring.risk_levels import Levels, drawn
from vcpd.scoring.selective import (
    augrc,
    augrc_estimate,
    aurc,
    aurc_estimate,
    coverage_at_risk,
    coverage_at_risk_estimate,
    e_aurc,
    e_aurc_estimate,
    generalised_risk,
    generalised_risk_estimate,
    optimal_aurc,
    risk_coverage,
    selective_risk,
    selective_risk_estimate,
)
from vcpd.scoring.stated import Stated, stated, stated_records

FEW = DrawSettings(n=400)
ANSWERS = st.lists(st.tuples(st.sampled_from([0.5, 0.8, 0.9, 0.95, 1.0]), st.booleans()), min_size=1, max_size=6)
MORE = st.lists(st.tuples(st.sampled_from([0.1, 0.5, 0.8, 0.9, 0.95, 1.0]), st.booleans()), min_size=2, max_size=60)


def of(rows: list[tuple[float, bool]]) -> Stated:
    return stated([c for c, _ in rows], [r for _, r in rows])


def curves_of_all_orders(rows: list[tuple[float, bool]]) -> list[np.ndarray]:
    """Errors among the first k, for each order of all rows that keeps confidence falling."""
    orders = [o for o in permutations(rows) if all(a[0] >= b[0] for a, b in pairwise(o))]
    return [np.cumsum([not right for _, right in o]) for o in orders]


def simulated(n: int, seed: int = 0) -> Stated:
    rng = np.random.default_rng(seed)
    f = rng.choice([0.6, 0.7, 0.8, 0.9, 0.95, 0.99], n)
    return stated(f, rng.random(n) < f)


def test_four_answers_by_hand() -> None:
    """Right, wrong, right, wrong by falling confidence."""
    data = stated([0.9, 0.8, 0.7, 0.6], [1, 0, 1, 0])
    curve = risk_coverage(data)
    assert curve.coverage.tolist() == [0.25, 0.5, 0.75, 1]
    assert curve.selective_risk == pytest.approx([0, 1 / 2, 1 / 3, 1 / 2])
    assert curve.generalised_risk == pytest.approx([0, 1 / 4, 1 / 4, 1 / 2])
    assert aurc(data) == pytest.approx((1 / 2 + 1 / 3 + 1 / 2) / 4)
    assert augrc(data) == pytest.approx(1 / 4)
    assert e_aurc(data) == pytest.approx(1 / 3 - (0.5 + 0.5 * log(0.5)))
    assert (selective_risk(data, coverage=0.6), generalised_risk(data, coverage=0.6)) == pytest.approx((1 / 3, 1 / 4))
    assert [coverage_at_risk(data, alpha=a) for a in (0.1, 0.34, 0.5)] == [0.25, 0.75, 1]


@given(ANSWERS)
def test_ties_are_the_mean_over_all_their_orders(rows: list[tuple[float, bool]]) -> None:
    data, k, curves = of(rows), np.arange(1, len(rows) + 1), curves_of_all_orders(rows)
    assert aurc(data) == pytest.approx(np.mean([(c / k).mean() for c in curves]))
    assert augrc(data) == pytest.approx(np.mean([(c / len(rows)).mean() for c in curves]))
    expected = np.mean(curves, axis=0)
    assert risk_coverage(data).selective_risk == pytest.approx(expected / k)
    for j in k:
        assert selective_risk(data, coverage=j / len(rows)) == pytest.approx(expected[j - 1] / j)
        assert generalised_risk(data, coverage=j / len(rows)) == pytest.approx(expected[j - 1] / len(rows))


@given(MORE, st.sampled_from([0.05, 0.1, 0.2, 1 / 3, 0.5]))
def test_coverage_at_risk_is_the_furthest_point_of_the_curve(rows: list[tuple[float, bool]], alpha: float) -> None:
    data = of(rows)
    within = np.flatnonzero(risk_coverage(data).selective_risk <= alpha + 1e-9)
    assert coverage_at_risk(data, alpha=alpha) == pytest.approx((within[-1] + 1) / data.n if len(within) else 0)


@given(MORE)
def test_the_areas_are_means_of_the_curves_in_their_ranges(rows: list[tuple[float, bool]]) -> None:
    data, curve = of(rows), risk_coverage(of(rows))
    assert aurc(data) == pytest.approx(curve.selective_risk.mean())
    assert augrc(data) == pytest.approx(curve.generalised_risk.mean())
    assert -1e-12 <= e_aurc(data) <= aurc(data) <= 1 + 1e-12
    assert augrc(data) <= 0.5 + 0.5 / data.n + 1e-12


@given(MORE)
def test_augrc_is_auroc_and_accuracy(rows: list[tuple[float, bool]]) -> None:
    """(1 - AUROC) a (1 - a) + (1 - a)^2 / 2, with (1 - a) / (2n) for a finite sample; ties count half in AUROC."""
    data, n = of(rows), len(rows)
    up, down = data.confidence[data.right == 1], data.confidence[data.right == 0]
    a = data.right.mean()
    missed = float(((up[:, None] < down) + 0.5 * (up[:, None] == down)).sum()) / n**2  # (1 - AUROC) a (1 - a)
    assert augrc(data) == pytest.approx(missed + (1 - a) ** 2 / 2 + (1 - a) / (2 * n))


def test_augrc_from_the_auroc_of_scikit_learn() -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    data = simulated(4000)
    a, auroc = float(data.right.mean()), metrics.roc_auc_score(data.right, data.confidence)
    assert augrc(data) == pytest.approx((1 - auroc) * a * (1 - a) + (1 - a) ** 2 / 2, abs=2e-4)
    assert augrc(data) == pytest.approx((1 - auroc) * a * (1 - a) + (1 - a) ** 2 / 2 + (1 - a) / 8000, abs=1e-12)


@pytest.mark.parametrize("errors", [0, 1, 300, 999, 1000])
def test_a_perfect_ranking_has_the_optimal_area(errors: int) -> None:
    n = 1000
    data = stated(np.linspace(1, 0, n), np.arange(n) < n - errors)
    assert aurc(data) == pytest.approx(optimal_aurc(errors / n), abs=1 / n)
    assert 0 <= e_aurc(data) <= 1 / n


def test_the_best_ranking_beats_the_worst() -> None:
    right = np.arange(50) < 40
    best, worst = stated(np.linspace(1, 0, 50), right), stated(np.linspace(0, 1, 50), right)
    assert aurc(best) < 0.2 < aurc(worst)
    assert augrc(best) < augrc(worst)


def test_one_confidence_for_all_ranks_nothing() -> None:
    data = stated([0.9] * 8, [1, 1, 0, 1, 0, 0, 1, 1])
    assert aurc(data) == pytest.approx(3 / 8)
    assert (coverage_at_risk(data, alpha=0.3), coverage_at_risk(data, alpha=0.4)) == (0, 1)


def test_estimates_hold_their_values() -> None:
    data = simulated(300)
    pairs: list[tuple[Estimate, float]] = [
        (aurc_estimate(data, settings=FEW), aurc(data)),
        (e_aurc_estimate(data, settings=FEW), e_aurc(data)),
        (augrc_estimate(data, settings=FEW), augrc(data)),
        (selective_risk_estimate(data, coverage=0.5, settings=FEW), selective_risk(data, coverage=0.5)),
        (generalised_risk_estimate(data, coverage=0.5, settings=FEW), generalised_risk(data, coverage=0.5)),
        (coverage_at_risk_estimate(data, alpha=0.1, settings=FEW), coverage_at_risk(data, alpha=0.1)),
    ]
    for e, value in pairs:
        assert e.value == pytest.approx(value)
        assert e.low is not None
        assert e.high is not None
        assert e.low < e.high
        assert (e.n, e.n_clusters, e.method) == (300, 300, "cluster bootstrap")


def test_the_draws_are_those_of_the_other_measures() -> None:
    rng = np.random.default_rng(3)
    groups = [f"g{i}" for i in rng.integers(0, 40, 200)]
    data = stated(rng.random(200), rng.random(200) < 0.7, cluster_ids=groups)
    wanted = bootstrap_means((1 - data.right)[:, None], data.clusters, FEW)[:, 0]
    assert drawn(data, [lambda levels: levels.error_rate], FEW)[0] == pytest.approx(wanted)


def test_a_draw_equals_the_measure_of_the_repeated_answers() -> None:
    levels = Levels(np.array([[2.0, 0.0, 3.0]]), np.array([[1.0, 0.0, 2.0]]))
    copied = stated([0.9, 0.9, 0.5, 0.5, 0.5], [1, 0, 0, 0, 1])
    assert levels.aurc()[0] == pytest.approx(aurc(copied))
    assert levels.augrc()[0] == pytest.approx(augrc(copied))
    assert levels.coverage_at(0.5)[0] == coverage_at_risk(copied, alpha=0.5) == 0.4


def test_copies_of_an_answer_are_no_further_evidence() -> None:
    data = simulated(100)
    names = [f"c{i}" for i in range(100)]
    thrice = stated(np.tile(data.confidence, 3), np.tile(data.right, 3), cluster_ids=names * 3)
    one, three = augrc_estimate(data, settings=FEW), augrc_estimate(thrice, settings=FEW)
    assert one.low is not None
    assert three.low is not None
    assert three.value - three.low == pytest.approx(one.value - one.low, rel=0.1)


def test_the_interval_covers() -> None:
    """Over 150 samples of n = 200 the 95 % interval of AUGRC holds the value of the population."""
    truth, hits = augrc(simulated(400_000, seed=99)), 0
    for seed in range(150):
        e = augrc_estimate(simulated(200, seed), settings=FEW)
        assert e.low is not None
        assert e.high is not None
        hits += e.low <= truth <= e.high
    assert 0.88 <= hits / 150 <= 0.99


@pytest.mark.parametrize("right", [[1] * 9, [0] * 9])
def test_without_both_kinds_there_is_no_interval(right: list[int]) -> None:
    data = stated(np.linspace(0.5, 0.9, 9), right)
    assert aurc(data) == pytest.approx(1 - right[0])
    with pytest.raises(InsufficientDataError, match="all 9 answers"):
        aurc_estimate(data)


def test_one_cluster_has_no_interval() -> None:
    with pytest.raises(InsufficientDataError, match="one cluster"):
        augrc_estimate(stated([0.5, 0.9], [0, 1], cluster_ids=["a", "a"]))


def test_no_answers_is_an_error_and_not_zero() -> None:
    with pytest.raises(InsufficientDataError, match="no attempted sample"):
        stated([], [])


@pytest.mark.parametrize(
    ("confidence", "right", "message"),
    [
        ([0.5, 1.5], [1, 0], r"\[0, 1\], not 1.5 \(row 1"),
        ([float("nan")], [1], "not nan"),
        ([0.5], [2], "not 2"),
        ([0.5, 0.5], [1], "one confidence for each"),
    ],
)
def test_bad_input_is_named(confidence: list[float], right: list[int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        stated(confidence, right)
    with pytest.raises(ValueError, match="one cluster for each"):
        stated([0.5], [1], cluster_ids=["a", "b"])


def test_bad_points_of_the_curve_are_named() -> None:
    data = stated([0.5], [1])
    for coverage in (0, -1, 1.1):
        with pytest.raises(ValueError, match="coverage"):
            selective_risk(data, coverage=coverage)
    with pytest.raises(ValueError, match="alpha"):
        coverage_at_risk(data, alpha=1)


def record(i: int, outcome: Outcome, confidence: float | None) -> Record:
    return Record("r", "m", "d", f"s{i}", f"c{i // 2}", 1, 1, outcome, OutcomeBy.KEY, confidence=confidence)


def test_records_that_attempt_and_state_a_confidence_count() -> None:
    outcomes = [Outcome.CORRECT, Outcome.INCORRECT, Outcome.ABSTAINED, Outcome.INVALID, Outcome.CORRECT]
    data = stated_records([record(i, o, 0.0 if i == 1 else 0.5) for i, o in enumerate(outcomes)])
    assert (data.confidence.tolist(), data.right.tolist()) == ([0.5, 0, 0.5], [1, 0, 1])
    assert data.clusters.tolist() == [0, 0, 1]
    with pytest.raises(InsufficientDataError):
        stated_records([record(0, Outcome.CORRECT, None)])
    with pytest.raises(InsufficientDataError, match="'s0' states the confidence 90"):
        stated_records([record(0, Outcome.CORRECT, 90.0)])
