"""Every measure and every term has a page, and the sums on it are right."""

import ast
import operator
import re
from collections.abc import Callable
from typing import Any

import pytest
from vcpd.scoring.explanations import Page, UnknownMeasureError, page, pages
from vcpd.scoring.measures import MEASURES

TERMS = ("S", "R", "kappa", "eta_q", "eta_r", "eta_d", "eta_h", "Q", "T", "C", "C_v", "H", "c_v", "L", "Se", "FPR")
SUMS = re.compile(r"([-(]*\d[-+*/() .\de]*?) = (-?[\d.]+(?:e-?\d+)?)")
OPERATIONS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}


def computed(node: ast.AST) -> float:
    if isinstance(node, ast.BinOp):
        return float(OPERATIONS[type(node.op)](computed(node.left), computed(node.right)))
    if isinstance(node, ast.UnaryOp):
        return -computed(node.operand)
    assert isinstance(node, ast.Constant), ast.dump(node)
    return float(node.value)


def test_every_measure_and_term_has_a_page() -> None:
    assert [name for name in MEASURES if name not in pages()] == []
    assert [name for name in TERMS if name not in pages()] == []
    for name, measure in MEASURES.items():
        assert (page(name).meaning, page(name).unit) == (measure.meaning, measure.unit or "share")


@pytest.mark.parametrize("found", pages().values(), ids=lambda p: p.name)
def test_a_page_is_whole(found: Page) -> None:
    for name in ("meaning", "unit", "formula", "undefined", "interval", "source", "example"):
        assert getattr(found, name).strip(), name


@pytest.mark.parametrize("found", pages().values(), ids=lambda p: p.name)
def test_the_sums_of_an_example_are_right(found: Page) -> None:
    sums = SUMS.findall(found.example)
    for left, right in sums:
        value = computed(ast.parse(left.strip(), mode="eval").body)
        assert value == pytest.approx(float(right), rel=6e-4, abs=1e-12), found.example
    assert sums or found.name in ("smece", "vcpd_floor"), found.example


def test_the_terms_fit_together() -> None:
    """The examples of S, R, D, Good, Esc and kappa are one policy: the closed form gives the same."""
    from vcpd.scoring.cost_model import Policy, UnitCosts, policy_outcome

    policy = Policy(p=0.2, sensitivity=0.8, false_positive_rate=0.05, max_retries=1, escalate_exhausted=1.0)
    found = policy_outcome(policy, UnitCosts(generation=0.003, verification=0.0005, review=0.30, loss=10.0))
    said = {
        "S": found.attempts,
        "R": found.rejected,
        "Hm": found.escalated,
        "D": found.delivered,
        "Good": found.good,
        "Esc": found.escaped,
        "kappa": found.kappa,
        "kappa_l": found.kappa_l,
        "H": found.h,
        "C_v": found.c_v,
        "efficiency": found.efficiency,
    }
    for name, value in said.items():
        assert float(SUMS.findall(page(name).example)[-1][1]) == pytest.approx(value, rel=6e-4), name


def test_names_are_found_in_any_case_where_that_is_clear() -> None:
    assert page("VCPD").name == "vcpd"
    assert (page("C_v").name, page("c_v").name) == ("C_v", "c_v")


@pytest.mark.parametrize(("name", "near"), [("vcdp", "vcpd"), ("kapa_usd", "kappa_usd"), ("C_V", "C_v or c_v")])
def test_an_unknown_name_suggests_the_nearest(name: str, near: str) -> None:
    with pytest.raises(UnknownMeasureError) as caught:
        page(name)
    assert near in str(caught.value) or " or ".join(reversed(near.split(" or "))) in str(caught.value)


def test_nothing_near_is_said_so() -> None:
    with pytest.raises(UnknownMeasureError, match="vcpd explain lists them"):
        page("\ud800" * 1000)
