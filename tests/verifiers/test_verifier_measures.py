"""The measures of a verifier on answers small enough to count by hand."""

import pytest
from labelled_cases import Scripted, marked, stated
from vcpd.retrieval.passages import Span
from vcpd.scoring.draws import DrawSettings
from vcpd.scoring.estimate import Estimate, InsufficientDataError
from vcpd.scoring.measures import VERIFIER_MEASURES
from vcpd.verifiers.decisions import Cuts, Marks
from vcpd.verifiers.judged import judge_answers
from vcpd.verifiers.labelled import LabelledAnswer, LabelledClaim
from vcpd.verifiers.measures import Decided, verifier_measures
from vcpd.verifiers.verdict import Claim

FEW = DrawSettings(n=200)
#            people:  bad stretch "in gold"              none                      "red"
ANSWERS = [
    marked("Paid in gold. Sent today.", "in gold", cluster="1"),
    marked("It was green.", cluster="2"),
    marked("Roses are red.", "red", cluster="3"),
]
PROBABILITIES = {"Paid in gold.": 0.2, "Sent today.": 0.4, "It was green.": 0.9, "Roses are red.": 0.7}


def measured(answers: list[LabelledAnswer], verifier: Scripted, cuts: Cuts | None = None) -> dict[str, Estimate | None]:
    decided = [Decided(j, cuts or Cuts()) for j in judge_answers(answers, verifier)]
    found: dict[str, Estimate | None] = {}
    for name, compute in verifier_measures(decided, settings=FEW).items():
        try:
            found[name] = compute()
        except InsufficientDataError:
            found[name] = None
    return found


def values(found: dict[str, Estimate | None]) -> dict[str, float]:
    return {name: e.value for name, e in found.items() if e is not None}


def test_by_hand_with_the_verifiers_own_thresholds() -> None:
    """Flagged: "Paid in gold." (rightly), "Sent today." (wrongly); missed: "Roses are red."."""
    found = values(measured(ANSWERS, Scripted(PROBABILITIES)))
    assert found == pytest.approx(
        {
            "sensitivity": 1 / 2,
            "specificity": 1,
            "response_balanced_accuracy": 3 / 4,
            "response_f1": 2 / 3,
            "response_auroc": 1,  # .2 and .7 lie below .9
            "response_auprc": 1,
            "claim_sensitivity": 1 / 2,
            "claim_specificity": 1 / 2,
            "claim_balanced_accuracy": 1 / 2,
            "claim_f1": 1 / 2,
            "claim_auroc": 3 / 4,  # of .2 and .7 against .4 and .9 one pair is out of order
            "claim_auprc": (1 + 2 / 3) / 2,
            "claim_brier": (0.2**2 + 0.6**2 + 0.1**2 + 0.7**2) / 4,
            "claim_smece": found["claim_smece"],
            "span_f1": 2 * 7 / (13 + 11 + 7 + 3),  # both sentences of the first answer are marked: 24 characters
            "span_token_f1": 2 * 2 / (4 + 3 + 2 + 1),
        }
    )
    assert list(found) == list(VERIFIER_MEASURES)
    assert 0 <= found["claim_smece"] <= 1


def test_given_thresholds_take_the_place_of_the_verifiers_own() -> None:
    cuts = Cuts(response_f1=0.8, response_balanced=0.1, claim_f1=0.3, claim_balanced=0.8, span=0.75, marks=Marks.CLAIM)
    found = values(measured(ANSWERS, Scripted(PROBABILITIES), cuts))
    assert found["response_f1"] == 1
    assert (found["sensitivity"], found["specificity"]) == (0, 1)
    assert found["claim_f1"] == pytest.approx(2 / 3)
    assert (found["claim_sensitivity"], found["claim_specificity"]) == (1, 1 / 2)
    assert found["span_f1"] == pytest.approx(2 * 10 / (13 + 11 + 14 + 10))


def test_stretches_that_the_verifier_marks() -> None:
    verifier = Scripted(PROBABILITIES, {"Paid in gold.": Span(5, 12), "Sent today.": Span(14, 18)})
    assert values(measured(ANSWERS, verifier))["span_f1"] == pytest.approx(2 * 7 / (7 + 4 + 10))
    cuts = Cuts(span=0.3, marks=Marks.STRETCHES)  # "Sent today." is not below .3
    assert values(measured(ANSWERS, verifier, cuts))["span_f1"] == pytest.approx(2 * 7 / (7 + 10))


def test_failures_count_neither_way() -> None:
    found = measured(ANSWERS, Scripted(PROBABILITIES | {"Sent today.": None}))
    assert found["claim_f1"] is not None
    assert found["claim_f1"].n == 3
    assert found["response_f1"] is not None
    assert found["response_f1"].n == 2  # the first answer cannot be told
    assert found["span_f1"] is not None
    assert found["span_f1"].n == 2


def test_claims_alone_say_nothing_of_stretches() -> None:
    answers = [stated("1", ("One.", True), ("Two.", False)), stated("2", ("Three.", True))]
    found = measured(answers, Scripted({"One.": 0.9, "Two.": 0.1, "Three.": 0.8}))
    assert found["span_f1"] is found["span_token_f1"] is None
    assert found["response_f1"] is not None


def test_single_claims_are_no_answers() -> None:
    rows = (("One.", True), ("Two.", False))
    single = [LabelledAnswer(t, t, t, (), (LabelledClaim(Claim(t, Span(0, 4)), s),)) for t, s in rows]
    found = measured(single, Scripted({"One.": 0.9, "Two.": 0.1}))
    assert found["response_auroc"] is found["sensitivity"] is None
    assert values(found)["claim_auroc"] == 1


def test_nothing_at_all_is_undefined() -> None:
    assert set(measured([], Scripted({})).values()) == {None}
