"""The letter of a multiple-choice answer."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vcpd.verifiers.choices import choice_letters, extract_choice


@pytest.mark.parametrize(
    ("answer", "n_choices", "letter"),
    [
        ("The answer is (C).", 4, "C"),
        ("The answer is C.", 4, "C"),
        ("so the answer is (B). The answer is (D).", 4, "B"),
        ("Answer: A. No, wait. Answer: D", 4, "D"),
        ("answer: B", 4, "B"),
        ("Answer:\n\nB", 4, "B"),
        ("The answer is (A). Answer: D", 4, "A"),
        ("I think B is right, or rather D", 4, "D"),
        ("(C)", 4, "C"),
        ("A", 4, "A"),
        ("The answer is (J).", 10, "J"),
        ("The answer is (J).", 4, "J"),
        ("The answer is (K).", 10, None),
        ("The answer is (K).", 11, "K"),
        ("The answer is (Z).", 26, "Z"),
        ("**Answer: (C)**", 4, "C"),
        ("Vitamin C and B12", 4, "C"),
        ("the answer is clear", 4, None),
        ("I don't know.", 4, "I"),
        ("no letter here", 4, None),
        ("ABCD", 4, None),
        ("", 4, None),
        ("\x00\ud800", 4, None),
    ],
)
def test_the_rule(answer: str, n_choices: int, letter: str | None) -> None:
    assert extract_choice(answer, n_choices) == letter


@pytest.mark.parametrize("n_choices", [0, -1, 27])
def test_impossible_numbers_of_choices_are_refused(n_choices: int) -> None:
    with pytest.raises(ValueError, match=str(n_choices)):
        extract_choice("A", n_choices)


@given(st.text(st.characters(exclude_categories=())), st.integers(1, 26))
def test_any_text_gives_a_letter_or_none(answer: str, n_choices: int) -> None:
    letter = extract_choice(answer, n_choices)
    assert letter is None or (letter in answer and letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[: max(10, n_choices)])


@pytest.mark.parametrize("unit", ["Answer: ", "answer is (", "A ", "answer:\n", " ", "answer is "])
def test_time_is_linear(unit: str) -> None:
    began = time.thread_time()
    extract_choice(unit * (1_000_000 // len(unit)), 10)
    assert time.thread_time() - began < 2


@pytest.mark.parametrize("target", ["B", "b", "(B)", "B.", " B", "dog", "Dog "])
def test_a_target_is_a_letter_or_the_text_of_a_choice(target: str) -> None:
    assert choice_letters([target], ["cat", "dog"]) == ("B",)


@pytest.mark.parametrize(("target", "n"), [("Z", 2), ("bird", 2), ("", 2), ("A", 30)])
def test_a_target_that_is_no_choice_is_refused(target: str, n: int) -> None:
    with pytest.raises(ValueError, match="choice"):
        choice_letters([target], [f"c{i}" for i in range(n)])
