"""The curves of a risk review: what its charts draw and estimates.json does not hold."""

from collections.abc import Mapping, Sequence
from math import ceil, log10

from ..scoring.abstention import evenly_judged, first_attempts
from ..scoring.calibration import ReliabilityBin, reliability_diagram
from ..scoring.cell import make_cell
from ..scoring.comparison import Arm
from ..scoring.corrected import unchecked_grader
from ..scoring.draws import DrawSettings
from ..scoring.estimate import InsufficientDataError, Measurement
from ..scoring.loss import LossPoint, loss_curve
from ..scoring.records import Record
from ..scoring.selective import risk_coverage
from ..scoring.stated import stated_records
from .gate_launch import prices_of
from .saved_runs import SavedRun, label_choice_in

_PER_DECADE = 4
_MOST_DECADES = 12
_OF_LOSS = ("break_even_loss_usd", "loss_per_escaped_usd")


def confidence_curves(
    records: Sequence[Record], run: SavedRun
) -> tuple[tuple[ReliabilityBin, ...], tuple[tuple[float, float], ...]]:
    """Reliability diagram and risk-coverage curve; empty where no confidence was stated or nobody may judge."""
    first = evenly_judged(first_attempts(records))
    if unchecked_grader(first):
        return (), ()
    try:
        data = stated_records(first)
    except InsufficientDataError:
        return (), ()
    bins = tuple(reliability_diagram(data, seed=_seed(run)))
    curve = risk_coverage(data)
    return bins, tuple(zip(curve.coverage.tolist(), curve.selective_risk.tolist(), strict=True))


def loss_points(run: SavedRun, arm: Arm, measured: Mapping[str, Measurement]) -> tuple[LossPoint, ...]:
    """VCpD_L over the loss, from the draws behind the numbers of the run; empty where it is undefined.

    Around L*, the run's own loss, and the loss at which escaped errors cost as much as everything else.
    """
    losses = _losses({name: row.estimate.value for name, row in measured.items() if row.estimate})
    draws = DrawSettings(seed=_seed(run))
    cell = make_cell(
        list(arm.records), arm.counts, arm.terms, prices_of(run, None), draws, label_choice_in(run.manifest)
    )
    if cell.plain is None or not losses:
        return ()
    try:
        return tuple(loss_curve(cell.joint, cell.plain, losses, cell.settings, len(cell.requests), cell.n_clusters))
    except InsufficientDataError:
        return ()


def _losses(values: Mapping[str, float]) -> list[float]:
    """Four a decade, over all that the chart marks and a decade beyond."""
    marks = [v for name in _OF_LOSS if (v := values.get(name, 0.0)) > 0]
    if values.get("escaped_rate", 0.0) > 0 and values.get("kappa_usd", 0.0) > 0:
        marks.append(values["kappa_usd"] / values["escaped_rate"])
    if not marks:
        return []
    low, high = log10(min(marks)) - 1, log10(max(marks)) + 1
    low = max(low, high - _MOST_DECADES)
    steps = ceil((high - low) * _PER_DECADE)
    return [10 ** (low + (high - low) * k / steps) for k in range(steps + 1)]


def _seed(run: SavedRun) -> int:
    return int(run.identity.get("seed") or 0)
