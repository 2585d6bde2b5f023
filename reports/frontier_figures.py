"""Figures 1 and 2 of the field note: public prices over time, and price against quality with its frontier."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date as Date
from math import ceil, floor, log10

from ..scoring.frontier import of_kinds, pareto
from ..scoring.public_models import Kind, PublicModel
from .pages import fragment
from .placement import Anchor, Box, Label, along, around, place

_YEARS = {2023: "#7f8fa0", 2024: "#2f6fb0", 2025: "#d98a1f", 2026: "#b83227"}
_OTHER = "#333333"
_RADIUS = 6.0
_NORMAL = 1.96
Scale = Callable[[float], float]
"""From a value to pixels."""


@dataclass(frozen=True, slots=True)
class Tick:
    """A place on an axis; an empty text is a minor line."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Dot:
    """A model; `hollow`: set apart (reported by its vendor, off the frontier); `bar`, `across`: ends of its upright
    and its level interval.
    """

    x: float
    y: float
    colour: str
    hollow: bool
    title: str
    bar: tuple[float, float] | None = None
    across: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Path_:
    """A line through points; `dash`: SVG's dash pattern, where the plain dashes do not tell enough lines apart."""

    points: tuple[tuple[float, float], ...]
    colour: str
    width: float
    dashed: bool
    title: str
    dash: str = ""


@dataclass(frozen=True, slots=True)
class Key:
    """An entry of the legend: a "full" or "hollow" dot, or a "line"."""

    x: float
    y: float
    mark: str
    colour: str
    text: str
    dashed: bool = False
    dash: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scatter:
    """All that the template draws, in pixels; `alt` says in words what it shows, "" leaves that to the title."""

    title: str
    width: float
    height: float
    area: Box
    x_title: str
    y_title: str
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    dots: tuple[Dot, ...]
    labels: tuple[Label, ...]
    legend: tuple[Key, ...] = ()
    paths: tuple[Path_, ...] = ()
    notes: tuple[str, ...] = ()
    alt: str = ""


def render(*figures: Scatter) -> str:
    """The figures, one below the other, as self-contained SVG."""
    drawn = [fragment("scatter.svg", {"f": figure}) for figure in figures]
    if len(drawn) == 1:
        return drawn[0]
    width, y, panels = max((f.width for f in figures), default=0), 0.0, []
    for figure, svg in zip(figures, drawn, strict=True):
        panels.append(svg.replace("<svg ", f'<svg y="{y:g}" ', 1))
        y += figure.height
    size = f'viewBox="0 0 {width:g} {y:g}" width="{width:g}" height="{y:g}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>\n' + "\n".join(panels) + "\n</svg>"


def prices_figure(models: Sequence[PublicModel]) -> Scatter:
    """Figure 1: CPM (input and output 1:1, log axis) by date of release, of the models of Table 1."""
    shown = [m for m in models if m.in_table1]
    area = Box(70, 44, 850, 440)
    x = _dates(Date(2023, 1, 1), Date(2026, 7, 1), area)
    y = decades(-1, 2.15, area.bottom, area.top)
    dots = tuple(Dot(x(m.released), y(m.cpm), _colour(m), False, f"{m.name}, {m.released}: ${m.cpm:g}") for m in shown)
    anchors = [Anchor(d.x, d.y, f"{m.name}  ${m.cpm:g}") for m, d in zip(shown, dots, strict=True)]
    return Scatter(
        title="Public API prices at launch",
        width=880,
        height=535,
        area=area,
        x_title="release",
        y_title="CPM, $ per million tokens, input and output 1:1 (log)",
        x_ticks=tuple(Tick(x(Date(year, 1, 1)), str(year)) for year in range(2023, 2027)),
        y_ticks=log_ticks(0.1, 140, y),
        dots=dots,
        labels=tuple(place(anchors, _boxes(dots), [], area)),
        notes=(
            "Prices alone: not quality-normalised, the same as VCpD with Q set to 1.",
            "Sources: OpenAI launch and pricing pages, checked against dated price maps (public_models.csv).",
        ),
    )


def frontier_figure(models: Sequence[PublicModel]) -> Scatter:
    """Figure 2: GPQA-Diamond against the 3:1 price (log axis), with the frontier of measured scores by year."""
    shown = of_kinds(models, *Kind)
    area = Box(70, 80, 1010, 680)
    x, y = decades(log10(0.04), log10(140), area.left, area.right), scores(0.2, 1.04, area)
    dots = tuple(_dot(m, x, y) for m in shown)
    ends = _year_ends(shown)
    paths = _frontiers(shown, ends, x, y, area)
    lines = [box for path in paths for box in along(path.points, 1.5)]
    by_place = {m.model: Anchor(d.x, d.y, _label_text(m, shown)) for m, d in zip(shown, dots, strict=True)}
    return Scatter(
        title="Price and quality of public models",
        width=1040,
        height=775,
        area=area,
        x_title="$ per million tokens at launch, input and output 3:1 (log)",
        y_title="GPQA-Diamond",
        x_ticks=log_ticks(0.04, 140, x),
        y_ticks=tuple(Tick(y(s / 10), f"{s * 10} %") for s in range(2, 11)),
        dots=dots,
        labels=tuple(place([by_place[m.model] for m in _named(shown, ends)], _boxes(dots), lines, area)),
        legend=_legend(ends, area),
        paths=paths,
        notes=(
            "A line is the cheapest model at or above each score, at the end of a year. Bars: 95 % where a standard "
            "error is known.",
            "Scores: Epoch AI Benchmarking Hub (CC-BY 4.0) and vendors, which may differ by 23 points on one model. "
            "Prices at launch; later cuts are left out.",
        ),
    )


