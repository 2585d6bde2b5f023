"""Units of passages: exact places, and which of them a claim is set beside."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vcpd.retrieval.passages import Passage, Span
from vcpd.retrieval.tokens import tokenize
from vcpd.verifiers.evidence import ALL_READ, Evidence, units_of

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=300)


def passage(text: str, start: int = 0) -> Passage:
    return Passage("d", Span(start, start + len(text)), text)


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("The dose is 40 mg. It is given once.", ["The dose is 40 mg.", "It is given once."]),
        ("A heading\nThe dose is 40 mg", ["A heading", "The dose is 40 mg"]),
        ("***\n\n  One line.  \n", ["One line."]),
        ("", []),
    ],
)
def test_sentences_and_lines_are_units(text: str, units: list[str]) -> None:
    assert [span.of(text) for span in units_of(text)] == units


def test_a_long_line_is_cut_at_white_space() -> None:
    text = " ".join(["word"] * 1000)
    units = units_of(text)
    assert all(len(span.of(text)) <= 480 for span in units)
    assert " ".join(span.of(text) for span in units) == text


@given(ANY_TEXT)
def test_units_hold_every_letter_once_in_order(text: str) -> None:
    units = units_of(text)
    assert all(a.end <= b.start for a, b in pairwise(units))
    assert "".join(c for s in units for c in s.of(text) if c.isalnum()) == "".join(c for c in text if c.isalnum())


def test_a_window_is_a_passage_of_its_document() -> None:
    document = "Nothing here. The dose is 40 mg. It is given once."
    evidence = Evidence([passage(document[14:], 14)])
    window = evidence.window(0, 1)
    assert window.text == window.span.of(document) == "The dose is 40 mg. It is given once."


def test_windows_do_not_cross_passages() -> None:
    evidence = Evidence([passage("One. Two."), passage("Three.")])
    assert [evidence.adjoin(i) for i in range(len(evidence))] == [True, False, False]


def test_of_a_long_page_the_sentences_that_share_words_are_read() -> None:
    lines = [f"Line {i} speaks of the weather in the hills." for i in range(400)]
    lines[237] = "Zolvane is contraindicated in pregnancy."
    evidence = Evidence([passage("\n".join(lines))])
    read = evidence.read_for(tokenize("Is Zolvane safe in pregnancy?"))
    assert {236, 237, 238} <= set(read)
    assert len(read) <= ALL_READ
    assert evidence.read_for(tokenize("Quantum chromodynamics"))  # something is read even without a shared word


def test_of_a_short_page_everything_is_read() -> None:
    evidence = Evidence([passage(" ".join(["It rained."] * 10))])
    assert evidence.read_for(["nothing"]) == list(range(10))


def test_words_on_every_line_tell_little() -> None:
    evidence = Evidence([passage("Rain fell on York. Rain fell on Leeds. Rain fell on Hull.")])
    assert evidence.peculiarity("rain") < evidence.peculiarity("york") < evidence.peculiarity("snow") <= 1.3
