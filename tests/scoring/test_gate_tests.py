"""From outcomes to tests: what blocks, what is guarded, what silence costs."""

import numpy as np
import pytest
from paired_cases import columns, pair
from vcpd.scoring.gate import GateTest, Margin, Role, Verdict, decide
from vcpd.scoring.gate_tests import outcome_tests

MARGINS = {"p": Margin(0.03, "default")}


def measured(old: str, new: str, primaries: tuple[str, ...] = ("p",)) -> dict[str, GateTest]:
    return {t.measure: t for t in outcome_tests(pair(columns(old), columns(new)), primaries, MARGINS)}


def test_values_are_those_of_the_arms() -> None:
    found = measured("cccccwwaau" * 30, "ccccccwwai" * 30)
    values = {m: (t.evidence.baseline, t.evidence.candidate) for m, t in found.items() if t.evidence}
    assert values["p"] == (pytest.approx(2 / 7), pytest.approx(2 / 8))
    assert values["correct"] == (pytest.approx(0.5), pytest.approx(0.6))
    assert values["abstained"] == (pytest.approx(0.2), pytest.approx(0.1))
    assert values["unscored"] == (pytest.approx(0.1), 0)
    assert values["invalid"] == (0, pytest.approx(0.1))
    assert found["correct"].evidence.loss == pytest.approx(-0.1)  # more right answers are no loss


def test_roles() -> None:
    roles = {m: t.role for m, t in measured("cw" * 50, "cw" * 50).items()}
    assert roles["p"] is Role.PRIMARY
    assert {roles["correct"], roles["abstained"]} == {Role.GUARD}
    assert {roles[m] for m in ("wrong", "refused", "invalid", "unscored")} == {Role.INFORMATION}
    alone = {m: t.role for m, t in measured("cw" * 50, "cw" * 50, ("correct",)).items()}
    assert (alone["p"], alone["correct"], alone["abstained"]) == (Role.INFORMATION, Role.PRIMARY, Role.INFORMATION)


def test_p_is_not_bought_by_silence() -> None:
    """The candidate says nothing where the baseline was wrong, and on some that it knew."""
    old, new = "c" * 600 + "w" * 200, "c" * 500 + "a" * 300
    decision = decide(list(measured(old, new).values()))
    verdicts = {f.test.measure: f.verdict for f in decision.blocking}
    assert verdicts == {"p": Verdict.PASS, "correct": Verdict.FAIL, "abstained": Verdict.FAIL}


def test_to_abstain_where_the_sources_hold_nothing_is_no_loss() -> None:
    none = np.array([True] * 400 + [False] * 200, object)
    sides = columns("c" * 400 + "w" * 200, answerable=none), columns("c" * 400 + "a" * 200, answerable=none)
    decision = decide(outcome_tests(pair(*sides), ("p",), MARGINS))
    assert decision.verdict is Verdict.PASS


def test_a_model_grader_that_nobody_checked_leaves_the_gate_open() -> None:
    sides = columns("cw" * 200, by="grader"), columns("cw" * 200, by="grader")
    decision = decide(outcome_tests(pair(*sides), ("p",), MARGINS))
    assert decision.verdict is Verdict.INCONCLUSIVE
    assert "nobody checked" in decision.of(Verdict.INCONCLUSIVE)[0].reason


def test_answers_to_unanswerable_questions_alone_are_not_p() -> None:
    none = np.array([None] * 50 + [False] * 50, object)
    side = columns("u" * 50 + "w" * 50, answerable=none)
    found = {t.measure: t for t in outcome_tests(pair(side, side), ("p",), MARGINS)}
    assert found["p"].evidence is None


def test_margins_by_measure() -> None:
    margins = {"p": Margin(0.02, "a"), "correct": Margin(0.5, "b")}
    found = {t.measure: t.margin for t in outcome_tests(pair(columns("cw" * 9), columns("cw" * 9)), ("p",), margins)}
    assert (found["correct"].value, found["abstained"].value) == (0.5, 0.02)
