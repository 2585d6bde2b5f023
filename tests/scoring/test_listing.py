"""Listing 1 and its two readings, against a simulator and the policy model."""

from math import inf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from vcpd.scoring.cost_model import Policy, UnitCosts, policy_outcome
from vcpd.scoring.estimate import InsufficientDataError
from vcpd.scoring.listing import (
    Counts,
    Model,
    Workload,
    cost_additive,
    cost_retried,
    cpm,
    measured,
    vcpd,
    vcpd_at_price,
)
from vcpd.scoring.public_models import PublicModel, public_models

RAW, DELIVERED = Counts.RAW, Counts.DELIVERED


def workload(verification: float = 0.0, tokens: Counts = RAW, quality: Counts = DELIVERED) -> Workload[str]:
    return Workload(
        serving="4K chat",
        slo_p99_ms=2000,
        verification_cost_per_sec=verification,
        throughput_counts=tokens,
        quality_counts=quality,
    )


def test_the_listing_line_by_line() -> None:
    asked: list[object] = []

    def run_bench(bench: str, conditions: str) -> float:
        asked.append((bench, conditions))
        return 0.8

    def sustained_tps(w: Workload[str], slo: float) -> float:
        asked.append(slo)
        return 1000.0

    def retry_rate(bench: str) -> float:
        asked.append(bench)
        return 0.2

    found = vcpd(Model(run_bench, sustained_tps, retry_rate), workload(0.004), "gpqa", 0.006)
    assert found == pytest.approx((0.8 * 1000) / ((0.006 + 0.004) / (1 - 0.2)), rel=1e-12)
    assert asked == [("gpqa", "4K chat"), 2000, "gpqa"]


def test_what_throughput_counts_must_be_said() -> None:
    with pytest.raises(TypeError):
        Workload(serving="", slo_p99_ms=1.0, verification_cost_per_sec=0.0)
    with pytest.raises(ValueError, match="raw or delivered"):
        Workload(serving="", slo_p99_ms=1.0, verification_cost_per_sec=0.0, throughput_counts="all")


@pytest.mark.parametrize("p_retry", [1.0, 1.5])
@pytest.mark.parametrize("counts", [RAW, DELIVERED])
def test_nothing_delivered_is_undefined(p_retry: float, counts: Counts) -> None:
    with pytest.raises(InsufficientDataError, match="p_retry"):
        vcpd(measured(0.8, 100, p_retry), workload(tokens=counts), "", 0.01)
    with pytest.raises(InsufficientDataError):
        cost_retried(1, p_retry)


@pytest.mark.parametrize(
    ("q", "tps", "p_retry", "hw", "verification"),
    [
        (1.1, 1, 0, 1, 0),
        (-0.1, 1, 0, 1, 0),
        (float("nan"), 1, 0, 1, 0),
        (0.5, -1, 0, 1, 0),
        (0.5, inf, 0, 1, 0),
        (0.5, 1, -0.1, 1, 0),
        (0.5, 1, 0, -1, 0),
        (0.5, 1, 0, 1, -1),
        (0.5, 1, 0, inf, 0),
    ],
)
def test_measurements_outside_their_range_are_refused(
    q: float, tps: float, p_retry: float, hw: float, verification: float
) -> None:
    with pytest.raises(ValueError, match="finite number"):
        vcpd(measured(q, tps, p_retry), workload(verification), "", hw)


def test_what_costs_nothing_has_no_vcpd() -> None:
    with pytest.raises(InsufficientDataError, match="name a price"):
        vcpd(measured(0.5, 10), workload(), "", 0.0)
    with pytest.raises(InsufficientDataError):
        vcpd_at_price(0.5, 0.0)
    with pytest.raises(InsufficientDataError, match="no token"):
        cpm(measured(0.5, 0.0), workload(), "", 1.0)


@pytest.mark.parametrize("model", [m for m in public_models() if m.in_table1], ids=lambda m: m.name)
def test_cpm_is_the_listing_with_quality_one(model: PublicModel) -> None:
    """A hosted model at CPM dollars per million tokens, seen as a machine that makes 50 tokens/s."""
    price = model.cpm
    assert cpm(measured(0.3, 50.0), workload(), "", 50 * price / 1e6) == pytest.approx(price, rel=1e-12)
    assert vcpd(measured(0.3, 50.0), workload(), "", 50 * price / 1e6) == pytest.approx(vcpd_at_price(0.3, price))


rates = st.floats(0.0, 0.9)


