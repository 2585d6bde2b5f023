"""The curves of a risk review: what its charts draw and estimates.json does not hold."""

from collections.abc import Mapping, Sequence
from math import ceil, inf, log10

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
from ..scoring.vcpd import PerRequest
from .gate_launch import prices_of
from .saved_runs import SavedRun, label_choice_in

_PER_DECADE = 4
_MOST_DECADES = 12
_MARKED = ("break_even_loss_usd", "loss_per_escaped_usd")


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
    """VCpD_L over the loss, from the draws behind the numbers of the run; empty where it is undefined."""
    draws, chosen = DrawSettings(seed=_seed(run)), label_choice_in(run.manifest)
    cell = make_cell(list(arm.records), arm.counts, arm.terms, prices_of(run, None), draws, chosen)
    if cell.plain is None:
        return ()
    marks = [row.estimate.value for name in _MARKED if (row := measured.get(name)) and row.estimate]
    losses = _losses(marks, [cell.joint, cell.plain])
    try:
        return tuple(loss_curve(cell.joint, cell.plain, losses, cell.settings, len(cell.requests), cell.n_clusters))
    except InsufficientDataError:
        return ()


def _losses(marks: Sequence[float], arms: Sequence[PerRequest]) -> list[float]:
    """The marks, and four a decade around them and the losses at which escaped errors cost as much as all else does."""
    marks = [mark for mark in marks if 0 < mark < inf]
    bends = [float(arm.kappa[0] / arm.escaped[0]) for arm in arms if arm.escaped[0] > 0 and arm.kappa[0] > 0]
    if not marks + bends:
        return []
    high = log10(max(marks + bends)) + 1
    low = max(log10(min(marks + bends)) - 1, high - _MOST_DECADES)
    steps = ceil((high - low) * _PER_DECADE)
    return sorted({*marks, *(10 ** (low + (high - low) * k / steps) for k in range(steps + 1))})


def _seed(run: SavedRun) -> int:
    return int(run.identity.get("seed") or 0)
