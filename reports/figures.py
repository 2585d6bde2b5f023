"""The picture of a run: how each model's answers ended in each domain, and what a verified answer costs."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from ..scoring.estimate import Estimate, Measurement
from .numbers import amount, share
from .pages import fragment
from .tables import Cells, cells

HATCHED = "url(#wrong)"
_ENDINGS = (
    ("correct", "right", "#0072b2"),
    ("abstained", "abstained", "#c3d3dc"),
    ("refused", "refused", "#e6d9a8"),
    ("invalid", "invalid", "#9a9a9a"),
    ("unscored", "unscored", "#efefef"),
    ("wrong", "wrong", HATCHED),
)
"""Colours that colour-blind readers and grey printers tell apart (after Okabe and Ito); wrong answers are hatched."""

_BAR = 300.0  # width of a bar, pixels
_AXIS = 240.0  # width of the dollar axis


@dataclass(frozen=True, slots=True)
class Segment:
    """A coloured stretch of a bar."""

    x: float
    width: float
    colour: str
    title: str


@dataclass(frozen=True, slots=True)
class Dot:
    """A value on the dollar axis with its interval, in pixels; `low`, `high` None where unbounded."""

    x: float
    low: float | None
    high: float | None
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """One model in one domain."""

    model: str
    domain: str
    segments: tuple[Segment, ...]
    p: str
    dot: Dot | None


@dataclass(frozen=True, slots=True)
class Tick:
    """A labelled place on the dollar axis."""

    x: float
    text: str


def run_figure(rows: Sequence[Measurement]) -> str:
    """The picture as self-contained SVG: bars of endings with p, and dollars per verified answer (log axis)."""
    found = {key: cell for key, cell in cells(rows).items() if "correct" in cell}
    dollars = [e for cell in found.values() if (e := _estimate(cell, "usd_per_verified_answer")) and e.value > 0]
    scale = _scale(dollars)
    lines = [_line(model, domain, cell, scale) for (model, domain), cell in found.items()]
    used = {segment.title for line in lines for segment in line.segments}
    values = {
        "lines": lines,
        "legend": [(label, colour) for _, label, colour in _ENDINGS if any(t.startswith(label) for t in used)],
        "ticks": _ticks(scale) if dollars else [],
        "bar": _BAR,
        "axis": _AXIS,
    }
    return fragment("run.svg", values)


def _estimate(cell: Cells, name: str) -> Estimate | None:
    return cell[name].estimate if name in cell else None


def _scale(dollars: Sequence[Estimate]) -> tuple[int, int]:
    """Whole decades that hold all values and bounded intervals."""
    ends = [x for e in dollars for x in (e.low, e.value, e.high) if x is not None and x > 0]
    if not ends:
        return 0, 1
    low, high = floor(log10(min(ends))), ceil(log10(max(ends)))
    return low, max(high, low + 1)


def _place(value: float, scale: tuple[int, int]) -> float:
    low, high = scale
    return _AXIS * min(max((log10(max(value, 10.0**low)) - low) / (high - low), 0.0), 1.0)


def _ticks(scale: tuple[int, int]) -> list[Tick]:
    low, high = scale
    step = max(1, ceil((high - low) / 5))
    return [Tick(_place(10.0**d, scale), f"${10.0**d:g}") for d in range(low, high + 1, step)]


def _line(model: str, domain: str, cell: Cells, scale: tuple[int, int]) -> Line:
    segments, x = [], 0.0
    for name, label, colour in _ENDINGS:
        e = _estimate(cell, name)
        if e is not None and e.value > 0:
            segments.append(Segment(x, e.value * _BAR, colour, f"{label} {share(e)}"))
            x += e.value * _BAR
    return Line(model, domain, tuple(segments), share(_estimate(cell, "p")), _dot(cell, scale))


def _dot(cell: Cells, scale: tuple[int, int]) -> Dot | None:
    e = _estimate(cell, "usd_per_verified_answer")
    if e is None or e.value <= 0:
        return None
    low = None if e.low is None else _place(e.low, scale)
    high = None if e.high is None else _place(e.high, scale)
    return Dot(_place(e.value, scale), low, high, f"${amount(e.value)}")
