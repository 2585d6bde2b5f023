from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vcpd.retrieval.chunking import chunk
from vcpd.retrieval.passages import Document

TEXTS = st.one_of(
    st.text(),
    st.lists(st.sampled_from(["One ", "two. ", "Three? ", "\n\n", "Four (five. ", "six) ", "\ud800 "])).map("".join),
)


def test_whole_sentences_are_packed() -> None:
    document = Document("d", "One two three. Four five. Six seven eight nine.\n\nTen.")
    assert [p.text for p in chunk(document, 5)] == ["One two three. Four five.", "Six seven eight nine.\n\nTen."]


def test_a_long_sentence_is_cut_between_words() -> None:
    document = Document("d", "It starts. Seven words are here in one row. End.")
    assert [p.text for p in chunk(document, 3)] == ["It starts.", "Seven words are", "here in one", "row. End."]


def test_no_words_no_passages() -> None:
    assert chunk(Document("d", " \n ")) == []


@pytest.mark.parametrize("max_words", [0, -1])
def test_max_words_must_be_positive(max_words: int) -> None:
    with pytest.raises(ValueError, match="max_words must be at least 1"):
        chunk(Document("d", "x"), max_words)


@given(TEXTS, st.integers(1, 9))
def test_passages_are_exact_and_hold_every_word(text: str, max_words: int) -> None:
    document = Document("d", text)
    passages = chunk(document, max_words)
    for p in passages:
        assert p.doc_id == "d"
        assert p.text == p.span.of(document.text)
        assert 0 < len(p.text.split()) <= max_words
    assert [word for p in passages for word in p.text.split()] == text.split()
    assert all(a.span.end <= b.span.start for a, b in pairwise(passages))
