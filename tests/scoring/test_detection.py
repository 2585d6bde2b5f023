"""Flags against the truth: by hand, against scikit-learn, and where a measure is undefined."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vcpd.scoring.detection import (
    Detected,
    balanced_accuracy,
    detected,
    f1,
    mean_estimate,
    overlap_f1,
    sensitivity,
    specificity,
)
from vcpd.scoring.draws import DrawSettings
from vcpd.scoring.estimate import InsufficientDataError

FEW = DrawSettings(n=200)
ROWS = st.lists(st.tuples(st.booleans(), st.booleans()), min_size=4, max_size=40)


def of(rows: list[tuple[bool, bool]]) -> Detected:
    return detected([y for y, _ in rows], [z for _, z in rows], cluster_ids=[str(i) for i in range(len(rows))])


#                 3 found, 1 missed, 2 false alarms, 4 left alone
HAND = [(True, True)] * 3 + [(True, False)] + [(False, True)] * 2 + [(False, False)] * 4


def test_by_hand() -> None:
    data = of(HAND)
    assert sensitivity(data).value == pytest.approx(3 / 4)
    assert specificity(data).value == pytest.approx(4 / 6)
    assert balanced_accuracy(data, settings=FEW).value == pytest.approx((3 / 4 + 4 / 6) / 2)
    assert f1(data, settings=FEW).value == pytest.approx(2 * 3 / (2 * 3 + 2 + 1))
    assert (sensitivity(data).n, specificity(data).n, f1(data, settings=FEW).n) == (4, 6, 10)


@given(ROWS)
def test_they_agree_with_scikit_learn(rows: list[tuple[bool, bool]]) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    truth, said = [y for y, _ in rows], [z for _, z in rows]
    data = of(rows)
    if any(truth):
        assert sensitivity(data).value == pytest.approx(metrics.recall_score(truth, said))
        e = f1(data, settings=FEW)
        assert e.value == pytest.approx(metrics.f1_score(truth, said, zero_division=0))
        assert e.low is None or e.high is None or 0 <= e.low <= e.value <= e.high <= 1
    if any(truth) and not all(truth):
        assert balanced_accuracy(data, settings=FEW).value == pytest.approx(
            metrics.balanced_accuracy_score(truth, said)
        )


def test_a_missing_class_is_undefined_never_0() -> None:
    clean, bad = of([(False, True), (False, False)]), of([(True, True), (True, False)])
    for measure, data in ((sensitivity, clean), (f1, clean), (balanced_accuracy, clean), (balanced_accuracy, bad)):
        with pytest.raises(InsufficientDataError):
            measure(data)
    with pytest.raises(InsufficientDataError):
        specificity(bad)
    with pytest.raises(InsufficientDataError):
        detected([], [], cluster_ids=[])


def test_nothing_flagged_is_an_f1_of_0() -> None:
    assert f1(of([(True, False), (False, False), (True, False)]), settings=FEW).value == 0


def test_clusters_count_not_units() -> None:
    truth, said = [True, False] * 30, [True, False, False, True, True, False] * 10
    alone = balanced_accuracy(detected(truth, said, cluster_ids=[str(i) for i in range(60)]), settings=FEW)
    few = balanced_accuracy(detected(truth, said, cluster_ids=["a", "b"] * 30), settings=FEW)
    assert (alone.n_clusters, few.n_clusters, alone.value) == (60, 2, few.value)
    with pytest.raises(InsufficientDataError, match="one cluster"):
        f1(detected(truth, said, cluster_ids=["a"] * 60))


def test_wrong_input_is_refused() -> None:
    with pytest.raises(ValueError, match="0 or 1"):
        detected([2], [0], cluster_ids=["a"])
    with pytest.raises(ValueError, match="one truth, flag and cluster"):
        detected([1, 0], [0], cluster_ids=["a"])


def test_overlap_is_pooled_over_texts() -> None:
    e = overlap_f1([5, 0], [10, 0], [5, 10], cluster_ids=["a", "b"], settings=FEW)
    assert e.value == pytest.approx(2 * 5 / (10 + 15))  # precision 5/10, recall 5/15; the mean of F1s would be 1/3
    assert overlap_f1([0, 0], [0, 0], [5, 1], cluster_ids=["a", "b"], settings=FEW).value == 0
    with pytest.raises(InsufficientDataError, match="no stretch"):
        overlap_f1([0, 0], [3, 0], [0, 0], cluster_ids=["a", "b"])


def test_mean_of_units() -> None:
    e = mean_estimate([0.0, 0.5, 1.0, 0.5], cluster_ids=["a", "a", "b", "b"], settings=FEW)
    assert (e.value, e.low, e.high, e.n, e.n_clusters) == (0.5, 0.25, 0.75, 4, 2)
    with pytest.raises(InsufficientDataError):
        mean_estimate([], cluster_ids=[])
