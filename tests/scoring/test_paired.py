"""Tango's test on paired shares, and on what a ratio with different denominators amounts to."""

from math import log, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, stats
from vcpd.scoring.estimate import InsufficientDataError
from vcpd.scoring.paired import Arms, PairedTable, mcnemar_mid_p, paired_table


def arms(n: int, worse: int, better: int, both: int = 0, *, size: int = 1) -> Arms:
    old, new, one = np.zeros(n), np.zeros(n), np.ones(n)
    new[:worse] = old[worse : worse + better] = 1
    old[n - both :] = new[n - both :] = 1 if both else 0
    return Arms(old, one, new, one, np.arange(n) // size * 1.0)


def score_by_optimisation(worse: int, better: int, n: int, loss: float) -> float:
    """The score statistic from the constrained maximum of the likelihood, found numerically."""

    def minus_likelihood(q: float) -> float:  # q: share of `better`; `worse` has q + loss
        parts = ((worse, q + loss), (better, q), (n - worse - better, 1 - 2 * q - loss))
        return -sum(k * log(p) for k, p in parts if k)

    low, high = max(0.0, -loss) + 1e-12, (1 - loss) / 2 - 1e-12
    q = optimize.minimize_scalar(minus_likelihood, bounds=(low, high), method="bounded", options={"xatol": 1e-12}).x
    return (worse - better - n * loss) / sqrt(n * (2 * q + loss - loss**2))


@pytest.mark.parametrize(("worse", "better", "n"), [(7, 3, 100), (1, 9, 200), (12, 12, 60), (5, 1, 40)])
@pytest.mark.parametrize("loss", [0.03, 0.1, -0.02])
def test_the_score_is_that_of_the_constrained_likelihood(worse: int, better: int, n: int, loss: float) -> None:
    table = paired_table(arms(n, worse, better))
    assert table.z(loss) == pytest.approx(score_by_optimisation(worse, better, n, loss), abs=2e-4)


def test_without_a_difference_the_bound_is_that_of_an_empty_table() -> None:
    """z^2 / (n + z^2): 87 items cannot show a margin of .03, 88 can."""
    z2 = float(stats.norm.ppf(0.95)) ** 2
    for n in (50, 87, 88):
        table = paired_table(arms(n, 0, 0))
        assert table.upper() == pytest.approx(z2 / (n + z2))
        assert (table.p_inferior(0.03) <= 0.05) is (n >= 88)
    assert paired_table(arms(50, 0, 0)).p_no_loss == 0.5


def test_without_a_margin_the_score_is_mcnemars() -> None:
    assert paired_table(arms(100, 9, 3)).z(0.0) == pytest.approx(6 / sqrt(12))


@pytest.mark.parametrize(("worse", "better"), [(7, 3), (5, 0), (1, 1), (30, 12), (2, 9)])
def test_mid_p_is_the_binomials(worse: int, better: int) -> None:
    law = stats.binom(worse + better, 0.5)
    assert mcnemar_mid_p(worse, better) == pytest.approx(law.sf(worse) + law.pmf(worse) / 2)


def test_three_items_that_differ_prove_nothing() -> None:
    """The score test alone would say p = .042."""
    table = paired_table(arms(100, 3, 0))
    assert stats.norm.sf(table.z(0.0)) < 0.05 < table.p_no_loss


@given(st.integers(20, 400), st.data())
def test_the_arms_are_treated_alike(n: int, data: st.DataObject) -> None:
    worse = data.draw(st.integers(0, n // 3))
    better = data.draw(st.integers(0, n // 3))
    table, turned = paired_table(arms(n, worse, better)), paired_table(arms(n, better, worse))
    assert table.lower() == pytest.approx(-turned.upper(), abs=1e-9)
    assert table.lower() - 1e-9 <= table.loss <= table.upper() + 1e-9
    assert table.p_inferior(0.01) >= table.p_inferior(0.2)


@given(st.integers(30, 200), st.floats(0.01, 0.3))
def test_the_bound_and_the_p_value_agree(n: int, margin: float) -> None:
    table = paired_table(arms(n, n // 20, n // 25))
    if abs(table.upper() - margin) > 1e-6:
        assert (table.upper() < margin) is (table.p_inferior(margin) < 0.05)


def test_a_share_of_attempted_items_has_the_linearised_variance() -> None:
    rng = np.random.default_rng(0)
    of = rng.uniform(size=(2, 500)) < 0.7
    bad = of & (rng.uniform(size=(2, 500)) < 0.3)
    found = paired_table(Arms(*(x.astype(float) for x in (bad[0], of[0], bad[1], of[1])), np.arange(500.0)))
    p = bad.sum(1) / of.sum(1)
    psi = (bad[1] - p[1] * of[1]) / of[1].mean() - (bad[0] - p[0] * of[0]) / of[0].mean()
    assert found.loss == pytest.approx(p[1] - p[0])
    assert (found.discordance - found.loss**2) / found.n == pytest.approx(float(psi.var()) / 500)
    assert found.method == "linearised ratio, tango score"


def test_arms_that_attempt_the_same_items_are_tangos_table_of_those() -> None:
    full = arms(100, 7, 3)
    of = np.concatenate([np.ones(80), np.zeros(20)])
    cut = paired_table(Arms(full.bad_old * of, of, full.bad_new * of, of, full.clusters))
    assert (cut.n, cut.worse, cut.better) == (80, pytest.approx(7), pytest.approx(3))
    assert cut.items == 80


def test_copies_of_items_are_no_new_items() -> None:
    """Five epochs that always agree: what counts is the samples, but for the t of few clusters."""
    once = paired_table(arms(60, 6, 2))
    five = paired_table(Arms(*(np.repeat(getattr(arms(60, 6, 2), f), 5) for f in Arms.__dataclass_fields__)))
    t_over_z = stats.t.ppf(0.95, 59) / stats.norm.ppf(0.95)
    assert five.items == 300
    # the clustered variance has G / (G - 1), the plain one has not
    assert five.n == pytest.approx(once.n / t_over_z**2 * 59 / 60)
    assert five.loss == once.loss


def test_clusters_without_any_difference_count_as_clusters() -> None:
    table = paired_table(arms(100, 0, 0, size=5))
    assert 0 < table.n < 20
    assert table.upper() > paired_table(arms(100, 0, 0)).upper()


@pytest.mark.parametrize(
    ("given_", "why"),
    [
        (Arms(np.zeros(3), np.zeros(3), np.zeros(3), np.ones(3), np.arange(3.0)), "no item that counts"),
        (Arms(np.zeros(3), np.ones(3), np.zeros(3), np.ones(3), np.zeros(3)), "one cluster alone"),
    ],
)
def test_too_little_gives_no_number(given_: Arms, why: str) -> None:
    with pytest.raises(InsufficientDataError, match=why):
        paired_table(given_)


def test_an_arm_that_is_always_worse() -> None:
    table = PairedTable(0.0, 1.0, 20, 20, 0, 20, 20, "")
    assert table.upper() == pytest.approx(1.0)
    assert table.p_inferior(0.5) > 0.99
