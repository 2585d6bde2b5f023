"""From answers to claims: markers, what is no claim, exact places."""

import re
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vcpd.retrieval.passages import Span
from vcpd.verifiers.claims import answer_spans, split_claims
from vcpd.verifiers.markers import find_markers

IDS = ["doc-a", "doc-b", "doc-c"]
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=300)
PIECES = st.sampled_from(
    [
        "The dose is 5 mg", "It was Smith v. Jones", "it is safe", " [1]", "[2]", " [1, 3]", "[1][2]", " [9]", ". ",
        ", ", "\n", "\n\n- ", "## Heading\n", "Is it? ", "I don't know. ", "[doc-a]", "\u30101\u2020x\u3011",
        " (Passage 2)", "Confidence: 80%", "\u05e9\u05dc\u05d5\u05dd", "\ud800", "\x00", "347 U.S. 483", "[^2]", "1. ",
    ]
)  # fmt: skip
ANSWERS = st.lists(PIECES, max_size=14).map("".join) | ANY_TEXT


def claims(answer: str) -> list[tuple[str, list[str | None]]]:
    return [(c.text, [x.doc_id for x in c.citations]) for c in split_claims(answer, IDS)]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("The dose is 5 mg [1].", [("The dose is 5 mg.", ["doc-a"])]),
        ("The dose is 5 mg. [1]", [("The dose is 5 mg.", ["doc-a"])]),
        ("The dose is 5 mg.[1] It is safe.[2]", [("The dose is 5 mg.", ["doc-a"]), ("It is safe.", ["doc-b"])]),
        ("The dose is 5 mg [1, 2].", [("The dose is 5 mg.", ["doc-a", "doc-b"])]),
        ("The dose is 5 mg [1][3].", [("The dose is 5 mg.", ["doc-a", "doc-c"])]),
        ("The dose is 5 mg [1], [3].", [("The dose is 5 mg.", ["doc-a", "doc-c"])]),
        ("The dose is 5 mg [1-3].", [("The dose is 5 mg.", ["doc-a", "doc-b", "doc-c"])]),
        ("The dose is 5 mg [^1].", [("The dose is 5 mg.", ["doc-a"])]),
        ("The dose is 5 mg (1).", [("The dose is 5 mg (1).", [])]),
        ("The dose is 5 mg [doc-b].", [("The dose is 5 mg.", ["doc-b"])]),
        ("The dose [sic] is 5 mg.", [("The dose [sic] is 5 mg.", [])]),
        ("The dose is 5 mg \u30102\u2020source\u3011.", [("The dose is 5 mg.", ["doc-b"])]),
        ("The dose is 5 mg [Source 2].", [("The dose is 5 mg.", ["doc-b"])]),
        ("The dose is 5 mg [Passage 2].", [("The dose is 5 mg.", ["doc-b"])]),
        ("The dose is 5 mg (Passage 2).", [("The dose is 5 mg.", ["doc-b"])]),
        ("The dose is 5 mg [9].", [("The dose is 5 mg.", [None])]),
        ("The dose is 5 mg [0].", [("The dose is 5 mg.", [None])]),
        ("The limit [1] is ten years [2], not five.", [("The limit is ten years, not five.", ["doc-a", "doc-b"])]),
        ("[1] The dose is 5 mg.", [("The dose is 5 mg.", ["doc-a"])]),
        ("The dose is 5 mg.\n\n[2]", [("The dose is 5 mg.", ["doc-b"])]),
        ("[1932] AC 562 settled the duty of care [1].", [("[1932] AC 562 settled the duty of care.", ["doc-a"])]),
        ("- one item here [1]\n- another item", [("one item here", ["doc-a"]), ("another item", [])]),
        ("1. one item here\n2) another item", [("one item here", []), ("another item", [])]),
        ("**Answer:** It is 5 mg [1].", [("It is 5 mg.", ["doc-a"])]),
        ("J. Smith wrote the opinion.", [("J. Smith wrote the opinion.", [])]),
        ("# Heading\nThe dose is 5 mg.", [("The dose is 5 mg.", [])]),
        ("**Heading**\n\nThe dose is 5 mg.", [("The dose is 5 mg.", [])]),
        ("Here is the answer:\n\n- The dose is 5 mg.", [("The dose is 5 mg.", [])]),
        ("The dose is 5 mg.\nConfidence: 80%", [("The dose is 5 mg.", [])]),
        ("The dose is 5 mg [1]\nConfidence: 80%", [("The dose is 5 mg", ["doc-a"])]),
        ("The dose is 5 mg [1].\nAnswer: B\nConfidence: 80%", [("The dose is 5 mg.", ["doc-a"])]),
        ("**Answer: (C)**", []),
        ("The answer is B.", []),
        ("Answer: A dose of 5 mg [1].", [("A dose of 5 mg.", ["doc-a"])]),
        ("Is it safe? It is safe.", [("It is safe.", [])]),
        ("Yes. It is safe.", [("It is safe.", [])]),
        ("The dose is 5 mg [1].\n\nReferences:\n[1] Some title. 2001.\n", [("The dose is 5 mg.", ["doc-a"])]),
        ("I don't know.", []),
        ("The sources do not contain the dose [1].", []),
        ("I can't help with that request.", []),
        ("[1]", []),
        ("", []),
        (" \n\t", []),
        ("---", []),
    ],
)  # fmt: skip
def test_claims_and_their_citations(answer: str, expected: list[tuple[str, list[str | None]]]) -> None:
    assert claims(answer) == expected


def test_a_range_beyond_the_documents_is_one_invented_source() -> None:
    assert [c.doc_id for c in find_markers("x [2-9].", IDS)] == ["doc-b", "doc-c", None]


def test_a_known_document_may_be_named_but_not_numbered() -> None:
    found = find_markers("x [4] [doc-d]", IDS, known={"doc-d"})
    assert [(c.marker, c.doc_id) for c in found] == [("[4]", None), ("[doc-d]", "doc-d")]


@given(ANSWERS)
def test_spans_are_exact(answer: str) -> None:
    for claim in split_claims(answer, IDS):
        stretch = claim.span.of(answer)
        assert stretch == stretch.strip()
        assert any(c.isalnum() for c in claim.text)
        for citation in claim.citations:
            assert citation.span.of(answer) == citation.marker
        for word in re.finditer(r"\w+", claim.text):
            (place,) = answer_spans(claim, [Span(*word.span())])
            assert place.of(answer) == word.group()


@given(ANSWERS)
def test_claims_are_in_order_and_apart(answer: str) -> None:
    found = split_claims(answer, IDS)
    assert all(a.span.end <= b.span.start for a, b in pairwise(found))


@given(st.sampled_from(["", " [1]", "[2][3]", " [9]", " [doc-a]"]), st.sampled_from(["", " [1]", " [1, 2]"]))
def test_markers_do_not_change_the_text_of_any_claim(first: str, second: str) -> None:
    answer = f"The dose is 5 mg{first}. It was Smith v. Jones{second}. It is safe."
    assert [c.text for c in split_claims(answer, IDS)] == ["The dose is 5 mg.", "It was Smith v. Jones.", "It is safe."]


@pytest.mark.parametrize("unit", ["a", "[1-99]", "[", "The dose is five [1]. ", " \n"])
def test_a_megabyte_is_split_in_time(unit: str) -> None:
    answer = unit * (1_000_000 // len(unit))
    began = time.thread_time()
    split_claims(answer, IDS)
    assert time.thread_time() - began < 8
