"""Krippendorff's alpha: published data, by hand, and against inspect-ai."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from vcpd.scoring.agreement import krippendorff_alpha
from vcpd.scoring.draws import DrawSettings
from vcpd.scoring.estimate import InsufficientDataError

QUICK = DrawSettings(n=200)
_ = None
# four observers, twelve units (Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability", part C)
OBSERVERS = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, _, _, _],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, _, 3],
    [_, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, _],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, _],
]
Units = list[list[int | None]]
UNITS = st.lists(st.lists(st.one_of(st.none(), st.integers(0, 2)), max_size=4), min_size=2, max_size=12)


def value(units: Sequence[Sequence[object]]) -> float:
    return krippendorff_alpha(units, settings=QUICK).value  # type: ignore[arg-type]


def test_published_example_with_missing_labels() -> None:
    e = krippendorff_alpha(list(zip(*OBSERVERS, strict=True)))
    assert round(e.value, 3) == 0.743
    assert e.n == 11  # one unit carries a single label
    assert e.low is not None
    assert e.high is not None
    assert e.low < e.value < e.high <= 1


def test_two_raters_by_hand() -> None:
    # 10 units, 2 of them in disagreement; 20 labels, 14 "ok" and 6 "bad":
    # D_o = 4/20, D_e = 2 * 14 * 6 / (20 * 19), alpha = 1 - 0.2 * 380 / 168
    units = [("ok", "ok")] * 6 + [("bad", "bad")] * 2 + [("ok", "bad")] * 2
    assert value(units) == pytest.approx(1 - 0.2 * 380 / 168)


def test_names_of_labels_and_order_of_raters_do_not_matter() -> None:
    units = [("a", "a"), ("a", "b"), ("b", "b"), ("c", "a", None)]
    renamed = [(3, 3), (True, 3), (True, True), (None, 3, "x")]
    assert value(units) == pytest.approx(value(renamed))


def test_disagreement_throughout_is_worse_than_chance() -> None:
    assert value([(0, 1)] * 10) == pytest.approx(1 - 1 / (2 * 10 * 10 / (20 * 19)))
    assert value([(0, 1)] * 10) < 0


def test_agreement_throughout_is_not_certainty() -> None:
    e = krippendorff_alpha([(0, 0)] * 10 + [(1, 1)] * 10)
    assert (e.value, e.high) == (1, 1)
    assert e.low is not None
    # up to 1 - .025^(1/20) of units may disagree, against 2 * 20 * 20 / (40 * 39) by chance
    assert e.low == pytest.approx(1 - (1 - 0.025 ** (1 / 20)) / (800 / 1560))
    assert e.low < 0.75


def test_copies_of_a_cluster_add_nothing() -> None:
    units = [(0, 0), (1, 1), (0, 1), (1, 1), (0, 0), (1, 0), (0, 0), (1, 1)]
    once = krippendorff_alpha(units, [str(i) for i in range(8)])
    thrice = krippendorff_alpha(units * 3, [str(i) for i in range(8)] * 3)
    assert once.low is not None
    assert once.high is not None
    assert thrice.low is not None
    assert thrice.high is not None
    assert thrice.n_clusters == 8
    assert thrice.high - thrice.low == pytest.approx(once.high - once.low, abs=0.1)


@pytest.mark.parametrize(
    ("units", "why"),
    [
        ([], "two labels"),
        ([(1,), (None, 0), ()], "two labels"),
        ([(1, 1), (1, 1)], "one kind"),
        ([(1, 1), (0,)], "one kind"),
    ],
)
def test_undefined_cases_raise(units: Sequence[Sequence[object]], why: str) -> None:
    with pytest.raises(InsufficientDataError, match=why):
        value(units)


def test_one_cluster_or_unequal_lengths() -> None:
    with pytest.raises(InsufficientDataError, match="one cluster"):
        krippendorff_alpha([(0, 1), (1, 1)], ["a", "a"])
    with pytest.raises(ValueError, match="2 units and 1 clusters"):
        krippendorff_alpha([(0, 1), (1, 1)], ["a"])


@given(UNITS)
def test_equals_inspects_alpha(units: Units) -> None:
    scorer = pytest.importorskip("inspect_ai.scorer")
    given_labels = [[x for x in unit if x is not None] for unit in units]
    pairable = [x for unit in given_labels if len(unit) > 1 for x in unit]
    assume(len(set(pairable)) > 1)
    assume(sum(len(unit) > 1 for unit in given_labels) > 1)
    scores = [
        scorer.SampleScore(score=scorer.Score(value=unit), sample_id=i)
        for i, unit in enumerate(given_labels)
        if len(unit) > 1
    ]
    assert value(units) == pytest.approx(scorer.krippendorff_alpha()(scores), abs=1e-12)


def test_interval_covers_alpha() -> None:
    rng = np.random.default_rng(2)
    p, accuracy, covered = 0.3, 0.9, 0
    q = p * accuracy + (1 - p) * (1 - accuracy)
    truth = 1 - 2 * accuracy * (1 - accuracy) / (2 * q * (1 - q))
    for run in range(100):
        wrong = rng.random((60, 1)) < p
        seen = np.where(rng.random((60, 2)) < accuracy, wrong, ~wrong)
        e = krippendorff_alpha([tuple(row) for row in seen.tolist()], settings=DrawSettings(n=400, seed=run))
        covered += e.low is None or (e.low <= truth <= (e.high or 1))
    assert 87 <= covered <= 100
