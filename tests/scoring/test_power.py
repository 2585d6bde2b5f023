"""Planning numbers: published values, and simulations in which they hold."""

from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint
from vcpd.scoring.draws import DrawSettings
from vcpd.scoring.error_rate import post_stratified
from vcpd.scoring.estimate import InsufficientDataError
from vcpd.scoring.judge_tables import JudgeTable, LabelChoice, Stratum
from vcpd.scoring.power import (
    PairedTest,
    best_epochs,
    items_for_half_width,
    items_without_error,
    labels_for_half_width,
    margin_from_money,
    paired_items,
    paired_power,
    smallest_margin,
)


@pytest.mark.parametrize(("p_max", "n"), [(0.05, 59), (0.02, 149), (0.01, 299), (0.005, 598), (0.001, 2995)])
def test_items_without_an_error(p_max: float, n: int) -> None:
    assert items_without_error(p_max) == n
    assert (1 - p_max) ** n <= 0.05 < (1 - p_max) ** (n - 1)


@pytest.mark.parametrize(
    ("discordance", "wanted"),
    [(0.06, {0.05: 149, 0.03: 413, 0.02: 928, 0.01: 3710}), (0.10, {0.05: 248, 0.03: 687, 0.02: 1546, 0.01: 6183})],
)
def test_paired_items_as_published(discordance: float, wanted: dict[float, int]) -> None:
    assert {margin: paired_items(margin, discordance) for margin in wanted} == wanted


@given(st.integers(20, 5000), st.floats(0.01, 1.0))
def test_the_smallest_margin_needs_just_these_items(items: int, discordance: float) -> None:
    margin = smallest_margin(items, discordance)
    if margin < 1:
        assert abs(paired_items(margin, discordance) - items) <= 1


def test_the_power_is_there() -> None:
    n, discordance, margin = paired_items(0.05, 0.1), 0.1, 0.05
    rng, runs = np.random.default_rng(4), 4000
    d = rng.choice([-1, 0, 1], (runs, n), p=[0.05, 0.9, 0.05])
    bound = d.mean(1) - 1.6449 * d.std(1) / sqrt(n)
    assert np.mean(bound > -margin) == pytest.approx(0.8, abs=0.03)
    assert discordance == pytest.approx(np.mean(d != 0), abs=0.01)


@given(st.floats(0, 1), st.floats(0.01, 0.3))
def test_half_widths_are_those_of_wilson(p: float, half_width: float) -> None:
    n = items_for_half_width(p, half_width)
    low, high = proportion_confint(p * n, n, method="wilson")
    assert high - low <= 2 * half_width + 1e-9
    if n > 1:
        low, high = proportion_confint(p * (n - 1), n - 1, method="wilson")
        assert high - low > 2 * half_width - 1e-9


def test_clusters_cost_items() -> None:
    assert items_for_half_width(0.2, 0.05, deff=2.5) == pytest.approx(2.5 * items_for_half_width(0.2, 0.05), abs=2)
    assert paired_items(0.05, 0.06, deff=3) == pytest.approx(3 * paired_items(0.05, 0.06), abs=3)


@pytest.mark.parametrize(("p", "se", "sp"), [(0.1, 0.9, 0.95), (0.3, 0.7, 0.8)])
def test_labels_buy_the_half_width(p: float, se: float, sp: float) -> None:
    judged, half_width = 4000, 0.03
    labels = labels_for_half_width(p, se, sp, half_width, judged=judged)
    w = p * se + (1 - p) * (1 - sp)
    flagged, half = round(judged * w), labels // 2
    table = JudgeTable(
        Stratum(flagged, half, round(half * p * se / w)),
        Stratum(judged - flagged, half, round(half * p * (1 - se) / (1 - w))),
    )
    e = post_stratified(table, chosen=LabelChoice.BY_VERDICT, settings=DrawSettings(n=20_000)).estimate("p")
    assert e.low is not None
    assert e.high is not None
    assert (e.high - e.low) / 2 == pytest.approx(half_width, rel=0.1)
    assert labels < items_for_half_width(p, half_width)  # what people alone would need


def test_a_pool_that_is_too_small_says_so() -> None:
    with pytest.raises(InsufficientDataError, match="too few"):
        labels_for_half_width(0.2, 0.9, 0.9, 0.01, judged=500)
    with pytest.raises(InsufficientDataError):
        smallest_margin(0, 0.1)


def test_money_and_epochs() -> None:
    assert margin_from_money(0.05, 0.02, 0.5) == pytest.approx(0.002)
    assert best_epochs(between=0.04, within=0.16, item_usd=9.0, run_usd=1.0) == 6
    assert best_epochs(between=0.2, within=0.0, item_usd=1.0, run_usd=1.0) == 1


@pytest.mark.parametrize(
    "call",
    [
        lambda: items_without_error(0.0),
        lambda: items_for_half_width(1.2, 0.05),
        lambda: items_for_half_width(0.2, 0.5),
        lambda: items_for_half_width(0.2, 0.05, deff=0.5),
        lambda: items_for_half_width(0.5, 1e-6),
        lambda: paired_items(0.05, 0.0),
        lambda: paired_items(0.05, 0.1, difference=-0.06),
        lambda: paired_items(0.05, 0.1, difference=0.2),
        lambda: smallest_margin(10, 2.0),
        lambda: margin_from_money(0.1, 0.0, 1.0),
        lambda: best_epochs(0.0, 1.0, 1.0, 1.0),
        lambda: PairedTest(alpha=0.0),
        lambda: labels_for_half_width(0.2, 1.2, 0.9, 0.05, judged=100),
    ],
)
def test_arguments_outside_their_range_are_refused(call: object) -> None:
    with pytest.raises(ValueError):
        call()  # type: ignore[operator]


@pytest.mark.parametrize(("margin", "discordance"), [(0.05, 0.06), (0.03, 0.06), (0.02, 0.1)])
def test_power_is_what_the_number_of_items_was_chosen_for(margin: float, discordance: float) -> None:
    passes, fails = paired_power(paired_items(margin, discordance), margin, discordance)
    assert passes == pytest.approx(0.8, abs=0.002)
    assert fails == pytest.approx(0.05)
    at_margin, _ = paired_power(500, margin, discordance, difference=-margin)
    assert at_margin == pytest.approx(0.05)


def test_power_in_a_simulation() -> None:
    """PASS and FAIL of Wald bounds on paired differences, 20,000 times."""
    n, margin, discordance, loss = 400, 0.03, 0.08, 0.02
    rng = np.random.default_rng(0)
    draws = rng.multinomial(n, [(discordance + loss) / 2, (discordance - loss) / 2, 1 - discordance], size=20_000)
    d = (draws[:, 1] - draws[:, 0]) / n
    error = sqrt((discordance - loss**2) / n)
    found = paired_power(n, margin, discordance, difference=-loss)
    assert found[0] == pytest.approx(float(np.mean(d - 1.645 * error > -margin)), abs=0.02)
    assert found[1] == pytest.approx(float(np.mean(d + 1.645 * error < 0)), abs=0.02)


@pytest.mark.parametrize("wrong", [{"margin": 0.0}, {"discordance": 0.0}, {"difference": 0.5}, {"alpha": 1.0}])
def test_power_of_what_cannot_be(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError):
        paired_power(100, **{"margin": 0.03, "discordance": 0.06, **wrong})


def test_power_without_items() -> None:
    with pytest.raises(InsufficientDataError):
        paired_power(0, 0.03, 0.06)
