"""Lines of JSON from a plain, gzipped or zipped file, one object at a time."""

import gzip
import json
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from .fields import kind
from .recorded import RecordedAnswerError

Row = tuple[str, Mapping[str, object]]
"""Where a row stands ("answers.jsonl, line 7"), and its fields."""

_LARGEST = 1 << 30  # bytes of a file that is one JSON object
_BOM = b"\xef\xbb\xbf"
# Control characters inside strings are let through: model output holds NUL bytes and raw tabs.
_DECODER = json.JSONDecoder(strict=False)


def json_rows(path: Path) -> Iterator[Row]:
    """Objects of a JSON Lines file, or of a file that is one JSON list; blank lines are skipped.

    Lines are read one at a time, so memory grows with the longest line and not with the file (a list is
    read whole). A byte order mark and Windows line ends are accepted.

    Raises:
        RecordedAnswerError: The file cannot be read, or a line is not UTF-8, not JSON or not an object.
    """
    with open_binary(path) as stream:
        if _first_byte(stream) == b"[":
            yield from _list_rows(path, stream)
            return
        for where, text in decoded_lines(path, stream):
            if text and not text.isspace():
                yield where, _object(where, _parsed(where, text.rstrip()))


def json_document(path: Path) -> dict[str, object] | None:
    """The object that the whole file is; None where it is anything else (lines of objects, a list, no JSON).

    Raises:
        RecordedAnswerError: The file cannot be read, or holds more than a gigabyte.
    """
    with open_binary(path) as stream:
        if _first_byte(stream) != b"{":
            return None
        text = stream.read(_LARGEST + 1)
    if len(text) > _LARGEST:
        raise RecordedAnswerError(f"{path}: more than a gigabyte of JSON in one object")
    try:
        found = _DECODER.decode(text.removeprefix(_BOM).decode().strip())
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


@contextmanager
def open_binary(path: Path) -> Iterator[IO[bytes]]:
    """The bytes of a file, unpacked where it is gzipped (whatever its name) or a .zip of one file."""
    try:
        with path.open("rb") as stream:
            start = stream.peek(4)[:4]
            if start.startswith(b"\x1f\x8b"):
                with gzip.open(stream) as unpacked:
                    yield unpacked  # type: ignore[misc]
            elif start == b"PK\x03\x04":
                with _unzipped(path, stream) as member:
                    yield member
            else:
                yield stream
    except EOFError as error:
        raise RecordedAnswerError(f"{path}: the compressed file ends too early; fetch it again") from error
    except (OSError, zlib.error) as error:
        raise RecordedAnswerError(f"{path}: cannot be read ({_reason(error)})") from error


def decoded_lines(path: Path, stream: IO[bytes]) -> Iterator[tuple[str, str]]:
    """Lines with their ends, as text, each with its place.

    Raises:
        RecordedAnswerError: A line is not UTF-8.
    """
    for number, line in enumerate(stream, 1):
        where = f"{path}, line {number}"
        yield where, _utf8(where, line.removeprefix(_BOM) if number == 1 else line)


@contextmanager
def _unzipped(path: Path, stream: IO[bytes]) -> Iterator[IO[bytes]]:
    import zipfile

    try:
        with zipfile.ZipFile(stream) as archive:
            names = [name for name in archive.namelist() if name.endswith((".json", ".jsonl"))]
            if len(names) != 1:
                raise RecordedAnswerError(f"{path}: one .json or .jsonl file is needed in a zip, found {len(names)}")
            with archive.open(names[0]) as member:
                yield member
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
        raise RecordedAnswerError(f"{path}: the zip file cannot be read ({error})") from error


def _first_byte(stream: IO[bytes]) -> bytes:
    # All of the streams that open_binary yields can look ahead.
    ahead: bytes = stream.peek(4096)  # type: ignore[attr-defined]
    return ahead.removeprefix(_BOM).lstrip()[:1]


def _list_rows(path: Path, stream: IO[bytes]) -> Iterator[Row]:
    values = _parsed(str(path), _utf8(str(path), stream.read().removeprefix(_BOM)))
    for number, value in enumerate(values if isinstance(values, list) else [], 1):
        where = f"{path}, item {number}"
        yield where, _object(where, value)


def _utf8(where: str, line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError as error:
        found = f"byte 0x{line[error.start]:02x} at position {error.start + 1}"
        raise RecordedAnswerError(f"{where}: not UTF-8 ({found}); save the file as UTF-8") from error


def _parsed(where: str, text: str) -> object:
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        place = f"column {error.colno}" if error.lineno == 1 else f"line {error.lineno}, column {error.colno}"
        said = error.msg.removesuffix(" at")
        raise RecordedAnswerError(f"{where}: not valid JSON ({said} at {place})") from error
    except (ValueError, RecursionError) as error:
        # Thousands of nested brackets, or a number of more digits than Python reads.
        raise RecordedAnswerError(f"{where}: not valid JSON ({error})") from error


def _object(where: str, value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise RecordedAnswerError(f"{where}: a JSON object is needed, found {kind(value)}")
    return value


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
