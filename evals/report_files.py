"""What `vcpd report` writes beside its page: the queue as CSV, the PDF, and the verdicts in the terminal."""

import os
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

import click

from ..reports.launch_sentences import launch_sentence
from ..reports.numbers import printable
from ..reports.review_views import QueueRow, ReviewView
from ..reports.spreadsheets import csv_text
from ..scoring.policy import End
from .report_cells import queue_row, walked_requests
from .run_texts import read_texts
from .saved_runs import SavedRun, arms_of

_COLUMNS = tuple(f.name for f in fields(QueueRow) if f.name != "log")


class ReportFileError(ValueError):
    """A file that a report cannot be written to; the message says which and why."""


def check_suffix(path: Path, suffix: str, option: str) -> Path:
    """`path`, if its name ends in `suffix` and its folder is there.

    Raises:
        ReportFileError: It does not, or the folder is missing.
    """
    if path.suffix != suffix:
        raise ReportFileError(f"{option} needs a name that ends in {suffix}, not '{path}'")
    if not path.parent.is_dir():
        raise ReportFileError(f"{option}: there is no folder {path.parent} to write into")
    return path


def queue_csv(runs: Sequence[SavedRun]) -> str:
    """Every escalated request of the runs, a line each; cells that a spreadsheet would run are made text."""
    rows = []
    for run in runs:
        texts = read_texts(run)
        for domain in run.domains:
            for arm in arms_of([run], domain):
                policy = arm.terms.retry_policy
                for used, end in walked_requests(arm.records, policy):
                    if end is End.ESCALATED:
                        row = queue_row(used, policy, texts)
                        place = row.log.file if row.log else ""
                        rows.append([run.name, *(getattr(row, name) for name in _COLUMNS), place])
    return csv_text(["run", *_COLUMNS, "log"], rows)


def write_bytes(path: Path, data: bytes) -> None:
    """Write aside, fsync, rename."""
    aside = path.with_name(path.name + ".tmp")
    with aside.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(aside, path)


def say(review: ReviewView, files: Sequence[Path], *, err: bool) -> None:
    """The verdicts, a sentence each, and what was written."""
    for cell in review.cells:
        click.echo(printable(launch_sentence(cell)), err=err)
    click.echo(f"\nwritten: {', '.join(map(str, files))}", err=True)
