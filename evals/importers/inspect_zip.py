"""Members of an Inspect `.eval` file, a zip whose members are packed with Zstandard, without importing Inspect.

Importing inspect-ai takes longer than scoring ten thousand answers; Python's zipfile cannot unpack Zstandard (zip
method 93) before 3.14, so the bytes go through Arrow's codec.
"""

import json
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from .recorded import RecordedAnswerError

_ZSTD = 93
_LARGEST = 2 << 30  # of one member, unpacked


def is_eval(path: Path) -> bool:
    """Whether `path` is a zip file of an Inspect log."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except (OSError, zipfile.BadZipFile, NotImplementedError, UnicodeDecodeError):
        return False
    return bool({"header.json", "_journal/start.json"} & names)


def header_of(path: Path) -> dict[str, object] | None:
    """The log's header; None where it was never written, because the run still goes on or was killed."""
    with _opened(path) as (archive, stream):
        if "header.json" not in archive.namelist():
            return None
        return _json(path, archive.getinfo("header.json"), archive, stream)


def samples_of(path: Path) -> Iterator[tuple[str, dict[str, object]]]:
    """Each sample with its place, one at a time, in the order in which they were written."""
    with _opened(path) as (archive, stream):
        for info in archive.infolist():
            if info.filename.startswith("samples/") and info.filename.endswith(".json"):
                yield f"{path}, {info.filename}", _json(path, info, archive, stream)


class _opened:
    """The archive and the bytes behind it; what is wrong with either becomes a sentence."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> tuple[zipfile.ZipFile, IO[bytes]]:
        try:
            self.stream = self.path.open("rb")
            self.archive = zipfile.ZipFile(self.stream)
        except (OSError, zipfile.BadZipFile, NotImplementedError, UnicodeDecodeError) as error:
            raise RecordedAnswerError(f"{self.path}: cannot be read as an Inspect log ({error})") from error
        return self.archive, self.stream

    def __exit__(self, *_: object) -> None:
        self.archive.close()
        self.stream.close()


def _json(path: Path, info: zipfile.ZipInfo, archive: zipfile.ZipFile, stream: IO[bytes]) -> dict[str, object]:
    where = f"{path}, {info.filename}"
    if info.file_size > _LARGEST:
        raise RecordedAnswerError(f"{where}: {info.file_size} bytes unpacked are more than {_LARGEST}")
    try:
        found = json.loads(_unpacked(info, stream, where) if info.compress_type == _ZSTD else archive.read(info))
    except (ValueError, OSError, RecursionError, RuntimeError, zipfile.BadZipFile, struct.error, zlib.error) as error:
        raise RecordedAnswerError(f"{where}: cannot be read ({error})") from error
    if not isinstance(found, dict):
        raise RecordedAnswerError(f"{where}: a JSON object is needed")
    return found


def _unpacked(info: zipfile.ZipInfo, stream: IO[bytes], where: str) -> bytes:
    """The bytes of a member that is packed with Zstandard."""
    import pyarrow

    stream.seek(info.header_offset)
    head = stream.read(30)
    name, extra = struct.unpack("<HH", head[26:30])
    stream.seek(name + extra, 1)
    packed = pyarrow.BufferReader(stream.read(info.compress_size))
    with pyarrow.CompressedInputStream(packed, "zstd") as unpacked:
        found = bytes(unpacked.read(info.file_size + 1))
    if len(found) != info.file_size:
        raise RecordedAnswerError(f"{where}: {len(found)} bytes unpacked, {info.file_size} were promised")
    return found
