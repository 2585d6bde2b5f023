"""Annotated answers: what an application shows, and a decision that is the one of `policy.walk`."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vcpd.evals.annotated_answer import AnswerTerms, annotate_answer
from vcpd.evals.annotated_forms import annotated_html, annotated_json
from vcpd.evals.confidence import confidence_line
from vcpd.evals.saved_runs import SavedRun
from vcpd.retrieval.passages import Document
from vcpd.scoring.economics import RISK_TIERS, RetryPolicy
from vcpd.scoring.estimate import InsufficientDataError
from vcpd.scoring.policy import End, walk
from vcpd.scoring.records import Outcome, OutcomeBy, PolicyVerdict, Record
from vcpd.verifiers.lexical import LexicalVerifier
from vcpd.verifiers.recalibration import LogitLine

SOURCES = [Document("guide", "The bridge was opened in 1937. It is 2,737 metres long.")]
GOOD = "The bridge was opened in 1937 [1].\nConfidence: 80%"
BAD = "The bridge was opened in 1937 [1]. It is 9,999 metres long [4]."
ASK = RetryPolicy(max_retries=1, on_exhausted="escalate")


@pytest.mark.parametrize(
    ("text", "policy", "tier", "attempt", "action"),
    [
        (GOOD, ASK, "standard", 1, "deliver"),
        (GOOD, ASK, "high", 1, "escalate"),
        (BAD, ASK, "standard", 1, "retry"),
        (BAD, ASK, "standard", 2, "escalate"),
        (BAD, RetryPolicy(), "standard", 1, "abstain"),
        ("I don't know.", ASK, "standard", 1, "abstain"),
        ("I don't know.", RetryPolicy(on_abstain="escalate"), "low", 1, "escalate"),
        ("", ASK, "standard", 1, "retry"),
        ("", RetryPolicy(), "standard", 1, "abstain"),
    ],
)
def test_decisions_by_hand(text: str, policy: RetryPolicy, tier: str, attempt: int, action: str) -> None:
    terms = AnswerTerms(retry_policy=policy, risk_tier=tier, attempt=attempt)
    found = annotate_answer(text, SOURCES, LexicalVerifier(), terms=terms)
    assert found.action == action
    assert bool(found.reasons) == (action != "deliver")


@given(
    text=st.sampled_from([GOOD, BAD, "I don't know.", "", "I cannot help with that request."]),
    policy=st.builds(RetryPolicy, st.integers(0, 2), *[st.sampled_from(["escalate", "abstain"])] * 2),
    tier=st.sampled_from(RISK_TIERS),
)
def test_the_last_attempt_ends_as_the_replay_of_the_policy(text: str, policy: RetryPolicy, tier: str) -> None:
    last = policy.max_retries + 1
    terms = AnswerTerms(retry_policy=policy, risk_tier=tier, attempt=last)
    found = annotate_answer(text, SOURCES, LexicalVerifier(), terms=terms)
    outcome = {GOOD: Outcome.CORRECT, BAD: Outcome.INCORRECT, "": Outcome.INVALID}.get(text)
    outcome = outcome or (Outcome.ABSTAINED if "know" in text else Outcome.REFUSED)
    verdict = {GOOD: PolicyVerdict.ACCEPT, BAD: PolicyVerdict.REJECT}.get(text)
    record = Record("r", "m", "d", "s", "s", 1, 1, outcome, policy_verdict=verdict, risk_tier=tier)
    _, end = walk([replace(record, attempt=i) for i in range(1, last + 1)], policy)
    assert found.action == {End.DELIVERED: "deliver", End.ESCALATED: "escalate", End.ABSTAINED: "abstain"}[end]


def test_the_parts_of_an_annotation() -> None:
    line = LogitLine(-1.0, 1.0)
    found = annotated_json(
        annotate_answer(BAD, SOURCES, LexicalVerifier(), terms=AnswerTerms(confidence=0.9, calibration=line))
    )
    json.dumps(found, allow_nan=False)
    first, second = found["claims"]
    assert (first["label"], first["flags"], first["evidence"][0]["span"]) == ("supported", [], [0, 30])
    assert SOURCES[0].text[0:30] == first["evidence"][0]["text"]
    assert second["support_probability"] < 0.5 < first["support_probability"]
    assert [BAD[a:b] for a, b in second["unsupported"]] == ["9,999 metres"]
    assert second["citations"] == [{"marker": "[4]", "doc_id": None, "finding": "fabricated"}]
    assert found["confidence"] == {"stated": 0.9, "calibrated": pytest.approx(0.768, abs=1e-3)}  # logit .9 less 1
    assert found["flags"] == ["claims without support: 1", "citations fabricated: 1"]


def test_without_a_calibration_the_stated_confidence_is_not_passed_off_as_one() -> None:
    found = annotate_answer(GOOD, SOURCES, LexicalVerifier())
    assert (found.stated, found.calibrated) == (0.8, None)
    assert "calibrated" not in annotated_html(found)


def test_bad_input_is_refused() -> None:
    with pytest.raises(ValueError, match="share a doc_id"):
        annotate_answer(GOOD, [*SOURCES, *SOURCES], LexicalVerifier())
    with pytest.raises(ValueError, match=r"lies in \[0, 1\]"):
        annotate_answer(GOOD, SOURCES, LexicalVerifier(), terms=AnswerTerms(confidence=1.5))


def test_a_fragment_is_text_without_style_or_script() -> None:
    text = "It says <script>alert(1)</script> [1]. \x1b[31m \ud83d"
    made = annotated_html(annotate_answer(text, SOURCES, LexicalVerifier(), question='"><img onerror=x>'))
    assert "<script" not in made
    assert "<img" not in made
    assert "style" not in made
    assert "\u241b[31m \ufffd" in made


def saved(right: list[bool], confidence: float = 0.9) -> SavedRun:
    records = tuple(
        Record("r", "m", "d", f"s{i}", f"s{i}", 1, 1, Outcome.CORRECT if y else Outcome.INCORRECT, OutcomeBy.KEY,
               confidence=confidence if i % 2 else 0.6)
        for i, y in enumerate(right)
    )  # fmt: skip
    from pathlib import Path

    return SavedRun("r", Path("."), {"identity": {}}, records, {})


def test_confidence_is_calibrated_on_a_run() -> None:
    """Half of 80 answers are right though .6 and .9 were stated: both come down to about a half."""
    line = confidence_line(saved([i % 4 < 2 for i in range(80)]), "m", "d")
    assert line(0.9) == pytest.approx(0.5, abs=0.1)
    assert line(0.6) <= line(0.9)
    with pytest.raises(InsufficientDataError, match="takes 20 judged answers"):
        confidence_line(saved([True] * 30), "m", "d")
    with pytest.raises(InsufficientDataError):
        confidence_line(saved([]), "m", "d")
