"""The journal of a run: each finished sample on disk, fsynced, the moment it is finished."""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

NAME = "journal.jsonl"
_KEY = ("model", "domain", "sample_id", "epoch")


class JournalError(ValueError):
    """A journal that is damaged other than by a torn last line."""


def read_journal(run: Path) -> list[dict[str, Any]]:
    """Finished samples of an earlier session, in order, each once. A torn last line (a killed process) is dropped.

    Raises:
        JournalError: A whole line is not an entry: the file was changed by hand.
    """
    path = run / NAME
    if not path.exists():
        return []
    raw = path.read_bytes()
    whole = raw[: raw.rfind(b"\n") + 1]
    entries: dict[tuple[Any, ...], dict[str, Any]] = {}
    for number, line in enumerate(whole.splitlines(), 1):
        try:
            entry = json.loads(line)
            entries.setdefault(tuple(entry[name] for name in _KEY), entry)
        except (ValueError, KeyError, TypeError) as error:
            raise JournalError(f"{path}, line {number}: is no finished sample; take the line out to go on") from error
    return list(entries.values())


class Journal:
    """Appends finished samples; use as a context manager."""

    def __init__(self, run: Path, kept: Sequence[dict[str, Any]]) -> None:
        self.path = run / NAME
        self._rewrite(kept)
        self._file = self.path.open("ab")

    def _rewrite(self, kept: Sequence[dict[str, Any]]) -> None:
        """Start from whole lines only, atomically: a torn line must not swallow the next one."""
        aside = self.path.with_suffix(".tmp")
        with aside.open("wb") as file:
            for entry in kept:
                file.write(_line(entry))
            file.flush()
            os.fsync(file.fileno())
        os.replace(aside, self.path)

    def add(self, entry: dict[str, Any]) -> None:
        """Write one finished sample and wait until it is on disk."""
        self._file.write(_line(entry))
        self._file.flush()
        os.fsync(self._file.fileno())

    def __enter__(self) -> "Journal":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


def _line(entry: dict[str, Any]) -> bytes:
    return json.dumps(entry, ensure_ascii=True, separators=(",", ":")).encode() + b"\n"
