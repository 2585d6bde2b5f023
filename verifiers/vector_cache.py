"""Encodings remembered by the content of their text: in memory, and in a folder where one is named."""

import sqlite3
from collections import OrderedDict
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from .encoder import Encoder, Encoding

_REMEMBERED = 256 * 2**20  # bytes of vectors
_FILE = "vectors.sqlite3"


class CachedEncoder:
    """An encoder that encodes no text twice. Words are kept in half precision, whether fresh or remembered.

    The file in `folder` holds vectors, no text: keys are hashes of encoder and text. Delete it at any time.
    """

    def __init__(self, encoder: Encoder, folder: str | Path | None = None, *, remembered: int = _REMEMBERED) -> None:
        """`remembered`: bytes of vectors kept in memory, at least; the longest unused go first."""
        self.encoder = encoder
        self.folder = None if folder is None else Path(folder)
        self._remembered = remembered
        self._size = 0
        self._memory: OrderedDict[bytes, Encoding] = OrderedDict()

    @property
    def name(self) -> str:
        """That of the encoder."""
        return self.encoder.name

    def encode(self, texts: Sequence[str]) -> list[Encoding]:
        """One encoding a text, in order; those not remembered in one call of the encoder."""
        keys = [self._key(text) for text in texts]
        found = {key: self._memory[key] for key in keys if key in self._memory}
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in found}
        stored = self._read(list(missing))
        fresh = {key: text for key, text in missing.items() if key not in stored}
        made = dict(zip(fresh, map(_halved, self.encoder.encode(list(fresh.values()))), strict=True)) if fresh else {}
        self._write(made)
        found |= stored | made
        self._remember(keys, found)
        return [found[key] for key in keys]

    def _key(self, text: str) -> bytes:
        return sha256(f"{self.name}\0{text}".encode(errors="surrogatepass")).digest()[:16]

    def _remember(self, keys: Sequence[bytes], found: dict[bytes, Encoding]) -> None:
        for key in keys:
            if key not in self._memory:
                self._memory[key] = found[key]
                self._size += _size(found[key])
            self._memory.move_to_end(key)
        while self._size > self._remembered and len(self._memory) > 1:
            _, gone = self._memory.popitem(last=False)
            self._size -= _size(gone)

    def _read(self, keys: Sequence[bytes]) -> dict[bytes, Encoding]:
        if self.folder is None or not keys or not (self.folder / _FILE).is_file():
            return {}
        found = {}
        with sqlite3.connect(self.folder / _FILE) as file:
            for key in keys:
                row = file.execute("SELECT n, sentence, words, rarity FROM vectors WHERE key = ?", (key,)).fetchone()
                if row is not None:
                    found[key] = _from_row(*row)
        return found

    def _write(self, made: dict[bytes, Encoding]) -> None:
        if self.folder is None or not made:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        with sqlite3.connect(self.folder / _FILE, timeout=60) as file:
            file.execute(
                "CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, n INTEGER, sentence BLOB, words BLOB, "
                "rarity BLOB) WITHOUT ROWID"
            )
            file.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?, ?, ?)", map(_row, made.items()))


def _halved(encoding: Encoding) -> Encoding:
    return Encoding(encoding.sentence, encoding.words.astype("float16"), encoding.rarity)


def _size(encoding: Encoding) -> int:
    return int(encoding.sentence.nbytes + encoding.words.nbytes + encoding.rarity.nbytes)


def _row(entry: tuple[bytes, Encoding]) -> tuple[bytes, int, bytes, bytes, bytes]:
    key, e = entry
    return key, len(e.rarity), e.sentence.tobytes(), e.words.tobytes(), e.rarity.tobytes()


def _from_row(n: int, sentence: bytes, words: bytes, rarity: bytes) -> Encoding:
    import numpy as np

    vector = np.frombuffer(sentence, np.float32)
    return Encoding(vector, np.frombuffer(words, np.float16).reshape(n, len(vector)), np.frombuffer(rarity, np.float32))
