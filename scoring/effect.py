"""What a change of configuration does to one model: both sides on the same samples, in joint draws."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from .cell import Cell
from .comparison import Arm, check_same_samples, joint_cell
from .draws import DrawSettings, estimate_of
from .estimate import Estimate, InsufficientDataError
from .prices import PriceTable

Floats = NDArray[np.float64]
Kind = Literal["difference", "ratio"]


@dataclass(frozen=True, slots=True)
class Change:
    """One measure before and after.

    Attributes:
        measure: A name of `measures.MEASURES`.
        kind: Whether `change` is after less before, or after over before.
        change: None where it is undefined; `note` then says why.
    """

    measure: str
    kind: Kind
    before: Estimate | None
    after: Estimate | None
    change: Estimate | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Effect:
    """All changes of one model in one domain; `before` and `after` name the sides."""

    domain: str
    model: str
    before: str
    after: str
    changes: tuple[Change, ...]


_MEASURES: tuple[tuple[str, Kind, Callable[[Cell], Floats | None]], ...] = (
    ("p", "difference", lambda cell: cell.error),
    ("verified_answer_rate", "difference", lambda cell: cell.joint.right),
    ("vcpd", "ratio", lambda cell: cell.joint.vcpd),
    ("usd_per_verified_answer", "ratio", lambda cell: cell.joint.usd_per_answer),
)
_NO_ERROR_RATE = "nothing was attempted and judged"


def paired_effect(before: Arm, after: Arm, prices: PriceTable, draws: DrawSettings) -> Effect:
    """The changes of p, verified answers, VCpD and dollars per verified answer from `before` to `after`.

    Draw k of both sides resamples the same clusters, so what the samples have in common cancels. p is of what each side
    attempted: where one side attempts less, read the rate of verified answers beside it.

    Raises:
        DifferentSamplesError: The sides hold different samples.
        ValueError: Both have one label.
    """
    check_same_samples([before, after])
    if before.label == after.label:
        raise ValueError("two sides of a comparison have the same name")
    cells = joint_cell(before, prices, draws), joint_cell(after, prices, draws)
    changes = tuple(_change(name, kind, of(cells[0]), of(cells[1]), cells[0]) for name, kind, of in _MEASURES)
    first = before.records[0]
    return Effect(first.domain, first.model, before.label, after.label, changes)


def _change(name: str, kind: Kind, before: Floats | None, after: Floats | None, cell: Cell) -> Change:
    ends = _estimate(before, cell), _estimate(after, cell)
    if before is None or after is None:
        return Change(name, kind, *ends, None, f"undefined: {_NO_ERROR_RATE} on one side")
    with np.errstate(divide="ignore", invalid="ignore"):
        draws = after - before if kind == "difference" else after / before
    change = _estimate(np.asarray(draws), cell)
    return Change(name, kind, *ends, change, "" if change else "undefined: a side is undefined or 0")


def _estimate(draws: Floats | None, cell: Cell) -> Estimate | None:
    if draws is None:
        return None
    try:
        return estimate_of(draws, cell.settings, len(cell.requests), cell.n_clusters)
    except InsufficientDataError:
        return None
