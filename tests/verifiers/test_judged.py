"""What a verifier says of labelled answers, and what it may not say."""

from collections.abc import Sequence

import pytest
from labelled_cases import Scripted, marked, stated
from vcpd.verifiers.judged import JudgedAnswer, VerifierError, judge_answers
from vcpd.verifiers.verdict import Failure, Verdict


def only(found: Sequence[JudgedAnswer]) -> JudgedAnswer:
    [judged] = found
    return judged


def test_an_answer_is_as_probable_as_its_least_probable_claim() -> None:
    found = only(judge_answers([stated("c", ("One.", True), ("Two.", False))], Scripted({"One.": 0.9, "Two.": 0.3})))
    assert (found.probability, found.flagged) == (0.3, True)
    assert [r.claim.text for r in found.results] == ["One.", "Two."]


def test_an_answer_that_claims_nothing_is_not_flagged() -> None:
    found = only(judge_answers([marked("I don't know.")], Scripted({})))
    assert (found.claims, found.probability, found.flagged) == ((), 1.0, False)


def test_a_failure_leaves_the_answer_unjudged() -> None:
    found = only(judge_answers([stated("c", ("One.", True), ("Two.", True))], Scripted({"One.": 0.9, "Two.": None})))
    assert (found.probability, found.flagged) == (None, None)
    assert isinstance(found.results[1], Failure)


class OfAnswers(Scripted):
    answer_threshold = 0.8

    def answer_probability(self, verdicts: Sequence[Verdict]) -> float:
        return sum(v.probability for v in verdicts) / len(verdicts)


def test_a_verifier_may_judge_whole_answers_itself() -> None:
    verifier = OfAnswers({"One.": 0.9, "Two.": 0.6})
    found = only(judge_answers([stated("c", ("One.", True), ("Two.", False))], verifier))
    assert (found.probability, found.flagged) == (0.75, True)  # below its own threshold, though no claim is


def test_many_claims_are_judged_in_few_calls() -> None:
    verifier = Scripted({f"Claim {i}.": 0.9 for i in range(1200)})
    answers = [stated(str(i), *((f"Claim {j}.", True) for j in range(i * 10, i * 10 + 10))) for i in range(120)]
    steps: list[int] = []
    found = judge_answers(answers, verifier, progress=steps.append)
    assert [j.answer for j in found] == answers
    assert sum(steps) == 1200
    assert len(verifier.calls) == 3


class Short(Scripted):
    def verify(self, pairs: Sequence[object]) -> list[Verdict | Failure]:
        return []


def test_a_verifier_that_breaks_its_protocol_is_named() -> None:
    with pytest.raises(VerifierError, match="'scripted' returned 0 results for 1 claims"):
        judge_answers([stated("c", ("One.", True))], Short({}))
    with pytest.raises(VerifierError, match="probability nan"):
        judge_answers([stated("c", ("One.", True))], Scripted({"One.": float("nan")}))