def _dot(m: PublicModel, x: Callable[[float], float], y: Callable[[float], float]) -> Dot:
    score = m.gpqa or 0.0
    bar = None if m.stderr is None else (y(score - _NORMAL * m.stderr), y(min(1.0, score + _NORMAL * m.stderr)))
    title = f"{m.model}, {m.released}: ${m.price:.3g}, {score:.1%} {m.kind}"
    return Dot(x(m.price), y(score), _colour(m), m.kind is Kind.VENDOR, title, bar)


def _year_ends(models: Sequence[PublicModel]) -> list[Date]:
    """The last day of each year, and of the last year the last release."""
    last = max(m.released for m in models)
    return [*(Date(year, 12, 31) for year in range(min(m.released.year for m in models), last.year)), last]


def _named(models: Sequence[PublicModel], ends: Sequence[Date]) -> list[PublicModel]:
    """Who gets a label, most wanted first: the frontiers from last to first, Table 1, vendors' models."""
    measured = of_kinds(models, Kind.MEASURED)
    wanted = [m for end in reversed(ends) for m in pareto(m for m in measured if m.released <= end)]
    wanted += [m for m in models if m.in_table1] + [m for m in models if m.kind is Kind.VENDOR]
    return list(dict.fromkeys(wanted))


def _label_text(model: PublicModel, models: Sequence[PublicModel]) -> str:
    alone = sum(m.name == model.name for m in models) == 1
    return model.name if alone else model.model


def _frontiers(
    models: Sequence[PublicModel],
    ends: Sequence[Date],
    x: Callable[[float], float],
    y: Callable[[float], float],
    area: Box,
) -> tuple[Path_, ...]:
    measured = of_kinds(models, Kind.MEASURED)
    paths = [
        Path_(_steps([m for m in measured if m.released <= end], x, y, area), _year(end), 1.6, False, f"by {end}")
        for end in ends
    ]
    believed = _steps([m for m in models if m.released <= ends[-1]], x, y, area)
    return (Path_(believed, _year(ends[-1]), 1.2, True, "with vendors' scores"), *paths)


def _steps(
    models: Sequence[PublicModel], x: Callable[[float], float], y: Callable[[float], float], area: Box
) -> tuple[tuple[float, float], ...]:
    points, level = [], area.bottom
    for m in pareto(models):
        points += [(x(m.price), level), (x(m.price), y(m.gpqa or 0.0))]
        level = y(m.gpqa or 0.0)
    return (*points, (area.right, level))


def _legend(ends: Sequence[Date], area: Box) -> tuple[Key, ...]:
    keys = [Key(area.left + 66 * i, 46, "full", _year(end), str(end.year)) for i, end in enumerate(ends)]
    at = area.left + 66 * len(ends) + 20
    keys += [
        Key(at, 46, "full", _OTHER, "measured (Epoch AI)"),
        Key(at + 160, 46, "hollow", _OTHER, "reported by the vendor"),
        Key(area.left, 66, "line", _year(ends[-1]), f"frontier of measured scores, end of each year ({ends[-1]})"),
        Key(at + 160, 66, "line", _year(ends[-1]), "the same, vendors' scores included", dashed=True),
    ]
    return tuple(keys)


def _colour(model: PublicModel) -> str:
    return _year(model.released)


def _year(day: Date) -> str:
    return _YEARS.get(day.year, _OTHER)


def _boxes(dots: Sequence[Dot]) -> list[Box]:
    return [around(dot.x, dot.y, _RADIUS) for dot in dots]


def _dates(first: Date, last: Date, area: Box) -> Callable[[Date], float]:
    days = (last - first).days
    return lambda day: area.left + (area.right - area.left) * (day - first).days / days


def decades(low: float, high: float, at_low: float, at_high: float) -> Scale:
    """A log axis from 10**low at pixel `at_low` to 10**high at `at_high`; values above 0."""
    return lambda value: at_low + (at_high - at_low) * (log10(value) - low) / (high - low)


def scores(low: float, high: float, area: Box) -> Scale:
    """An upright axis from `low` at the bottom of `area` to `high` at its top."""
    return lambda score: area.bottom - (area.bottom - area.top) * (score - low) / (high - low)


def log_ticks(low: float, high: float, place_of: Scale) -> tuple[Tick, ...]:
    """Decades with their dollars, and the lines between them; 2 and 5 are named too where there are few decades."""
    named = (1, 2, 5) if log10(high / low) < 2.5 else (1,)
    exponents = range(floor(log10(low)), ceil(log10(high)) + 1)
    values = [(m * 10.0**d, f"${m * 10.0**d:g}" if m in named else "") for d in exponents for m in range(1, 10)]
    return tuple(Tick(place_of(v), text) for v, text in values if low * 0.999 <= v <= high * 1.001)
