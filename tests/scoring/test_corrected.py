"""People's labels correct an automatic judge, and everything that follows from p follows from the same draws."""

from dataclasses import replace

import pytest
from vcpd.scoring.cell import DomainTerms
from vcpd.scoring.draws import DrawSettings
from vcpd.scoring.economics import Economics, RetryPolicy
from vcpd.scoring.estimate import Estimate, Measurement
from vcpd.scoring.judge_tables import LabelChoice
from vcpd.scoring.prices import Price, PriceTable
from vcpd.scoring.records import Outcome, OutcomeBy, PolicyVerdict, Record
from vcpd.scoring.summary import Scoring, summarise
from vcpd.scoring.usage import Usage

C, W, U = Outcome.CORRECT, Outcome.INCORRECT, Outcome.UNSCORED
PRICES = PriceTable({"m": Price(input=1.0, output=1.0)})
ECONOMICS = Economics(60.0, 30.0, 60.0, 90.0, loss_per_escaped_error=10.0)


def record(i: int, graded: Outcome, human: Outcome | None, verdict: PolicyVerdict | None = None) -> Record:
    by = OutcomeBy.HUMAN if human else None if graded is U else OutcomeBy.GRADER
    usage = (Usage("generate", "m", input_tokens=90, output_tokens=10, requests=1),)
    return Record(
        "r", "m", "d", f"s{i}", f"c{i}", 1, 1, human or graded, by, human,
        graded=graded if human and graded is not U else None,
        policy_verdict=verdict, output_tokens=10, delivered_tokens=10, usage=usage,
    )  # fmt: skip


def pool(by_verifier: bool = False) -> list[Record]:
    """100 flagged (20 labelled, 10 of them wrong), 300 unflagged (30 labelled, 3 of them wrong): p = .2."""
    kinds = [(True, W)] * 10 + [(True, C)] * 10 + [(True, None)] * 80
    kinds += [(False, W)] * 3 + [(False, C)] * 27 + [(False, None)] * 270
    verdicts = {True: PolicyVerdict.REJECT, False: PolicyVerdict.ACCEPT}
    if by_verifier:
        return [record(i, U, human, verdicts[flag]) for i, (flag, human) in enumerate(kinds)]
    return [record(i, W if flag else C, human) for i, (flag, human) in enumerate(kinds)]


def measured(records: list[Record], choice: LabelChoice | None = LabelChoice.BY_VERDICT) -> dict[str, Measurement]:
    scoring = Scoring(
        prices=PRICES, draws=DrawSettings(n=2000), label_choice=choice, terms={"d": DomainTerms(ECONOMICS)}
    )
    return {m.measure: m for m in summarise("r", records, {}, scoring)}


def estimate(found: dict[str, Measurement], name: str) -> Estimate:
    e = found[name].estimate
    assert e is not None, found[name].note
    return e


def test_labels_correct_the_grader() -> None:
    found = measured(pool())
    p = estimate(found, "p")
    assert p.value == pytest.approx(0.25 * 0.5 + 0.75 * 0.1)
    assert (p.method, p.n) == ("post-stratified, jeffreys", 50)
    assert estimate(found, "judged_wrong").value == pytest.approx(0.25)  # the grader alone
    assert "people's labels correct the automatic evaluator" in found["p"].note


def test_all_that_follows_from_p_follows_from_the_same_draws() -> None:
    found = measured(pool())
    right, wrong, p = (estimate(found, name).value for name in ("correct", "wrong", "p"))
    assert wrong / (right + wrong) == pytest.approx(p)
    assert estimate(found, "utility_t75").value == pytest.approx(right - 3 * wrong)
    assert estimate(found, "q").value == pytest.approx(1 - p)  # no verifier in the loop: all is delivered
    assert estimate(found, "p_escaped").value == pytest.approx(p)
    assert estimate(found, "c_v_usd").value == pytest.approx(estimate(found, "h_usd").value / p)


