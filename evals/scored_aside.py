"""Answers that are no run yet, scored into a folder that is removed again: what lets a gate take them as they are."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from .importers.detect import read_answers
from .importers.reading import Reading


def is_answers(path: Path) -> bool:
    """Whether `path` holds answers and not a run: a file, or a folder of logs or samples without a manifest."""
    if path.is_dir():
        return not (path / "manifest.json").exists() and any(p.suffix in (".eval", ".jsonl") for p in path.iterdir())
    return path.is_file()


@contextmanager
def scored_aside(
    path: Path, reading: Reading, labels: str = "auto", say: Callable[[str], None] = lambda _: None
) -> Iterator[Path]:
    """A run folder made of the answers at `path`, as `vcpd score` makes it; no model is called.

    Args:
        say: Told each remark on how the file was read.

    Raises:
        RecordedAnswerError: The file cannot be read.
    """
    from .cli_options import price_table
    from .score import ScoreOptions, score

    with TemporaryDirectory(prefix="vcpd-") as aside:
        out = Path(aside) / path.name.split(".")[0]
        read = partial(read_answers, reading=reading)
        scored = score([str(path)], out, partial(price_table, None), ScoreOptions(labels=labels), read=read)
        for remark in scored.remarks:
            say(remark)
        yield out
