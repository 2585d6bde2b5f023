"""The audit trail of a run's review: append-only lines, each chained to the one before by its hash.

`labels.jsonl` in the run folder holds every event in order: the sampling plan, what was shown to whom, labels,
adjudications, exports and imports. A line's `hash` is the SHA-256 of its canonical JSON without `hash`, and holds the
hash of the line before as `prev`, so no line can be changed, taken out or put in between without all later hashes
changing. What a chain cannot show is a tail cut off: note the head elsewhere (a scored run keeps it in its manifest).
"""

import hashlib
import json
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

NAME = "labels.jsonl"
GENESIS = "0" * 64
Event = dict[str, Any]


class TrailError(ValueError):
    """A trail that was changed, or cannot be read; the message names the line."""


def canonical(data: object) -> bytes:
    """The one JSON form that is hashed: keys sorted, ASCII, no spaces."""
    return json.dumps(data, sort_keys=True, ensure_ascii=True, separators=(",", ":"), allow_nan=False).encode()


def digest(data: object) -> str:
    """SHA-256 of the canonical JSON, in hexadecimal."""
    return hashlib.sha256(canonical(data)).hexdigest()


class Trail:
    """The events of one run; may be shared by threads, and by processes on one machine."""

    def __init__(self, run: Path) -> None:
        self.path = run / NAME
        self.events: list[Event] = []
        self._read = 0  # bytes of whole lines that `events` holds
        self._lock = threading.Lock()

    @property
    def head(self) -> str:
        """Hash of the last event."""
        return str(self.events[-1]["hash"]) if self.events else GENESIS

    def refresh(self) -> list[Event]:
        """All events, those of other processes included.

        Raises:
            TrailError: A line is not the successor of the one before.
        """
        with self._lock:
            if self.path.exists() and self.path.stat().st_size != self._read:
                with self.path.open("rb") as file:
                    self._take(file)
            return self.events

    def append(self, event: Mapping[str, Any]) -> Event:
        """Chain the event, write it and wait until it is on disk; returns it as written.

        A torn last line (the machine died while it was written, so nobody was told that it was saved) is cut off.
        """
        with self._lock, self._locked() as file:
            self._take(file)
            file.truncate(self._read)
            file.seek(0, os.SEEK_END)
            whole: Event = {"seq": len(self.events), "at": _now(), **event, "prev": self.head}
            whole["hash"] = digest(whole)
            file.write(canonical(whole) + b"\n")
            file.flush()
            os.fsync(file.fileno())
            self.events.append(whole)
            self._read = file.tell()
            return whole

    @contextmanager
    def _locked(self) -> Iterator[IO[bytes]]:
        new = not self.path.exists()
        with self.path.open("a+b") as file:
            if new:
                _sync_folder(self.path.parent)
            with _exclusive(file):
                yield file

    def _take(self, file: IO[bytes]) -> None:
        """Read the whole lines that are new."""
        file.seek(0, os.SEEK_END)
        if file.tell() < self._read:
            raise TrailError(f"{self.path}: is shorter than it was: lines were taken out while it was in use")
        file.seek(self._read)
        new = file.read()
        new = new[: new.rfind(b"\n") + 1]
        for line in new.splitlines():
            self.events.append(_checked(line, len(self.events), self.head, self.path))
        self._read += len(new)


def _checked(line: bytes, seq: int, prev: str, path: Path) -> Event:
    where = f"{path}, line {seq + 1}"
    try:
        event = dict(json.loads(line))
        said = event.pop("hash")
    except (ValueError, KeyError, TypeError) as error:
        raise TrailError(f"{where}: is no event of a review") from error
    if event.get("prev") != prev or event.get("seq") != seq:
        raise TrailError(f"{where}: does not follow the line before: a line was taken out, put in or moved")
    try:
        true = digest(event)
    except ValueError as error:
        raise TrailError(f"{where}: is no event of a review") from error
    if said != true:
        raise TrailError(f"{where}: was changed after it was written: its hash does not fit")
    return event | {"hash": said}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


@contextmanager
def _exclusive(file: IO[bytes]) -> Iterator[None]:
    """One writer at a time, where the system knows such locks."""
    try:
        import fcntl
    except ImportError:  # pragma: no cover - Windows
        yield
        return
    fcntl.flock(file, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(file, fcntl.LOCK_UN)


def _sync_folder(folder: Path) -> None:
    """The new file's name is on disk too, where folders can be opened."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:  # pragma: no cover - Windows
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
