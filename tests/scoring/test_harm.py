"""Harm classes and the loss of an escaped error; the highest risk tier always goes to a person."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from vcpd.scoring.cell import DomainTerms
from vcpd.scoring.draws import DrawSettings
from vcpd.scoring.economics import HIGHEST_TIER, RISK_TIERS, Economics, RetryPolicy
from vcpd.scoring.harm import escaped_classes, loss_note, loss_per_error
from vcpd.scoring.policy import End, Request, replay, walk
from vcpd.scoring.prices import PriceTable
from vcpd.scoring.records import HarmClass, Outcome, OutcomeBy, PolicyVerdict, Record
from vcpd.scoring.summary import Scoring, summarise
from vcpd.scoring.usage import Usage

FEW = DrawSettings(n=4000)
MONEY = Economics(60.0, 30.0, 60.0, 90.0, loss_per_escaped_error=100.0,
                  loss_by_harm={"minor": 10.0, "moderate": 200.0, "severe": 5000.0})  # fmt: skip
PLAIN = replace(MONEY, loss_by_harm={})


def escaped(harm: str | None, cluster: str) -> Request:
    return Request(cluster, End.DELIVERED, False, 10, 1, 1, None, harm_class=harm)


def test_the_loss_by_hand() -> None:
    """8 minor at 10 and 2 severe at 5000: (80 + 10000) / 10 = 1008; two errors that nobody classed change nothing."""
    requests = [escaped("minor", f"a{i}") for i in range(8)] + [escaped("severe", f"b{i}") for i in range(2)]
    requests += [escaped(None, "c"), escaped(None, "d"), Request("e", End.ESCALATED, None, 10, 1, 1, None)]
    loss = loss_per_error(requests, MONEY, FEW)
    assert loss[0] == pytest.approx(1008)
    assert escaped_classes(requests) == {HarmClass.MINOR: 8, HarmClass.MODERATE: 0, HarmClass.SEVERE: 2}
    # the posterior mean of Dirichlet(8.5, .5, 2.5) over 11.5
    assert loss[1:].mean() == pytest.approx((8.5 * 10 + 0.5 * 200 + 2.5 * 5000) / 11.5, rel=0.05)
    assert loss_note(requests, MONEY) == "by the harm classes of 10 of 12 escaped errors"


@pytest.mark.parametrize(
    ("requests", "economics", "note"),
    [
        ([escaped(None, "a")], MONEY, "nobody gave a harm class"),
        ([escaped("severe", "a")], PLAIN, "declares no loss for each harm class"),
        ([escaped(None, "a")], PLAIN, "as declared"),
        ([], MONEY, "nobody gave a harm class"),
    ],
)
def test_without_classes_or_losses_the_declared_mean_stands(
    requests: list[Request], economics: Economics, note: str
) -> None:
    assert np.all(loss_per_error(requests, economics, FEW) == 100.0)
    assert note in loss_note(requests, economics)


@given(st.lists(st.tuples(st.sampled_from(list(HarmClass)), st.sampled_from("abcd")), min_size=1, max_size=30))
def test_the_loss_lies_between_the_least_and_the_greatest(classes: list[tuple[HarmClass, str]]) -> None:
    loss = loss_per_error([escaped(h.value, g) for h, g in classes], MONEY, DrawSettings(n=50))
    assert loss.min() >= 10.0
    assert loss.max() <= 5000.0


def record(sample: str, outcome: Outcome, **more: object) -> Record:
    usage = (Usage("generate", "m", input_tokens=100, output_tokens=20, requests=1),)
    base = Record("r", "m", "d", sample, sample, 1, 1, outcome, OutcomeBy.HUMAN, delivered_tokens=20, usage=usage)
    return replace(base, **more)  # type: ignore[arg-type]


@given(
    tier=st.sampled_from(RISK_TIERS),
    tiers=st.lists(st.sampled_from(RISK_TIERS)),
    outcome=st.sampled_from(list(Outcome)),
    verdict=st.sampled_from([None, *PolicyVerdict]),
    ends=st.tuples(*[st.sampled_from(["escalate", "abstain"])] * 2),
)
def test_the_highest_tier_always_goes_to_a_person(
    tier: str, tiers: list[str], outcome: Outcome, verdict: PolicyVerdict | None, ends: tuple[str, str]
) -> None:
    policy = RetryPolicy(1, *ends, tuple(tiers))
    _, end = walk([record("a", outcome, risk_tier=tier, policy_verdict=verdict)], policy)
    if tier == HIGHEST_TIER or tier in tiers:
        assert end is End.ESCALATED
    if end is End.ESCALATED:
        assert tier == HIGHEST_TIER or tier in tiers or "escalate" in ends


def test_only_wrong_answers_that_escape_carry_their_class() -> None:
    records = [
        record("a", Outcome.INCORRECT, harm_class="severe"),
        record("b", Outcome.INCORRECT, harm_class="severe", risk_tier="high"),
        record("c", Outcome.CORRECT),
    ]
    assert [r.harm_class for r in replay(records, RetryPolicy(), {}, None)] == ["severe", None, None]


def measures(records: list[Record], economics: Economics) -> dict[str, float]:
    terms = {"d": DomainTerms(economics)}
    rows = summarise("r", records, {}, Scoring(PriceTable({}), terms, draws=FEW))
    return {r.measure: r.estimate.value for r in rows if r.estimate}


def test_classes_enter_the_loss_and_vcpd_l() -> None:
    """Ten requests, four wrong and delivered: one severe, three minor. L = (5000 + 30) / 4 = 1257.5."""
    harms = ["severe", "minor", "minor", "minor"]
    records = [record(f"w{i}", Outcome.INCORRECT, harm_class=h) for i, h in enumerate(harms)]
    records += [record(f"r{i}", Outcome.CORRECT) for i in range(6)]
    found = measures(records, MONEY)
    assert found["loss_per_escaped_usd"] == pytest.approx(1257.5)
    assert found["escaped_rate"] == pytest.approx(0.4)
    assert found["escaped_loss_usd"] == pytest.approx(0.4 * 1257.5)
    assert measures(records, PLAIN)["escaped_loss_usd"] == pytest.approx(0.4 * 100)
    assert "vcpd_l" not in found


def test_people_are_counted_for_the_highest_tier_though_the_policy_names_no_tier() -> None:
    records = [record(f"r{i}", Outcome.CORRECT, risk_tier="high" if i < 5 else "low") for i in range(10)]
    found = measures(records, MONEY)
    assert found["people_usd"] > 0
    low = [replace(r, risk_tier="low") for r in records]
    assert measures(low, MONEY)["people_usd"] == 0
