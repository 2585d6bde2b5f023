"""Blocks that no text can close."""

import re

from hypothesis import assume, given
from hypothesis import strategies as st
from vcpd.verifiers.data_blocks import as_written, block_key, blocks, neutral
from vcpd.verifiers.folding import fold

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=200)
HOSTILE = st.lists(
    st.sampled_from(
        ["<", "</", "<\\", "\uff1c/", "data", "data-", "passage 1>", ">", "\n", "\u2028", " ", "\u200b", "!", "|"]
    ),
    max_size=30,
).map("".join)


@given(texts=st.lists(ANY_TEXT | HOSTILE, max_size=4), seed=ANY_TEXT)
def test_the_blocks_read_back_as_they_were_written(texts: list[str], seed: str) -> None:
    key = block_key(texts, seed)
    prompt = blocks(key, [(f"text {i}", text) for i, text in enumerate(texts)])
    prompt.encode()  # can be sent
    read = re.findall(rf"^<data-{key} text (\d+)>\n(.*?)\n</data-{key}>$", prompt, re.S | re.M)
    assert [int(i) for i, _ in read] == list(range(len(texts)))
    assert [text for _, text in read] == [neutral(text) for text in texts]
    assert prompt.count(key) == 2 * len(texts)


@given(text=HOSTILE)
def test_no_text_holds_what_looks_like_a_tag(text: str) -> None:
    assert not re.search(r"<(\s*[/!?|]|[a-z])", neutral(text))


@given(text=ANY_TEXT | HOSTILE)
def test_words_copied_from_a_block_are_words_of_the_text(text: str) -> None:
    """What `neutral` changed comes back, or is nothing that a comparison of quotations sees."""
    assume(not re.search("[\ud800-\udfff]", text))
    assert fold(as_written(neutral(text))).text.split() == fold(text).text.split()


@given(texts=st.lists(ANY_TEXT, min_size=1, max_size=3), seed=ANY_TEXT)
def test_a_key_put_into_the_data_is_no_longer_the_key(texts: list[str], seed: str) -> None:
    known = block_key(texts, seed)
    assert re.fullmatch("[0-9a-f]{20}", known)
    assert block_key(texts, seed) == known
    assert block_key([*texts[:-1], texts[-1] + known], seed) not in texts[-1] + known
    assert block_key(texts, seed + "x") != known


def test_texts_are_told_apart_in_the_key() -> None:
    assert block_key(["ab", "c"], "0") != block_key(["a", "bc"], "0")


def test_a_text_that_holds_its_own_key_gets_another(monkeypatch: object) -> None:
    """The collision that nobody can find, made by hand: a hash that does not depend on the text."""
    from vcpd.verifiers import data_blocks

    class Fixed:
        def __init__(self, _: bytes) -> None:
            self.digest = "a" * 64

        def update(self, more: bytes) -> None:
            self.digest = "b" * 64 if more.endswith(b"again") else self.digest

        def hexdigest(self) -> str:
            return self.digest

    monkeypatch.setattr(data_blocks, "sha256", Fixed)  # type: ignore[attr-defined]
    assert block_key(["A" * 10 + "\u200b" + "a" * 10], "0") == "b" * 20
