"""Chosen thresholds: none does better on the same data, and ties are told the same way always."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from vcpd.scoring.cuts import best_balanced_cut, best_f1_cut, best_overlap_cut
from vcpd.scoring.estimate import InsufficientDataError
from vcpd.scoring.stated import stated

PROBABILITIES = st.one_of(st.sampled_from([0.0, 0.3, 0.5, 1.0]), st.floats(0, 1))
ROWS = st.lists(st.tuples(PROBABILITIES, st.booleans()), min_size=2, max_size=30)


def f1(rows: list[tuple[float, bool]], below: float) -> float:
    tp = sum(p < below and not right for p, right in rows)
    fp = sum(p < below and right for p, right in rows)
    return 2 * tp / (tp + fp + sum(not right for _, right in rows))


def balanced(rows: list[tuple[float, bool]], below: float) -> float:
    wrong, right = [p for p, r in rows if not r], [p for p, r in rows if r]
    return (sum(p < below for p in wrong) / len(wrong) + sum(p >= below for p in right) / len(right)) / 2


@given(ROWS, st.floats(0, 1.1))
def test_no_cut_is_better(rows: list[tuple[float, bool]], other: float) -> None:
    data = stated([p for p, _ in rows], [r for _, r in rows])
    kinds = {r for _, r in rows}
    if False in kinds:
        cut = best_f1_cut(data)
        assert cut.value >= f1(rows, other) - 1e-12
        if len({p for p, _ in rows}) == len({round(p, 9) for p, _ in rows}):  # else no double lies half way
            assert cut.value == pytest.approx(f1(rows, cut.below))
    if len(kinds) == 2:
        assert best_balanced_cut(data).value >= balanced(rows, other) - 1e-12


def test_by_hand() -> None:
    data = stated([0.1, 0.4, 0.6, 0.9], [False, True, False, True])
    assert (best_f1_cut(data).below, best_f1_cut(data).value) == (0.75, pytest.approx(0.8))
    assert best_balanced_cut(data).below == 0.25  # .75 reaches the same; the lower one flags less
    overlap = best_overlap_cut([0.9, 0.2, 0.5], [0, 8, 2], [10, 10, 10], 12)
    assert (overlap.below, overlap.value) == (pytest.approx(0.35), pytest.approx(2 * 8 / 22))


def test_everything_and_nothing_can_be_flagged() -> None:
    assert best_f1_cut(stated([1.0, 1.0], [False, False])).below > 1
    assert best_overlap_cut([0.0], [0], [5], 3).below == 0


@pytest.mark.parametrize("right", [True, False])
def test_one_class_gives_no_threshold(right: bool) -> None:
    data = stated([0.2, 0.7], [right, right])
    with pytest.raises(InsufficientDataError):
        best_balanced_cut(data)
    if right:
        with pytest.raises(InsufficientDataError):
            best_f1_cut(data)
    with pytest.raises(InsufficientDataError):
        best_overlap_cut(np.array([0.5]), [1], [1], 0)
