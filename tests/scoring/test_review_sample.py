"""Which answers people look at: halves, clusters, probabilities; and that weights give p back."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from vcpd.scoring.draws import DrawSettings
from vcpd.scoring.estimate import InsufficientDataError
from vcpd.scoring.judged_items import ItemSettings, post_stratified_items, tabled
from vcpd.scoring.review_sample import Pick, inclusion_of_labelled, review_sample

answers = st.lists(
    st.tuples(st.sampled_from([True, False, None]), st.sampled_from("abcdefg"), st.booleans()), min_size=1, max_size=40
)


def test_half_and_half_one_a_cluster_by_hand() -> None:
    flags = [True] * 10 + [False] * 30
    picks = review_sample(flags, [f"c{i}" for i in range(40)], [False] * 40, 12, seed=1)
    assert Counter(p.flagged for p in picks) == {True: 6, False: 6}
    assert {p.inclusion for p in picks if p.flagged} == {6 / 10}
    assert {p.inclusion for p in picks if not p.flagged} == {6 / 30}
    # a cluster of two flagged and one unflagged answers: verdict first, then answer
    [pick] = review_sample([True, True, False], ["c"] * 3, [False] * 3, 5, seed=0)
    assert pick.inclusion == (1 / 4 if pick.flagged else 1 / 2)


@given(answers, st.integers(0, 50), st.integers(0, 3))
def test_every_sample_keeps_the_design(rows: list[tuple[bool | None, str, bool]], labels: int, seed: int) -> None:
    flags, clusters, certain = ([row[k] for row in rows] for k in range(3))
    picks = review_sample(flags, clusters, certain, labels, seed)
    assert len({p.index for p in picks}) == len(picks)
    assert {p.index for p in picks if p.certain} == {i for i, c in enumerate(certain) if c}
    others = [p for p in picks if not p.certain]
    assert len({clusters[p.index] for p in others}) == len(others) <= labels
    assert all(0 < p.inclusion <= 1 and 0 <= p.place < 1 for p in picks)
    assert picks == review_sample(flags, clusters, certain, labels, seed)
    more = review_sample(flags, clusters, certain, labels + 4, seed)
    assert {p.index for p in picks} <= {p.index for p in more}


def test_what_cannot_be_sampled() -> None:
    with pytest.raises(InsufficientDataError):
        review_sample([], [], [], 4, 0)
    with pytest.raises(ValueError):
        review_sample([True], ["a", "b"], [False], 4, 0)
    assert [p.flagged for p in review_sample([None, None], ["a", "b"], [False, False], 9, 0)] == [None, None]


def test_inclusion_probabilities_are_the_frequencies() -> None:
    """Over 4,000 seeds each answer is picked as often as its probability says (5 standard errors)."""
    flags = [True, True, False, True, False, False, False, True]
    clusters, certain = list("aabbcdde"), [False] * 7 + [True]
    times, said = np.zeros(8), np.zeros(8)
    for seed in range(4000):
        for pick in review_sample(flags, clusters, certain, 3, seed):
            times[pick.index] += 1
            said[pick.index] += 1 / pick.inclusion  # mean of 1/pi over picks, times frequency, is 1
    assert times[7] == 4000
    assert said / 4000 == pytest.approx(np.ones(8), abs=0.25)


def test_a_sample_half_done_is_a_smaller_sample() -> None:
    picks = [Pick(i, i / 4, True, False, 1.0, 0.5) for i in range(4)]
    assert inclusion_of_labelled(picks, [True, True, False, False])[:2] == [0.25, 0.25]


def test_weights_count_as_so_many_equal_labels() -> None:
    """Weights 1, 1, 2 and 4 of which 4 is wrong: share 4/8, worth 8^2 / 22 labels."""
    table, *_ = tabled([True] * 5, [False, False, False, True, None], list("abcde"), [1, 1, 2, 4, 9])
    assert (table.flagged.labelled, table.flagged.wrong) == (4, 1)
    assert table.flagged.counts == pytest.approx((64 / 22 / 2, 64 / 22))
    equal, *_ = tabled([True] * 4, [True, False, None, None], list("abcd"), [3.0] * 4)
    assert equal.flagged.counts == (1, 2)


def test_weighted_labels_of_uneven_clusters_and_tiers_cover_p() -> None:
    """A tier that is always seen and errs thrice as often, clusters whose size goes with error: unweighted labels
    would say far too much. 300 populations; the interval holds the truth in at least 92 % of them."""
    held, plain_off, off = 0, 0.0, 0.0
    for seed in range(300):
        rng = np.random.default_rng(seed)
        sizes = rng.integers(1, 5, 150)
        clusters = np.repeat(np.arange(150), sizes)
        risk = np.where(sizes >= 3, 0.3, 0.05)[clusters]
        high = rng.uniform(size=len(clusters)) < 0.12
        chance = np.where(high, 0.6, risk)
        wrong = rng.uniform(size=len(clusters)) < chance
        flags = np.where(wrong, rng.uniform(size=len(wrong)) < 0.7, rng.uniform(size=len(wrong)) < 0.2)
        names = [str(c) for c in clusters]
        picks = review_sample([bool(f) for f in flags], names, [bool(h) for h in high], 60, seed)
        seen: list[bool | None] = [None] * len(wrong)
        weights = [1.0] * len(wrong)
        for pick in picks:
            seen[pick.index], weights[pick.index] = bool(wrong[pick.index]), 1 / pick.inclusion
        settings = DrawSettings(n=1000, seed=seed)
        judged = [bool(f) for f in flags]
        e = post_stratified_items(judged, seen, names, ItemSettings(weights=weights), settings).estimate("p")
        truth = float(chance.mean())
        assert e.low is not None
        assert e.high is not None
        held += e.low <= truth <= e.high
        off += e.value - truth
        plain_off += post_stratified_items(judged, seen, names, ItemSettings(), settings).estimate("p").value - truth
    assert held / 300 >= 0.92
    assert abs(off / 300) < 0.01 < plain_off / 300


def test_weights_make_another_judge_s_rates_sound() -> None:
    """Sampled half and half by one judge, asked how sensitive another is: true on average only with weights."""
    weighted, plain, truth = [], [], 0.5
    for seed in range(150):
        rng = np.random.default_rng(seed)
        wrong = rng.uniform(size=600) < 0.3
        first = np.where(wrong, rng.uniform(size=600) < 0.8, rng.uniform(size=600) < 0.1)
        # the second judge sees what the first sees: 5/8 of wrong answers that the first flags, none of the others
        second = first & (rng.uniform(size=600) < 0.625)
        names = [f"c{i}" for i in range(600)]
        picks = review_sample([bool(f) for f in first], names, [False] * 600, 100, seed)
        seen: list[bool | None] = [None] * 600
        weights = [1.0] * 600
        for pick in picks:
            seen[pick.index], weights[pick.index] = bool(wrong[pick.index]), 1 / pick.inclusion
        judged, draws = [bool(f) for f in second], DrawSettings(n=200, seed=seed)
        for found, items in ((weighted, ItemSettings(weights=weights)), (plain, ItemSettings())):
            found.append(post_stratified_items(judged, seen, names, items, draws).estimate("sensitivity").value)
    assert abs(np.mean(weighted) - truth) < 0.03
    assert abs(np.mean(plain) - truth) > 0.05
