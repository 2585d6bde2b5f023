"""Cross-validation: clusters stay whole, and nothing of a fold reaches what judges it."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from labelled_cases import SOURCE, Scripted, stated
from vcpd.retrieval.passages import Passage
from vcpd.scoring.estimate import InsufficientDataError
from vcpd.verifiers.cross_validation import Folds, cross_judge, fold_numbers, is_trainable
from vcpd.verifiers.judged import judge_answers
from vcpd.verifiers.labelled import LabelledAnswer
from vcpd.verifiers.labelling import labelled_claims
from vcpd.verifiers.measures import Decided, verifier_measures
from vcpd.verifiers.verdict import Claim, Failure, Verdict


def answers(n: int, *, per_cluster: int = 2) -> list[LabelledAnswer]:
    return [stated(f"c{i // per_cluster}", (f"Claim {i}.", i % 3 > 0), (f"More {i}.", True)) for i in range(n)]


PROBABILITIES = {f"{word} {i}.": (0.3 if i % 3 == 0 else 0.7) for i in range(60) for word in ("Claim", "More")}


class Learner(Scripted):
    """Remembers what it was fitted on, and refuses to judge any cluster of it."""

    def __init__(self, seen: frozenset[str] = frozenset()) -> None:
        super().__init__(PROBABILITIES)
        self.seen = seen
        self.fits: list[frozenset[str]] = []

    def fitted(self, training: Sequence[LabelledAnswer]) -> "Learner":
        learner = Learner(frozenset(c.claim.text for a in training for c in labelled_claims(a)))
        self.fits.append(learner.seen)
        return learner

    def verify(self, pairs: Sequence[tuple[Claim, Sequence[Passage]]]) -> list[Verdict | Failure]:
        assert not {claim.text for claim, _ in pairs} & self.seen, "judges what it was fitted on"
        assert self.seen, "judges unfitted"
        return super().verify(pairs)


@given(st.lists(st.sampled_from("abcdefghij"), min_size=1, max_size=40), st.integers(3, 6), st.integers(0, 3))
def test_folds_split_no_cluster(clusters: list[str], n: int, seed: int) -> None:
    rows = [stated(c, (f"Claim {i}.", True)) for i, c in enumerate(clusters)]
    if len(set(clusters)) < n:
        with pytest.raises(InsufficientDataError, match=f"there are {len(set(clusters))}"):
            fold_numbers(rows, Folds(n, seed))
        return
    found = fold_numbers(rows, Folds(n, seed))
    assert len(set(zip(clusters, found, strict=True))) == len(set(clusters))
    assert set(found) == set(range(n))
    assert found == fold_numbers(rows, Folds(n, seed))


def test_no_verifier_judges_what_it_was_fitted_on() -> None:
    rows = answers(40)
    learner = Learner()
    steps: list[tuple[int, int]] = []
    found = cross_judge(rows, learner, Folds(5), progress=lambda *step: steps.append(step))
    assert [d.judged.answer for d in found] == rows
    assert len(learner.fits) == 10 + 5  # without each pair of folds, without each fold
    assert steps[-1] == (5 * 80, 5 * 80)


def test_thresholds_of_a_fold_rest_on_the_others() -> None:
    """Turning round the labels of one fold changes the thresholds of every other fold, and none of its own."""
    rows = answers(40)
    numbers = fold_numbers(rows, Folds(5))
    turned = [
        stated(a.cluster_id, *((c.claim.text, not c.supported) for c in a.claims)) if k == 2 else a
        for a, k in zip(rows, numbers, strict=True)
    ]
    for verifier in (Learner(), Scripted(PROBABILITIES)):
        before, after = (cross_judge(data, verifier, Folds(5)) for data in (rows, turned))
        same = [a.cuts == b.cuts for a, b, k in zip(before, after, numbers, strict=True) if k == 2]
        assert all(same)
    noisy = {t: float(np.random.default_rng(len(t) + i).random()) for i, t in enumerate(PROBABILITIES)}
    before, after = (cross_judge(data, Scripted(noisy), Folds(5)) for data in (rows, turned))
    cuts = [(k, a.cuts == b.cuts) for a, b, k in zip(before, after, numbers, strict=True)]
    assert all(same for k, same in cuts if k == 2)
    assert not all(same for k, same in cuts if k != 2)


def test_a_verifier_that_cannot_be_fitted_judges_each_claim_once() -> None:
    verifier = Scripted(PROBABILITIES)
    assert not is_trainable(verifier)
    cross_judge(answers(40), verifier, Folds(5))

    wanted = [f"{word} {i}." for i in range(40) for word in ("Claim", "More")]
    assert sorted(text for call in verifier.calls for text in call) == sorted(wanted)


def test_other_answers_are_fitted_on_unless_they_share_a_cluster_or_a_source() -> None:
    rows = answers(20)
    elsewhere = [
        LabelledAnswer("a", "far", "", (Passage("x", SOURCE.span, "Other."),), stated("far", ("Far.", True)).claims),
        LabelledAnswer("b", "c0", "", (Passage("x", SOURCE.span, "Other."),), stated("c0", ("Near.", True)).claims),
        LabelledAnswer("c", "away", "", (SOURCE,), stated("away", ("Same source.", True)).claims),
    ]
    learner = Learner()
    cross_judge(rows, learner, Folds(3), others=elsewhere)
    fold = dict(zip([a.cluster_id for a in rows], fold_numbers(rows, Folds(3)), strict=True))["c0"]
    assert all("Far." in fit for fit in learner.fits)
    assert not any("Same source." in fit for fit in learner.fits)
    assert {"Near." in fit for fit in learner.fits[3:]} == {True, False}
    assert "Near." not in learner.fits[3 + fold]


class ByHeart(Scripted):
    """Knows every claim that it was fitted on, and nothing else."""

    def fitted(self, training: Sequence[LabelledAnswer]) -> "ByHeart":
        known = {c.claim.text: 0.5 + (0.5 if c.supported else -0.5) for a in training for c in a.claims}
        return ByHeart(dict.fromkeys(PROBABILITIES, 0.5) | known)


def test_learning_by_heart_is_worth_nothing() -> None:
    rows = answers(60)
    straight = judge_answers(rows, ByHeart({}).fitted(rows))
    assert verifier_measures([Decided(j) for j in straight])["claim_auroc"]().value == 1
    measures = verifier_measures(cross_judge(rows, ByHeart({}), Folds(5)))
    assert measures["claim_auroc"]().value == measures["response_auroc"]().value == 0.5
    assert measures["claim_balanced_accuracy"]().value == pytest.approx(0.5, abs=0.05)


def test_two_folds_are_too_few() -> None:
    with pytest.raises(ValueError, match="3 folds or more, not 2"):
        Folds(2)
