"""How answers end: golden table, protocol lines, hostile text."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vcpd.verifiers.abstention import Ending, SentenceKind, classify, sentence_kind, strip_protocol

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=300)

ABSTAINED = [
    "I don't know.",
    "I don\u2019t know.",
    "I do not know the answer.",
    "I do not know the answer to this question",
    "I really don't know.",
    "**I don't know.**",
    "\u201cI don\u2019t know.\u201d",
    "I don't know.\n\nConfidence: 10%",
    "Confidence: 5%\nI do not know.",
    "I'm sorry, but I don't know.",
    "Unfortunately, I do not know.",
    "I have no idea.",
    "I'm not sure.",
    "I am not certain.",
    "Unknown.",
    "Insufficient information.",
    "Not enough information.",
    "N/A",
    "The provided sources do not contain the dose for children.",
    "The provided sources do not contain the dose for children [1][2].",
    "The passages do not mention any limitation period.",
    "None of the passages address this question.",
    "Nothing in the sources addresses this point.",
    "The sources are silent on this question.",
    "The given documents don't specify the date of the judgment.",
    "The context does not provide enough information to answer.",
    "This cannot be determined from the sources.",
    "The year cannot be determined from the provided sources.",
    "It cannot be determined.",
    "Based on the provided passages, the average cost cannot be determined.",
    "There is not enough information to answer the question.",
    "There is insufficient information in the sources.",
    "There is no information about the maximum dose in the passages.",
    "No information is provided about the plaintiff.",
    "Based on the passages, I am unable to answer this question.",
    "Unable to answer based on given passages",
    "Unable to answer based on given passages. The passages do not discuss fees.",
    "I cannot answer this question based on the sources.",
    "I can't find the holding in the sources.",
    "I could not find any information on a person of that name. Could you provide more details?",
    "I'm sorry, but I couldn't find any notable person with that name. Please provide more context.",
    "I don't have enough information to answer.",
    "I do not have any information about this trial.",
    "As an AI language model, I don't know the answer to this question.",
    "It is impossible to say from the excerpts.",
    "It is unclear from the sources whether the appeal was allowed.",
    "The answer is not given in the passages.",
    "The dose is not specified in the sources.",
    "I must abstain.",
    "I would rather not guess.",
    "I cannot provide a biography of this person without more information.",
    "Passage 1 discusses fees. Passage 2 describes the parties. I am unable to answer the question.",
]
ANSWERED = [
    "No",
    "No.",
    "Yes.",
    "42",
    "1954",
    "None",
    "Nowhere does the statute require notice.",
    "The statute does not contain a limitation period.",
    "The cause of the disease is unknown.",
    "An unknown assailant fired the shot [1].",
    "There is no evidence that aspirin causes this effect.",
    "The court did not know of the settlement.",
    "I don't know exactly, but it was 1954.",
    "I don't know exactly, but it was probably around 1954 [2].",
    "I'm not sure, but the dose is 300 mg.",
    "I'm not sure: 300 mg",
    "I don't know \u2014 perhaps 1954.",
    "I don't know. 1954.",
    "I do not know the exact year. It was decided under Chief Justice Warren.",
    "The sources do not mention the year. However, source 2 states that the appeal was dismissed.",
    "The exact dose is not given in the sources, but it is usually 5 mg.",
    'The witness said "I don\'t know" three times.',
    "The witness answered \u201cI do not know the answer\u201d to each question [1].",
    "He was not able to determine the cause of death, according to the report [1].",
    "The plaintiff cannot recover damages.",
    "The tribunal could not determine the date from the documents.",
    "I can't give legal advice, but the limitation period is six years.",
    "The documents were not found at the scene.",
    "The answer is (B).",
]
REFUSED = [
    "I can't help with that request.",
    "I can\u2019t assist with that.",
    "I'm sorry, but I can't help with that.",
    "I cannot provide medical advice.",
    "As an AI I cannot provide medical advice.",
    "As an AI language model, I am not able to give legal advice. Please consult a lawyer.",
    "I must decline to answer.",
    "I won't do that.",
    "I am not qualified to diagnose illnesses. You should consult a doctor.",
    "I will not share instructions on how to do this.",
]
INVALID = ["", "   ", "\n\t", "\x00", "...", "\u200b", "**", "Confidence: 80%", "\n**Confidence:** 80 %\n", "[]"]


@pytest.mark.parametrize("answer", ABSTAINED)
def test_abstained(answer: str) -> None:
    assert classify(answer) is Ending.ABSTAINED


@pytest.mark.parametrize("answer", ANSWERED)
def test_answered(answer: str) -> None:
    assert classify(answer) is Ending.ANSWERED


@pytest.mark.parametrize("answer", REFUSED)
def test_refused(answer: str) -> None:
    assert classify(answer) is Ending.REFUSED


@pytest.mark.parametrize("answer", INVALID)
def test_invalid(answer: str) -> None:
    assert classify(answer) is Ending.INVALID


@pytest.mark.parametrize("reason", ["length", "max_tokens"])
def test_a_truncated_answer_is_invalid_whatever_it_says(reason: str) -> None:
    assert classify("I don't know.", reason) is Ending.INVALID
    assert classify("It was 1954 [1].", reason) is Ending.INVALID


def test_other_finish_reasons_change_nothing() -> None:
    assert classify("It was 1954 [1].", "stop") is Ending.ANSWERED


@pytest.mark.parametrize(
    ("sentence", "kind"),
    [
        ("I don't know.", SentenceKind.ABSTENTION),
        ("The dose is 5 mg.", SentenceKind.SUBSTANCE),
        ("Springs store energy when stretched (not mentioned in the passages).", SentenceKind.SUBSTANCE),
        ("The passages do not mention the dose (only its price).", SentenceKind.ABSTENTION),
        ("Could you say which drug you mean?", SentenceKind.FILLER),
        ("Passage 2 discusses another drug.", SentenceKind.META),
        ("Confidence: 80%", SentenceKind.FILLER),
    ],
)
def test_sentence_kinds(sentence: str, kind: SentenceKind) -> None:
    assert sentence_kind(sentence) is kind


@pytest.mark.parametrize(
    ("answer", "body", "confidence"),
    [
        ("It is 5.\nConfidence: 80%", "It is 5.", 0.8),
        ("Confidence: 80%\nIt is 5.", "It is 5.", 0.8),
        ("It is 5.\n**Confidence:** 80 %", "It is 5.", 0.8),
        ("It is 5.\n**Confidence**: 80%", "It is 5.", 0.8),
        ("It is 5.\nConfidence: 0.8", "It is 5.", 0.8),
        ("It is 5.\nconfidence = 0,8", "It is 5.", 0.8),
        ("It is 5. Confidence: 85%", "It is 5.", 0.85),
        ("It is 5.\nConfidence: 85% (high)", "It is 5.", 0.85),
        ("It is 5.\nConfidence: 30%\nConfidence: 90%\n", "It is 5.", 0.9),
        ("It is 5.\nConfidence: 150%", "It is 5.", None),
        ("It is 5.\nConfidence: -3%", "It is 5.", None),
        ("It is 5.\nConfidence: 1", "It is 5.", 1.0),
        ("It is 5.\nConfidence: 1%", "It is 5.", 0.01),
        ("It is 5.\nConfidence: 0%", "It is 5.", 0.0),
        ("I have confidence: 80% of cases settle.", "I have confidence: 80% of cases settle.", None),
        ("My confidence is 80%.", "My confidence is 80%.", None),
        ("", "", None),
    ],
)
def test_the_confidence_line(answer: str, body: str, confidence: float | None) -> None:
    found = strip_protocol(answer)
    assert (found.body, found.confidence) == (body, confidence)
    assert found.body_span.of(answer) == found.body


@given(ANY_TEXT)
def test_any_text_ends_somehow_and_keeps_its_offsets(answer: str) -> None:
    assert classify(answer) in Ending
    found = strip_protocol(answer)
    assert found.body_span.of(answer) == found.body
    assert found.confidence is None or 0 <= found.confidence <= 1


@given(st.sampled_from(ABSTAINED), st.sampled_from(["The dose is 300 mg [1].", "Brown sued the Board in 1951."]))
def test_an_abstention_with_an_answer_is_an_answer(abstention: str, answer: str) -> None:
    assert classify(abstention.strip("*\u201c\u201d") + "\n\n" + answer) is Ending.ANSWERED


@pytest.mark.parametrize("unit", ["I don't know. ", "a", "\n", "Confidence: 8\n", "\x00"])
def test_a_megabyte_is_read_in_time(unit: str) -> None:
    answer = (unit * (1_000_000 // len(unit) + 1))[:1_000_000]
    began = time.thread_time()
    classify(answer)
    assert time.thread_time() - began < 4
