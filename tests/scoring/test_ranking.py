"""AUROC and average precision: by hand, over all pairs, against scikit-learn, and under resampling."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from vcpd.scoring.draws import DrawSettings
from vcpd.scoring.estimate import InsufficientDataError
from vcpd.scoring.ranking import auprc, auprc_estimate, auroc, auroc_estimate
from vcpd.scoring.stated import Stated, stated

FEW = DrawSettings(n=300)
ROWS = st.lists(
    st.tuples(st.sampled_from([0.0, 0.1, 0.5, 0.5000001, 0.9, 1.0]), st.booleans()), min_size=2, max_size=40
).filter(lambda rows: len({right for _, right in rows}) == 2)


def of(rows: list[tuple[float, bool]]) -> Stated:
    return stated([p for p, _ in rows], [r for _, r in rows])


def test_by_hand() -> None:
    data = of([(0.9, True), (0.6, False), (0.6, True), (0.2, False)])
    assert auroc(data) == pytest.approx((1 + 1 + 0.5 + 1) / 4)  # the pair at .6 counts half
    # least probable first: .2 wrong (precision 1, recall 1/2), then both at .6 (precision 2/3, recall 1)
    assert auprc(data) == pytest.approx(0.5 * 1 + 0.5 * 2 / 3)


@given(ROWS)
def test_auroc_is_the_share_of_pairs_in_order(rows: list[tuple[float, bool]]) -> None:
    right, wrong = [p for p, r in rows if r], [p for p, r in rows if not r]
    pairs = [(a > b) + (a == b) / 2 for a, b in product(right, wrong)]
    assert auroc(of(rows)) == pytest.approx(sum(pairs) / len(pairs))


@given(ROWS)
def test_both_agree_with_scikit_learn(rows: list[tuple[float, bool]]) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    wrong, suspicion = [not r for _, r in rows], [-p for p, _ in rows]
    assert auroc(of(rows)) == pytest.approx(metrics.roc_auc_score(wrong, suspicion))
    assert auprc(of(rows)) == pytest.approx(metrics.average_precision_score(wrong, suspicion))


@pytest.mark.parametrize("right", [True, False])
def test_one_class_has_no_ranking(right: bool) -> None:
    data = of([(0.2, right), (0.8, right)])
    for measure in (auroc, auprc, auroc_estimate, auprc_estimate):
        with pytest.raises(InsufficientDataError, match="right" if right else "wrong"):
            measure(data)


def test_one_cluster_has_no_interval() -> None:
    data = stated([0.2, 0.8], [False, True], cluster_ids=["a", "a"])
    with pytest.raises(InsufficientDataError, match="one cluster"):
        auroc_estimate(data)


def test_copies_of_whole_clusters_widen_nothing_but_clusters_do() -> None:
    rng = np.random.default_rng(3)
    right = rng.random(60) < 0.5
    p = np.clip(rng.normal(0.45 + 0.1 * right, 0.2), 0, 1)
    apart = auroc_estimate(stated(p, right), settings=FEW)
    tripled = stated(np.repeat(p, 3), np.repeat(right, 3), cluster_ids=[str(i) for i in range(60) for _ in range(3)])
    together = auroc_estimate(tripled, settings=FEW)
    assert (together.value, together.n, together.n_clusters) == (pytest.approx(apart.value), 180, 60)
    assert (together.low, together.high) == (pytest.approx(apart.low), pytest.approx(apart.high))
    assert 0.1 < (apart.high or 0.0) - (apart.low or 0.0) < 0.5  # about 4 * sqrt(1 / (12 * 30))


def test_a_class_of_one_has_no_interval() -> None:
    """A third of the draws lack the only wrong item: how far the value could fall is not known."""
    e = auroc_estimate(stated([0.1, *[0.9] * 30], [False, *[True] * 30]), settings=FEW)
    assert (e.value, e.low, e.high) == (1.0, None, None)
