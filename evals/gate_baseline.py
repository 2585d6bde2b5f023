"""Where a run folder may be: a path, a commit of this checkout, or a URL that fsspec reads."""

import io
import re
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any

import click

from .gate_runs import GateRefusedError
from .importers.reading import AS_IT_IS, Reading
from .scored_aside import is_answers, scored_aside

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+(::.+)?://")
_LFS = b"version https://git-lfs"
FILES = (
    *("manifest.json", "estimates.json", "records.parquet"),
    *("samples.parquet", "answers.parquet", "verdicts.parquet", "sources.parquet"),
)
"""What a gate reads of a run folder."""


class BaselineUnreachableError(RuntimeError):
    """A baseline that is somewhere else and could not be fetched."""


@contextmanager
def run_folder_at(where: str, reading: Reading = AS_IT_IS) -> Iterator[Path]:
    """The run folder at `where`: a path; REF:PATH, as git writes a folder of a commit; or a URL.

    What is not on this disk is fetched into a folder that is removed again, and answers that are no run yet (a file,
    an output of another tool) are scored into one, read as `reading` says.

    Raises:
        GateRefusedError: No such path or commit. BaselineUnreachableError: The URL cannot be read.
    """
    if is_answers(Path(where)):
        with scored_aside(Path(where), reading, say=partial(click.echo, err=True)) as run:
            yield run
    elif Path(where).exists():
        yield Path(where)
    elif _URL.match(where):
        with TemporaryDirectory(prefix="vcpd-") as aside:
            yield _fetched(where, Path(aside))
    elif ":" in where:
        with TemporaryDirectory(prefix="vcpd-") as aside:
            yield _checked_out(where, Path(aside))
    else:
        raise GateRefusedError(
            f"{where}: no such folder or file. Give a run folder, a file of answers, a folder of a commit "
            f"(main:runs/baseline), or a URL (s3://bucket/baseline). To begin with a baseline, copy a run folder there"
        )


def _checked_out(where: str, aside: Path) -> Path:
    """The folder of a commit, unpacked from `git archive`."""
    ref, _, path = where.partition(":")
    if ref.startswith("-") or not ref or not path:
        raise GateRefusedError(f"{where}: a folder of a commit is written REF:PATH, as main:runs/baseline")
    # the folder as seen from here, else from the root of the checkout
    for spelt in (f"{ref}:./{path}", f"{ref}:{path}"):
        found = _git("rev-parse", "--verify", "--end-of-options", spelt)
        if not found.returncode:
            break
    root = _git("rev-parse", "--show-toplevel").stdout.decode().strip() or "."
    done = found if found.returncode else _git("-C", root, "archive", "--format=tar", found.stdout.decode().strip())
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise GateRefusedError(f"{where}: git has no such folder ({said[-1] if said else 'unknown reason'})")
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        archive.extractall(aside, filter="data")
    for name in FILES:
        file = aside / name
        if file.exists() and file.read_bytes()[: len(_LFS)] == _LFS:
            raise GateRefusedError(f"{where}: {name} is kept in Git LFS; check it out and give its path instead")
    return aside


def _git(*arguments: str) -> "subprocess.CompletedProcess[bytes]":
    try:
        return subprocess.run(["git", *arguments], capture_output=True, check=False, timeout=120)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BaselineUnreachableError(f"git could not be run: {error}") from error


def _fetched(url: str, aside: Path) -> Path:
    files, root = _file_system(url)
    for name in FILES:
        source = str(PurePosixPath(root) / name)
        try:
            if files.exists(source):
                files.get_file(source, str(aside / name))
        except Exception as error:  # each file system has errors of its own
            raise BaselineUnreachableError(f"{url}: {name} cannot be read: {error}") from error
    if not any(aside.iterdir()):
        raise GateRefusedError(f"{url}: holds no run folder")
    return aside


def _file_system(url: str) -> tuple[Any, str]:
    try:
        import fsspec
    except ImportError as error:  # comes with inspect-ai
        raise BaselineUnreachableError(f"{url}: reading URLs needs fsspec: pip install fsspec") from error
    try:
        files, root = fsspec.core.url_to_fs(url)
    except (ImportError, ValueError) as error:
        raise GateRefusedError(f"{url}: {error}") from error
    return files, str(root)


def update_baseline(where: str, candidate: Path) -> str:
    """Put the candidate's run folder in the baseline's place, and say what was done.

    Raises:
        GateRefusedError: The baseline is a commit, or is the candidate itself.
        BaselineUnreachableError: The URL cannot be written.
    """
    if _URL.match(where) and not Path(where).exists():
        files, root = _file_system(where)
        try:
            for file in sorted(p for p in candidate.iterdir() if p.is_file()):
                files.put_file(str(file), str(PurePosixPath(root) / file.name))
        except Exception as error:
            raise BaselineUnreachableError(f"{where}: cannot be written: {error}") from error
        return f"the baseline at {where} is now {candidate}"
    target = Path(where)
    if ":" in where and not target.exists():
        raise GateRefusedError(f"{where}: a commit cannot be updated; give the baseline as a path, and commit it")
    if target.resolve() == candidate.resolve():
        raise GateRefusedError(f"{where}: the baseline and the candidate are one folder: there is nothing to update")
    _replace(target, candidate)
    return f"the baseline at {where} is now {candidate}"


def _replace(target: Path, candidate: Path) -> None:
    """Copy aside, then rename: the baseline is the old one or the new one, never half of it."""
    aside, old = target.with_name(target.name + ".new.tmp"), target.with_name(target.name + ".old.tmp")
    for left in (aside, old):
        shutil.rmtree(left, ignore_errors=True)
    shutil.copytree(candidate, aside, ignore=shutil.ignore_patterns("logs", "journal.jsonl", "*.tmp"))
    if target.exists():
        target.rename(old)
    aside.rename(target)
    shutil.rmtree(old, ignore_errors=True)
