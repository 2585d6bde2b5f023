"""Vectors remembered by content: nothing is encoded twice, and what comes back is what was kept."""

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from vcpd.retrieval.tokens import tokenize
from vcpd.verifiers.encoder import Encoding
from vcpd.verifiers.vector_cache import CachedEncoder


class Hashes:
    """A vector of each text's hash; remembers what it was asked."""

    def __init__(self, name: str = "hashes") -> None:
        self.name = name
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str]) -> list[Encoding]:
        self.asked += texts
        return [self._one(text) for text in texts]

    def _one(self, text: str) -> Encoding:
        words = tokenize(text)
        rows = np.array([_vector(f"{self.name} {w}") for w in words], np.float32).reshape(len(words), 8)
        return Encoding(_vector(f"{self.name} {text}"), rows, np.full(len(words), 0.5, np.float32))


def _vector(text: str) -> "np.ndarray[tuple[int], np.dtype[np.float32]]":
    raw = np.frombuffer(sha256(text.encode(errors="surrogatepass")).digest()[:8], np.uint8).astype(np.float32) + 1
    return np.asarray(raw / np.linalg.norm(raw), np.float32)


def same(a: Encoding, b: Encoding) -> bool:
    return (
        np.array_equal(a.sentence, b.sentence)
        and np.array_equal(a.words.astype(np.float16), b.words.astype(np.float16))
        and np.array_equal(a.rarity, b.rarity)
    )


def test_a_text_is_encoded_once_even_within_a_call() -> None:
    inner = Hashes()
    cache = CachedEncoder(inner)
    first = cache.encode(["one two", "three", "one two"])
    cache.encode(["three", "four"])
    assert inner.asked == ["one two", "three", "four"]
    assert same(first[0], first[2])


def test_the_folder_outlives_the_process_and_holds_no_text(tmp_path: Path) -> None:
    fresh = CachedEncoder(Hashes(), tmp_path / "v").encode(["a secret patient", ""])
    inner = Hashes()
    kept = CachedEncoder(inner, tmp_path / "v").encode(["a secret patient", ""])
    assert inner.asked == []
    assert all(same(a, b) for a, b in zip(fresh, kept, strict=True))
    assert all(b"secret" not in path.read_bytes() for path in (tmp_path / "v").iterdir())


def test_another_encoder_does_not_read_these_vectors(tmp_path: Path) -> None:
    CachedEncoder(Hashes("one"), tmp_path).encode(["text"])
    inner = Hashes("two")
    CachedEncoder(inner, tmp_path).encode(["text"])
    assert inner.asked == ["text"]


def test_memory_is_bounded_and_the_result_is_not() -> None:
    inner = Hashes()
    cache = CachedEncoder(inner, remembered=200)
    texts = [f"text number {i}" for i in range(50)]
    assert all(same(a, b) for a, b in zip(cache.encode(texts), Hashes().encode(texts), strict=True))
    cache.encode(texts[:1])
    assert inner.asked.count(texts[0]) == 2  # the longest unused went first


@given(st.lists(st.text(st.characters(exclude_categories=()), max_size=20), max_size=8))
def test_any_texts_come_back_in_order(texts: list[str]) -> None:
    cache = CachedEncoder(Hashes())
    for _ in range(2):
        assert all(same(a, b) for a, b in zip(cache.encode(texts), Hashes().encode(texts), strict=True))
