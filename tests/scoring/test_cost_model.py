"""The closed-form policy: by enumeration, by simulation, as identities, and its golden values."""

from math import inf
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from vcpd.scoring.cost_model import Policy, PolicyOutcome, UnitCosts, break_even_loss, policy_outcome, verification_pays
from vcpd.scoring.estimate import InsufficientDataError
from vcpd.scoring.listing import Counts, Workload, measured, vcpd

FULL = (
    Policy(
        p=0.2,
        sensitivity=0.8,
        false_positive_rate=0.1,
        max_retries=2,
        abstain=0.05,
        escalate_exhausted=0.6,
        escalate_abstained=0.3,
        reviewer_accuracy=0.97,
    ),
    UnitCosts(generation=0.01, verification=0.004, review=6.0, loss=40.0),
)
STRICT = (
    Policy(
        p=0.05,
        sensitivity=0.6,
        false_positive_rate=0.05,
        abstain=0.2,
        escalate_exhausted=1.0,
        escalate_abstained=1.0,
    ),
    UnitCosts(generation=0.02, verification=0.01, review=12.0, loss=500.0),
)
NO_ABSTENTION = (
    Policy(p=0.2, sensitivity=0.8, false_positive_rate=0.1, max_retries=2, escalate_exhausted=1.0),
    UnitCosts(generation=0.01, verification=0.004, review=6.0, loss=40.0),
)
MACHINES = UnitCosts(generation=0.002, verification=0.001)
chance = st.floats(0.0, 1.0)
below_one = st.floats(0.01, 0.95)


def enumerated(policy: Policy, costs: UnitCosts) -> dict[str, float]:
    """The same request walked attempt by attempt, keeping the mass that is still waiting."""
    out = dict.fromkeys(("attempts", "delivered", "good", "escaped", "kappa"), 0.0)
    waiting = 1.0

    def person(mass: float) -> None:
        out["delivered"] += mass
        out["good"] += mass * policy.reviewer_accuracy
        out["kappa"] += mass * costs.review

    for _ in range(int(policy.max_retries) + 1):
        out["attempts"] += waiting
        out["kappa"] += waiting * (costs.generation + costs.retrieval)
        person(waiting * policy.abstain * policy.escalate_abstained)
        answered = waiting * (1 - policy.abstain)
        out["kappa"] += answered * costs.verification
        right = answered * (1 - policy.p) * (1 - policy.false_positive_rate)
        wrong = answered * policy.p * (1 - policy.sensitivity)
        out["delivered"] += right + wrong
        out["good"] += right
        out["escaped"] += wrong
        out["kappa"] += (right + wrong) * costs.audit * costs.review
        waiting = answered - right - wrong
    person(waiting * policy.escalate_exhausted)
    return out


policies = st.builds(
    Policy,
    p=chance,
    sensitivity=chance,
    false_positive_rate=chance,
    max_retries=st.integers(0, 6),
    abstain=chance,
    escalate_exhausted=chance,
    escalate_abstained=chance,
    reviewer_accuracy=chance,
)


@given(policies, chance, st.tuples(*(st.floats(0.01, 9) for _ in range(5))))
def test_closed_form_is_the_walk(policy: Policy, audit: float, dollars: tuple[float, ...]) -> None:
    c_g, c_r, c_v, c_h, loss = dollars
    costs = UnitCosts(generation=c_g, retrieval=c_r, verification=c_v, review=c_h, loss=loss, audit=audit)
    found, walked = policy_outcome(policy, costs), enumerated(policy, costs)
    for name, value in walked.items():
        assert getattr(found, name) == pytest.approx(value, rel=1e-9, abs=1e-9), name
    assert found.kappa_l == pytest.approx(walked["kappa"] + loss * walked["escaped"], rel=1e-9)
    assert found.h == pytest.approx(found.kappa - c_g - c_r, abs=1e-9)
    assert -1e-9 <= found.good <= found.delivered + 1e-9 <= 1 + 2e-9


