"""VCpD and its parts: identities of the field note, special cases, traps."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vcpd.scoring.draws import NORMAL_ABOVE, DrawSettings, bootstrap_means, estimate_of, rate_draws
from vcpd.scoring.economics import Economics, RetryPolicy
from vcpd.scoring.estimate import InsufficientDataError
from vcpd.scoring.policy import Dollars, End, Request
from vcpd.scoring.request_draws import per_request
from vcpd.scoring.vcpd import PerRequest, pooled

FEW = DrawSettings(n=400, seed=1)
MONEY = Economics(100.0, 18.0, 36.0, 72.0, loss_per_escaped_error=50.0, reviewer_accuracy=1.0)
ESCALATE = RetryPolicy(on_exhausted="escalate")


def delivered(right: bool | None, tokens: int | None = 10, machine: float = 0.1, name: str = "") -> Request:
    return Request(name or str(id(object())), End.DELIVERED, right, tokens, 1, 1, Dollars(machine, 0.0, 0.0))


def requests(n_right: int, n_wrong: int, n_escalated: int = 0, n_abstained: int = 0) -> list[Request]:
    spent = Dollars(0.1, 0.02, 0.0)
    kinds = [(End.DELIVERED, True)] * n_right + [(End.DELIVERED, False)] * n_wrong
    kinds += [(End.ESCALATED, None)] * n_escalated + [(End.ABSTAINED, None)] * n_abstained
    return [Request(f"c{i}", end, right, 10, 2, 1, spent) for i, (end, right) in enumerate(kinds)]


def plug(values: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> float:
    return float(values[0])


def test_additive_formula_is_a_special_case() -> None:
    """Sense 1, false alarms 0, free check, one perfect review: kappa / delivered = c_g + p C_v with Q = 1."""
    spent = Dollars(0.1, 0.0, 0.0)
    items = [Request(f"c{i}", End.DELIVERED, True, 10, 1, 1, spent) for i in range(16)]
    items += [Request(f"w{i}", End.ESCALATED, None, 10, 1, 1, spent) for i in range(4)]
    joint = per_request(items, ESCALATE, MONEY, FEW)
    review = 100 * 36 / 3600
    assert plug(joint.kappa / joint.delivered) == pytest.approx(0.1 + 0.2 * review)
    assert plug(joint.q) == 1
    assert plug(joint.overhead) == pytest.approx(0.2 * review)


def test_no_verifier_and_a_loss_is_the_other_special_case() -> None:
    joint = per_request(requests(16, 4), RetryPolicy(), MONEY, FEW)
    assert plug(joint.q) == pytest.approx(0.8)
    assert plug(joint.kappa + 50 * joint.escaped) == pytest.approx(0.12 + 0.2 * 50)
    assert plug(joint.vcpd_with_loss(50)) == pytest.approx(8 / (0.12 + 10))


def test_geometric_formula_is_a_special_case() -> None:
    """Endless independent retries: cost of a delivered answer is (c_g + c_v) / (1 - p_retry)."""
    rng = np.random.default_rng(5)
    p_retry, n = 0.3, 40_000
    attempts = rng.geometric(1 - p_retry, n)
    items = [
        Request(f"c{i}", End.DELIVERED, True, 10, 1, int(a), Dollars(0.1, 0.02 * a, 0.1 * (a - 1)))
        for i, a in enumerate(attempts)
    ]
    joint = per_request(items, RetryPolicy(max_retries=99), None, DrawSettings(n=50))
    assert plug(joint.kappa / joint.delivered) == pytest.approx(0.12 / (1 - p_retry), rel=0.01)


def test_vcpd_is_q_times_t_over_c() -> None:
    joint = per_request(requests(12, 3, 2, 3), ESCALATE, MONEY, FEW)
    rate = 7.0  # requests per second cancel
    t, c = joint.tokens * rate, joint.kappa * rate
    np.testing.assert_allclose(joint.vcpd, joint.q_tokens * t / c)


def test_vcpd_is_answers_per_dollar_times_tokens_of_a_right_answer() -> None:
    items = [delivered(True, 10), delivered(True, 30), delivered(False, 500)]
    joint = per_request(items, RetryPolicy(), None, FEW)
    assert plug(joint.vcpd) == pytest.approx(plug(joint.answers_per_usd) * 20)
    assert plug(joint.q_tokens) == pytest.approx(40 / 540)  # Q is weighted by tokens
    assert plug(joint.q) == pytest.approx(2 / 3)


def test_ratio_of_means_never_mean_of_ratios() -> None:
    items = [delivered(True, 100, 1.0), delivered(True, 100, 0.01)]
    joint = per_request(items, RetryPolicy(), None, FEW)
    assert plug(joint.vcpd) == pytest.approx(200 / 1.01)  # the mean of ratios would be 5050


def test_abstaining_costs_but_delivers_nothing() -> None:
    joint = per_request(requests(5, 0, 0, 5), RetryPolicy(), MONEY, FEW)
    assert plug(joint.delivered) == 0.5
    assert plug(joint.kappa) == pytest.approx(0.12)
    assert plug(joint.q) == 1


def test_no_observed_error_is_not_certainty() -> None:
    joint = per_request(requests(30, 0), RetryPolicy(), MONEY, FEW)
    e = estimate_of(joint.q, FEW, 30, 30)
    assert (e.value, e.high) == (1, 1)
    assert e.low is not None
    assert e.low < 0.97


def test_missing_price_or_tokens_leave_the_rest() -> None:
    items = [Request(f"c{i}", End.DELIVERED, True, 10, 1, 1, None) for i in range(4)]
    joint = per_request(items, RetryPolicy(), MONEY, FEW)
    assert plug(joint.q) == 1
    with pytest.raises(InsufficientDataError):
        estimate_of(joint.vcpd, FEW, 4, 4)
    items = [delivered(True, None), delivered(False, None)]
    joint = per_request(items, RetryPolicy(), None, FEW)
    assert plug(joint.q) == 0.5
    with pytest.raises(InsufficientDataError):
        estimate_of(joint.q_tokens, FEW, 2, 2)


def test_nothing_right_has_no_price_per_answer() -> None:
    joint = per_request(requests(0, 5), RetryPolicy(), MONEY, FEW)
    with pytest.raises(InsufficientDataError):
        estimate_of(joint.usd_per_answer, FEW, 5, 5)
    assert estimate_of(joint.vcpd, FEW, 5, 5).value == 0


def test_wage_is_a_scenario_not_noise() -> None:
    base = per_request(requests(8, 0, 4), ESCALATE, MONEY, FEW)
    double = per_request(requests(8, 0, 4), ESCALATE, Economics(100, 18, 72, 72, 50.0), FEW)
    np.testing.assert_allclose(double.human, 2 * base.human)


def test_domains_pool_by_their_weights() -> None:
    a = per_request(requests(10, 0), RetryPolicy(), MONEY, FEW)
    b = per_request(requests(0, 10), RetryPolicy(), MONEY, FEW)
    both = pooled([(3.0, a), (1.0, b)])
    assert plug(both.q) == pytest.approx(0.75)
    assert isinstance(both, PerRequest)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9), st.integers(0, 9))
def test_shares_stay_shares_and_intervals_hold_their_value(right: int, wrong: int, escalated: int, silent: int) -> None:
    items = requests(right, wrong, escalated, silent)
    if not items:
        with pytest.raises(InsufficientDataError):
            per_request(items, ESCALATE, MONEY, FEW)
        return
    joint = per_request(items, ESCALATE, MONEY, FEW)
    for values in (joint.q, joint.q_tokens):
        known = values[np.isfinite(values)]
        assert ((known >= 0) & (known <= 1 + 1e-12)).all()
    for values in (joint.kappa, joint.overhead, joint.vcpd, joint.right):
        e = estimate_of(values, FEW, len(items), len(items))
        assert (e.low is None) == (e.high is None) == (len(items) == 1)  # one cluster knows no variance
        assert e.low is None or e.high is None or e.low <= e.value <= e.high


def test_whole_clusters_are_resampled() -> None:
    values = np.repeat([0.0, 1.0], 50)[:, None]
    two = bootstrap_means(values, np.repeat([0.0, 1.0], 50), DrawSettings(n=3000))
    assert set(np.round(two[1:, 0], 6)) == {0.0, 0.5, 1.0}  # each draw takes 2, 1 or 0 of either cluster


def test_normal_limit_agrees_with_resampling() -> None:
    rng = np.random.default_rng(2)
    n = NORMAL_ABOVE + 1
    values = rng.exponential(size=(n, 1))
    many = bootstrap_means(values, np.arange(float(n)), DrawSettings(n=4000))[1:, 0]
    fewer = bootstrap_means(values[:-1], np.arange(float(n - 1)), DrawSettings(n=4000))[1:, 0]
    assert many.std() == pytest.approx(fewer.std(), rel=0.1)
    assert many.mean() == pytest.approx(values.mean(), rel=0.01)


def test_rates_are_jeffreys_posteriors() -> None:
    from scipy.stats import beta

    uniforms = np.array([0.025, 0.5, 0.975])
    draws = rate_draws(2, 20, uniforms)
    assert draws[0] == 0.1
    np.testing.assert_allclose(draws[1:], beta.ppf(uniforms, 2.5, 18.5))
    with pytest.raises(InsufficientDataError):
        rate_draws(0, 0, uniforms)


def test_interval_that_reaches_infinity_is_none() -> None:
    draws = np.concatenate([[1.0], np.full(90, 1.0), np.full(10, np.inf)])
    e = estimate_of(draws, DrawSettings(n=100), 5, 5)
    assert (e.value, e.low, e.high) == (1.0, None, None)


def test_who_does_not_reach_a_person_is_left_to_the_model() -> None:
    joint = per_request(requests(12, 3, 5, 0), ESCALATE, MONEY, FEW)
    np.testing.assert_allclose(joint.delivered, 1)  # nobody abstains: every request ends in an answer, in every draw


def test_unjudged_answers_leave_quality_undefined_and_cost_known() -> None:
    items = [Request(f"c{i}", End.DELIVERED, None, 10, 1, 1, Dollars(0.1, 0, 0)) for i in range(4)]
    joint = per_request(items, RetryPolicy(), MONEY, FEW)
    assert np.isnan(joint.q).all()
    assert np.isnan(joint.vcpd[0])
    assert plug(joint.kappa) == pytest.approx(0.1)


def test_one_cluster_has_no_interval() -> None:
    items = [Request("c", End.DELIVERED, True, t, 1, 1, Dollars(t / 100, 0, 0)) for t in (1, 50, 99)]
    joint = per_request(items, RetryPolicy(), None, FEW)
    e = estimate_of(joint.first, FEW, 3, 1)
    assert (e.value, e.low, e.high) == (pytest.approx(0.5), None, None)


def test_a_column_that_is_unknown_stays_unknown_and_leaves_the_others_as_they_are() -> None:
    n = NORMAL_ABOVE + 1
    known = np.random.default_rng(3).normal(size=(n, 2))
    values = np.column_stack([known[:, 0], np.full(n, np.nan), known[:, 1]])
    settings = DrawSettings(n=50, seed=5)
    drawn = bootstrap_means(values, np.arange(n, dtype=float), settings)
    assert np.isnan(drawn[:, 1]).all()
    assert drawn[:, [0, 2]] == pytest.approx(bootstrap_means(known, np.arange(n, dtype=float), settings))
