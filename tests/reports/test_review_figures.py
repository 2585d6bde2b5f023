"""Charts of a risk review: what is painted is what the view holds, whatever the names and the settings."""

import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hostile_texts import HOSTILE
from hypothesis import given, settings
from hypothesis import strategies as st
from vcpd.reports.plain_numbers import per_cent
from vcpd.reports.plotting import WIDTH, Chart, drawn
from vcpd.reports.review_dollar_figures import break_even_words, dollars_figure, endings_figure, loss_figure
from vcpd.reports.review_figures import reliability_figure, risk_coverage_figure, tolerance_figure
from vcpd.reports.review_views import CellView
from vcpd.scoring.calibration import ReliabilityBin
from vcpd.scoring.estimate import Estimate, Measurement
from vcpd.scoring.launch_limits import may_ship
from vcpd.scoring.loss import LossPoint

INK = "#1a1a1a"


def row(measure: str, value: float, low: float | None = None, high: float | None = None) -> Measurement:
    return Measurement("r", "m", "d", measure, Estimate(value, low, high, 0.95, 50, 40, "wilson"))


def cell(label: str = "m", domain: str = "d", rows: tuple[Measurement, ...] = ()) -> CellView:
    bins = (
        ReliabilityBin(0.0, 0.2, 12, 0.1, 0.15, 0.0, 0.3),
        ReliabilityBin(0.4, 0.6, 9, 0.5, 0.9, 0.2, 0.8),
        ReliabilityBin(0.8, 1.0, 20, 0.95, 0.6, 0.85, 1.0),
    )
    losses = [
        LossPoint(x, *(Estimate(v / (1 + x), v / (2 + x), v / (0.5 + x), 0.95, 5, 5, "b") for v in (80, 100)))
        for x in (0.01, 0.1, 1, 10)
    ]
    shares = (
        row("p", 0.32, 0.2, 0.46),
        row("correct", 0.25), row("abstained", 0.35), row("refused", 0.1), row("invalid", 0.05),
        row("unscored", 0.05), row("wrong", 0.2), row("usd_per_verified_answer", 0.44, 0.2, 0.7),
        row("break_even_loss_usd", 2.5, 1.0, 4.0), row("loss_per_escaped_usd", 50.0),
    )  # fmt: skip
    measured = {r.measure: r for r in (*shares, *rows)}
    return CellView(
        run="r", model="m", domain=domain, label=label, measured=measured,
        launch=may_ship((), measured, items_for_launch=0), endings={}, harm={}, escaped=0, reliability=bins,
        risk_coverage=((0.1, 0.0), (0.5, 0.2), (1.0, 0.32)), loss_curve=tuple(losses),
    )  # fmt: skip


FIGURES: dict[str, Callable[[CellView], str | None]] = {
    "endings": lambda c: endings_figure([c]),
    "dollars": lambda c: dollars_figure([c]),
    "tolerance": lambda c: tolerance_figure([c]),
    "loss": lambda c: loss_figure(c, 1),
    "reliability": lambda c: reliability_figure(c, 1),
    "risk coverage": lambda c: risk_coverage_figure(c.domain, [c], 1),
}


def parsed(svg: str | None) -> ElementTree.Element:
    assert svg is not None
    return ElementTree.fromstring(svg)


def texts(root: ElementTree.Element) -> list[str]:
    return [e.text or "" for e in root.iter() if e.tag.endswith("}text")]


@pytest.mark.parametrize("name", FIGURES)
def test_a_chart_loads_nothing_and_fits_its_page(name: str) -> None:
    svg = FIGURES[name](cell()) or ""
    root = parsed(svg)
    assert root.get("width") == str(WIDTH)
    assert not re.search(r"style|script|xlink|url\((?!#)|href=\"(?!#)|Matplotlib|\d{4}-\d\d-\d\d", svg)
    sizes = [float((e.get("font-size") or "0").removesuffix("px")) for e in root.iter() if e.tag.endswith("}text")]
    assert min(sizes) >= 15  # 12 pixels in a column of 374
    assert len(svg) < 25_000


@pytest.mark.parametrize("text", [t for n, t in HOSTILE.items() if n != "word"] + ["_hidden", "$x^{$", "\\alpha", "表"])
def test_names_from_outside_are_text(text: str) -> None:
    for name, figure in FIGURES.items():
        root = parsed(figure(cell(text, text)))
        tags = {e.tag.rpartition("}")[2] for e in root.iter()}
        assert tags <= {"svg", "title", "defs", "g", "path", "use", "text", "clipPath", "pattern", "rect"}, name


def test_a_name_that_the_library_would_hide_or_set_as_mathematics_is_shown() -> None:
    for label in ("_hidden", "$x^2$"):
        said = texts(parsed(risk_coverage_figure("d", [cell(label)], 1)))
        assert label in [t.strip() for t in said]