def simulated(policy: Policy, costs: UnitCosts, n: int, seed: int) -> dict[str, tuple[float, float]]:
    """Mean and standard error over n requests."""
    rng = np.random.default_rng(seed)
    count = {name: np.zeros(n) for name in ("attempts", "delivered", "good", "escaped", "kappa")}
    active = np.arange(n)

    def person(who: Any) -> None:
        count["kappa"][who] += costs.review
        count["delivered"][who] = 1
        count["good"][who] = rng.random(len(who)) < policy.reviewer_accuracy

    for _ in range(int(policy.max_retries) + 1):
        count["attempts"][active] += 1
        silent = rng.random(len(active)) < policy.abstain
        count["kappa"][active] += costs.attempt + np.where(silent, 0, costs.verification)
        quiet = active[silent]
        person(quiet[rng.random(len(quiet)) < policy.escalate_abstained])
        active = active[~silent]
        wrong = rng.random(len(active)) < policy.p
        rejected = rng.random(len(active)) < np.where(wrong, policy.sensitivity, policy.false_positive_rate)
        count["delivered"][active[~rejected]] = 1
        count["good"][active[~rejected & ~wrong]] = 1
        count["escaped"][active[~rejected & wrong]] = 1
        active = active[rejected]
    person(active[rng.random(len(active)) < policy.escalate_exhausted])
    count["kappa_l"] = count["kappa"] + costs.loss * count["escaped"]
    return {name: (float(v.mean()), float(v.std() / n**0.5)) for name, v in count.items()}


@pytest.mark.parametrize(("policy", "costs"), [FULL, STRICT], ids=["full", "strict"])
def test_closed_form_is_what_a_simulation_finds(policy: Policy, costs: UnitCosts) -> None:
    found = policy_outcome(policy, costs)
    for name, (mean, error) in simulated(policy, costs, 200_000, seed=1).items():
        assert abs(getattr(found, name) - mean) <= 5 * error + 1e-12, name


@pytest.mark.parametrize(
    ("policy", "costs", "name", "value"),
    [
        (*FULL, "attempts", 1.279984),
        (*FULL, "delivered", 0.9504596192),
        (*FULL, "good", 0.901030892064),
        (*FULL, "escaped", 0.048639392),
        (*FULL, "kappa", 0.1755308064),
        (*FULL, "kappa_l", 2.1211064864),
        (*STRICT, "good", 0.984),
        (*STRICT, "kappa", 3.172),
        (*STRICT, "kappa_l", 11.172),
        (*NO_ABSTENTION, "kappa_l", 2.1772704),
        (*NO_ABSTENTION, "c_v_l", 10.836352),
    ],
)
def test_golden_values(policy: Policy, costs: UnitCosts, name: str, value: float) -> None:
    assert getattr(policy_outcome(policy, costs), name) == pytest.approx(value, rel=1e-9)


P, C_V, C_G = 0.13, 7.0, 0.05


@pytest.mark.parametrize(
    ("found", "value"),
    [
        (policy_outcome(Policy(p=P, sensitivity=1, escalate_exhausted=1), UnitCosts(generation=C_G, review=C_V)), 0.96),
        (policy_outcome(Policy(p=P, sensitivity=1, max_retries=inf), UnitCosts(generation=C_G)), C_G / (1 - P)),
        (
            policy_outcome(
                Policy(p=P, sensitivity=0.85, false_positive_rate=0.07, max_retries=inf),
                UnitCosts(generation=C_G, verification=0.02),
            ),
            0.07 / (1 - 0.1714),
        ),
    ],
    ids=["a person mends every error", "perfect verifier", "unlimited retries"],
)
def test_dollars_per_delivered_answer(found: PolicyOutcome, value: float) -> None:
    assert found.usd_per_delivered == pytest.approx(value, rel=1e-9)


def test_what_an_error_costs_falls_into_its_parts() -> None:
    policy, costs = NO_ABSTENTION
    found = policy_outcome(policy, costs)
    rejection = (found.kappa - costs.generation - costs.verification) / found.rejected  # extra dollars, given one
    true_alarms = policy.p * policy.sensitivity * rejection
    false_alarms = (1 - policy.p) * policy.false_positive_rate * rejection
    escapes = found.escaped * costs.loss
    assert [round(x, 3) for x in (true_alarms, false_alarms, escapes)] == [0.058, 0.029, 2.076]
    parts = costs.generation + costs.verification + true_alarms + false_alarms + escapes
    assert parts == pytest.approx(found.kappa_l, rel=1e-9)
    assert found.c_v_l == pytest.approx((found.kappa_l - costs.generation) / policy.p, rel=1e-9)
    assert found.h == pytest.approx(policy.p * found.c_v, rel=1e-9)


RATE_FORM = Policy(p=0.15, sensitivity=0.8, false_positive_rate=0.05, max_retries=2)
TAU, RAW_TOKENS = 400.0, 5000.0  # tokens of an answer, tokens per second of all attempts


