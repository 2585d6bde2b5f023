"""The terminal tables of `vcpd loss`: VCpD_L over the loss per escaped error. At most 100 columns."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Group, RenderableType
from rich.text import Text

from ..scoring.estimate import Estimate
from ..scoring.loss import LossPoint
from .market_tables import add_row, plain_table
from .numbers import amount, amount_interval, printable


@dataclass(frozen=True, slots=True)
class CurveLines:
    """One model in one domain: its points, its break-even, the loss that the pack declares, and why there is none.

    `note` is said of all its numbers.
    """

    model: str
    domain: str
    points: Sequence[LossPoint]
    break_even: Estimate | None
    declared: float | None
    why: str
    note: str = ""


def loss_tables(curves: Sequence[CurveLines]) -> RenderableType:
    """A table for each curve, with what pays at each loss; the break-even below it."""
    parts: list[RenderableType] = []
    for curve in curves:
        parts += [*_curve(curve), Text("")]
    said = "The wage is the base scenario; a loss is a decision of yours, no estimate, so it is in no interval."
    return Group(*parts, Text(said))


def _curve(curve: CurveLines) -> list[RenderableType]:
    title = f"{curve.domain}, {printable(curve.model)}: VCpD_L in tokens/$, at a loss of L dollars per escaped error"
    if not curve.points:
        return [Text(f"{title}: undefined: {printable(curve.why)}")]
    table = plain_table(title, [], ["L", "verified", "not verified", "verifying"])
    for p in curve.points:
        mark = ", declared" if p.loss_usd == curve.declared else ""
        pays = "pays" if p.verified.value > p.unverified.value else "does not pay"
        row = [f"{amount(p.loss_usd)}{mark}", amount_interval(p.verified), amount_interval(p.unverified), pays]
        add_row(table, row)
    star = curve.break_even
    said = (
        f"Break-even L* {amount_interval(star)} dollars per escaped error." if star else f"No break-even: {curve.why}."
    )
    return [table, Text(printable(said)), *([Text(printable(curve.note))] if curve.note else [])]
