"""Windows over sources: every token in some window, none too long, places exact."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vcpd.retrieval.passages import Document, Passage, Span
from vcpd.verifiers.source_windows import units_of, windows_of

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=200)
PROSE = st.lists(
    st.sampled_from(["The court held.", "Dose", "40 mg", "x" * 30, "\n\n", "- item", "é", "No. 12", "\r\n", "。"]),
    max_size=60,
).map(" ".join)
TEXTS = st.lists(st.one_of(ANY_TEXT, PROSE), min_size=1, max_size=4)


def pieces_of_three(text: str) -> list[tuple[int, int]]:
    """A tokenizer: white space is no token, the rest goes in pieces of up to three signs."""
    found: list[tuple[int, int]] = []
    for i, sign in enumerate(text):
        if sign.isspace():
            continue
        if found and found[-1][1] == i and i - found[-1][0] < 3:
            found[-1] = (found[-1][0], i + 1)
        else:
            found.append((i, i + 1))
    return found


def bytes_of(text: str) -> list[tuple[int, int]]:
    """A tokenizer: a token per byte, so several tokens may have one place."""
    return [(i, i + 1) for i, sign in enumerate(text) for _ in sign.encode("utf-8", "surrogatepass")]


def passages(texts: list[str]) -> list[Passage]:
    return [Document(f"d{i}", "x" * i + t).passage(Span(i, i + len(t))) for i, t in enumerate(texts)]


@pytest.mark.parametrize("tokenizer", [pieces_of_three, bytes_of])
@given(texts=TEXTS, most=st.integers(12, 80), overlap=st.integers(0, 20), longest=st.integers(1, 6))
def test_windows_cover_all_and_fit(tokenizer: Any, texts: list[str], most: int, overlap: int, longest: int) -> None:
    sources = passages(texts)
    offsets = {p.doc_id: tokenizer(p.text) for p in sources}
    units = [u for p in sources for u in units_of(p, offsets[p.doc_id], longest)]
    windows = windows_of(units, most, overlap)
    covered: dict[str, set[int]] = {p.doc_id: set() for p in sources}
    for window in windows:
        for piece in window.pieces:
            assert piece.evidence().text == piece.text
            covered[piece.passage.doc_id].update(range(piece.span.start, piece.span.end))
        cut = 1 if tokenizer is pieces_of_three else 0  # a piece of three that was cut is two tokens
        assert len(tokenizer(window.text)) <= most + cut * len(window.pieces)
        for sentence in window.sentences():
            assert sentence.text == sentence.evidence().text
    for p in sources:
        assert {i for i, sign in enumerate(p.text) if not sign.isspace()} <= covered[p.doc_id]
    assert sum(u.tokens for u in units) <= sum(map(len, offsets.values()))


def test_windows_by_hand() -> None:
    (source,) = passages(["Aa bb. Cc dd. Ee ff. Gg hh."])
    units = units_of(source, pieces_of_three(source.text))
    assert [u.tokens for u in units] == [1 + 1] * 4
    assert [w.text for w in windows_of(units, 6, 0)] == ["Aa bb. Cc dd.", "Ee ff. Gg hh."]
    assert [w.text for w in windows_of(units, 6, 2)] == ["Aa bb. Cc dd.", "Cc dd. Ee ff.", "Ee ff. Gg hh."]
    assert [w.text for w in windows_of(units, 100, 2)] == [source.text]
    assert windows_of([], 10, 0) == []
    one, two = passages(["aa.", "bb."])
    (window,) = windows_of([*units_of(one, [(0, 3)]), *units_of(two, [(0, 3)])], 6, 0)
    assert (window.text, len(window.pieces)) == ("aa.\nbb.", 2)
    assert [p.span for p in window.evidence()] == [Span(0, 3), Span(1, 4)]


def test_a_long_sentence_is_cut_at_white_space() -> None:
    (source,) = passages(["word " * 50])
    units = units_of(source, [(i * 5, i * 5 + 4) for i in range(50)], 8)
    assert [u.tokens for u in units] == [8] * 6 + [2]
    assert all(not u.piece.text.strip().startswith("ord") for u in units)
    unbroken = passages(["x" * 100])[0]
    assert [u.tokens for u in units_of(unbroken, [(i, i + 1) for i in range(100)], 40)] == [40, 40, 20]


def test_a_megabyte_is_cut_in_time() -> None:
    (source,) = passages(["The court held that the dose is 40 mg. " * 25_000])
    offsets = [(i, i + 3) for i in range(0, len(source.text), 4)]
    windows = windows_of(units_of(source, offsets), 500, 64)
    assert len(windows) > 500
    assert windows[-1].pieces[-1].span.end == len(source.text) - 1
