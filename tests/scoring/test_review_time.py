"""Mean review seconds: the pivotal quantity for lognormal times, bootstrap-t for others."""

import numpy as np
import pytest
from vcpd.scoring.draws import DrawSettings
from vcpd.scoring.economics import Economics, RetryPolicy
from vcpd.scoring.estimate import InsufficientDataError
from vcpd.scoring.policy import Dollars, End, Request
from vcpd.scoring.request_draws import per_request
from vcpd.scoring.review_time import (
    FEWEST,
    FEWEST_TO_PREDICT,
    is_lognormal,
    mean_seconds,
    predicted_mean_seconds,
)

FEW = DrawSettings(n=4000, seed=3)


def lognormal(n: int, sigma: float, seed: int = 0) -> list[float]:
    return list(np.random.default_rng(seed).lognormal(4.0, sigma, n))


def test_the_plug_in_is_the_mean_of_the_lognormal() -> None:
    times = lognormal(60, 0.8)
    logs = np.log(times)
    assert mean_seconds(times, FEW)[0] == pytest.approx(np.exp(logs.mean() + logs.var(ddof=1) / 2))


@pytest.mark.parametrize(("sigma", "n"), [(0.8, 60), (1.5, 60)])
def test_its_interval_covers_where_that_of_a_plain_mean_does_not(sigma: float, n: int) -> None:
    """STATISTICS: a percentile bootstrap of 60 reviews covers .88 at sigma 1.5; binomial tolerance for 400 runs."""
    truth, held = np.exp(4.0 + sigma**2 / 2), 0
    for seed in range(400):
        low, high = np.quantile(
            mean_seconds(lognormal(n, sigma, seed), DrawSettings(n=400, seed=seed))[1:], [0.025, 0.975]
        )
        held += low <= truth <= high
    assert 0.95 - 3 * np.sqrt(0.95 * 0.05 / 400) <= held / 400 <= 0.95 + 3 * np.sqrt(0.95 * 0.05 / 400)


def test_times_that_are_not_lognormal_take_their_plain_mean() -> None:
    times = [10.0] * 40 + [500.0] * 40
    assert not is_lognormal(times)
    drawn = mean_seconds(times, FEW)
    assert drawn[0] == pytest.approx(255)
    low, high = np.quantile(drawn[1:], [0.025, 0.975])
    assert 190 < low < 255 < high < 330


def test_equal_times_are_certain() -> None:
    assert mean_seconds([30.0] * FEWEST, FEW) == pytest.approx(30)


@pytest.mark.parametrize("times", [[10.0] * (FEWEST - 1), [10.0] * FEWEST + [0.0], [float("nan")] * FEWEST])
def test_too_short_or_impossible_logs_give_no_number(times: list[float]) -> None:
    with pytest.raises(InsufficientDataError):
        mean_seconds(times, FEW)


def test_a_long_log_goes_before_the_declared_seconds_and_widens_kappa() -> None:
    spent = Dollars(0.1, 0.0, 0.0)
    items = [Request(f"c{i}", End.ESCALATED, None, 10, 2, 1, spent) for i in range(10)]
    declared = Economics(100.0, 18.0, 36.0, 72.0, loss_per_escaped_error=0.0)
    timed = Economics(100.0, 18.0, 36.0, 72.0, loss_per_escaped_error=0.0, review_log=tuple(lognormal(60, 1.0)))
    policy = RetryPolicy(on_exhausted="escalate")
    plain, measured = (per_request(items, policy, money, FEW) for money in (declared, timed))
    assert plain.human[0] == pytest.approx(2 * 100 * 36 / 3600)
    assert measured.human[0] == pytest.approx(2 * mean_seconds(timed.review_log, FEW)[0] * 36 / 3600)
    assert np.std(measured.human[1:]) > 2 * np.std(plain.human[1:])


@pytest.mark.parametrize(("n", "reviews"), [(10, 10), (40, 5), (40, 200)])
def test_the_mean_of_reviews_to_come_is_covered(n: int, reviews: int) -> None:
    """400 pairs of samples of one lognormal law; binomial tolerance."""
    held = 0
    for seed in range(400):
        drawn = predicted_mean_seconds(lognormal(n, 0.9, seed), reviews, DrawSettings(n=400, seed=seed))
        low, high = np.quantile(drawn[1:], [0.025, 0.975])
        held += low <= float(np.mean(lognormal(reviews, 0.9, 10_000 + seed))) <= high
    assert abs(held / 400 - 0.95) <= 3.5 * np.sqrt(0.95 * 0.05 / 400)


def test_many_reviews_to_come_are_as_sure_as_the_mean_itself() -> None:
    times = lognormal(60, 0.8)
    few, many, mean = (
        predicted_mean_seconds(times, 5, FEW),
        predicted_mean_seconds(times, 5000, FEW),
        mean_seconds(times, FEW),
    )
    assert few[0] == many[0] == pytest.approx(mean[0])
    assert few[1:].std() > 1.5 * many[1:].std()
    assert many[1:].std() == pytest.approx(mean[1:].std(), rel=0.1)


def test_what_gives_no_prediction() -> None:
    with pytest.raises(InsufficientDataError):
        predicted_mean_seconds([10.0] * (FEWEST_TO_PREDICT - 1), 5, FEW)
    with pytest.raises(InsufficientDataError):
        predicted_mean_seconds([10.0] * FEWEST_TO_PREDICT, 0, FEW)
    odd = [10.0] * 40 + [500.0] * 40
    assert predicted_mean_seconds(odd, 80, FEW)[0] == pytest.approx(255)
