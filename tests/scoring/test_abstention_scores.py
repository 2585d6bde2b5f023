"""Scores of other benchmarks by hand-sized runs, and how they hang together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vcpd.scoring.abstention import abstention_rates, utilities
from vcpd.scoring.abstention_scores import (
    abstention_f1,
    correct_given_attempted,
    leaderboard_quality,
    omniscience_index,
    simpleqa_f,
    wrong_among_not_correct,
)
from vcpd.scoring.draws import DrawSettings
from vcpd.scoring.estimate import InsufficientDataError
from vcpd.scoring.records import Outcome, Record

C, W, A = Outcome.CORRECT, Outcome.INCORRECT, Outcome.ABSTAINED
FEW = DrawSettings(n=300)
THREE = st.lists(st.sampled_from([C, W, A]), min_size=2, max_size=40)


def run(outcomes: list[Outcome], answerable: list[bool | None] | None = None, attempt: int = 1) -> list[Record]:
    labels = answerable or [None] * len(outcomes)
    rows = enumerate(zip(outcomes, labels, strict=True))
    return [Record("r", "m", "d", f"s{i}", f"c{i}", 1, attempt, o, answerable=u) for i, (o, u) in rows]


MIXED = run([C] * 11 + [W] * 4 + [A] * 5)  # .55, .20, .25


def test_the_scores_by_hand() -> None:
    assert correct_given_attempted(MIXED).value == pytest.approx(11 / 15)
    assert simpleqa_f(MIXED).value == pytest.approx(1.1 / 1.75)
    assert omniscience_index(MIXED, settings=FEW).value == pytest.approx(35)
    assert wrong_among_not_correct(MIXED).value == pytest.approx(4 / 9)
    assert leaderboard_quality(MIXED, target=0.75).value == pytest.approx(0.55 + 0.75 * 0.25)


@given(THREE, st.sampled_from([0.0, 0.5, 0.75, 0.9, 0.95]))
def test_identities(outcomes: list[Outcome], t: float) -> None:
    records = run(outcomes)
    c, w, a = (outcomes.count(o) / len(outcomes) for o in (C, W, A))
    utility = utilities(records, FEW)[f"utility_t{round(100 * t):02d}"]().value
    assert leaderboard_quality(records, target=t).value == pytest.approx((1 - t) * utility + t)
    assert omniscience_index(records, settings=FEW).value == pytest.approx(100 * (c - w), abs=1e-9)
    if c:
        given_attempted = correct_given_attempted(records).value
        assert simpleqa_f(records).value == pytest.approx(2 * c * given_attempted / (c + given_attempted))
    if c < 1:
        assert wrong_among_not_correct(records).value == pytest.approx(w / (w + a))


def test_the_hallucination_rate_of_others_is_not_p() -> None:
    records = run([C] * 99 + [W])
    assert wrong_among_not_correct(records).value == 1
    assert 1 - correct_given_attempted(records).value == pytest.approx(0.01)


def test_abstaining_on_all_earns_t_and_an_f_of_nothing() -> None:
    silent = run([A] * 10)
    assert leaderboard_quality(silent, target=0.9).value == pytest.approx(0.9)
    assert simpleqa_f(silent).value == 0
    with pytest.raises(InsufficientDataError):
        correct_given_attempted(silent)


def test_refused_and_invalid_answers_earn_nothing() -> None:
    records = run([C, C, A, Outcome.REFUSED, Outcome.INVALID])
    assert leaderboard_quality(records, target=0.5).value == pytest.approx(0.5)
    assert simpleqa_f(records).value == pytest.approx(0.8 / 1.4)
    assert wrong_among_not_correct(records).value == 0


def test_f1_against_the_label() -> None:
    """TP 3, FN 1, FP 1, unknown labels aside; recall and precision from the measures printed."""
    records = run([A, A, A, W, A, C, C, A], [False] * 4 + [True] * 3 + [None])
    rates = abstention_rates(records, 0.95)
    precision, recall = rates["abstention_precision"]().value, rates["abstention_recall"]().value
    assert abstention_f1(records).value == pytest.approx(6 / 8)
    assert abstention_f1(records).value == pytest.approx(2 * precision * recall / (precision + recall))


def test_undefined_is_an_error_and_not_zero() -> None:
    for score in (correct_given_attempted, simpleqa_f, wrong_among_not_correct, omniscience_index, abstention_f1):
        with pytest.raises(InsufficientDataError):
            score([])
    for score in (correct_given_attempted, simpleqa_f, wrong_among_not_correct, omniscience_index):
        with pytest.raises(InsufficientDataError, match="unscored"):
            score(run([C, W, Outcome.UNSCORED]))
    with pytest.raises(InsufficientDataError):
        wrong_among_not_correct(run([C, C]))
    with pytest.raises(InsufficientDataError, match="no labelled sample"):
        abstention_f1(run([C, A], [True, None]))
    with pytest.raises(ValueError, match="target"):
        leaderboard_quality(MIXED, target=1)


def test_all_right_is_not_certainty() -> None:
    records = run([C] * 20)
    for e in (correct_given_attempted(records), simpleqa_f(records), leaderboard_quality(records, target=0.5)):
        assert e.value == 1
        assert e.low is not None
        assert e.low < 0.95
    index = omniscience_index(records, settings=FEW)
    assert index.low is not None
    assert index.low < 99


def test_only_first_attempts_count() -> None:
    records = [*MIXED, *run([C] * 20, attempt=2)]
    assert correct_given_attempted(records).value == correct_given_attempted(MIXED).value
    assert simpleqa_f(records).n == 20


def test_intervals_hold_their_values_and_narrow_with_n() -> None:
    more = run([C] * 110 + [W] * 40 + [A] * 50)
    for few, many in (
        (simpleqa_f(MIXED), simpleqa_f(more)),
        (wrong_among_not_correct(MIXED), wrong_among_not_correct(more)),
    ):
        assert few.low is not None
        assert few.high is not None
        assert many.low is not None
        assert many.high is not None
        assert 0 <= few.low < many.low < few.value < many.high < few.high <= 1