def test_rate_form_is_the_per_answer_form() -> None:
    f = policy_outcome(RATE_FORM, MACHINES)
    requests = RAW_TOKENS / TAU / f.attempts
    assert f.q * (requests * f.delivered * TAU) / (requests * f.kappa) == pytest.approx(f.vcpd(TAU), rel=1e-9)
    assert f.vcpd(TAU) == pytest.approx(TAU / f.usd_per_good, rel=1e-9)


def test_listing_form_and_the_double_count() -> None:
    endless = Policy(p=0.15, sensitivity=0.8, false_positive_rate=0.05, max_retries=inf)
    f = policy_outcome(endless, MACHINES)
    requests = RAW_TOKENS / TAU / f.attempts
    spent = requests * f.kappa

    def listing(tokens: float, counts: Counts) -> float:
        point = Workload(serving=None, slo_p99_ms=1.0, verification_cost_per_sec=0.0, throughput_counts=counts)
        return vcpd(measured(f.q, tokens, f.rejected), point, None, spent)

    right = f.q * requests * TAU / spent
    assert right == pytest.approx(107_666.666_667, rel=1e-9)
    assert listing(RAW_TOKENS, Counts.RAW) == pytest.approx(right, rel=1e-9)
    assert listing(requests * TAU, Counts.DELIVERED) == pytest.approx(right, rel=1e-9)
    twice = listing(requests * TAU, Counts.RAW)  # delivered tokens passed off as raw ones
    assert twice / right - 1 == pytest.approx(-0.1625, abs=1e-9)
    assert f.efficiency == pytest.approx((1 - f.rejected) * 0.002 / 0.003, rel=1e-9)
    generation_alone = requests * 0.002
    assert f.q * requests * TAU / generation_alone * f.efficiency == pytest.approx(right, rel=1e-9)


def test_human_dollars_are_not_divided_by_what_is_not_retried() -> None:
    policy = Policy(p=0.15, sensitivity=0.8, false_positive_rate=0.05, max_retries=3, escalate_exhausted=1)
    f = policy_outcome(policy, UnitCosts(generation=0.002, verification=0.001, review=5.0))
    right = 0.003 / (1 - f.rejected) * (1 - f.rejected**4) + 5.0 * f.escalated
    wrong = (0.003 + 5.0 * f.escalated) / (1 - f.rejected)
    assert f.usd_per_delivered == pytest.approx(right, rel=1e-9)
    assert f.usd_per_delivered == pytest.approx(0.00707, abs=5e-6)
    assert wrong / right - 1 == pytest.approx(0.096, abs=5e-4)


cost = st.floats(0.001, 1.0)


@given(below_one, chance, st.floats(0, 0.9), st.integers(0, 5), cost, cost)
def test_without_a_price_on_errors_no_verifier_pays(
    p: float, se: float, fpr: float, k: int, c_g: float, c_v: float
) -> None:
    policy = Policy(p=p, sensitivity=se, false_positive_rate=fpr, max_retries=k)
    costs = UnitCosts(generation=c_g, verification=c_v)
    ratio = policy_outcome(policy, costs).vcpd(1) / policy_outcome(policy.unverified(), UnitCosts(generation=c_g)).vcpd(
        1
    )
    assert ratio == pytest.approx((1 - fpr) * c_g / (c_g + c_v), rel=1e-9)
    assert ratio <= 1
    assert not verification_pays(policy, costs)


def test_verification_pays_where_the_rule_says() -> None:
    rng = np.random.default_rng(11)
    for _ in range(3000):
        p, se, fpr = rng.uniform(0.01, 0.5), rng.uniform(0.35, 1), rng.uniform(0, 0.3)
        c_g, c_v, loss = rng.uniform(0.001, 1), rng.uniform(0, 1), rng.uniform(0, 20)
        policy = Policy(p=p, sensitivity=se, false_positive_rate=fpr, max_retries=int(rng.integers(0, 6)))
        costs = UnitCosts(generation=c_g, verification=c_v, loss=loss)
        assert verification_pays(policy, costs) == (p * loss * (se - fpr) > c_v + fpr * c_g)
        if se > fpr + 1e-6:
            expected = (c_v + fpr * c_g) / (p * (se - fpr))
            assert break_even_loss(policy, costs) == pytest.approx(expected, rel=1e-9)


