"""What an index keeps of each document between two indexings, by the hash of its content. Survives being killed.

A part is written before it counts, and a change of settings empties the store: what is found here can be used as it is.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FILE = "parts.sqlite3"
_CACHE_KIB = 32 * 1024


class IndexBusyError(ValueError):
    """Another process is writing the index; the message says what to do."""


class Parts:
    """The store of one index; holds it for itself while it is open. A context manager."""

    def __init__(self, folder: Path, settings: str) -> None:
        """Opens the store in `folder`, emptied where it was made with other `settings`.

        Raises:
            IndexBusyError: Another process has it open.
        """
        self._file = sqlite3.connect(folder / FILE, timeout=0.5, isolation_level=None)
        try:
            self._file.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._file.execute("PRAGMA journal_mode = WAL")
            self._file.execute("PRAGMA synchronous = NORMAL")
            self._file.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
            self._file.execute("BEGIN IMMEDIATE")
            self._prepare(settings)
            self._file.execute("COMMIT")
        except sqlite3.OperationalError as error:
            self._file.close()
            raise IndexBusyError(f"{folder}: another process is writing this index ({error}); wait for it") from error

    def _prepare(self, settings: str) -> None:
        for table in ("units", "vectors"):
            # rows in the order of writing, keys apart: keys are hashes, by which rows would lie all over the file
            columns = "(id INTEGER PRIMARY KEY, key TEXT UNIQUE, body BLOB)"
            self._file.execute(f"CREATE TABLE IF NOT EXISTS {table} {columns}")
        self._file.execute("CREATE TABLE IF NOT EXISTS settings (value TEXT)")
        row = self._file.execute("SELECT value FROM settings").fetchone()
        if row is None or row[0] != settings:
            self._file.execute("DELETE FROM units")
            self._file.execute("DELETE FROM settings")
            self._file.execute("INSERT INTO settings VALUES (?)", (settings,))

    def __enter__(self) -> "Parts":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def keys(self) -> set[str]:
        """The keys of all units that are kept."""
        return {row[0] for row in self._file.execute("SELECT key FROM units")}

    def add(self, units: Iterable[tuple[str, bytes]]) -> None:
        """Keep units by key; they are on disk together or not at all."""
        self._write("units", units)

    def unit(self, key: str) -> bytes:
        """The unit of that key. Raises KeyError where it is not kept."""
        row = self._file.execute("SELECT body FROM units WHERE key = ?", (key,)).fetchone()
        if row is None:
            raise KeyError(key)
        return bytes(row[0])

    def missing_vectors(self, keys: Iterable[str]) -> list[str]:
        """Those of `keys` that have no vector, in order, each once."""
        known = {row[0] for row in self._file.execute("SELECT key FROM vectors")}
        return [key for key in dict.fromkeys(keys) if key not in known]

    def add_vectors(self, keys: Iterable[str], vectors: "NDArray[np.float32]") -> None:
        """Keep vectors by key; they are on disk together or not at all."""
        self._write("vectors", zip(keys, (vector.tobytes() for vector in vectors), strict=True))

    def vectors(self, keys: Iterable[str]) -> "Iterator[NDArray[np.float32]]":
        """The vectors of `keys`, in order."""
        import numpy as np

        for key in keys:
            (body,) = self._file.execute("SELECT body FROM vectors WHERE key = ?", (key,)).fetchone()
            yield np.frombuffer(body, np.float32)

    def keep_only(self, units: set[str], vectors: set[str]) -> None:
        """Forget everything else."""
        for table, wanted in (("units", units), ("vectors", vectors)):
            gone = [(k,) for (k,) in self._file.execute(f"SELECT key FROM {table}") if k not in wanted]
            self._file.execute("BEGIN")
            self._file.executemany(f"DELETE FROM {table} WHERE key = ?", gone)
            self._file.execute("COMMIT")

    def _write(self, table: str, rows: Iterable[tuple[str, bytes]]) -> None:
        self._file.execute("BEGIN")
        self._file.executemany(f"INSERT OR REPLACE INTO {table} (key, body) VALUES (?, ?)", rows)
        self._file.execute("COMMIT")
