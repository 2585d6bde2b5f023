"""Statements about the passages and the answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vcpd.verifiers.metadiscourse import names_answer, names_sources, says_silence


@pytest.mark.parametrize(
    ("text", "sources", "silence", "answer"),
    [
        ("Note that no side effects are mentioned in the passages.", True, True, False),
        ("The given context does not specify the dose.", True, True, False),
        ("The court isn\u2019t said to have addressed the question.", False, True, True),
        ("Therefore, I am able to answer the question based on the given passages.", True, False, True),
        ("It is unclear whether the limitation period applies.", False, True, False),
        ("Consult further resources.", False, False, True),
        ("The dose is 40 mg.", False, False, False),
        ("Notation is contained in the annex.", False, False, False),
        ("A passage grave is a tomb.", True, False, False),  # words alone do not tell
    ],
)
def test_table(text: str, sources: bool, silence: bool, answer: bool) -> None:
    assert (names_sources(text), says_silence(text), names_answer(text)) == (sources, silence, answer)


@given(st.text(st.characters(exclude_categories=())))
def test_any_text(text: str) -> None:
    assert {type(f(text)) for f in (names_sources, says_silence, names_answer)} == {bool}


@pytest.mark.parametrize("piece", ["no ", "answer ", "not a, ", "no answer "])
def test_a_megabyte_of_beginnings_is_survived(piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    assert [f("x" + text) for f in (names_sources, says_silence)] == [False, "no answer" in text]
