"""Marked text: pieces put together are the text, every character is under the mark it should be, nothing is unseen."""

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vcpd.reports.marked_text import Piece, pieces, visible
from vcpd.reports.views import MARKS, Mark

KINDS = list(MARKS)


@pytest.mark.parametrize(
    ("marks", "expected"),
    [
        ([], ["abcdef"]),
        ([Mark(1, 3, "unsupported")], ["a", "bc:unsupported", "def"]),
        ([Mark(0, 4, "claim"), Mark(2, 6, "refuted")], ["ab:claim", "cdef:refuted"]),
        ([Mark(1, 2, "refuted"), Mark(2, 3, "refuted")], ["a", "bc:refuted", "def"]),
        ([Mark(-5, 2, "claim"), Mark(5, 99, "claim"), Mark(3, 3, "refuted")], ["ab:claim", "cde", "f:claim"]),
    ],
)
def test_pieces_by_hand(marks: list[Mark], expected: list[str]) -> None:
    assert [f"{p.text}:{p.kind}".rstrip(":") for p in pieces("abcdef", marks)] == expected


@given(
    st.text(max_size=40),
    st.lists(st.builds(Mark, st.integers(-3, 45), st.integers(-3, 45), st.sampled_from(KINDS)), max_size=8),
    st.none() | st.integers(0, 50),
)
def test_pieces_are_the_text_under_the_last_kind(text: str, marks: list[Mark], most: int | None) -> None:
    found = pieces(text, marks, most)
    shown = text if most is None else text[:most]
    assert "".join(p.text for p in found) == shown
    kinds = [p.kind for p in found for _ in p.text]
    for i, kind in enumerate(kinds):
        over = [m.kind for m in marks if m.start <= i < m.end]
        assert kind == max(over, key=KINDS.index, default="")
    assert all(a.kind != b.kind for a, b in pairwise(found))


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(KeyError):
        pieces("abc", [Mark(0, 1, "nonsense")])
    assert Piece("a", "refuted").says


@given(st.text(alphabet=st.characters(exclude_categories=())))
def test_what_is_visible_keeps_places_and_hides_nothing(text: str) -> None:
    seen = visible(text)
    assert len(seen) == len(text)
    assert visible(seen) == seen
    for was, now in zip(text, seen, strict=True):
        assert unicodedata.category(now) not in ("Cc", "Cs") or now in "\t\n"
        assert now == was or unicodedata.category(was) in ("Cc", "Cs", "Cf", "Cn", "Zl", "Zp")


def test_signs_that_stand_for_what_cannot_be_seen() -> None:
    assert visible("a\x1b[31m\x00\x7f\x9b\u202eb") == "a\u241b[31m\u2400\u2421\ufffd\ufffdb"
    assert visible("a\r\nb\rc\td") == "a \nb\u240dc\td"
