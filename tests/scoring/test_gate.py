"""PASS by intersection-union, FAIL by Holm, INCONCLUSIVE otherwise."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests
from vcpd.scoring.gate import LIMIT, Evidence, GateTest, Margin, Role, Verdict, decide, holm
from vcpd.scoring.gate_power import least_margin, more_items
from vcpd.scoring.paired import PairedTable
from vcpd.scoring.power import PairedTest, paired_items

PROBABILITIES = st.floats(0, 1, allow_nan=False)


def check(p_inferior: float, p_no_loss: float, *, role: Role = Role.PRIMARY, measure: str = "p") -> GateTest:
    evidence = Evidence(0.1, 0.1, 0.0, -0.1, 0.1, p_inferior, p_no_loss, 100, 100, "tango score")
    return GateTest("legal", measure, role, Margin(0.03, "default"), evidence)


PASSES, FAILS, OPEN = (0.01, 0.5), (0.9, 0.001), (0.3, 0.2)


@pytest.mark.parametrize(
    ("tests", "verdict"),
    [
        ([PASSES, PASSES], Verdict.PASS),
        ([PASSES, OPEN], Verdict.INCONCLUSIVE),
        ([PASSES, OPEN, FAILS], Verdict.FAIL),
        ([(0.05, 0.5)], Verdict.PASS),  # each at alpha, whatever their number: no correction
        ([(0.05, 0.5)] * 20, Verdict.PASS),
        ([(0.9, 0.04)], Verdict.FAIL),
        ([(0.9, 0.04), PASSES], Verdict.INCONCLUSIVE),  # Holm: .08
        ([(0.9, 0.04), (0.9, 0.02)], Verdict.FAIL),
    ],
)
def test_the_verdict(tests: list[tuple[float, float]], verdict: Verdict) -> None:
    assert decide([check(*t) for t in tests]).verdict is verdict


def test_a_proven_loss_within_the_margin_passes_with_a_note() -> None:
    [finding] = decide([check(0.01, 0.001)]).findings
    assert finding.verdict is Verdict.PASS
    assert finding.reason == "a loss is proven, but smaller than the margin"


def test_what_informs_does_not_block() -> None:
    decision = decide([check(*PASSES), check(*FAILS, role=Role.INFORMATION, measure="wrong")])
    assert decision.verdict is Verdict.PASS
    assert [f.verdict for f in decision.findings] == [Verdict.PASS, None]


def test_a_primary_that_was_not_measured_leaves_the_gate_open_and_vcpd_does_not() -> None:
    unmeasured = replace(check(*PASSES), evidence=None, unmeasured="nobody judged")
    assert decide([unmeasured, check(*PASSES)]).verdict is Verdict.INCONCLUSIVE
    vcpd = replace(unmeasured, measure="vcpd", unmeasured="usage was not recorded")
    decision = decide([check(*PASSES), vcpd])
    assert decision.verdict is Verdict.PASS
    assert decision.findings[1].reason == "not measured: usage was not recorded; it does not block"


def test_nothing_that_blocks_is_no_gate() -> None:
    with pytest.raises(ValueError, match="decides nothing"):
        decide([check(*PASSES, role=Role.INFORMATION)])


def test_a_declared_rerun_passes_at_half_the_level() -> None:
    assert decide([check(0.04, 0.5)], 0.05, pass_alpha=0.025).verdict is Verdict.INCONCLUSIVE
    assert decide([check(0.02, 0.5)], 0.05, pass_alpha=0.025).verdict is Verdict.PASS


def test_launch_limits_speak_of_limits() -> None:
    [finding] = decide([replace(check(*FAILS), against=LIMIT)]).findings
    assert finding.reason == "the limit is missed for certain"


@settings(max_examples=25)  # statsmodels takes its time
@given(st.lists(PROBABILITIES, min_size=1, max_size=12))
def test_holm_is_statsmodels(p_values: list[float]) -> None:
    assert np.allclose(holm(p_values), multipletests(p_values, method="holm")[1])


@given(st.lists(st.tuples(PROBABILITIES, PROBABILITIES), min_size=1, max_size=8))
def test_a_failing_gate_never_passes(p_values: list[tuple[float, float]]) -> None:
    decision = decide([check(*p) for p in p_values])
    if decision.verdict is Verdict.PASS:
        assert all(p <= 0.05 for p, _ in p_values)
    if decision.verdict is Verdict.FAIL:
        assert any(a > 0.05 and b <= 0.05 for a, b in p_values)


TEST = PairedTest()


def table(n: float, worse: float, better: float) -> PairedTable:
    return PairedTable(better / n, worse / n, n, worse, better, int(n), int(n), "tango score")


def test_what_a_gate_sees_is_what_planning_says() -> None:
    """A margin that 413 items see at a discordance of .06 (paired_items) is .03."""
    n = paired_items(0.03, 0.06)
    assert least_margin(table(n, 0.03 * n, 0.03 * n), TEST) == pytest.approx(0.03, rel=0.02)


def test_more_items_are_what_planning_says_less_what_there_is() -> None:
    n = 200
    found = more_items(table(n, 6, 6), 0.03, TEST, n)
    assert found is not None
    assert found + n == pytest.approx(paired_items(0.03, 0.06), rel=0.1)  # half an item is added each way


def test_a_loss_on_the_margin_is_settled_by_proving_it() -> None:
    found = more_items(table(200, 12, 6), 0.03, TEST, 200)  # loss .03
    assert found == pytest.approx(TEST.z**2 * 0.09 / 0.03**2 - 200, rel=0.1)


def test_few_items_without_any_difference_need_at_least_those_of_an_empty_table() -> None:
    found = more_items(table(20, 0, 0), 0.03, TEST, 20)
    assert found is not None
    assert found >= 88 - 20
