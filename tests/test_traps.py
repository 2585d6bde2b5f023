"""The traps that evaluations of this kind fall into, one test each, on the numbers that are printed."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import binom
from vcpd.evals.cli import run_cli
from vcpd.evals.config import JudgeSpec, ModelSpec, Roles
from vcpd.evals.judge_calls import JudgeRoleError
from vcpd.evals.judges import role_warnings
from vcpd.scoring.cell import DomainTerms
from vcpd.scoring.comparison import Arm, joint_cells
from vcpd.scoring.cost_model import Policy, UnitCosts, policy_outcome
from vcpd.scoring.draws import DrawSettings
from vcpd.scoring.economics import Economics, RetryPolicy
from vcpd.scoring.error_rate import post_stratified
from vcpd.scoring.estimate import Estimate, InsufficientDataError, Measurement
from vcpd.scoring.judge_tables import JudgeTable, LabelChoice, Stratum
from vcpd.scoring.listing import Counts, Workload, measured, vcpd
from vcpd.scoring.own_frontier import request_latencies
from vcpd.scoring.prices import Price, PriceTable
from vcpd.scoring.record_files import read_records
from vcpd.scoring.records import Outcome, OutcomeBy, PolicyVerdict, Record
from vcpd.scoring.summary import Scoring, summarise
from vcpd.scoring.usage import Usage
from vcpd.scoring.vcpd_factors import vcpd_change
from vcpd.verifiers.cross_validation import Folds, fold_numbers
from vcpd.verifiers.labelled import LabelledAnswer

C, W, A = Outcome.CORRECT, Outcome.INCORRECT, Outcome.ABSTAINED
ACCEPT, REJECT = PolicyVerdict.ACCEPT, PolicyVerdict.REJECT
PRICES = PriceTable({"m": Price(input=1.0, output=10.0, cache_read=0.1), "machine": Price(per_second=0.0)})
MONEY = Economics(60.0, 30.0, 60.0, 90.0, loss_per_escaped_error=10.0)


def record(i: int, outcome: Outcome, **more: Any) -> Record:
    judge = OutcomeBy.KEY if outcome in (C, W) else None
    row: dict[str, Any] = {
        "run_id": "r", "model": "m", "domain": "d", "sample_id": f"s{i}", "cluster_id": f"c{i}", "epoch": 1,
        "attempt": 1, "outcome": outcome, "outcome_by": judge, "delivered_tokens": 10,
        "usage": (Usage("generate", "m", input_tokens=100, output_tokens=10, requests=1),),
    }  # fmt: skip
    return Record(**{**row, **more})


def printed(records: Sequence[Record], **terms: Any) -> dict[str, Measurement]:
    scoring = Scoring(**{"prices": PRICES, "draws": DrawSettings(n=400), **terms})
    return {m.measure: m for m in summarise("r", records, {}, scoring)}


def estimate(found: Mapping[str, Measurement], name: str) -> Estimate:
    e = found[name].estimate
    assert e is not None, found[name].note
    return e


def value(found: Mapping[str, Measurement], name: str) -> float:
    return estimate(found, name).value


def test_mean_of_ratios() -> None:
    dear = record(1, C, usage=(Usage("generate", "m", input_tokens=1_000_000, requests=1),))
    found = printed([record(0, C), dear])
    cheap = (100 * 1 + 10 * 10) / 1e6
    assert value(found, "vcpd") == pytest.approx(20 / (1 + cheap))
    assert value(found, "vcpd") < (10 / cheap + 10) / 2 / 1000  # which the mean of the two ratios would be


def test_abstentions_in_the_denominator_of_p() -> None:
    found = printed([record(i, o) for i, o in enumerate([C] * 3 + [W] + [A] * 6)])
    assert value(found, "p") == 0.25
    assert value(found, "wrong") == 0.1


def test_no_answer_counted_as_a_wrong_one() -> None:
    found = printed([record(i, A) for i in range(5)])
    assert found["p"].estimate is None
    assert [value(found, m) for m in ("wrong", "correct", "abstained", "utility_t90")] == [0, 0, 1, 0]


def test_a_standard_error_of_zero_where_all_are_right() -> None:
    found = printed([record(i, C) for i in range(20)])
    for name in ("p", "correct", "q", "utility_t75"):
        e = estimate(found, name)
        assert e.low is not None
        assert e.high is not None
        assert e.high - e.low > 0.03, name


def test_zero_labelled_errors_as_certainty_of_none() -> None:
    rate = post_stratified(JudgeTable(Stratum(100, 25, 0), Stratum(400, 25, 0)), settings=DrawSettings(n=2000))
    e = rate.estimate("p")
    assert e.value == 0
    assert e.high is not None
    assert e.high > 0.03


def test_one_judge_in_the_loop_and_as_evaluator() -> None:
    judge = JudgeSpec(ModelSpec("a/one"), 3)
    with pytest.raises(JudgeRoleError, match="both the judge in the loop and the grader"):
        role_warnings(Roles(judge, judge), ["b/tested"])
    # what it lets through looks right to it, by construction: without other eyes on accepted answers, nothing is known
    seen = post_stratified(JudgeTable(Stratum(60, 30, 20), Stratum(440, 0, 0)), settings=DrawSettings(n=400))
    with pytest.raises(InsufficientDataError):
        seen.estimate("escape")


def test_labels_chosen_by_looking_at_the_answers() -> None:
    """400 answers of which a grader flags 100; people labelled 30 of the flagged alone."""
    rows = []
    for i in range(400):
        graded, human = W if i < 100 else C, (W if i % 2 else C) if i < 30 else None
        by = OutcomeBy.HUMAN if human else OutcomeBy.GRADER
        rows.append(record(i, human or graded, outcome_by=by, human=human, graded=graded if human else None))
    by_look = printed(rows, label_choice=LabelChoice.BY_OUTCOME)["p"]
    assert by_look.estimate is None
    assert "picked by how they looked" in by_look.note
    by_verdict = estimate(printed(rows, label_choice=LabelChoice.BY_VERDICT), "p")
    assert by_verdict.low is not None
    assert by_verdict.high is not None
    assert by_verdict.high - by_verdict.low > 0.5  # nothing is known of the 300 that nobody looked at


def test_sensitivity_borrowed_from_another_domain() -> None:
    # Se .9, Sp .95 of one domain corrects the flags of another, where Se is .5 and Sp .8, to twice its p of .1
    flagged = 0.1 * 0.5 + 0.9 * 0.2
    assert (flagged + 0.95 - 1) / (0.9 + 0.95 - 1) > 0.2
    own = post_stratified(JudgeTable(Stratum(1150, 46, 10), Stratum(3850, 154, 10)), settings=DrawSettings(n=400))
    assert own.p[0] == pytest.approx(0.1)


def test_retries_assumed_independent() -> None:
    """Half the questions are always answered wrongly and the verifier sees it: retrying them is in vain."""
    rows = []
    for i in range(100):
        hard = i % 2 == 0
        for attempt in (1, 2, 3) if hard else (1,):
            rows.append(record(i, W if hard else C, attempt=attempt, policy_verdict=REJECT if hard else ACCEPT))
    policy = RetryPolicy(max_retries=2)
    found = printed(rows, terms={"d": DomainTerms(MONEY, policy)})
    assert value(found, "verified_answer_rate") == pytest.approx(0.5)
    independent = policy_outcome(Policy(p=0.5, sensitivity=1, max_retries=2), UnitCosts(generation=1))
    assert independent.good == pytest.approx(0.875)


def test_throughput_of_attempts_taken_for_delivered() -> None:
    def listed(counts: Counts) -> float:
        point = Workload(serving=None, slo_p99_ms=1.0, verification_cost_per_sec=0.0, throughput_counts=counts)
        return vcpd(measured(0.9, 1000.0, 0.2), point, None, 0.01)

    assert listed(Counts.RAW) == pytest.approx(0.8 * listed(Counts.DELIVERED))
    with pytest.raises(ValueError, match="throughput_counts must be raw or delivered"):
        Workload(serving=None, slo_p99_ms=1.0, verification_cost_per_sec=0.0, throughput_counts="tokens")  # type: ignore[arg-type]


def test_human_dollars_divided_by_what_is_not_retried() -> None:
    policy = Policy(p=0.15, sensitivity=0.8, false_positive_rate=0.05, max_retries=3, escalate_exhausted=1)
    found = policy_outcome(policy, UnitCosts(generation=0.002, verification=0.001, review=5.0))
    machine, people = 0.003 * found.attempts, 5.0 * found.escalated
    assert found.usd_per_delivered == pytest.approx(machine + people)
    assert (machine + people / (1 - found.rejected)) / found.usd_per_delivered > 1.05


def test_the_wage_inside_the_interval() -> None:
    rows = [record(i, W if i % 5 == 0 else C, policy_verdict=REJECT if i % 5 == 0 else ACCEPT) for i in range(60)]
    policy = RetryPolicy(on_exhausted="escalate")

    def kappa(money: Economics) -> Estimate:
        return estimate(printed(rows, terms={"d": DomainTerms(money, policy)}), "kappa_usd")

    wide = kappa(replace(MONEY, wage_low=1.0, wage_high=900.0))
    assert wide == kappa(MONEY)  # what wages may be changes no interval


def arm(label: str, **more: Any) -> Arm:
    return Arm(label, tuple(record(i, W if i < 5 else C, **more) for i in range(50)), {}, DomainTerms())


def test_batch_discounts_or_cached_tokens_in_one_arm_alone() -> None:
    cached = (Usage("generate", "m", input_tokens=10, cache_read_tokens=90, output_tokens=10, requests=1),)
    change = vcpd_change(arm("before"), arm("after", usage=cached), PRICES, DrawSettings(n=400))
    moved = {f.lever: f.factor.value for f in change.factors if abs(f.factor.value - 1) > 1e-9}
    assert list(moved) == ["usage"]  # neither quality nor price: the same answers, other meters
    assert change.ratio.value == pytest.approx(200 / 119)
    both = joint_cells([arm("before", usage=cached), arm("after", usage=cached)], PRICES, DrawSettings(n=400))
    assert np.array_equal(both["before"].joint.kappa, both["after"].joint.kappa)


def test_a_price_cut_taken_for_a_better_model() -> None:
    """Both arms are priced with one table, so that what the provider did meanwhile is in neither."""
    for table in (PRICES, PriceTable({"m": Price(input=0.5, output=5.0), "machine": Price(per_second=0.0)})):
        change = vcpd_change(arm("before"), arm("after"), table, DrawSettings(n=400))
        assert change.ratio.value == 1
        assert all(f.factor.value == 1 for f in change.factors)


def test_hidden_reasoning_in_dollars_and_in_tokens_delivered() -> None:
    thinking = (Usage("generate", "m", input_tokens=100, output_tokens=510, reasoning_tokens=500, requests=1),)
    plain, thinks = printed(arm("a").records), printed(arm("a", usage=thinking, output_tokens=510).records)
    assert value(thinks, "c_g_usd") == pytest.approx((100 + 5100) / 1e6)
    same = value(plain, "vcpd") * value(plain, "kappa_usd")  # delivered right tokens a request
    assert value(thinks, "vcpd") * value(thinks, "kappa_usd") == pytest.approx(same)


def test_truncated_answers_counted_as_abstentions(tmp_path: Path) -> None:
    cut = {"answer": "I don't know whether the court", "finish_reason": "length"}
    whole = {"answer": "I don't know.", "finish_reason": "stop"}
    asked = {"model": "m", "domain": "d", "question": "q"}
    rows = [{"sample_id": "a", **asked, **cut}, {"sample_id": "b", **asked, **whole}]
    answers = tmp_path / "answers.jsonl"
    answers.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert run_cli(["score", str(answers), "--out", str(tmp_path / "run"), "--quiet"]) == 0
    endings = {r.sample_id: r.outcome for r in read_records(tmp_path / "run")}
    assert endings == {"a": Outcome.INVALID, "b": A}


def test_best_of_k_reported_as_the_first() -> None:
    rows = []
    for i in range(40):
        rows += [record(i, W, policy_verdict=REJECT), record(i, C, attempt=2, policy_verdict=ACCEPT)]
    found = printed(rows, terms={"d": DomainTerms(MONEY, RetryPolicy(max_retries=1))})
    assert (value(found, "p"), value(found, "correct")) == (1, 0)  # of first attempts
    assert value(found, "verified_answer_rate") == 1  # and of the policy, whose retries are paid for:
    assert value(found, "kappa_usd") == pytest.approx(2 * value(found, "c_g_usd"))
    epochs = [record(i, C if epoch == 1 else W, epoch=epoch) for i in range(40) for epoch in (1, 2, 3, 4)]
    assert value(printed(epochs), "p") == 0.75  # the mean over epochs, not the best of them


def test_clusters_on_both_sides_of_a_split() -> None:
    answers = [LabelledAnswer(f"a{i}", f"page {i // 4}", f"Claim {i}.", (), (), ()) for i in range(80)]
    numbers = fold_numbers(answers, Folds(5))
    for page in {a.cluster_id for a in answers}:
        assert len({n for a, n in zip(answers, numbers, strict=True) if a.cluster_id == page}) == 1
    assert len(set(numbers)) == 5


def test_a_latency_without_the_verifier() -> None:
    usage = (Usage("generate", "m", 1, requests=1), Usage("verify:judge", "m", input_tokens=1, seconds=1.5))
    slow = arm("m", latency_s=2.0, usage=usage)
    [cell] = joint_cells([slow], PRICES, DrawSettings(n=100)).values()
    assert set(request_latencies(slow, cell)) == {3.5}


def test_percentiles_of_a_bootstrap_of_few() -> None:
    """Nominal 95 %: the percentile bootstrap of 15 answers holds p = .1 in 80 % of samples; the printed interval more.

    Both coverages are exact sums over the binomial number of errors; no interval is simulated twice.
    """
    n, p = 15, 0.1
    mass = binom.pmf(np.arange(n + 1), n, p)
    percentile = [(binom.ppf(0.025, n, k / n) / n <= p <= binom.ppf(0.975, n, k / n) / n) for k in range(n + 1)]
    ours = []
    for k in range(n + 1):
        e = estimate(printed([record(i, W if i < k else C) for i in range(n)]), "p")
        assert e.low is not None
        assert e.high is not None
        ours.append(e.low <= p <= e.high)
    assert float(mass[percentile].sum()) < 0.82
    assert float(mass[ours].sum()) > 0.93
