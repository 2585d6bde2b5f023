"""Charts of shares in a risk review: p against its tolerance, reliability, risk against coverage.

Told apart by dashes, fillings and words, not by colour alone; each says in words what it shows.
"""

from collections.abc import Sequence
from math import ceil
from typing import TYPE_CHECKING, Any

from ..scoring.calibration import ReliabilityBin
from ..scoring.estimate import Estimate
from ..scoring.launch_limits import Check
from .plain_numbers import per_cent
from .plotting import GREY, INK, LINES, ORANGE, Chart, drawn, key, name_rows, short
from .review_views import CellView

if TYPE_CHECKING:
    from .plotting import Axes

_MOST_POINTS = 240


def tolerance_figure(cells: Sequence[CellView]) -> str | None:
    """p of each model and domain with its interval, and the tolerance of the domain; None where no p is known."""
    shown = [(c, e) for c in cells if (e := estimate_in(c, "p")) is not None]
    if not shown:
        return None
    ends = [e.high or e.value for _, e in shown] + [check.limit for cell, _ in shown for check in _tolerances(cell)]
    chart = Chart(
        "tolerance",
        "Error probability p and its tolerance",
        f"Error probability with its 95 % interval: {'; '.join(_in_words(c, e) for c, e in shown)}.",
        118 + 48 * len(shown),
    )

    def paint(axes: "Axes") -> None:
        _share_axis(axes, "x", max(0.1, *ends))
        axes.set_xlabel("wrong among attempted answers")
        marks = {}
        for y, (cell, e) in zip(name_rows(axes, [named(c) for c, _ in shown]), shown, strict=True):
            if e.low is not None and e.high is not None:
                axes.plot([e.low, e.high], [y, y], color=INK, lw=2, zorder=2)
            marks["p with its 95 % interval"] = axes.plot([e.value], [y], "o", color=INK, ms=8, clip_on=False)[0]
            axes.text(1, y - 0.4, per_cent(e.value), transform=axes.get_yaxis_transform(), va="center", ha="right")
            for check in _tolerances(cell):
                marks["tolerance"] = axes.plot([check.limit], [y], "|", color=ORANGE, ms=20, mew=4, zorder=3)[0]
        key(axes, list(marks.values()), list(marks), 2)

    return drawn(chart, paint)


def reliability_figure(cell: CellView, number: int) -> str | None:
    """Share right against stated confidence, with the bars in which a calibrated model would lie."""
    if not cell.reliability:
        return None
    words = "; ".join(
        f"stated {per_cent(b.confidence)}, right {per_cent(b.right)} of {b.n}, calibrated {per_cent(b.bar_low)} to "
        f"{per_cent(b.bar_high)}"
        for b in cell.reliability
    )
    chart = Chart(f"reliability-{number}", f"Reliability, {named(cell)}", f"Reliability diagram: {words}.", 460)

    def paint(axes: "Axes") -> None:
        for which in ("x", "y"):
            _share_axis(axes, which, 1.0)
        axes.set_xlabel("stated confidence")
        axes.set_ylabel("share right")
        [even] = axes.plot([0, 1], [0, 1], color=GREY, lw=1.2, ls=(0, (4, 3)))
        bars = axes.vlines(
            [b.confidence for b in cell.reliability], [b.bar_low for b in cell.reliability],
            [b.bar_high for b in cell.reliability], color="#9a9a9a", lw=7, zorder=2,
        )  # fmt: skip
        inside = _dots(axes, [b for b in cell.reliability if b.bar_low <= b.right <= b.bar_high], "o", INK)
        outside = _dots(axes, [b for b in cell.reliability if not b.bar_low <= b.right <= b.bar_high], "D", "#ffffff")
        labels = ("right, in its bar", "right, outside", "if calibrated, 95 %", "calibrated")
        key(axes, (inside, outside, bars, even), labels, 2)

    return drawn(chart, paint)


def risk_coverage_figure(domain: str, cells: Sequence[CellView], number: int) -> str | None:
    """Share wrong among the most confident answers, a line a model."""
    shown = [c for c in cells if len(c.risk_coverage) > 1]
    if not shown:
        return None
    ends = "; ".join(f"{c.label} {per_cent(c.risk_coverage[-1][1])} at full coverage" for c in shown)
    chart = Chart(
        f"risk-coverage-{number}",
        f"Risk and coverage, {domain}",
        f"Selective risk by coverage: {ends}.",
        380 + 22 * len(shown),
    )

    def paint(axes: "Axes") -> None:
        _share_axis(axes, "x", 1.0)
        _share_axis(axes, "y", max(0.05, *(risk for c in shown for _, risk in c.risk_coverage)))
        axes.set_xlabel("coverage: share kept, most confident first")
        axes.set_ylabel("share wrong among them")
        lines = []
        for i, cell in enumerate(shown):
            colour, dashes, marker = LINES[i % len(LINES)]
            coverage, risk = zip(*_thin(cell.risk_coverage), strict=True)
            every = max(1, len(coverage) // 6)
            lines += axes.plot(
                coverage,
                risk,
                color=colour,
                ls=dashes,
                marker=marker,
                ms=7,
                lw=2.2,
                markevery=(i % every, every),
                clip_on=False,
            )
        key(axes, lines, [short(c.label) for c in shown])

    return drawn(chart, paint)


def estimate_in(cell: CellView, measure: str) -> Estimate | None:
    """What estimates.json says of a measure; None where undefined or not there."""
    row = cell.measured.get(measure)
    return row.estimate if row else None


def named(cell: CellView) -> str:
    """Domain and model, as charts call them."""
    return f"{cell.domain}: {cell.label}"


def _tolerances(cell: CellView) -> list[Check]:
    return [c for c in cell.launch.checks if c.name == "p_max"]


def _in_words(cell: CellView, e: Estimate) -> str:
    ends = "" if e.low is None or e.high is None else f" ({per_cent(e.low)} to {per_cent(e.high)})"
    limits = "".join(f" against a tolerance of {per_cent(check.limit)}" for check in _tolerances(cell))
    return f"{named(cell)} {per_cent(e.value)}{ends}{limits}"


def _dots(axes: "Axes", bins: Sequence[ReliabilityBin], marker: str, fill: str) -> Any:
    """The share right of some bins, on top of all else."""
    at = [b.confidence for b in bins], [b.right for b in bins]
    [dots] = axes.plot(*at, ls="", marker=marker, mfc=fill, mec=INK, mew=1.6, ms=8, zorder=4, clip_on=False)
    dots.set_in_layout(False)  # where there are none they would still take room
    return dots


def _share_axis(axes: "Axes", which: str, highest: float) -> None:
    """An axis of shares from 0 that holds `highest`, with its ticks in per cent."""
    step = next(s for s in (0.01, 0.02, 0.05, 0.1, 0.25) if highest <= 5 * s or s == 0.25)
    most = min(1.0, step * ceil(highest / step - 1e-9))
    places = [step * k for k in range(round(most / step) + 1)]
    axes.set(**{f"{which}lim": (0, most)})
    axis = axes.xaxis if which == "x" else axes.yaxis
    axis.set_ticks(places, [f"{100 * at:.0f} %" for at in places])


def _thin(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Not more points than a chart can show; first and last stay."""
    step = max(1, len(points) // _MOST_POINTS)
    return [*points[:-1:step], points[-1]]
