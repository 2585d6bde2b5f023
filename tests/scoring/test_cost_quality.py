"""Frontier, cheapest choice and rankings of the user's own models, from joint draws."""

from typing import Any

import numpy as np
import pytest
from vcpd.scoring.cell import DomainTerms
from vcpd.scoring.comparison import Arm, joint_cells
from vcpd.scoring.cost_quality import Choice, Cost, Quality, Standing
from vcpd.scoring.draws import DrawSettings
from vcpd.scoring.economics import Economics, RetryPolicy
from vcpd.scoring.own_frontier import DomainFrontier, LatencyLimit, Question, domain_frontier, request_latencies
from vcpd.scoring.prices import Price, PriceTable
from vcpd.scoring.records import Outcome, OutcomeBy, PolicyVerdict, Record
from vcpd.scoring.usage import Usage

PRICES = PriceTable({"cheap": Price(1.0, 1.0), "dear": Price(10.0, 10.0), "machine": Price(per_second=0.0)})
DRAWS = DrawSettings(n=2000)


def arm(model: str, wrong: set[int], *, n: int = 100, tokens: int = 10, label: str = "", **more: Any) -> Arm:
    rows = []
    for i in range(n):
        row: dict[str, Any] = {
            "run_id": "r", "model": model, "domain": "d", "sample_id": f"s{i:03}", "cluster_id": f"c{i:03}",
            "epoch": 1, "attempt": 1, "outcome": Outcome.INCORRECT if i in wrong else Outcome.CORRECT,
            "outcome_by": OutcomeBy.KEY, "delivered_tokens": tokens, "latency_s": 1.0,
            "usage": (Usage("generate", model, input_tokens=90, output_tokens=tokens, requests=1),),
        }  # fmt: skip
        rows.append(Record(**{**row, **more}))
    return Arm(label or model, tuple(rows), {}, DomainTerms())


def frontier(*arms: Arm, **question: Any) -> DomainFrontier:
    return domain_frontier("d", arms, joint_cells(arms, PRICES, DRAWS), Question(**question))


def place(found: DomainFrontier, label: str) -> Standing:
    return next(s for s in found.standings if s.label == label)


def asked(found: DomainFrontier) -> Choice:
    assert found.asked is not None
    return found.asked


WEAK, STRONG = arm("cheap", set(range(30))), arm("dear", set(range(4)))
WORSE = arm("dear", set(range(40)), label="dear and worse")


def test_cheaper_or_better_is_on_and_dominated_is_off() -> None:
    found = frontier(WEAK, STRONG, WORSE)
    assert [c.label for c in found.candidates] == ["cheap", "dear", "dear and worse"]
    assert [(s.frontier, s.off) for s in found.standings] == [(True, False), (True, False), (False, True)]
    assert place(found, "cheap").on_share == 1  # nothing is as cheap


def test_two_tied_models_are_both_on() -> None:
    twins = arm("cheap", set(range(10))), arm("cheap", set(range(50, 60)), label="twin")
    found = frontier(*twins)
    assert all(0.4 < s.on_share < 0.6 and not s.off for s in found.standings)


@pytest.mark.parametrize(("quality", "label"), [(0.6, "cheap"), (0.9, "dear"), (0.999, None)])
def test_the_cheapest_at_a_quality(quality: float, label: str | None) -> None:
    choice = asked(frontier(WEAK, STRONG, quality=quality))
    assert choice.label == label
    assert sum(choice.cheapest_share.values()) + choice.none_share == pytest.approx(1)
    if label:
        assert choice.cheapest_share[label] > 0.9


def test_a_quality_at_the_value_itself_is_a_coin() -> None:
    choice = asked(frontier(WEAK, STRONG, quality=0.7))
    assert choice.label == "cheap"
    assert 0.35 < choice.cheapest_share["cheap"] < 0.65
    assert choice.quality_share == choice.cheapest_share["cheap"]


def test_a_limit_takes_the_slow_one_out() -> None:
    slow = arm("cheap", set(range(30)), latency_s=9.0)
    found = frontier(slow, STRONG, quality=0.6, limit=LatencyLimit(5.0))
    assert asked(found).label == "dear"
    assert asked(found).within_share is not None


