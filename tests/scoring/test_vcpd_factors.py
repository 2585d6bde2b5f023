"""Why VCpD changed: the product of the factors is the ratio, whatever the order."""

from math import prod
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vcpd.scoring.cell import DomainTerms
from vcpd.scoring.comparison import Arm
from vcpd.scoring.draws import DrawSettings
from vcpd.scoring.economics import Economics, RetryPolicy
from vcpd.scoring.estimate import InsufficientDataError
from vcpd.scoring.policy import attempt_key
from vcpd.scoring.prices import Price, PriceTable
from vcpd.scoring.records import ClaimCounts, Outcome, OutcomeBy, PolicyVerdict, Record
from vcpd.scoring.usage import Usage
from vcpd.scoring.vcpd_factors import LEVERS, Factor, LeverOrderError, VcpdChange, lever_order, vcpd_change

PRICES = PriceTable(
    {"old": Price(1.0, 4.0), "new": Price(2.0, 8.0), "machine": Price(per_second=1e-5), "box": Price(per_second=1e-3)}
)
TERMS = DomainTerms(Economics(60.0, 30.0, 60.0, 90.0, 10.0), RetryPolicy(max_retries=1, on_exhausted="escalate"))
DRAWS = DrawSettings(n=400)


def arm(label: str, model: str, *, tokens: int = 50, wrong: int = 4, seconds: float = 1.0, retried: int = 3) -> Arm:
    """30 samples: `wrong` wrong ones, `retried` of which the first attempt is rejected, one exhausted."""
    records = []
    for i in range(30):
        attempts = 2 if i < retried else 1
        for attempt in range(1, attempts + 1):
            rejected = attempt < attempts or i == 0
            usage = (
                Usage("generate", model, input_tokens=200 + i, output_tokens=tokens, seconds=seconds, requests=1),
                Usage("verify:lexical", None, seconds=0.5),
            )
            row: dict[str, Any] = {
                "run_id": "r", "model": model, "domain": "d", "sample_id": f"s{i:02}", "cluster_id": f"c{i:02}",
                "epoch": 1, "attempt": attempt, "outcome": Outcome.INCORRECT if i > 29 - wrong else Outcome.CORRECT,
                "outcome_by": OutcomeBy.KEY, "delivered_tokens": tokens, "usage": usage,
                "policy_verdict": PolicyVerdict.REJECT if rejected else PolicyVerdict.ACCEPT,
            }  # fmt: skip
            records.append(Record(**row))
    return Arm(label, tuple(records), {attempt_key(r): ClaimCounts(claims=2) for r in records}, TERMS)


def change(before: Arm, after: Arm, **more: Any) -> VcpdChange:
    return vcpd_change(before, after, PRICES, DRAWS, **more)


def factor(found: VcpdChange, lever: str) -> Factor:
    return next(f for f in found.factors if f.lever == lever)


BEFORE, AFTER = arm("b", "old"), arm("a", "new", tokens=80, wrong=2, seconds=2.0, retried=6)


@pytest.mark.parametrize("measure", ["vcpd", "verified_answers_per_usd"])
@given(order=st.permutations(LEVERS))
@settings(max_examples=20, deadline=None)
def test_the_product_is_the_ratio_in_every_order(measure: str, order: list[str]) -> None:
    found = change(BEFORE, AFTER, order=order, measure=measure)
    product = prod(f.factor.value for f in found.factors)
    assert product == pytest.approx(found.ratio.value, rel=1e-12)
    assert found.ratio.value == pytest.approx(found.value_after.value / found.value_before.value, rel=1e-12)
    for f in found.factors:
        assert f.low_order * (1 - 1e-12) <= f.factor.value <= f.high_order * (1 + 1e-12)


def test_a_doubled_price_is_the_price_alone() -> None:
    """Without people or checks that cost anything, twice the list price is half the VCpD."""
    free = PriceTable({**PRICES.prices, "machine": Price(per_second=0.0)})
    one, other = (Arm(a.label, a.records, a.counts, DomainTerms()) for a in (BEFORE, arm("a", "new")))
    found = vcpd_change(one, other, free, DRAWS)
    assert factor(found, "price").factor.value == pytest.approx(0.5)
    assert found.ratio.value == pytest.approx(0.5)
    assert all(f.factor.value == pytest.approx(1) for f in found.factors if f.lever != "price")


def test_usage_of_a_machine_is_throughput() -> None:
    slow, fast = arm("b", "box", seconds=4.0), arm("a", "box", seconds=1.0)
    terms = DomainTerms()
    free = PriceTable({**PRICES.prices, "machine": Price(per_second=0.0)})
    found = vcpd_change(Arm("b", slow.records, {}, terms), Arm("a", fast.records, {}, terms), free, DRAWS)
    assert found.basis == "second"
    assert factor(found, "usage").factor.value == pytest.approx(4)


def test_tokens_against_seconds_cannot_be_told_apart() -> None:
    found = change(BEFORE, arm("a", "box"))
    assert found.basis == "mixed"
    assert factor(found, "price").factor.value == 1


def test_levers_of_cost_depend_on_the_order_and_those_of_the_answer_do_not() -> None:
    found = change(BEFORE, AFTER)
    assert factor(found, "price").low_order < factor(found, "price").high_order
    for lever in ("quality", "answers", "length"):
        assert factor(found, lever).low_order == factor(found, lever).high_order


def test_the_same_side_twice_is_exactly_one() -> None:
    found = change(BEFORE, BEFORE)
    assert (found.ratio.value, found.ratio.low, found.ratio.high) == (1, 1, 1)


def test_a_before_without_a_right_answer_has_no_ratio() -> None:
    with pytest.raises(InsufficientDataError, match="vcpd of b is 0"):
        change(Arm("b", arm("b", "old", wrong=30, retried=0).records, {}, DomainTerms()), AFTER)


def test_an_unpriced_side_says_so() -> None:
    with pytest.raises(InsufficientDataError, match="'other'"):
        change(arm("b", "other"), AFTER)


def test_orders() -> None:
    assert lever_order(["quality"])[:2] == ("quality", "price")
    assert set(lever_order(["length", "people"])) == set(LEVERS)
    for names, said in ((["quantity"], "no lever"), (["price", "price"], "moved once")):
        with pytest.raises(LeverOrderError, match=said):
            lever_order(names)
