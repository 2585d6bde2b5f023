"""From records to printed numbers, by hand-sized runs."""

from collections.abc import Sequence
from typing import Any

import pytest
from vcpd.scoring.cell import DomainTerms
from vcpd.scoring.draws import DrawSettings
from vcpd.scoring.economics import Economics, RetryPolicy
from vcpd.scoring.estimate import Estimate, Measurement, as_json, from_json
from vcpd.scoring.measures import MEASURES, REVIEW_MEASURES, STEP_MEASURES, VERIFIER_MEASURES
from vcpd.scoring.policy import attempt_key
from vcpd.scoring.prices import Price, PriceTable
from vcpd.scoring.records import ClaimCounts, Outcome, OutcomeBy, Record
from vcpd.scoring.summary import Scoring, judged_by, summarise
from vcpd.scoring.usage import Usage

C, W, A = Outcome.CORRECT, Outcome.INCORRECT, Outcome.ABSTAINED
PRICES = PriceTable({"m": Price(input=1.0, output=1.0)})
ECONOMICS = Economics(60.0, 30.0, 60.0, 90.0, loss_per_escaped_error=10.0, q_min=0.9)


def record(i: int, outcome: Outcome, **more: Any) -> Record:
    judge = OutcomeBy.KEY if outcome in (C, W) else None
    row: dict[str, Any] = {
        "run_id": "r", "model": "m", "domain": "d", "sample_id": f"s{i}", "cluster_id": f"c{i}",
        "epoch": 1, "attempt": 1, "outcome": outcome, "outcome_by": judge, "output_tokens": 10, "delivered_tokens": 10,
        "usage": (Usage("generate", "m", input_tokens=90, output_tokens=10, requests=1),),
    }  # fmt: skip
    return Record(**{**row, **more})


def run(outcomes: Sequence[Outcome], **terms: Any) -> dict[str, Measurement]:
    records = [record(i, outcome) for i, outcome in enumerate(outcomes)]
    return table(records, **terms)


def table(records: Sequence[Record], domain: str = "d", **terms: Any) -> dict[str, Measurement]:
    scoring = Scoring(**{"prices": PRICES, "draws": DrawSettings(n=300), **terms})
    return {m.measure: m for m in summarise("r", records, {}, scoring) if m.domain == domain}


def value(found: dict[str, Measurement], name: str) -> float:
    e = found[name].estimate
    assert e is not None, found[name].note
    return e.value


MIXED = [C] * 5 + [W] * 2 + [A] * 4 + [Outcome.REFUSED] + [Outcome.INVALID] * 2 + [Outcome.UNSCORED]


def test_six_endings_are_shares_of_all_samples() -> None:
    found = run(MIXED)
    names = ("correct", "wrong", "abstained", "refused", "invalid", "unscored")
    assert [round(value(found, n) * 15) for n in names] == [5, 2, 4, 1, 2, 1]
    assert sum(value(found, n) for n in names) == pytest.approx(1)


def test_p_has_no_abstention_in_its_denominator() -> None:
    found = run(MIXED)
    assert value(found, "p") == pytest.approx(2 / 7)
    assert value(found, "p_best") == pytest.approx(2 / 8)  # the unscored one counts as right
    assert value(found, "p_worst") == pytest.approx(5 / 10)  # unscored and invalid count as wrong
    assert value(found, "p_upper_exact") > 2 / 7


def test_p_of_the_unanswerable_alone_is_no_p() -> None:
    unscored = [record(i, Outcome.UNSCORED, answerable=True) for i in range(4)]
    fooled = [record(10 + i, W, answerable=False) for i in range(3)]
    silent = [record(20 + i, A, answerable=False) for i in range(3)]
    found = table([*unscored, *fooled, *silent])
    for name in ("p", "p_upper_exact", "q", "q_tokens", "vcpd", "brier"):
        assert found[name].estimate is None, name
    assert found["p"].note == "undefined: only answers to unanswerable questions could be judged"
    assert value(found, "wrong") == pytest.approx(0.3)
    assert value(found, "p_best") == pytest.approx(3 / 7)
    assert value(found, "p_worst") == 1
    assert value(found, "abstention_recall") == pytest.approx(0.5)
    judged = table([*unscored, *fooled, *silent, record(30, C, answerable=True)])
    assert value(judged, "p") == pytest.approx(0.75)  # one answer that could be right was judged
    assert value(table([*fooled, *silent]), "p") == 1  # nothing was left unscored


@pytest.mark.parametrize(("t", "penalty"), [("00", 0), ("50", 1), ("75", 3), ("90", 9), ("95", 19)])
def test_utility_prices_a_guess(t: str, penalty: int) -> None:
    found = run([C] * 6 + [W] + [A] * 3)
    assert value(found, f"utility_t{t}") == pytest.approx(0.6 - penalty * 0.1)


def test_abstaining_on_all_is_not_being_wrong_on_all() -> None:
    silent, wrong = run([A] * 10), run([W] * 10)
    assert silent["p"].estimate is None
    assert "attempted" in silent["p"].note
    assert value(silent, "utility_t50") == 0
    assert value(wrong, "p") == 1
    assert value(wrong, "utility_t50") == -1


def test_all_right_is_not_certainty() -> None:
    found = run([C] * 20)
    for name in ("p", "utility_t50", "q", "correct"):
        e = found[name].estimate
        assert e is not None
        assert e.low != e.high, name


def test_unscored_answers_have_no_utility() -> None:
    assert "unscored" in run(MIXED)["utility_t50"].note


