"""The break-even loss from replayed records equals the closed form where that holds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from vcpd.scoring.cell import DomainTerms, make_cell
from vcpd.scoring.cost_model import Policy, UnitCosts, break_even_loss
from vcpd.scoring.draws import DrawSettings
from vcpd.scoring.economics import Economics, RetryPolicy
from vcpd.scoring.estimate import Measurement
from vcpd.scoring.ledger import ledger
from vcpd.scoring.loss import break_even_loss as measured_loss
from vcpd.scoring.loss import loss_curve
from vcpd.scoring.policy import attempt_key
from vcpd.scoring.prices import Price, PriceTable
from vcpd.scoring.records import ClaimCounts, Outcome, OutcomeBy, PolicyVerdict, Record
from vcpd.scoring.summary import Scoring, summarise
from vcpd.scoring.usage import Usage

PRICES = PriceTable({"m": Price(input=0.0, output=1.0), "v": Price(input=0.0, output=2.0)})
SETTINGS = DrawSettings(n=500)
GENERATE = Usage("generate", "m", output_tokens=100_000, requests=1, seconds=2.0)  # 0.1 dollars
VERIFY = Usage("verify:v", "v", output_tokens=10_000, requests=1)  # 0.02 dollars


def record(i: int, wrong: bool, rejected: bool, attempt: int = 1) -> Record:
    verdict = PolicyVerdict.REJECT if rejected else PolicyVerdict.ACCEPT
    return Record(
        "r", "m", "d", f"s{i}", f"c{i}", 1, attempt, Outcome.INCORRECT if wrong else Outcome.CORRECT, OutcomeBy.KEY,
        policy_verdict=verdict, output_tokens=10, delivered_tokens=10, usage=(GENERATE, VERIFY),
    )  # fmt: skip


def records(caught: int, missed: int, false_alarms: int, passed: int) -> list[Record]:
    kinds = [(True, True)] * caught + [(True, False)] * missed + [(False, True)] * false_alarms
    return [record(i, *kind) for i, kind in enumerate(kinds + [(False, False)] * passed)]


def found(rows: list[Record]) -> dict[str, Measurement]:
    return {m.measure: m for m in summarise("r", rows, {}, Scoring(PRICES, draws=SETTINGS))}


@given(st.integers(1, 9), st.integers(0, 9), st.integers(0, 5), st.integers(10, 40))
def test_it_equals_the_closed_form_without_people_and_retries(
    caught: int, missed: int, false_alarms: int, passed: int
) -> None:
    wrong, right = caught + missed, false_alarms + passed
    p, se, fpr = wrong / (wrong + right), caught / wrong, false_alarms / right
    cell = make_cell(records(caught, missed, false_alarms, passed), {}, DomainTerms(), PRICES, DrawSettings(n=20))
    assert cell.plain is not None
    loss = float(measured_loss(cell.joint, cell.plain)[0])
    if se <= fpr + 1e-9:
        assert loss == np.inf
        return
    policy, costs = Policy(p=p, sensitivity=se, false_positive_rate=fpr), UnitCosts(generation=0.1, verification=0.02)
    assert loss == pytest.approx(break_even_loss(policy, costs))
    assert loss == pytest.approx((0.02 + fpr * 0.1) / (p * (se - fpr)))


def test_it_is_printed_and_says_why_where_it_is_not() -> None:
    table = found(records(8, 2, 4, 86))
    e = table["break_even_loss_usd"].estimate
    assert e is not None
    assert e.value == pytest.approx((0.02 + 4 / 90 * 0.1) / (0.1 * (0.8 - 4 / 90)))
    useless = found(records(1, 9, 30, 60))["break_even_loss_usd"]
    assert useless.estimate is None
    assert "no loss is enough" in useless.note


def test_the_curves_cross_at_the_break_even_loss() -> None:
    cell = make_cell(records(8, 2, 4, 86), {}, DomainTerms(), PRICES, SETTINGS)
    assert cell.plain is not None
    loss = float(measured_loss(cell.joint, cell.plain)[0])
    below, at, above = loss_curve(cell.joint, cell.plain, [0.5 * loss, loss, 2 * loss], SETTINGS, 100, 100)
    assert below.verified.value < below.unverified.value
    assert at.verified.value == pytest.approx(at.unverified.value)
    assert above.verified.value > above.unverified.value


def test_the_ledger_adds_up_to_kappa() -> None:
    rows = [record(i, False, i % 4 == 0) for i in range(20)]
    rows += [record(i, False, i % 8 == 0, attempt=2) for i in range(0, 20, 4)]
    policy = RetryPolicy(max_retries=1, on_exhausted="escalate")
    economics = Economics(60.0, 30.0, 60.0, 90.0, loss_per_escaped_error=1.0)
    counts = {attempt_key(r): ClaimCounts(claims=3) for r in rows}
    lines = {row.stage: row for row in ledger(rows, policy, counts, PRICES, economics)}
    assert list(lines) == ["generate", "verify:v", "retry:generate", "people"]
    assert lines["generate"].usd == pytest.approx(0.1)
    assert lines["verify:v"].usd == pytest.approx(0.02 * 25 / 20)
    assert lines["retry:generate"].share_of_requests == pytest.approx(5 / 20)
    assert lines["retry:generate"].units["seconds"] == pytest.approx(2.0 * 5 / 20)
    assert lines["people"].units == {"reviews": 3 / 20, "claims": 9 / 20, "seconds": 27.0}
    scoring = Scoring(PRICES, {"d": DomainTerms(economics, policy)}, draws=SETTINGS)
    kappa = next(m.estimate for m in summarise("r", rows, counts, scoring) if m.measure == "kappa_usd")
    assert kappa is not None
    assert sum(row.usd or 0.0 for row in lines.values()) == pytest.approx(kappa.value)


def test_an_unpriced_stage_keeps_its_units() -> None:
    rows = ledger([record(0, False, False)], RetryPolicy(), {}, PriceTable({"m": Price(1.0, 1.0)}), None)
    assert [(row.stage, row.usd is None) for row in rows] == [("generate", False), ("verify:v", True)]
    assert rows[1].units["output_tokens"] == 10_000
