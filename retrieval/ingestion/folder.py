"""The files of a folder: found in a fixed order, never outside it, never anything but plain files."""

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .formats import JSONL, kind_of
from .parsed import UnreadableError

METADATA = "sources.toml"
"""The file at the top of a folder that says what its files are."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to index. `path`: below the folder, with "/"; it is the document's id unless the file is JSONL."""

    path: str
    kind: str
    size: int


@dataclass(frozen=True, slots=True)
class Problem:
    """A file, or a line of one, that was not indexed, and why."""

    path: str
    reason: str

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"


def scan(folder: Path, file_bytes: int, leave_out: Sequence[Path] = ()) -> tuple[list[SourceFile], list[Problem]]:
    """Files of known kinds below `folder`, and what is named and skipped. Hidden files and folders are left out.

    Links are never followed: one that points into the folder names a file that is found anyway, one that points
    elsewhere would bring in what nobody chose.

    Args:
        file_bytes: Largest file that is parsed as a whole.
        leave_out: Folders that are not searched, such as the index itself.
    """
    root, files, problems = folder.resolve(), list[SourceFile](), list[Problem]()
    skipped = {path.resolve() for path in leave_out}
    for where, folders, names in os.walk(root, followlinks=False):
        here = Path(where)
        problems += [_link(root, here / name) for name in folders if (here / name).is_symlink()]
        folders[:] = sorted(n for n in folders if not n.startswith(".") and here / n not in skipped)
        for name in sorted(names):
            if name.startswith(".") or (here == root and name == METADATA):
                continue
            found = _file(root, here / name, file_bytes)
            if isinstance(found, Problem):
                problems.append(found)
            elif found is not None:
                files.append(found)
    return sorted(files, key=lambda file: file.path), sorted(problems, key=lambda problem: problem.path)


def _file(root: Path, path: Path, file_bytes: int) -> SourceFile | Problem | None:
    shown, kind = path.relative_to(root).as_posix(), kind_of(path.name)
    if path.is_symlink():
        return _link(root, path)
    if kind is None:
        return Problem(shown, "is of no kind that is read (text, Markdown, HTML, PDF, DOCX, JSONL)")
    try:
        status = path.lstat()
    except OSError as error:
        return Problem(shown, f"cannot be read: {error.strerror}")
    if not stat.S_ISREG(status.st_mode):
        return Problem(shown, "is no plain file")
    if kind != JSONL and status.st_size > file_bytes:
        return Problem(shown, _too_large(status.st_size, file_bytes))
    return SourceFile(shown, kind, status.st_size)


def _link(root: Path, path: Path) -> Problem:
    shown = path.relative_to(root).as_posix()
    try:
        inside = path.resolve().is_relative_to(root)
    except (OSError, RuntimeError):  # a link that leads to itself
        inside = False
    return Problem(
        shown, "is a link and is not followed" if inside else "is a link that leads outside the folder: refused"
    )


def open_inside(root: Path, path: str) -> int:
    """A file descriptor of the plain file at `path` below `root`; the caller closes it.

    Raises:
        UnreadableError: The path leads outside the folder, or to a link or another thing that is no plain file.
        OSError: It cannot be opened.
    """
    whole = root.resolve() / path
    if not whole.parent.resolve().is_relative_to(root.resolve()) or ".." in Path(path).parts:
        raise UnreadableError("lies outside the folder: refused")
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    descriptor = os.open(whole, flags)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise UnreadableError("is no plain file")
    return descriptor


def read_file(root: Path, path: str, file_bytes: int) -> bytes:
    """The content of the file at `path` below `root`.

    Raises:
        UnreadableError: As `open_inside`, or it is larger than `file_bytes`.
        OSError: It cannot be read.
    """
    with os.fdopen(open_inside(root, path), "rb") as file:
        data = file.read(file_bytes + 1)
    if len(data) > file_bytes:
        raise UnreadableError(_too_large(os.stat(root / path).st_size, file_bytes))
    return data


def _too_large(size: int, file_bytes: int) -> str:
    return f"is {size:,} bytes, more than {file_bytes:,}: split it, or raise --max-file-mb"