@pytest.mark.parametrize("name", FIGURES)
def test_the_same_view_gives_the_same_bytes(name: str) -> None:
    """In this process with other settings, and in another with another seed of hashes."""
    import matplotlib

    once = FIGURES[name](cell())
    with matplotlib.rc_context({"font.size": 40, "lines.linewidth": 9, "axes.facecolor": "red", "svg.hashsalt": "x"}):
        assert FIGURES[name](cell()) == once


def test_another_process_gives_the_same_bytes() -> None:
    code = "import test_review_figures as t; print(t.FIGURES['loss'](t.cell()), end='')"
    here = Path(__file__).resolve().parent
    path = f"import sys; sys.path[:0] = [{str(here)!r}, {str(here.parent / 'cases')!r}]; "
    done = subprocess.run([sys.executable, "-c", path + code], capture_output=True, text=True, check=True)
    assert done.stdout == FIGURES["loss"](cell())
    assert done.stderr == ""


def test_endings_are_written_as_in_the_view() -> None:
    """Wide stretches bear their share, narrow ones leave it to the title; every ending has its own filling."""
    root = parsed(endings_figure([cell()]))
    numbers = [t for t in texts(root) if "." in t]
    assert numbers == [per_cent(0.25), per_cent(0.35), per_cent(0.2)]
    [title] = [e.text for e in root if e.tag.endswith("}title")]
    assert "right 25.0 %, abstained 35.0 %, refused 10.0 %, invalid 5.0 %, unscored 5.0 %, wrong 20.0 %" in str(title)
    fills = [e.get("fill") for e in root.iter() if e.get("clip-path") and e.tag.endswith("}path")]
    assert len({f for f in fills if f != "none"}) == 6


def positions(root: ElementTree.Element, fill: str) -> list[tuple[float, float]]:
    """Centres of the marks with this filling that stand in the area of the chart, legend excepted."""
    uses = [e for e in root.iter() if e.tag.endswith("}use") and e.get("fill") == fill]
    return [(float(e.get("x", "")), float(e.get("y", ""))) for e in uses]


@given(
    st.lists(st.tuples(st.floats(0.01, 0.99), st.floats(0.01, 0.99)), min_size=2, max_size=6, unique_by=lambda t: t[0])
)
@settings(max_examples=10, deadline=None)
def test_dots_of_a_reliability_diagram_stand_where_the_view_says(points: list[tuple[float, float]]) -> None:
    bins = tuple(ReliabilityBin(0.0, 1.0, 5, c, r, 0.0, 1.0) for c, r in points)
    root = parsed(reliability_figure(replace(cell(), reliability=bins), 1))
    frame = next(e for e in root.iter() if e.tag.endswith("}clipPath"))[0]
    left, top, width, height = (float(frame.get(k, "")) for k in ("x", "y", "width", "height"))
    drawn_at = positions(root, INK)[: len(points)]
    for (c, r), (x, y) in zip(points, drawn_at, strict=True):
        assert x == pytest.approx(left + width * c, abs=0.02)
        assert y == pytest.approx(top + height * (1 - r), abs=0.02)


def test_hollow_marks_are_those_outside_their_bars() -> None:
    root = parsed(reliability_figure(cell(), 1))
    assert len(positions(root, INK)) == 1 + 1  # the one inside, and the legend's
    assert len(positions(root, "#ffffff")) == 2 + 1


def test_lines_of_five_models_differ_in_more_than_colour() -> None:
    root = parsed(risk_coverage_figure("d", [cell(f"m{i}") for i in range(5)], 1))
    lines = [e for e in root.iter() if e.tag.endswith("}path") and e.get("stroke-width") == "2.2"]
    assert len(lines) == 2 * 5  # each in the chart and in the legend
    assert len({e.get("stroke-dasharray") for e in lines}) == 5


def test_loss_chart_bears_the_numbers_of_estimates_json() -> None:
    said = texts(parsed(loss_figure(cell(), 1)))
    assert {"L*, break-even: $2.50", "L of this run: $50.0"} <= set(said)
    assert break_even_words(cell()) == "L* $2.50 ($1.0 to $4.0)"
    none = Measurement("r", "m", "d", "break_even_loss_usd", None, "undefined: no loss is enough")
    without = cell(rows=(none,))
    assert break_even_words(without) == "no L*: no loss is enough"
    assert not any("L*" in t for t in texts(parsed(loss_figure(without, 1))))


def test_where_nothing_is_known_nothing_is_drawn() -> None:
    bare = replace(cell(), measured={}, reliability=(), risk_coverage=(), loss_curve=())
    assert [figure(bare) for figure in FIGURES.values()] == [None] * len(FIGURES)


def test_a_chart_that_paints_nothing_still_has_its_title() -> None:
    root = parsed(drawn(Chart("empty", "A title", "Nothing.", 100), lambda axes: None))
    assert [e.text for e in root if e.tag.endswith("}title")] == ["A title. Nothing."]
    assert "A title" in texts(root)
