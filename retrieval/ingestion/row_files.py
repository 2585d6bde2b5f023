"""JSONL read line by line: however large the file, no more than one line of it is in memory."""

import os
from collections.abc import Iterator
from pathlib import Path

from .folder import Problem, open_inside
from .parsed import UnreadableError

_PIECE = 2**20


def rows_of(root: Path, path: str, line_bytes: int, problems: list[Problem]) -> Iterator[tuple[str, str]]:
    """Place ("law.jsonl:12") and text of each line that is not empty; what cannot be read joins `problems`."""
    try:
        with os.fdopen(open_inside(root, path), "rb") as file:
            number = 0
            while line := file.readline(line_bytes + 1):
                number += 1
                where = f"{path}:{number}"
                if len(line) > line_bytes:
                    problems.append(Problem(where, f"is longer than {line_bytes:,} bytes"))
                    while line and not line.endswith(b"\n"):
                        line = file.readline(_PIECE)
                elif line.strip():
                    text = _text(line, number)
                    if text is None:
                        problems.append(Problem(where, "is not UTF-8: save the file as UTF-8"))
                    else:
                        yield where, text
    except (UnreadableError, OSError) as error:
        problems.append(Problem(path, str(getattr(error, "strerror", None) or error)))


def _text(line: bytes, number: int) -> str | None:
    try:
        return line.strip().decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError:
        return None
