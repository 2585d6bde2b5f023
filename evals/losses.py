"""VCpD_L of a finished run as a function of the loss per escaped error, verified in the loop and not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..scoring.cell import Cell, make_cell
from ..scoring.comparison import Arm
from ..scoring.draws import DrawSettings, estimate_of
from ..scoring.estimate import Estimate, InsufficientDataError
from ..scoring.loss import LossPoint, break_even_loss, loss_curve
from ..scoring.prices import PriceTable
from .run_sets import one_table, opened
from .saved_runs import arms_of

_AROUND = (0.1, 0.3, 1.0, 3.0, 10.0)  # multiples of the break-even, else of the declared loss


@dataclass(frozen=True, slots=True)
class LossCurve:
    """One model in one domain; no points where the curve is undefined, and `why`.

    Attributes:
        break_even: L*; None where no loss is enough, or it is undefined. note: Said where tokens were estimated.
        declared: The pack's loss per escaped error; None: none.
    """

    model: str
    domain: str
    points: tuple[LossPoint, ...]
    break_even: Estimate | None
    declared: float | None
    why: str = ""
    note: str = ""


def loss_curves(path: Path, losses: Sequence[float], options: Mapping[str, Any]) -> list[LossCurve]:
    """A curve for each model and domain of the run.

    Args:
        losses: Dollars per escaped error; empty: 0, the declared one, and some around L*.
        options: Of `cli_options.comparison_options`.

    Raises:
        RunFolderError, IncomparableRunsError: As opening runs.
    """
    runs, domains = opened([path], options["domains"])
    table, draws = one_table(runs, options), DrawSettings(seed=options["seed"] or 0)
    return [_curve(arm, domain, table, draws, losses) for domain in domains for arm in arms_of(runs, domain)]


def _curve(arm: Arm, domain: str, table: PriceTable, draws: DrawSettings, losses: Sequence[float]) -> LossCurve:
    cell = make_cell(list(arm.records), arm.counts, arm.terms, table, draws)
    declared = arm.terms.economics.loss_per_escaped_error if arm.terms.economics else None
    if cell.plain is None:
        why = cell.quality_note or cell.price_note or "no verifier ran in the loop"
        return LossCurve(arm.label, domain, (), None, declared, why)
    star, n = _break_even(cell), (len(cell.requests), cell.n_clusters)
    at = list(losses) or _losses(star, declared)
    try:
        points = loss_curve(cell.joint, cell.plain, at, cell.settings, *n)
    except InsufficientDataError as error:
        return LossCurve(arm.label, domain, (), star, declared, str(error))
    none = "" if star else "verifying lets no fewer errors escape per right answer: no loss is enough"
    return LossCurve(arm.label, domain, tuple(points), star, declared, none, arm.token_note)


def _break_even(cell: Cell) -> Estimate | None:
    if cell.plain is None:
        return None
    values = break_even_loss(cell.joint, cell.plain)
    return estimate_of(values, cell.settings, len(cell.requests), cell.n_clusters) if np.isfinite(values[0]) else None


def _losses(star: Estimate | None, declared: float | None) -> list[float]:
    middle = star.value if star and star.value > 0 else declared or 1.0
    known = {0.0, *(middle * k for k in _AROUND), *([declared] if declared else [])}
    return sorted(known)
