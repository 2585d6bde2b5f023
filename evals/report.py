"""From finished runs to a risk review: everything read, nothing measured again but what the charts draw."""

import json
from collections.abc import Sequence

from .. import __version__
from ..reports.review_views import CellView, ReviewView
from ..scoring.cost_measures import POOLED
from ..scoring.estimate import Measurement, from_json
from .gate_launch import launch_findings
from .report_cells import CellSource, cell_view
from .report_scope import domain_view, run_view
from .run_folder import FINISHED, RunFolderError
from .run_texts import read_texts
from .saved_runs import SavedRun, arms_of, check_comparable

WORST = 5
"""Answers shown in full for each model and domain."""


def review_of(runs: Sequence[SavedRun], worst: int = WORST) -> ReviewView:
    """The risk review of one run, or of several side by side.

    Raises:
        IncomparableRunsError: They asked different questions or counted under different rules.
        RunFolderError: Their texts or numbers cannot be read.
    """
    domains = list(dict.fromkeys(d for run in runs for d in run.domains))
    check_comparable(runs, domains)
    rows = {run.name: measurements(run) for run in runs}
    launches = {run.name: launch_findings(run) for run in runs}
    texts = {}
    for run in runs:
        try:
            texts[run.name] = read_texts(run)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise RunFolderError(f"{run.path} cannot be read: {type(error).__name__}: {error}") from error
    cells: list[CellView] = []
    scopes = []
    for domain in domains:
        holders = [run for run in runs if domain in run.domains]
        among = [r for run in holders for r in rows[run.name] if r.domain == domain]
        scopes.append(domain_view(holders[0], texts[holders[0].name], domain, among))
        sides = [(run, model) for run in holders for model in run.models(domain)]
        for (run, model), arm in zip(sides, arms_of(holders, domain), strict=True):
            mine = {r.measure: r for r in rows[run.name] if (r.model, r.domain) == (model, domain)}
            found = launches[run.name].get((model, domain), ())
            cells.append(cell_view(CellSource(run, texts[run.name], arm, mine, found), worst))
    every = tuple(r for run in runs for r in rows[run.name])
    return ReviewView(tuple(map(run_view, runs)), tuple(scopes), tuple(cells), every, __version__)


def measurements(run: SavedRun) -> list[Measurement]:
    """The numbers of a run's `estimates.json`, in their order; pooled rows included.

    Raises:
        RunFolderError: The file is damaged.
    """
    path = run.path / FINISHED
    try:
        return from_json(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError, AssertionError) as error:
        raise RunFolderError(f"{path} is damaged: {type(error).__name__}: {error}") from error


def is_pooled(row: Measurement) -> bool:
    """Whether a number is of all domains together."""
    return row.domain == POOLED
