"""Launch verdicts: each limit kept, broken or not shown, and all of them together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vcpd.scoring.estimate import Estimate, Measurement
from vcpd.scoring.launch_limits import Launch, may_ship, overall

LIMITS = {"p_max": 0.02, "q_min": 0.95}


def row(measure: str, value: float | None, low: float | None = None, high: float | None = None) -> Measurement:
    e = None if value is None else Estimate(value, low, high, 0.95, 400, 300, "test")
    return Measurement("r", "m", "d", measure, e, "" if e else "undefined: nobody judged")


def verdict(rows: list[Measurement], items: int = 0) -> tuple[Launch, list[Launch]]:
    found = may_ship(LIMITS, {r.measure: r for r in rows}, items_for_launch=items)
    return found.verdict, [c.verdict for c in found.checks]


YES, NO, OPEN = Launch.YES, Launch.NO, Launch.NOT_SHOWN
GOOD_Q = row("q_tokens", 0.99, 0.96, 0.995)
ALL = row("correct", 0.9, 0.8, 0.95)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        # p inside the tolerance with its whole interval, Q above its floor
        ([row("p", 0.005, 0.001, 0.015), GOOD_Q, ALL], (YES, [YES, YES])),
        # the exact bound is what is claimed: it is above the tolerance although the interval is not
        ([row("p", 0.005, 0.001, 0.015), row("p_upper_exact", 0.021, 0.0, 0.021), GOOD_Q], (OPEN, [OPEN, YES])),
        ([row("p", 0.005, 0.001, 0.025), row("p_upper_exact", 0.02, 0.0, 0.02), GOOD_Q, ALL], (YES, [YES, YES])),
        ([row("p", 0.05, 0.021, 0.09), GOOD_Q], (NO, [NO, YES])),
        ([row("p", 0.05, 0.01, 0.09), GOOD_Q], (OPEN, [OPEN, YES])),
        ([row("p", None), GOOD_Q], (OPEN, [OPEN, YES])),
        ([GOOD_Q], (OPEN, [OPEN, YES])),
        ([row("p", 0.005, 0.001, 0.015), row("q_tokens", 0.9, 0.85, 0.94)], (NO, [YES, NO])),
        ([row("p", 0.005), GOOD_Q], (OPEN, [OPEN, YES])),  # unbounded
    ],
)
def test_verdicts_by_hand(rows: list[Measurement], expected: tuple[Launch, list[Launch]]) -> None:
    assert verdict(rows) == expected


def test_too_few_questions_support_no_launch() -> None:
    rows = [row("p", 0.005, 0.001, 0.015), GOOD_Q, ALL]
    assert verdict(rows, items=300)[0] is YES
    assert verdict(rows, items=301)[0] is OPEN
    assert may_ship({}, {}, items_for_launch=0).verdict is OPEN


@given(st.lists(st.sampled_from(list(Launch))))
def test_all_domains_together(verdicts: list[Launch]) -> None:
    found = overall(verdicts)
    assert (found is NO) == (NO in verdicts)
    assert (found is YES) == (bool(verdicts) and set(verdicts) == {YES})


@given(value=st.floats(0, 1), below=st.floats(0, 1), above=st.floats(0, 1), limit=st.floats(0, 1))
def test_a_verdict_is_what_the_interval_says(value: float, below: float, above: float, limit: float) -> None:
    low, high = max(0.0, value - below), min(1.0, value + above)
    [check] = may_ship({"p_max": limit}, {"p": row("p", value, low, high)}, items_for_launch=0).checks
    assert check.verdict is (NO if low > limit else YES if high <= limit else OPEN)