def test_abstention_against_the_label() -> None:
    must = [record(i, o, answerable=False) for i, o in enumerate([A, A, A, W])]
    may = [record(i, o, answerable=True) for i, o in enumerate([A, C, C, C, C], 10)]
    found = table(must + may)
    assert value(found, "abstention_recall") == 3 / 4
    assert value(found, "abstention_precision") == 3 / 4
    assert value(found, "over_abstention") == 1 / 5


def test_dollars_by_hand() -> None:
    """100 tokens at a dollar a million; 1 of 5 wrong, all delivered."""
    found = run([C] * 4 + [W], terms={"d": DomainTerms(ECONOMICS, RetryPolicy())}, wall_seconds={("m", "d"): 2.0})
    each = 100 / 1e6
    assert value(found, "c_g_usd") == pytest.approx(each)
    assert value(found, "kappa_usd") == pytest.approx(each)
    assert value(found, "h_usd") == pytest.approx(0)
    assert value(found, "q") == value(found, "q_tokens") == pytest.approx(0.8)
    assert value(found, "t_tokens_per_s") == pytest.approx(5 * 10 / 2)
    assert value(found, "c_usd_per_s") == pytest.approx(5 * each / 2)
    assert value(found, "vcpd") == pytest.approx(0.8 * 25 / (5 * each / 2))
    assert value(found, "vcpd_l") == pytest.approx(8 / (each + 0.2 * 10))
    assert value(found, "verified_answers_per_usd") == pytest.approx(0.8 / each)
    assert found["vcpd_floor"].estimate is None
    assert "Q = 0.800 misses the floor Q_min = 0.9" in found["vcpd_floor"].note


def test_escalation_costs_the_base_wage_and_names_the_scenarios() -> None:
    records = [record(i, C, risk_tier="high") for i in range(5)]
    policy = RetryPolicy(escalate_tiers=("high",))
    counts = {attempt_key(r): ClaimCounts(claims=3) for r in records}
    scoring = Scoring(PRICES, {"d": DomainTerms(ECONOMICS, policy)}, draws=DrawSettings(n=300))
    found = {m.measure: m for m in summarise("r", records, counts, scoring)}
    assert value(found, "h_usd") == pytest.approx(3 * 60 * 60 / 3600)
    assert "1.5 at 30, 4.5 at 90" in found["kappa_usd"].note
    assert found["c_v_usd"].estimate is None
    assert "no error was observed" in found["c_v_usd"].note


def test_an_unknown_price_blocks_dollars_alone() -> None:
    found = run([C] * 3 + [W], prices=PriceTable({}))
    assert value(found, "p") == value(found, "p_escaped") == 0.25
    assert value(found, "q_tokens") == 0.75
    for name in ("kappa_usd", "h_usd", "vcpd", "usd_per_verified_answer", "c_v_usd"):
        assert found[name].estimate is None
        assert "'m'" in found[name].note


def test_recorded_answers_have_no_throughput() -> None:
    assert "recorded" in run([C] * 3)["t_tokens_per_s"].note


def test_later_attempts_are_not_first_attempts() -> None:
    first, second = record(1, W), record(1, C, attempt=2)
    found = table([first, second, record(2, C)])
    assert value(found, "p") == 0.5


def test_epochs_of_a_sample_are_one_cluster() -> None:
    records = [record(i, C if i % 2 else W, epoch=e) for i in range(8) for e in (1, 2, 3)]
    e = table(records)["p"].estimate
    assert e is not None
    assert (e.n, e.n_clusters) == (24, 8)
    alone = table([r for r in records if r.epoch == 1])["p"].estimate
    assert alone is not None
    assert e.low is not None
    assert alone.low is not None
    assert e.low <= alone.low  # three copies of an answer are no further evidence


def test_domains_pool_with_their_traffic() -> None:
    heavy = Economics(60, 30, 60, 90, 10.0, traffic_weight=3.0)
    records = [record(i, C, domain="a") for i in range(4)] + [record(i, W, domain="b") for i in range(4)]
    terms = {"a": DomainTerms(heavy), "b": DomainTerms(ECONOMICS)}
    found = table(records, "all", terms=terms, pool=True)
    assert value(found, "p") == pytest.approx(0.25)
    assert value(found, "q") == pytest.approx(0.75)
    assert "a 0.75, b 0.25" in found["q"].note
    assert table(records, "all", terms=terms) == {}  # weights not declared: no pooled row


def test_who_judged_is_said() -> None:
    mixed = [record(1, C), record(2, W, outcome_by=OutcomeBy.HUMAN), record(3, C)]
    assert judged_by(mixed) == "judged by answer key (2), people (1)"
    assert judged_by([record(1, A)]) == "judged by nobody"


def test_every_measure_is_a_known_one_with_its_unit() -> None:
    found = run([C] * 3 + [W], terms={"d": DomainTerms(ECONOMICS)}, wall_seconds={("m", "d"): 1.0})
    others = {*VERIFIER_MEASURES, *REVIEW_MEASURES, *STEP_MEASURES} - {"sensitivity", "specificity"}
    assert set(found) == set(MEASURES) - others
    for name, m in found.items():
        assert m.estimate is None or m.estimate.unit == MEASURES[name].unit


def test_json_there_and_back() -> None:
    rows = list(run(MIXED).values())
    assert from_json(as_json(rows)) == rows
    with pytest.raises(ValueError, match="schema 2"):
        from_json({"schema": 2, "estimates": []})


def test_an_estimate_holds_its_value() -> None:
    with pytest.raises(ValueError, match="does not hold"):
        Estimate(0.5, 0.6, 0.7, 0.95, 1, 1, "x")
    with pytest.raises(ValueError, match="finite"):
        Estimate(float("inf"), None, None, 0.95, 1, 1, "x")


def test_the_same_records_give_the_same_numbers() -> None:
    assert run(MIXED) == run(MIXED)
