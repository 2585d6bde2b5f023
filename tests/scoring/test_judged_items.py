"""p from answers one by one: tables, fall-back, and clusters."""

import numpy as np
import pytest
from vcpd.scoring.draws import DrawSettings
from vcpd.scoring.error_rate import post_stratified
from vcpd.scoring.estimate import Estimate, InsufficientDataError
from vcpd.scoring.judge_tables import Estimand, JudgeTable, LabelChoice, Stratum
from vcpd.scoring.judged_items import ItemSettings, error_rate, post_stratified_items
from vcpd.scoring.label_bounds import human_only

QUICK = DrawSettings(n=1000)
Marks = list[bool | None]
# 20 answers: 6 flagged (4 labelled, 3 wrong), 14 not flagged (8 labelled, 1 wrong)
JUDGE: Marks = [True] * 6 + [False] * 14
HUMAN: Marks = [True, True, True, False, None, None, True] + [False] * 7 + [None] * 6
ALONE = [str(i) for i in range(20)]


def width(e: Estimate) -> float:
    assert e.low is not None
    assert e.high is not None
    return e.high - e.low


def test_items_are_their_table() -> None:
    table = JudgeTable(Stratum(6, 4, 3), Stratum(14, 8, 1))
    for estimand in Estimand:
        rate = post_stratified_items(JUDGE, HUMAN, ALONE, ItemSettings(estimand=estimand), QUICK)
        assert (rate.p == post_stratified(table, estimand=estimand, settings=QUICK).p).all()
    assert (rate.n, rate.n_clusters, rate.unjudged) == (12, 12, 0)
    assert error_rate(JUDGE, HUMAN, ALONE, draws=QUICK).value == pytest.approx(6 / 20 * 3 / 4 + 14 / 20 / 8)


def test_arrays_of_numpy_booleans_are_the_same() -> None:
    flags = [np.bool_(x) for x in JUDGE]
    labels = [None if x is None else np.bool_(x) for x in HUMAN]
    assert error_rate(flags, labels, ALONE, draws=QUICK) == error_rate(JUDGE, HUMAN, ALONE, draws=QUICK)  # type: ignore[arg-type]


def test_without_a_judge_people_alone() -> None:
    e = error_rate([None] * 20, HUMAN, ALONE)
    assert e == human_only(4, 12)
    with pytest.raises(InsufficientDataError, match="by verdict"):
        error_rate([None] * 20, HUMAN, ALONE, ItemSettings(chosen=LabelChoice.BY_VERDICT))
    with pytest.raises(InsufficientDataError, match="no answer carries"):
        error_rate([None] * 20, [None] * 20, ALONE)


def test_judge_only_is_refused() -> None:
    with pytest.raises(InsufficientDataError, match="flagged 6 of 20 answers, and nobody checked any"):
        error_rate(JUDGE, [None] * 20, ALONE)


def test_answers_without_a_verdict_do_not_thin_p_out() -> None:
    rate = post_stratified_items([*JUDGE, None, None], [*HUMAN, True, None], [*ALONE, "x", "y"], draws=QUICK)
    assert (rate.p == post_stratified_items(JUDGE, HUMAN, ALONE, draws=QUICK).p).all()
    assert (rate.unjudged, rate.n) == (2, 12)


def test_two_labels_in_a_cluster_are_refused_or_divided() -> None:
    clusters = [str(i % 5) for i in range(20)]
    with pytest.raises(InsufficientDataError, match="clusters with more than one human label: 4, the first being '0'"):
        error_rate(JUDGE, HUMAN, clusters, ItemSettings(one_label_per_cluster=True))
    assert error_rate(JUDGE, HUMAN, ALONE, ItemSettings(one_label_per_cluster=True), QUICK).n == 12
    # clusters split across labelled and unlabelled are fine, one label each
    pairs = [str(i // 2) for i in range(20)]
    one_each: Marks = [x if i % 2 == 0 else None for i, x in enumerate(HUMAN)]
    assert error_rate(JUDGE, one_each, pairs, ItemSettings(one_label_per_cluster=True), QUICK).n_clusters == 6


def test_five_copies_are_not_five_times_the_evidence() -> None:
    once = error_rate(JUDGE, HUMAN, ALONE, draws=QUICK)
    copied = error_rate(JUDGE * 5, HUMAN * 5, ALONE * 5, draws=QUICK)
    naive = error_rate(JUDGE * 5, HUMAN * 5, [str(i) for i in range(100)], draws=QUICK)
    assert copied.value == pytest.approx(once.value) == pytest.approx(naive.value)
    assert copied.n_clusters == 12
    assert width(copied) == pytest.approx(width(once), rel=0.1)
    assert width(naive) < 0.6 * width(copied)


def test_verdicts_all_alike_count_clusters() -> None:
    clusters = [str(i // 4) for i in range(20)]
    labels: Marks = [False] * 20
    e = error_rate([False] * 20, labels, clusters, draws=QUICK)
    assert e.high is not None
    alone = error_rate([False] * 5, [False] * 5, ["a", "b", "c", "d", "e"], draws=QUICK)
    assert e.high == pytest.approx(alone.high)


def test_one_cluster_is_not_enough() -> None:
    with pytest.raises(InsufficientDataError, match="one cluster"):
        error_rate(JUDGE, HUMAN, ["case"] * 20)


def test_lengths_must_agree() -> None:
    with pytest.raises(ValueError, match="20 verdicts, 3 labels and 20 clusters"):
        error_rate(JUDGE, [True] * 3, ALONE)


def test_whole_clusters_labelled_are_covered() -> None:
    rng = np.random.default_rng(8)
    names = [str(i // 5) for i in range(600)]
    p, k, covered = 0.15, (1 - 0.4) / 0.4, 0
    for run in range(120):
        wrong = rng.random((120, 5)) < rng.beta(p * k, (1 - p) * k, (120, 1))
        flags = np.where(wrong, rng.random((120, 5)) < 0.9, rng.random((120, 5)) < 0.05)
        seen = np.isin(np.arange(120), rng.choice(120, 20, replace=False)).repeat(5)
        labels = [bool(y) if s else None for y, s in zip(wrong.ravel(), seen, strict=True)]
        e = error_rate(flags.ravel().tolist(), labels, names, draws=DrawSettings(n=400, seed=run))
        covered += e.low is not None and e.low <= p <= (e.high or 1)
    assert covered >= 106