@given(rates, st.floats(0, 0.9), st.floats(1e-3, 1e3), st.floats(1e-3, 10))
def test_raw_and_delivered_measurements_agree(q: float, p_retry: float, tps: float, c: float) -> None:
    """The four ways of counting the same run. q is of delivered answers, tps of every attempt."""
    done = 1 - p_retry
    ways = [
        vcpd(measured(q, tps, p_retry), workload(tokens=RAW, quality=DELIVERED), "", c),
        vcpd(measured(q, tps * done, p_retry), workload(tokens=DELIVERED, quality=DELIVERED), "", c),
        vcpd(measured(q * done, tps, p_retry), workload(tokens=RAW, quality=RAW), "", c),
        vcpd(measured(q * done, tps * done, p_retry), workload(tokens=DELIVERED, quality=RAW), "", c),
    ]
    assert ways == pytest.approx([ways[0]] * 4, rel=1e-12)


def test_both_ways_of_counting_agree_on_a_simulated_server() -> None:
    """100 000 requests, 7 tokens an attempt, 500 attempts a second: right delivered tokens per dollar, counted."""
    rng = np.random.default_rng(3)
    p, se, fpr, n = 0.2, 0.8, 0.1, 100_000
    attempts = right = 0
    waiting = n
    while waiting:
        wrong = rng.random(waiting) < p
        rejected = rng.random(waiting) < np.where(wrong, se, fpr)
        attempts += waiting
        right += int((~wrong & ~rejected).sum())
        waiting = int(rejected.sum())
    dollars = attempts * (0.002 + 0.001)
    counted = right * 7 / dollars
    p_retry = (attempts - n) / attempts
    second = attempts / 500
    listing = vcpd(measured(right / n, attempts * 7 / second, p_retry), workload(attempts * 0.001 / second), "", 1.0)
    assert listing == pytest.approx(counted, rel=1e-12)
    raw = workload(attempts * 0.001 / second, RAW, RAW)
    assert vcpd(measured(right / attempts, attempts * 7 / second, p_retry), raw, "", 1.0) == pytest.approx(counted)
    closed = policy_outcome(
        Policy(p=p, sensitivity=se, false_positive_rate=fpr, max_retries=inf),
        UnitCosts(generation=0.002, verification=0.001),
    )
    assert closed.vcpd(7) == pytest.approx(counted, rel=0.01)
    assert closed.rejected == pytest.approx(p_retry, abs=0.005)


def test_the_two_readings_of_verification_are_far_apart() -> None:
    assert cost_additive(1.0, 0.2, 1.0) == pytest.approx(1.2)
    assert cost_retried(1.0, 0.2, verification=1.0) == pytest.approx(2.5)


@given(st.floats(0.01, 0.9), st.floats(0.01, 10), st.floats(0.01, 10))
def test_additive_reading_is_the_policy_with_an_oracle_and_a_person(p: float, c: float, c_v: float) -> None:
    person = policy_outcome(Policy(p=p, sensitivity=1, escalate_exhausted=1), UnitCosts(generation=c, review=c_v))
    assert person.usd_per_delivered == pytest.approx(cost_additive(c, p, c_v), rel=1e-9)
    assert person.q == pytest.approx(1, abs=1e-9)
    nobody = policy_outcome(Policy(p=p), UnitCosts(generation=c, loss=c_v))
    assert nobody.kappa_l / nobody.delivered == pytest.approx(cost_additive(c, p, c_v), rel=1e-9)
    assert nobody.q == pytest.approx(1 - p, abs=1e-9)


@given(st.floats(0.01, 0.9), st.floats(0, 1), st.floats(0, 0.9), st.floats(0.01, 10), st.floats(0, 10))
def test_retried_reading_is_the_policy_without_end(p: float, se: float, fpr: float, c: float, c_v: float) -> None:
    policy = Policy(p=p, sensitivity=se, false_positive_rate=fpr, max_retries=inf)
    found = policy_outcome(policy, UnitCosts(generation=c, verification=c_v))
    p_retry = p * se + (1 - p) * fpr
    assert policy.rejected == pytest.approx(p_retry, abs=1e-12)
    assert found.usd_per_delivered == pytest.approx(cost_retried(c, p_retry, verification=c_v), rel=1e-9)


def test_one_retry_is_the_first_order_and_both_formulas_meet() -> None:
    once = policy_outcome(Policy(p=0.13, sensitivity=1, max_retries=1), UnitCosts(generation=0.05))
    assert once.kappa == pytest.approx(0.05 * 1.13, rel=1e-9)
    r, c = 0.3, 0.05
    assert cost_additive(c, r, cost_retried(c, r)) == pytest.approx(cost_retried(c, r), rel=1e-9)
