"""Launch verdicts of a review: the gate's findings in its words, and all of them together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vcpd.scoring.estimate import Estimate, Measurement
from vcpd.scoring.gate import LIMIT, Evidence, Finding, GateTest, Margin, Role, Verdict
from vcpd.scoring.launch_limits import Launch, may_ship, overall

YES, NO, OPEN = Launch.YES, Launch.NO, Launch.NOT_SHOWN
ALL = {"correct": Measurement("r", "m", "d", "correct", Estimate(0.9, 0.8, 0.95, 0.95, 400, 300, "test"), "")}
EVIDENCE = Evidence(0.02, 0.01, -0.01, 0.0, 0.03, 0.2, 0.9, 300, 300, "test", more_items=120)


def finding(measure: str, verdict: Verdict, evidence: Evidence | None = EVIDENCE) -> Finding:
    test = GateTest("d", measure, Role.PRIMARY, Margin(0.02, "pack"), evidence, "", "m", LIMIT)
    return Finding(test, verdict, 0.5, "neither keeping nor missing the limit is shown")


@pytest.mark.parametrize(
    ("p", "q", "expected"),
    [
        (Verdict.PASS, Verdict.PASS, YES),
        (Verdict.PASS, Verdict.FAIL, NO),
        (Verdict.INCONCLUSIVE, Verdict.FAIL, NO),
        (Verdict.INCONCLUSIVE, Verdict.PASS, OPEN),
    ],
)
def test_every_limit_must_be_kept(p: Verdict, q: Verdict, expected: Launch) -> None:
    found = may_ship([finding("p", p), finding("q", q)], ALL, items_for_launch=0)
    assert found.verdict is expected
    assert [c.name for c in found.checks] == ["p_max", "q_min"]


def test_what_is_open_says_what_would_tell() -> None:
    [check] = may_ship([finding("p", Verdict.INCONCLUSIVE)], ALL, items_for_launch=0).checks
    assert check.reason.endswith("about 120 more items would tell, if it stays so")
    [check] = may_ship([finding("p", Verdict.PASS)], ALL, items_for_launch=0).checks
    assert check.reason == ""


def test_too_few_questions_support_no_launch() -> None:
    findings = [finding("p", Verdict.PASS)]
    assert may_ship(findings, ALL, items_for_launch=300).verdict is YES
    assert may_ship(findings, ALL, items_for_launch=301).verdict is OPEN
    assert may_ship([], ALL, items_for_launch=0).verdict is OPEN


@given(st.lists(st.sampled_from(list(Launch))))
def test_all_domains_together(verdicts: list[Launch]) -> None:
    found = overall(verdicts)
    assert (found is NO) == (NO in verdicts)
    assert (found is YES) == (bool(verdicts) and set(verdicts) == {YES})
