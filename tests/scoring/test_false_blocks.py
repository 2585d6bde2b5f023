"""Arms swapped at random, and judges asked again."""

import numpy as np
import pytest
from paired_cases import columns, pair
from scipy import stats
from vcpd.scoring.estimate import InsufficientDataError
from vcpd.scoring.false_blocks import false_blocks, swapped
from vcpd.scoring.gate import Margin
from vcpd.scoring.judge_drift import judge_drift
from vcpd.scoring.paired_shares import arms_for
from vcpd.scoring.power import DEFAULT_TEST

MARGINS = {"legal": {m: Margin(0.03, "default") for m in ("p", "correct", "abstained")}}


def test_a_swap_exchanges_the_arms_of_what_is_swapped() -> None:
    arms = arms_for(pair(columns("cwca"), columns("wwcc")), "p")
    turned = swapped(arms, np.array([True, False, True, True]))
    assert turned.bad_old.tolist() == [1, 1, 0, 0]
    assert turned.of_old.tolist() == [1, 1, 1, 1]
    assert turned.bad_new.tolist() == [0, 1, 0, 0]
    assert turned.of_new.tolist() == [1, 1, 1, 0]


def test_models_that_differ_much_are_not_blocked_when_swapped() -> None:
    rng = np.random.default_rng(1)
    old, new = ("".join(rng.choice(["c", "w"], 300, p=[1 - p, p])) for p in (0.2, 0.5))
    found = false_blocks([pair(columns(old), columns(new))], MARGINS, DEFAULT_TEST, 300)
    assert found.fail.value <= stats.binom.ppf(0.999, 300, 0.05) / 300
    assert found.by_domain["legal"] == found.fail.value
    assert found.repetitions == 300
    again = false_blocks([pair(columns(old), columns(new))], MARGINS, DEFAULT_TEST, 300)
    assert again == found


def test_no_repetition_shows_nothing() -> None:
    with pytest.raises(InsufficientDataError):
        false_blocks([pair(columns("cw"), columns("cw"))], MARGINS, DEFAULT_TEST, 0)


def test_drift_is_mcnemars_two_sided_mid_p() -> None:
    then = [True] * 20 + [False] * 80
    now = [False] * 9 + [True] * 11 + [False] * 78 + [True] * 2
    found = judge_drift("grader", then, now)
    assert (found.newly_flagged, found.newly_passed, found.n) == (2, 9, 100)
    law = stats.binom(11, 0.5)
    assert found.p_value == pytest.approx(2 * (law.sf(9) + law.pmf(9) / 2))
    assert found.disagreement == pytest.approx(0.11)


def test_a_judge_that_says_the_same_has_not_drifted() -> None:
    assert judge_drift("grader", [True, False] * 10, [True, False] * 10).p_value == 1.0


def test_no_answer_judged_twice() -> None:
    with pytest.raises(InsufficientDataError, match="no answer"):
        judge_drift("grader", [], [])
