"""Figures 1 and 2 as SVG: nothing covers anything, nothing leaves the page, kinds are told apart."""

import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from datetime import date
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vcpd.reports.frontier_figures import Scatter, frontier_figure, prices_figure, render
from vcpd.reports.placement import Anchor, Box, around, place
from vcpd.scoring.public_models import Kind, public_models

EXAMPLES = Path(__file__).resolve().parents[2] / "reports" / "examples"
FIGURES = [prices_figure(public_models()), frontier_figure(public_models())]
SVG = "{http://www.w3.org/2000/svg}"
figures = pytest.mark.parametrize("figure", FIGURES, ids=["prices", "frontier"])


@figures
def test_labels_cover_no_label_and_no_point(figure: Scatter) -> None:
    for one, other in combinations(figure.labels, 2):
        assert not one.box.overlaps(other.box), (one.text, other.text)
    for label in figure.labels:
        assert figure.area.holds(label.box), label.text
        for dot in figure.dots:
            assert not label.box.overlaps(around(dot.x, dot.y, 4.5)), (label.text, dot.title)


@figures
def test_everything_lies_in_the_plot(figure: Scatter) -> None:
    assert all(figure.area.holds(around(d.x, d.y, 0)) for d in figure.dots)
    assert figure.area.bottom < figure.height
    assert figure.area.right < figure.width
    for path in figure.paths:
        assert all(figure.area.holds(around(x, y, 0)) for x, y in path.points)


@figures
def test_self_contained_svg(figure: Scatter) -> None:
    root = ElementTree.fromstring(render(figure))
    assert root.tag == f"{SVG}svg"
    assert not list(root.iter(f"{SVG}image"))
    assert not list(root.iter(f"{SVG}script"))
    assert not [e for e in root.iter() for name in e.attrib if name.endswith("href")]


def test_table_1_is_labelled_with_its_prices() -> None:
    texts = {" ".join(label.text.split()) for label in FIGURES[0].labels}
    assert texts >= {"GPT-4 8K $45", "GPT-4o mini $0.375", "GPT-5.4 nano $0.725", "GPT-5.5 $17.5"}
    assert len(texts) == len(FIGURES[0].dots) == 8
    ys = {dot.title.partition(",")[0]: dot.y for dot in FIGURES[0].dots}
    assert ys["GPT-4 32K"] < ys["GPT-4 8K"] < ys["GPT-5.5"] < ys["GPT-4o mini"]  # dearer is higher


def test_figure_2_has_every_scored_model_and_tells_kinds_apart() -> None:
    figure = FIGURES[1]
    scored = [m for m in public_models() if m.kind]
    assert len(figure.dots) == len(scored) == 57
    assert sum(d.hollow for d in figure.dots) == sum(m.kind is Kind.VENDOR for m in scored) == 5
    assert sum(d.bar is not None for d in figure.dots) == sum(m.stderr is not None for m in scored)
    assert len(figure.labels) >= 20
    assert [p.dashed for p in figure.paths] == [True, False, False, False, False]


def test_frontiers_move_up_and_left() -> None:
    """At every price a later year's frontier is as high or higher; pixels grow downwards."""
    years = [p for p in FIGURES[1].paths if not p.dashed]
    for early, late in pairwise(years):
        for x, y in early.points:
            assert any(other_x <= x + 0.1 and other_y <= y + 0.1 for other_x, other_y in late.points)


def test_names_from_outside_stay_text() -> None:
    model = replace(public_models()[1], model='<script>"&', gpqa=0.5, kind=Kind.MEASURED)
    svg = render(frontier_figure([model, replace(model, model="later", released=date(2026, 1, 1))]))
    assert "<script>" not in svg
    assert any("<script>" in (e.text or "") for e in ElementTree.fromstring(svg).iter())


@pytest.mark.parametrize(("name", "figure"), [("prices", FIGURES[0]), ("frontier", FIGURES[1])])
def test_examples_are_what_is_drawn(name: str, figure: Scatter) -> None:
    assert (EXAMPLES / f"{name}.svg").read_text(encoding="utf-8") == render(figure)


AREA = Box(0, 0, 400, 300)


@given(st.lists(st.tuples(st.floats(0, 400), st.floats(0, 300), st.text("abcdef", max_size=20)), max_size=25))
def test_placed_labels_are_free_wherever_points_lie(points: list[tuple[float, float, str]]) -> None:
    taken = [around(x, y, 5) for x, y, _ in points]
    labels = place([Anchor(*point) for point in points], taken, [], AREA)
    for label in labels:
        assert AREA.holds(label.box)
        assert not any(label.box.overlaps(box) for box in taken)
    assert not any(a.box.overlaps(b.box) for a, b in combinations(labels, 2))


def test_a_lone_point_has_its_label_to_the_right_and_a_walled_one_none() -> None:
    [label] = place([Anchor(100, 100, "lone")], [around(100, 100, 5)], [], AREA)
    assert (label.x, label.align, label.leader) == (108, "start", None)
    assert place([Anchor(100, 100, "walled")], [AREA], [], AREA) == []
