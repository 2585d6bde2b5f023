"""Losses where people labelled some answers of an automatic judge."""

from dataclasses import replace

import numpy as np
import pytest
from paired_cases import columns, pair
from vcpd.scoring.corrected_pairs import corrected_table, needs_correction
from vcpd.scoring.estimate import InsufficientDataError
from vcpd.scoring.gate import Evidence, Margin
from vcpd.scoring.gate_tests import outcome_tests
from vcpd.scoring.judge_tables import LabelChoice
from vcpd.scoring.paired_shares import Pair

MARGIN = Margin(0.05, "default")


def evidence(of: Pair, measure: str = "p") -> Evidence:
    found = {t.measure: t for t in outcome_tests(of, ("p",), {"p": MARGIN})}[measure]
    assert found.evidence is not None, found.unmeasured
    return found.evidence


def every(text: str, step: int) -> str:
    """The letters of `text`, every so many alone, "-" for the others."""
    return "".join(letter if i % step == 0 else "-" for i, letter in enumerate(text))


def judged(true: str, *, misses: int, alarms: int) -> str:
    """What a judge says: it misses every so many errors, and flags every so many right answers."""
    seen, counts = [], {"w": 0, "c": 0}
    for letter in true:
        counts[letter] += 1
        wrong = letter == "w"
        turned = counts[letter] % (misses if wrong else alarms) == 0
        seen.append("c" if wrong is turned else "w")
    return "".join(seen)


def arms(old: str, new: str, step: int, *, old_misses: int = 4, new_misses: int = 4) -> Pair:
    said = judged(old, misses=old_misses, alarms=9), judged(new, misses=new_misses, alarms=9)
    sides = [columns(s, human=every(t, step), by="grader") for s, t in zip(said, (old, new), strict=True)]
    return pair(*sides)


SAME = "cccccccccw" * 60


def test_people_correct_a_judge_that_favours_one_arm() -> None:
    """The judge misses every error of the candidate: by its word the candidate is better, in truth both are alike."""
    biased = arms(SAME, SAME, 3, new_misses=1)
    by_judge = outcome_tests(biased.by_automatic(), ("p",), {"p": MARGIN})[0]
    assert by_judge.evidence is None  # a model's word alone
    found = evidence(biased)
    assert found.loss == pytest.approx(0.0, abs=0.02)
    assert found.lower < 0 < found.upper
    assert found.method.startswith("pseudo-outcomes of 400 human labels")


def test_all_labels_give_the_plain_difference() -> None:
    worse = "cccccccwww" * 60
    found = evidence(arms(SAME, worse, 1))
    assert found.loss == pytest.approx(0.2)
    assert found.p_no_loss < 0.01
    assert (found.baseline, found.candidate) == (pytest.approx(0.1), pytest.approx(0.3))


def test_right_answers_mirror_wrong_ones_where_all_are_attempted() -> None:
    worse = "cccccccwww" * 60
    p, correct = (evidence(arms(SAME, worse, 2), m) for m in ("p", "correct"))
    assert correct.loss == pytest.approx(p.loss)
    assert correct.candidate == pytest.approx(1 - p.candidate)


def test_fewer_labels_tell_less() -> None:
    few, many = (evidence(arms(SAME, SAME, step)) for step in (21, 3))
    assert few.upper - few.lower > many.upper - many.lower
    assert few.more_of == "labels"
    assert (few.more_items or 0) > 0


def test_unchanged_answers_are_no_difference_and_are_not_certain_either() -> None:
    """People labelled other samples in each arm: their labels differ, the answers do not."""
    elsewhere = "".join(letter if i % 7 == 5 else "-" for i, letter in enumerate(SAME))
    sides = columns(SAME, human=every(SAME, 11), by="grader"), columns(SAME, human=elsewhere, by="grader")
    disturbed = sides[0], replace(sides[1], human=np.where(np.arange(600) % 49 == 5, "incorrect", sides[1].human))
    same, unknown = evidence(pair(*disturbed, same=np.ones(600, bool))), evidence(pair(*disturbed))
    assert same.loss == 0
    assert 0 < same.upper < unknown.upper


def test_few_unchanged_answers_do_not_pass() -> None:
    sides = [columns("ccccw" * 4, human=every("ccccw" * 4, 3), by="grader") for _ in range(2)]
    found = evidence(pair(*sides, same=np.ones(20, bool)))
    assert found.p_inferior > 0.05


def test_labels_of_one_arm_alone_are_refused() -> None:
    lonely = pair(columns(SAME, human=every(SAME, 3), by="grader"), columns(SAME, by="grader"))
    assert needs_correction(lonely)
    with pytest.raises(InsufficientDataError, match="one arm alone, none of the candidate"):
        corrected_table(lonely, "p")


def test_labels_picked_by_outcome_are_refused() -> None:
    sides = [columns(SAME, human=every(SAME, 3), by="grader") for _ in range(2)]
    with pytest.raises(InsufficientDataError, match="picked by how they looked"):
        corrected_table(pair(*sides, chosen=LabelChoice.BY_OUTCOME), "p")


def test_clusters_widen_the_bounds() -> None:
    clusters = [f"c{i // 5}" for i in range(600)]
    true = "".join("w" * 5 if i % 10 == 0 else "c" * 5 for i in range(120))
    other = "".join("w" * 5 if i % 10 == 1 else "c" * 5 for i in range(120))
    sides = [columns(t, human=every(t, 5), by="grader") for t in (true, other)]
    grouped = [columns(t, human=every(t, 5), by="grader", clusters=clusters) for t in (true, other)]
    free, bound = (evidence(pair(*s)) for s in (sides, grouped))
    assert bound.upper > free.upper


def test_nothing_to_correct_without_labels_or_with_all() -> None:
    assert not needs_correction(pair(columns(SAME), columns(SAME)))
    assert not needs_correction(pair(columns(SAME, human=SAME), columns(SAME, human=SAME)))