def test_the_verifier_in_the_loop_is_the_judge_where_nobody_graded() -> None:
    found = measured(pool(by_verifier=True))
    assert estimate(found, "p").value == pytest.approx(0.2)
    assert estimate(found, "sensitivity").value == pytest.approx(0.125 / 0.2)
    assert estimate(found, "specificity").value == pytest.approx(1 - 0.125 / 0.8)
    assert estimate(found, "q").value == pytest.approx(0.9)  # what it accepts is wrong one time in ten
    assert estimate(found, "unscored").value == pytest.approx(350 / 400)
    rho2 = (0.125 - 0.2 * 0.25) ** 2 / (0.2 * 0.8 * 0.25 * 0.75)
    assert estimate(found, "label_value").value == pytest.approx(1 / (1 - rho2))


def test_a_grader_that_nobody_checked_gives_no_p() -> None:
    found = measured([record(i, W if i < 3 else C, None) for i in range(12)])
    for name in ("p", "p_worst", "p_upper_exact", "p_escaped", "q", "vcpd", "c_v_usd"):
        assert found[name].estimate is None, name
    assert "nobody checked" in found["p"].note
    assert "nobody checked" in found["vcpd"].note
    assert estimate(found, "judged_wrong").value == pytest.approx(0.25)
    assert estimate(found, "kappa_usd").value > 0


def test_labels_picked_by_how_answers_looked_are_refused() -> None:
    found = measured(pool(), LabelChoice.BY_OUTCOME)
    assert found["p"].estimate is None
    assert "picked by how they looked" in found["p"].note


def test_all_labelled_is_the_plain_share() -> None:
    records = [record(i, C, W if i < 3 else C) for i in range(12)]
    p = estimate(measured(records), "p")
    assert (p.value, p.method) == (0.25, "wilson")


def test_labels_that_may_not_correct_leave_the_outcomes_as_they_are() -> None:
    p = estimate(measured(pool(), None), "p")
    assert p.value == pytest.approx((10 + 80 + 3) / 400)
    assert p.method == "wilson"


def test_errors_of_the_grader_in_both_directions_cancel_in_no_number() -> None:
    """A grader that calls everything right: its own rate is 0, p is what people found."""
    records = [record(i, C, (W if i % 5 == 0 else C) if i < 50 else None) for i in range(400)]
    found = measured(records)
    assert estimate(found, "judged_wrong").value == 0
    assert estimate(found, "p").value == pytest.approx(0.2)
    assert found["label_value"].estimate is None  # a constant judge correlates with nothing


def test_retries_are_marked_too() -> None:
    policy = DomainTerms(ECONOMICS, RetryPolicy(max_retries=1))
    first = [replace(r, policy_verdict=PolicyVerdict.REJECT) for r in pool()]
    second = [replace(r, attempt=2, policy_verdict=PolicyVerdict.ACCEPT) for r in pool()]
    scoring = Scoring(PRICES, {"d": policy}, draws=DrawSettings(n=500), label_choice=LabelChoice.BY_VERDICT)
    found = {m.measure: m for m in summarise("r", [*first, *second], {}, scoring)}
    assert estimate(found, "q").value == pytest.approx(0.8)


def test_labels_of_unequal_weight_by_hand() -> None:
    """Flagged: a wrong one that stands for itself and a right one that stands for 9, of 10: t1 = .1. Unflagged: three
    right ones of 90: t0 = 0. p = .1 * .1; unweighted it would be .1 * .5."""
    records = [record(0, W, W), record(1, W, C), *(record(i, W, None) for i in range(2, 10))]
    records += [record(i, C, C if i < 13 else None) for i in range(10, 100)]
    weights = {0: 1.0, 1: 1 / 9, **dict.fromkeys(range(10, 13), 1 / 30)}
    weighted = [replace(r, inclusion=weights.get(i)) for i, r in enumerate(records)]
    assert estimate(measured(weighted), "p").value == pytest.approx(0.01)
    assert estimate(measured(records), "p").value == pytest.approx(0.05)


def test_without_a_judge_unequal_weights_count_too() -> None:
    """A wrong label that stands for itself and two right ones that stand for ten each: 1 / 21."""
    records = [replace(record(0, U, W), inclusion=1.0)]
    records += [replace(record(i, U, C), inclusion=0.1) for i in (1, 2)] + [record(i, U, None) for i in range(3, 21)]
    found = measured(records)
    assert estimate(found, "p").value == pytest.approx(1 / 21)
    assert "unequal chances of being labelled" in found["p"].note
    equal = [replace(r, inclusion=0.1 if r.human else None) for r in records]
    assert estimate(measured(equal), "p").value == pytest.approx(1 / 3)
