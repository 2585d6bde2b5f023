"""The picture of `vcpd frontier RUN...`: dollars against quality of the user's own models, a panel for each domain."""

from collections.abc import Sequence
from math import floor, log10

from ..scoring.cost_quality import Candidate, Standing
from ..scoring.own_frontier import DomainFrontier
from .frontier_figures import Dot, Key, Path_, Scale, Scatter, Tick, decades, log_ticks, scores
from .numbers import amount, printable
from .own_frontier_tables import COST_NAMES, QUALITY_NAMES, estimate, verdict
from .placement import Anchor, Box, along, around, place

_ON, _MAYBE, _OFF = "#2f6fb0", "#d98a1f", "#7f8fa0"
_COLOURS = {"on": _ON, "on?": _MAYBE, "off": _OFF}
_AREA = Box(70, 66, 850, 390)
_LONGEST = 40  # characters of a label


def own_frontier_figure(found: Sequence[DomainFrontier]) -> list[Scatter]:
    """A panel for each domain; one without a placed model says so."""
    return [_panel(domain) for domain in found]


def _panel(found: DomainFrontier) -> Scatter:
    low, high = _cost_range(found.candidates)
    x = decades(log10(low), log10(high), _AREA.left, _AREA.right)
    floor_ = _lowest(found.candidates)
    y = scores(floor_, 1.0 + 0.06 * (1 - floor_), _AREA)
    dots = tuple(_dot(c, s, x, y) for c, s in zip(found.candidates, found.standings, strict=True))
    path = _steps([(d, s) for d, s in zip(dots, found.standings, strict=True)])
    anchors = [Anchor(d.x, d.y, _short(c.label)) for c, d in zip(found.candidates, dots, strict=True)]
    points = [around(d.x, d.y, 6.0) for d in dots]
    lines = along(path.points, 1.5) if path.points else []
    labels = place(anchors, points, [*lines, *_bars(dots)], _AREA)
    if len(labels) < len(anchors):  # rather across a bar than not at all
        labels = place(anchors, points, lines, _AREA)
    step = 0.1 if floor_ < 0.7 else 0.05
    ticks = [1 - step * i for i in range(int((1 - floor_) / step + 1e-9) + 1)]
    return Scatter(
        title=f"{printable(found.domain)}: cost and quality",
        width=880,
        height=470,
        area=_AREA,
        x_title=f"{COST_NAMES[found.question.cost_axis]} (log)",
        y_title=QUALITY_NAMES[found.question.quality_axis],
        x_ticks=log_ticks(low, high, x),
        y_ticks=tuple(Tick(y(s), f"{s * 100:.0f} %") for s in ticks),
        dots=dots,
        labels=tuple(labels),
        legend=_legend(),
        paths=(path,) if path.points else (),
        notes=(_note(found, len(anchors) - len(labels)),),
    )


def _dot(c: Candidate, s: Standing, x: Scale, y: Scale) -> Dot:
    cost, quality = estimate(c.cost, c), estimate(c.quality, c)
    called = verdict(s)
    bar = across = None
    if quality and quality.low is not None and quality.high is not None:
        bar = y(max(quality.low, 0.0)), y(quality.high)
    if cost and cost.low is not None and cost.high is not None and cost.low > 0:
        across = x(cost.low), x(cost.high)
    title = f"{printable(c.label)}: ${amount(float(c.cost[0]))}, {float(c.quality[0]):.1%}, P(on) {s.on_share:.2f}"
    return Dot(x(float(c.cost[0])), y(float(c.quality[0])), _COLOURS[called], called == "off", title, bar, across)


def _steps(dots: Sequence[tuple[Dot, Standing]]) -> Path_:
    """The line of the cheapest model at or above each quality."""
    points: list[tuple[float, float]] = []
    level = _AREA.bottom
    for dot, _ in sorted(((d, s) for d, s in dots if s.frontier), key=lambda pair: pair[0].x):
        points += [(dot.x, level), (dot.x, dot.y)]
        level = dot.y
    return Path_(
        (*points, (_AREA.right, level)) if points else (), _ON, 1.4, False, "cheapest at or above each quality"
    )


def _bars(dots: Sequence[Dot]) -> list[Box]:
    upright = [Box(d.x - 1, min(d.bar), d.x + 1, max(d.bar)) for d in dots if d.bar]
    return upright + [Box(min(d.across), d.y - 1, max(d.across), d.y + 1) for d in dots if d.across]


def _cost_range(candidates: Sequence[Candidate]) -> tuple[float, float]:
    """Dollars from the lowest to the highest end of an interval, with a margin."""
    found = []
    for c in candidates:
        e = estimate(c.cost, c)
        found += [v for v in (e.low, e.value, e.high) if v is not None and v > 0] if e else []
    if not found:
        return 0.01, 1.0
    low, high = min(found), max(found)
    margin = max((high / low) ** 0.06, 1.25)
    return low / margin, high * margin


def _lowest(candidates: Sequence[Candidate]) -> float:
    """A tenth of quality below which there is nothing to show."""
    ends = [e.low if e.low is not None else e.value for c in candidates if (e := estimate(c.quality, c))]
    return max(0.0, floor(min(ends, default=0.5) * 10 - 0.2) / 10)


def _legend() -> tuple[Key, ...]:
    keys = (
        Key(_AREA.left, 46, "full", _ON, "on the frontier"),
        Key(_AREA.left + 130, 46, "full", _MAYBE, "may be on it (P > .05)"),
        Key(_AREA.left + 310, 46, "hollow", _OFF, "off (P < .05)"),
        Key(_AREA.left + 430, 46, "line", _ON, "cheapest at or above each quality; bars: 95 %"),
    )
    return keys


def _note(found: DomainFrontier, unlabelled: int) -> str:
    if not found.candidates:
        return "No model can be placed: " + "; ".join(f"{printable(name)}: {why}" for name, why in found.left_out)[:140]
    cell = found.candidates[0].cell
    said = f"{len(cell.requests)} requests in {cell.n_clusters} clusters, joint draws."
    if found.left_out:
        said += f" Left out: {', '.join(_short(label) for label, _ in found.left_out)[:80]}."
    return said + (f" {unlabelled} without room for a label." if unlabelled else "")


def _short(label: str) -> str:
    text = printable(label)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
