"""The charts of a risk review: p against its tolerance, reliability, risk against coverage.

Told apart by dashes, fillings and words, not by colour alone; each says in words what it shows.
"""

from collections.abc import Sequence
from math import ceil

from ..scoring.estimate import Estimate
from ..scoring.launch_limits import Check
from .frontier_figures import Dot, Key, Path_, Scatter, Tick, scores
from .numbers import printable
from .placement import Box
from .plain_numbers import per_cent
from .review_views import CellView

INK, BLUE, ORANGE, GREY = "#1a1a1a", "#0072b2", "#b34700", "#767676"
_LINES = ((BLUE, ""), (ORANGE, "7 4"), (INK, "2 3"), ("#5b2c83", "10 3 2 3"), (GREY, "1 2"))
_ROW = 30.0
_MOST_POINTS = 240


def tolerance_figure(cells: Sequence[CellView]) -> Scatter | None:
    """p of each model and domain with its interval, and the tolerance of the domain; None where no p is known."""
    shown = [(c, e) for c in cells if (e := _p(c)) is not None]
    if not shown:
        return None
    top, area_left = 56.0, 330.0
    area = Box(area_left, top, 860, top + _ROW * len(shown))
    most = max(0.1, *(e.high or e.value for _, e in shown), *(c.limit for cell, _ in shown for c in _tolerances(cell)))
    most, step = _axis(most)
    dots, paths, ticks, words = [], [], [], []
    for i, (cell, e) in enumerate(shown):
        y = top + _ROW * (i + 0.5)
        name = f"{cell.domain}: {cell.label}"
        dots.append(Dot(_x(e.value, most, area), y, INK, False, f"{name}, p {per_cent(e.value)}"))
        if e.low is not None and e.high is not None:
            ends = ((_x(e.low, most, area), y), (_x(e.high, most, area), y))
            paths.append(Path_(ends, INK, 1.5, False, f"{per_cent(e.low)} to {per_cent(e.high)}"))
        ticks.append(Tick(y, _short(name)))
        words.append(f"{name} {per_cent(e.value)}")
        for check in _tolerances(cell):
            x = _x(check.limit, most, area)
            ends = ((x, y - 11), (x, y + 11))
            paths.append(Path_(ends, ORANGE, 3, False, f"tolerance {per_cent(check.limit)}"))
            words[-1] += f" against a tolerance of {per_cent(check.limit)}"
    return Scatter(
        title="Error probability p and its tolerance",
        alt=f"Error probability with its 95 % interval: {'; '.join(words)}.",
        width=890,
        height=area.bottom + 56,
        area=area,
        x_title="wrong among attempted answers",
        y_title="",
        x_ticks=tuple(Tick(_x(at, most, area), f"{100 * at:.0f} %") for at in _places(most, step)),
        y_ticks=tuple(ticks),
        dots=tuple(dots),
        labels=(),
        paths=tuple(paths),
        legend=(
            Key(area.left, 44, "full", INK, "p with its 95 % interval"),
            Key(area.left + 190, 44, "line", ORANGE, "tolerance"),
        ),
    )


def reliability_figure(cell: CellView) -> Scatter | None:
    """Share right against stated confidence, with the bars in which a calibrated model would lie."""
    if not cell.reliability:
        return None
    area, unit = Box(64, 34, 384, 334), 320.0

    def x(value: float) -> float:
        return area.left + unit * value

    y = scores(0.0, 1.0, area)
    dots = tuple(
        Dot(
            x(b.confidence), y(b.right), INK, not b.bar_low <= b.right <= b.bar_high,
            f"stated {per_cent(b.confidence)}, right {per_cent(b.right)}, n {b.n}",
        )
        for b in cell.reliability
    )  # fmt: skip
    bars = [
        Path_(((x(b.confidence), y(b.bar_low)), (x(b.confidence), y(b.bar_high))), GREY, 2, False, "if calibrated")
        for b in cell.reliability
    ]
    words = "; ".join(
        f"stated {per_cent(b.confidence)}, right {per_cent(b.right)} of {b.n}, calibrated {per_cent(b.bar_low)} to "
        f"{per_cent(b.bar_high)}"
        for b in cell.reliability
    )
    title = f"{cell.domain}: {cell.label}"
    return Scatter(
        title=_short(title),
        alt=f"Reliability diagram of {title}: {words}.",
        width=410,
        height=392,
        area=area,
        x_title="stated confidence",
        y_title="share right",
        x_ticks=tuple(Tick(x(k / 4), f"{25 * k} %") for k in range(5)),
        y_ticks=tuple(Tick(y(k / 4), f"{25 * k} %") for k in range(5)),
        dots=dots,
        labels=(),
        paths=(Path_(((x(0), y(0)), (x(1), y(1))), GREY, 1.2, True, "calibrated"), *bars),
    )


def risk_coverage_figure(domain: str, cells: Sequence[CellView]) -> Scatter | None:
    """Share wrong among the most confident answers, a line a model."""
    shown = [c for c in cells if len(c.risk_coverage) > 1]
    if not shown:
        return None
    rows = len(shown)
    area = Box(64, 44 + 16 * rows, 524, 304 + 16 * rows)
    most, step = _axis(max(0.05, *(risk for c in shown for _, risk in c.risk_coverage)))
    y = scores(0.0, most, area)
    paths, legend = [], []
    for i, cell in enumerate(shown):
        colour, dash = _LINES[i % len(_LINES)]
        points = tuple((area.left + 460 * c, y(r)) for c, r in _thin(cell.risk_coverage))
        paths.append(Path_(points, colour, 2.2, False, _short(cell.label), dash))
        legend.append(Key(area.left, 44 + 16 * i, "line", colour, _short(cell.label, 60), dash=dash))
    ends = "; ".join(f"{c.label} {per_cent(c.risk_coverage[-1][1])} at full coverage" for c in shown)
    return Scatter(
        title=f"Risk and coverage: {_short(domain)}",
        alt=f"Selective risk by coverage in {domain}: {ends}.",
        width=550,
        height=area.bottom + 52,
        area=area,
        x_title="coverage: share of attempted answers, most confident first",
        y_title="share wrong among them",
        x_ticks=tuple(Tick(area.left + 115 * k, f"{25 * k} %") for k in range(5)),
        y_ticks=tuple(Tick(y(at), f"{100 * at:.0f} %") for at in _places(most, step)),
        dots=(),
        labels=(),
        paths=tuple(paths),
        legend=tuple(legend),
    )


def _p(cell: CellView) -> Estimate | None:
    row = cell.measured.get("p")
    return row.estimate if row else None


def _tolerances(cell: CellView) -> list[Check]:
    return [c for c in cell.launch.checks if c.name == "p_max"]


def _axis(highest: float) -> tuple[float, float]:
    """The end of an axis of shares that holds `highest`, and the step of its ticks."""
    step = next(s for s in (0.01, 0.02, 0.05, 0.1, 0.2) if highest <= 5 * s or s == 0.2)
    return min(1.0, step * ceil(highest / step - 1e-9)), step


def _places(most: float, step: float) -> list[float]:
    return [step * k for k in range(round(most / step) + 1)]


def _x(value: float, most: float, area: Box) -> float:
    return area.left + (area.right - area.left) * min(value, most) / most


def _short(text: str, most: int = 42) -> str:
    plain = printable(text[: 4 * most])
    return plain if len(plain) <= most else plain[: most - 1] + "\u2026"


def _thin(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Not more points than a chart can show; first and last stay."""
    step = max(1, len(points) // _MOST_POINTS)
    return [*points[:-1:step], points[-1]]
