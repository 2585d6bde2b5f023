"""Every document of a folder, read where it was not read before; what cannot be read is named and left out."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .folder import Problem, SourceFile, read_file
from .formats import JSONL
from .job import IndexSettings, Progress
from .parts import Parts
from .row_files import rows_of
from .units import content_key, file_key
from .workers import Answer, Item, Workers

_BATCH_ROWS = 200


@dataclass(frozen=True, slots=True)
class Source:
    """One document to be: where it is from, and the key of its content."""

    shown: str
    key: str
    is_row: bool


@dataclass(slots=True)
class Reading:
    """What has been read of a folder so far.

    Attributes:
        order: Every document in the order of the files.
        fresh: Keys of what was parsed now, by what is shown of it.
    """

    known: set[str]
    problems: list[Problem]
    order: list[Source] = field(default_factory=list)
    fresh: dict[str, str] = field(default_factory=dict)

    def sources(self) -> list[Source]:
        """The documents that could be read, each with the key of what was kept of it."""
        keyed = (Source(s.shown, self.fresh.get(s.shown, s.key), s.is_row) for s in self.order)
        return [
            s
            for s, planned in zip(keyed, self.order, strict=True)
            if s.shown in self.fresh or planned.key in self.known
        ]


def read_sources(
    folder: Path,
    files: Sequence[SourceFile],
    reading: Reading,
    parts: Parts,
    settings: IndexSettings,
    on_progress: Progress,
) -> list[Source]:
    """Every document in order; what is read now is kept in `parts` batch by batch, bad ones join the problems."""
    with Workers(settings.jobs, settings.max_words, settings.limits) as workers:
        pending = _pending(folder, files, reading, settings, on_progress)
        for answers in workers.read(_batches(pending)):
            good = [answer for answer in answers if not answer.problem]
            parts.add((answer.key, answer.unit) for answer in good)
            reading.fresh |= {answer.item.shown: answer.key for answer in good}
            reading.problems += [_problem(answer) for answer in answers if answer.problem]
    return reading.sources()


def _pending(
    folder: Path, files: Sequence[SourceFile], reading: Reading, settings: IndexSettings, on_progress: Progress
) -> Iterator[Item]:
    total, done = sum(file.size for file in files), 0
    for file in files:
        on_progress("reading", done, total)
        for source, request in _items(folder, file, settings, reading.problems):
            reading.order.append(source)
            if source.key not in reading.known:
                yield Item(source.shown, request)
        done += file.size
    on_progress("reading", total, total)


def _items(
    folder: Path, file: SourceFile, settings: IndexSettings, problems: list[Problem]
) -> Iterator[tuple[Source, dict[str, str]]]:
    """Each document of a file, and what a worker is asked to read it."""
    if file.kind == JSONL:
        for where, line in rows_of(folder, file.path, settings.limits.line_bytes, problems):
            yield Source(where, content_key(line.encode()), True), {"line": line, "where": where}
        return
    try:
        key = file_key(read_file(folder, file.path, settings.limits.file_bytes), file.kind)
    except (OSError, ValueError) as error:
        problems.append(Problem(file.path, str(getattr(error, "strerror", None) or error)))
        return
    yield Source(file.path, key, False), {"root": str(folder.resolve()), "path": file.path, "kind": file.kind}


def _batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    """Files one by one, lines of JSONL together."""
    rows: list[Item] = []
    for item in items:
        if "line" not in item.request:
            yield [item]
            continue
        rows.append(item)
        if len(rows) == _BATCH_ROWS:
            yield rows
            rows = []
    if rows:
        yield rows


def _problem(answer: Answer) -> Problem:
    return Problem(answer.item.shown, answer.problem.removeprefix(f"{answer.item.shown}: "))
