"""Factors of measured chains multiply to the ratio; published ones only with a warning; section 2.4 twice."""

from fractions import Fraction
from itertools import permutations
from math import prod

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vcpd.scoring.decomposition import Chain, Step, decompose, factor_ranges, multiply
from vcpd.scoring.estimate import InsufficientDataError
from vcpd.scoring.literature import Row, literature

LEVERS = ("eta_q", "eta_r", "eta_d", "eta_h")
SUBSETS = [frozenset(name for i, name in enumerate(LEVERS) if n >> i & 1) for n in range(16)]
costs_of_all = st.lists(st.integers(1, 10**6), min_size=16, max_size=16).map(
    lambda costs: dict(zip(SUBSETS, costs, strict=True))
)


@given(costs_of_all, st.permutations(LEVERS))
def test_the_product_is_the_ratio_exactly(costs: dict[frozenset[str], float], order: list[str]) -> None:
    chain = decompose(costs, order)
    exact = prod(Fraction(int(s.cost_before), int(s.cost_after)) for s in chain.steps)
    assert exact == Fraction(int(costs[SUBSETS[0]]), int(costs[SUBSETS[-1]]))
    assert prod(s.factor for s in chain.steps) == pytest.approx(chain.ratio, rel=1e-12)
    assert [s.lever for s in chain.steps] == order


def test_factors_depend_on_the_order_and_their_product_does_not() -> None:
    """FP4 saves 4x alone; batching saves 3x alone; together 6x, since one bottleneck gives way to the other."""
    q, r = frozenset({"eta_q"}), frozenset({"eta_r"})
    costs = {frozenset(): 12.0, q: 3.0, r: 4.0, q | r: 2.0}
    assert [s.factor for s in decompose(costs, ["eta_q", "eta_r"]).steps] == [4.0, 1.5]
    assert [s.factor for s in decompose(costs, ["eta_r", "eta_q"]).steps] == [3.0, 2.0]
    assert {decompose(costs, order).ratio for order in permutations(["eta_q", "eta_r"])} == {6.0}
    assert factor_ranges(costs) == {"eta_q": (2.0, 4.0), "eta_r": (1.5, 3.0)}
    assert multiply([(4.0, None), (3.0, None)]).value == 12.0  # what multiplying single gains would claim


def test_what_was_not_measured_is_not_guessed() -> None:
    q, r = frozenset({"eta_q"}), frozenset({"eta_r"})
    costs = {frozenset(): 12.0, q: 3.0, q | r: 2.0}
    with pytest.raises(InsufficientDataError, match="'eta_r' was not measured"):
        decompose(costs, ["eta_r", "eta_q"])
    assert factor_ranges(costs) == {"eta_q": (4.0, 4.0), "eta_r": (1.5, 1.5)}  # the one order that was
    with pytest.raises(InsufficientDataError, match="no order"):
        factor_ranges({frozenset(): 12.0, q | r: 2.0})
    with pytest.raises(ValueError, match="moved once"):
        decompose(costs, ["eta_q", "eta_q"])


def test_steps_of_different_baselines_make_no_chain() -> None:
    one, two = Step("a", "x", "y", 4.0, 2.0), Step("b", "y", "z", 3.0, 1.0)
    with pytest.raises(ValueError, match="different baselines"):
        Chain((one, two))
    with pytest.raises(InsufficientDataError):
        Chain(())
    with pytest.raises(ValueError, match="above 0"):
        Step("a", "x", "y", 4.0, 0.0)


def row(kind: str, baseline: str) -> Row:
    return Row("id", "eta_q", "t", kind, "", "", baseline, "", "")


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([row("throughput", "FP16"), row("throughput", "FP16")], []),
        ([row("throughput", "FP16"), row("latency", "FP16")], ["different kind: throughput, latency"]),
        ([row("throughput", "FP16"), row("throughput", "Orca")], ["different baselines: FP16, Orca"]),
        ([row("throughput", "FP16"), None], ["1 factor assumed"]),
        ([row("memory", "FP16"), row("latency", "Orca"), None], ["kind", "baselines", "assumed"]),
    ],
)
def test_unlike_rows_are_multiplied_with_a_warning(rows: list[Row | None], words: list[str]) -> None:
    product = multiply([(2.0, r) for r in rows])
    assert product.value == 2.0 ** len(rows)
    assert len(product.warnings) == len(words)
    assert all(word in warning for word, warning in zip(words, product.warnings, strict=True))


def test_nothing_to_multiply() -> None:
    with pytest.raises(InsufficientDataError):
        multiply([])
    with pytest.raises(ValueError, match="above 0"):
        multiply([(0.0, None)])
    with pytest.raises(ValueError, match="above 0"):
        multiply([(2.0, None)]).residual(0.0)


@pytest.mark.parametrize(
    ("name", "factors", "product", "residual"),
    [
        ("field note 2.4", (4, 3, 2.5, 3), 90.0, 280 / 90),
        ("checked against the sources", (2.8, 3, 1.4, 2.4), 28.224, 280 / 28.224),
    ],
)
def test_section_2_4(name: str, factors: tuple[float, ...], product: float, residual: float) -> None:
    [found] = [h for h in literature().headlines if h.name == name]
    assert tuple(found.factors.values()) == factors
    assert tuple(found.factors) == LEVERS
    assert found.product.value == pytest.approx(product, rel=1e-12)
    assert found.residual == pytest.approx(residual, rel=1e-12)
    assert found.product.warnings  # neither is a chain


def test_residuals_as_they_are_quoted() -> None:
    note, checked = literature().headlines
    assert f"{note.residual:.1f}" == "3.1"
    assert round(checked.residual) == 10
    assert literature().observed.ratio_of_prices == pytest.approx(285.7, abs=0.05)  # 20.00 / 0.07


def test_measured_chains_are_the_published_ratios() -> None:
    """GB200 against B200 per dollar: 2.13, 3.17, 0.89 (inferencex.semianalysis.com)."""
    chains = literature().measured.chains
    assert list(chains) == [75, 120, 164]
    assert [round(c.steps[0].factor, 2) for c in chains.values()] == [2.13, 3.17, 0.89]
    assert [[s.lever for s in c.steps] for c in chains.values()] == [["gpu", "precision"]] * 3
    for chain in chains.values():
        assert prod(s.factor for s in chain.steps) == pytest.approx(chain.ratio, rel=1e-12)


def test_every_row_is_whole() -> None:
    rows = literature().rows
    assert len({r.id for r in rows}) == len(rows) == 30
    assert {r.factor for r in rows} == set(LEVERS)
    for r in rows:
        assert r.low is not None or r.high is not None, r.id
        assert r.low is None or r.high is None or 0 < r.low <= r.high, r.id
        assert all((r.technique, r.kind, r.measures, r.conditions, r.baseline, r.source, r.verdict)), r.id


def test_arithmetic_of_the_findings() -> None:
    per_mtok = [dollars / (6000 * 3600) * 1e6 for dollars in (2.65, 2.21)]
    assert per_mtok == pytest.approx([0.1227, 0.1023], abs=5e-5)
    assert [round(rate ** (23 / 12), 1) for rate in (1.43, 1.7)] == [2.0, 2.8]
    assert {f.about for f in literature().findings} == {"prices", "frontier", "decompose"}