@given(below_one, st.floats(0.5, 1), st.floats(0, 0.4), below_one, st.integers(0, 4), cost, cost)
def test_break_even_holds_with_abstention_and_people(
    p: float, se: float, fpr: float, share: float, k: int, c_g: float, c_v: float
) -> None:
    policy = Policy(
        p=p,
        sensitivity=se,
        false_positive_rate=fpr,
        max_retries=k,
        abstain=share / 2,
        escalate_exhausted=share,
        escalate_abstained=share,
    )
    costs = UnitCosts(generation=c_g, verification=c_v, review=3.0)
    loss = break_even_loss(policy, costs)
    if loss > 1e-6:
        assert not verification_pays(policy, UnitCosts(generation=c_g, verification=c_v, review=3.0, loss=loss * 0.999))
    assert verification_pays(policy, UnitCosts(generation=c_g, verification=c_v, review=3.0, loss=loss * 1.001 + 1e-6))


def test_uneven_items_make_retries_worse() -> None:
    """Items of different difficulty: the ratio stays below the bound of equal items."""
    rng = np.random.default_rng(4)
    for _ in range(20):
        se, fpr = rng.uniform(0.3, 1), rng.uniform(0, 0.3)
        c_g, c_v, k = rng.uniform(0.001, 1), rng.uniform(0, 1), int(rng.integers(0, 6))
        items = rng.beta(rng.uniform(0.3, 3), rng.uniform(0.5, 8), 300)
        both = [
            (
                policy_outcome(
                    Policy(p=p, sensitivity=se, false_positive_rate=fpr, max_retries=k),
                    UnitCosts(generation=c_g, verification=c_v),
                ),
                policy_outcome(Policy(p=p), UnitCosts(generation=c_g)),
            )
            for p in items
        ]
        verified = sum(f.good for f, _ in both) / sum(f.kappa for f, _ in both)
        plain = sum(f.good for _, f in both) / sum(f.kappa for _, f in both)
        bound = (1 - fpr) * c_g / (c_g + c_v)
        assert fpr > se or verified / plain <= bound * (1 + 1e-9)


def test_a_loss_that_restores_the_answer_is_charged_and_credited_once() -> None:
    f = policy_outcome(Policy(p=0.2), UnitCosts(generation=1, loss=3, restores_answer=True))
    assert (f.q, f.kappa, f.kappa_l) == (1.0, pytest.approx(1.6), pytest.approx(1.6))
    with pytest.raises(ValueError, match="no meaning"):
        break_even_loss(Policy(p=0.2, sensitivity=1), UnitCosts(generation=1, restores_answer=True))


def test_all_rejected_for_ever_is_undefined_and_for_a_while_is_not() -> None:
    hopeless = dict[str, Any](p=1.0, sensitivity=1.0)
    with pytest.raises(InsufficientDataError, match="never end"):
        policy_outcome(Policy(**hopeless, max_retries=inf), MACHINES)
    f = policy_outcome(Policy(**hopeless, max_retries=3), MACHINES)
    assert (f.attempts, f.delivered, f.abstained) == (4, 0, 1)
    for name in ("q", "usd_per_delivered", "usd_per_good"):
        with pytest.raises(InsufficientDataError):
            getattr(f, name)


def test_other_undefined_numbers() -> None:
    with pytest.raises(InsufficientDataError, match="p is 0"):
        _ = policy_outcome(Policy(p=0), MACHINES).c_v
    with pytest.raises(InsufficientDataError, match="name a price"):
        policy_outcome(Policy(p=0.1), UnitCosts(generation=0)).vcpd(10)
    for useless in (Policy(p=0.0, sensitivity=1.0), Policy(p=0.2, sensitivity=0.3, false_positive_rate=0.3)):
        with pytest.raises(InsufficientDataError, match="never pays"):
            break_even_loss(useless, MACHINES)


@pytest.mark.parametrize(
    "wrong",
    [{"p": 1.1}, {"p": -0.1}, {"p": float("nan")}, {"p": 0.1, "max_retries": -1}, {"p": 0.1, "max_retries": 1.5}],
)
def test_rates_outside_their_range_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"probability|whole number"):
        Policy(**wrong)


@pytest.mark.parametrize("wrong", [{"generation": -1}, {"generation": inf}, {"generation": 1, "audit": 1.5}])
def test_costs_outside_their_range_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"0 or more|share"):
        UnitCosts(**wrong)