def test_latency_that_was_not_recorded_never_qualifies() -> None:
    found = frontier(arm("cheap", {1}, latency_s=None), STRONG, quality=0.6, limit=LatencyLimit(5.0))
    assert asked(found).label == "dear"
    assert "latency of 100 of 100 requests was not recorded" in found.candidates[0].unmeasured


def test_a_few_requests_within_the_limit_do_not_prove_its_99th_percentile() -> None:
    few = asked(frontier(arm("cheap", {1}, n=30), quality=0.5, limit=LatencyLimit(5.0)))
    many = asked(frontier(arm("cheap", {1}, n=600), quality=0.5, limit=LatencyLimit(5.0)))
    assert few.label == many.label == "cheap"
    assert few.within_share is not None
    assert many.within_share is not None
    assert few.within_share < 0.7 < 0.95 < many.within_share


def test_retries_and_checks_are_inside_the_latency() -> None:
    usage = (Usage("generate", "cheap", 1, requests=1), Usage("verify:lexical", None, seconds=0.25))
    first = arm("cheap", set(), n=1, policy_verdict=PolicyVerdict.REJECT, usage=usage).records
    second = arm("cheap", set(), n=1, attempt=2, latency_s=2.0, usage=usage).records
    terms = DomainTerms(None, RetryPolicy(max_retries=1))
    both = Arm("cheap", first + second, {}, terms)
    [cell] = joint_cells([both], PRICES, DRAWS).values()
    assert request_latencies(both, cell) == [1.0 + 2.0 + 2 * 0.25]


def test_an_unpriced_model_is_left_out_by_name() -> None:
    found = frontier(WEAK, arm("unheard-of", {1}))
    assert [label for label, _ in found.left_out] == ["unheard-of"]
    assert "'unheard-of'" in found.left_out[0][1]


def test_p_and_tokens_as_quality() -> None:
    for axis in (Quality.RIGHT_ATTEMPTS, Quality.Q_TOKENS):
        found = frontier(WEAK, STRONG, quality_axis=axis, cost_axis=Cost.VERIFIED_ANSWER)
        assert found.candidates[0].quality[0] == pytest.approx(0.7)
        assert found.candidates[0].cost[0] == pytest.approx(1e-4 / 0.7)


def test_verbosity_turns_one_ranking_round() -> None:
    """Ten times the tokens at the same price a token: ahead by VCpD, behind by answers per dollar."""
    long = arm("cheap", set(range(30)), tokens=1000, label="long")
    found = frontier(WEAK, long)
    [pair] = found.opposite
    assert (pair.by_vcpd, pair.by_answers, pair.share) == ("long", "cheap", 1.0)
    assert (found.vcpd_ranks["long"][0], found.answer_ranks["long"][0]) == (1, 2)


def test_ranks_of_models_that_cannot_be_told_apart_have_wide_ends() -> None:
    twins = arm("cheap", set(range(10))), arm("cheap", set(range(50, 61)), label="twin")
    found = frontier(*twins)
    assert {ends[1:] for ends in found.answer_ranks.values()} == {(1, 2)}


def test_other_wages_may_turn_the_order_round() -> None:
    """One escalates and is cheap by the machine, the other does not and is dear."""
    economics = Economics(60.0, wage_low=1e-6, wage_base=1.0, wage_high=100.0, loss_per_escaped_error=0.0)
    people = DomainTerms(economics, RetryPolicy(escalate_tiers=("high",)))
    reviewed = Arm("reviewed", arm("cheap", set(), n=20, risk_tier="high").records, {}, people)
    alone = Arm("alone", arm("dear", set(), n=20).records, {}, people)
    found = frontier(reviewed, alone)
    assert "at the low wage the order by verified answers per dollar is another" in found.wages


def test_limits_are_checked() -> None:
    for seconds, share in ((0.0, 0.99), (float("inf"), 0.99), (1.0, 1.0)):
        with pytest.raises(ValueError, match="latency limit"):
            LatencyLimit(seconds, share)


def test_nobody_to_place() -> None:
    found = frontier(arm("unheard-of", {1}), quality=0.5)
    assert asked(found).label is None
    assert asked(found).none_share == 1
    assert np.array(found.candidates).size == 0
