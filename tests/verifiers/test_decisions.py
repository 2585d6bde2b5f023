"""Thresholds and ways to mark, chosen on labelled answers."""

import pytest
from labelled_cases import Scripted, marked, stated
from vcpd.retrieval.passages import Span
from vcpd.verifiers.decisions import Cuts, Marks, choose_cuts, marked_spans
from vcpd.verifiers.judged import JudgedAnswer, judge_answers

PROBABILITIES = {"Paid in gold.": 0.6, "Sent today.": 0.8, "Roses are red.": 0.7, "It was green.": 0.9}
ANSWERS = (("Paid in gold. Sent today.", "in gold"), ("It was green.",), ("Roses are red.", "red"))


def judged(*answers: tuple[str, ...], stretches: dict[str, Span] | None = None) -> list[JudgedAnswer]:
    return judge_answers([marked(*a) for a in answers], Scripted(PROBABILITIES, stretches))


def test_each_threshold_is_best_for_its_measure() -> None:
    cuts = choose_cuts(judged(*ANSWERS))
    assert (cuts.response_f1, cuts.response_balanced) == (pytest.approx(0.8), pytest.approx(0.8))
    assert (cuts.claim_f1, cuts.claim_balanced) == (pytest.approx(0.75), pytest.approx(0.75))


def test_ways_to_mark() -> None:
    """Its own threshold marks nothing. Below .65: 7 of 13 characters right, F1 14/23; below .75: 20/37."""
    found = choose_cuts(judged(*ANSWERS))
    assert found.marks is not Marks.OWN
    assert found.span == pytest.approx(0.65)
    assert [s for j in judged(*ANSWERS) for s in marked_spans(j, found)] == [Span(0, 13)]


def test_own_marks_stay_where_nothing_is_better() -> None:
    found = judge_answers(
        [marked("Paid in gold.", "gold"), marked("Sent today.", "today"), marked("It was green.")],
        Scripted(
            {"Paid in gold.": 0.4, "Sent today.": 0.3, "It was green.": 0.2},
            {"Paid in gold.": Span(8, 12), "Sent today.": Span(5, 10), "It was green.": Span(0, 0)},
        ),
    )
    assert choose_cuts(found).marks is Marks.OWN


def test_one_class_leaves_the_verifier_to_decide() -> None:
    every = judge_answers([stated("c", ("Fine.", True))], Scripted({"Fine.": 0.9}))
    assert choose_cuts(every) == Cuts()
    assert choose_cuts([]) == Cuts()
