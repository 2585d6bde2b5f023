"""Pages escape everything, allow their own style alone, and show what cannot be seen."""

import base64
import hashlib
import re

import pytest
from hostile_texts import HOSTILE
from vcpd.reports import pages
from vcpd.reports.frontier_figures import Scatter, render
from vcpd.reports.placement import Box
from vcpd.reports.plain_numbers import in_words, per_cent, written, written_end
from vcpd.scoring.estimate import Estimate, Measurement


def test_a_policy_allows_the_style_by_its_hash_and_nothing_else() -> None:
    style = "body { color: black }"
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    rules = pages.policy(style).split("; ")
    assert rules == ["default-src 'none'", f"style-src 'sha256-{digest}'", "base-uri 'none'", "form-action 'none'"]


@pytest.mark.parametrize("text", HOSTILE.values(), ids=list(HOSTILE))
def test_whatever_a_template_prints_is_text(text: str) -> None:
    made = pages.environment().from_string('<p title="{{ text }}">{{ text }}</p>').render(text=text)
    inside = re.fullmatch('<p title="(.*?)">(.*)</p>', made, re.S)
    assert inside
    assert not set(inside[1] + inside[2]) & set("<>\"'\x00\x1b\x9b\u202e\ud83d")


@pytest.mark.parametrize("text", [t for n, t in HOSTILE.items() if n != "word"])
def test_a_figure_escapes_its_words(text: str) -> None:
    from xml.etree import ElementTree

    box = Box(0, 0, 10, 10)
    figure = Scatter(title=text, alt=text, width=20, height=20, area=box, x_title=text, y_title=text,
                     x_ticks=(), y_ticks=(), dots=(), labels=())  # fmt: skip
    root = ElementTree.fromstring(render(figure))
    tags = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert tags <= {"svg", "rect", "text", "line", "polyline", "circle", "title"}


@pytest.mark.parametrize(
    ("measure", "unit", "value", "expected", "end"),
    [
        ("p", "", 0.32, "32.0 %", "32.0 %"),
        ("p", "", 0.0004, "0.040 %", "0.040 %"),
        ("brier", "", 0.2, "0.200", "0.200"),
        ("kappa_usd", "usd", 0.154, "$0.154", "$0.15"),
        ("vcpd", "tokens/usd", 84.3, "84.3 tokens/$", "84"),
        ("utility_t75", "points", -0.109, "-0.109 points", "-0.11"),
    ],
)
def test_numbers_for_readers_by_hand(measure: str, unit: str, value: float, expected: str, end: str) -> None:
    assert written(measure, unit, value) == expected
    assert written_end(measure, unit, value) == end


def test_numbers_in_words() -> None:
    e = Estimate(0.32, 0.205, 0.462, 0.95, 50, 40, "wilson")
    assert in_words(Measurement("r", "m", "d", "p", e)) == "32.0 % (95 % interval 20.5 % to 46.2 %)"
    assert in_words(Measurement("r", "m", "d", "p", None, "undefined: x")) == "undefined"
    assert per_cent(0) == "0.0 %"
