"""A folder made an index: found, read, cut, encoded, written; what was done before is taken over."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..index.layout import is_index
from .file_metadata import read_rules
from .folder import Problem, scan
from .generation import write_generation
from .job import IndexingError, IndexReport, IndexSettings, Progress
from .parts import FILE as PARTS_FILE
from .parts import Parts
from .reading import Reading, read_sources

if TYPE_CHECKING:
    from ..encoders import Encoder


def index_folder(
    folder: Path,
    out: Path,
    settings: IndexSettings,
    *,
    encoder: "Encoder | None" = None,
    on_progress: Progress = lambda *_: None,
) -> IndexReport:
    """Index the files below `folder` into `out`, which may hold an earlier index or what a killed run left.

    The earlier index stays the one that counts until the new one is complete.

    Raises:
        IndexingError: No such folder, nothing in it can be read, or `out` holds something else.
        CorpusError: `sources.toml` is wrong. IndexBusyError: Another process writes `out`.
        EncoderMissingError: The encoder cannot be loaded.
    """
    _check(folder, out)
    rules = read_rules(folder)
    files, problems = scan(folder, settings.limits.file_bytes, [out])
    out.mkdir(parents=True, exist_ok=True)
    with Parts(out, settings.version) as parts:
        reading = Reading(parts.keys(), problems)
        sources = read_sources(folder, files, reading, parts, settings, on_progress)
        if not sources:
            raise IndexingError(_nothing(folder, reading.problems))
        written = write_generation(out, sources, rules, parts, settings.version, encoder, on_progress)
    read = len(reading.fresh)
    problems = sorted([*reading.problems, *written.problems], key=lambda problem: problem.path)
    return IndexReport(
        **written.counts,
        read=read,
        kept=len(sources) - read,
        encoded=written.encoded,
        problems=tuple(problems),
        duplicates=written.duplicates,
    )


def _check(folder: Path, out: Path) -> None:
    if not folder.is_dir():
        raise IndexingError(f"{folder} is no folder")
    if out.exists() and not out.is_dir():
        raise IndexingError(f"{out} is a file; --out needs a folder")
    if out.resolve() == folder.resolve():
        raise IndexingError(f"{out} is the folder that is to be indexed; choose another --out")
    if out.exists() and any(out.iterdir()) and not is_index(out) and not (out / PARTS_FILE).exists():
        raise IndexingError(f"{out} holds something that is no index; choose another --out")


def _nothing(folder: Path, problems: Sequence[Problem]) -> str:
    said = "".join(f"\n  {problem}" for problem in problems[:20])
    return f"{folder}: nothing in it could be indexed" + (f":{said}" if said else " (it holds no file that is read)")
