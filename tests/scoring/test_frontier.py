"""Public prices and scores, the frontier, and the rate at which its prices fall."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from vcpd.scoring.estimate import InsufficientDataError
from vcpd.scoring.frontier import cheapest, of_kinds, otherwise_ordered, pareto, rate_of_decline, records
from vcpd.scoring.public_models import (
    Kind,
    PublicModel,
    blend,
    load_public_models,
    public_models,
    usd_per_pass,
)

TABLE_1 = {
    "GPT-4 8K": (30.00, 60.00, 45.00),
    "GPT-4 32K": (60.00, 120.00, 90.00),
    "GPT-4o mini": (0.15, 0.60, 0.375),
    "GPT-4.1": (2.00, 8.00, 5.00),
    "GPT-5.4 nano": (0.20, 1.25, 0.725),
    "GPT-5.4 mini": (0.75, 4.50, 2.625),
    "GPT-5.4": (2.50, 15.00, 8.75),
    "GPT-5.5": (5.00, 30.00, 17.50),
}
DAY = date(2024, 1, 1)


def by_name(name: str) -> PublicModel:
    [found] = [m for m in public_models() if name in (m.name, m.model)]
    return found


@pytest.mark.parametrize(("name", "row"), TABLE_1.items())
def test_table_1(name: str, row: tuple[float, float, float]) -> None:
    m = by_name(name)
    assert m.in_table1
    assert (m.input_usd, m.output_usd) == row[:2]
    assert m.cpm == pytest.approx(row[2], rel=1e-12)


def test_table_1_is_complete() -> None:
    assert {m.name for m in public_models() if m.in_table1} == set(TABLE_1)


def test_figures_of_the_sources() -> None:
    """What the outputs say against the field note follows from the table."""
    assert by_name("GPT-5.4").released == date(2026, 3, 5)
    assert {by_name(f"GPT-5.4 {size}").released for size in ("mini", "nano")} == {date(2026, 3, 17)}
    rises = [("GPT-4.5 preview", "GPT-4o (May 2024)"), ("GPT-5.2", "GPT-5.1"), ("GPT-5.4", "GPT-5.2")]
    assert all(by_name(new).price > by_name(old).price for new, old in rises)
    dear = by_name("GPT-5.5").price
    assert round(dear / by_name("GPT-5.4 mini").price, 1) == 6.7
    assert round(dear / by_name("GLM-5").price, 1) == 7.3
    at_90 = cheapest(of_kinds(public_models(), *Kind), 0.9, date(2026, 5, 3))
    assert (at_90.name, round(dear / at_90.price, 1)) == ("DeepSeek V4 Pro", 5.2)


def test_the_shipped_table() -> None:
    models = public_models()
    assert len(models) == len({m.model for m in models}) == 59
    assert len(of_kinds(models, Kind.MEASURED)) == 52
    assert len(of_kinds(models, Kind.VENDOR)) == 5
    for m in models:
        assert (m.gpqa is None) == (m.sources[2] == ""), m.model
        assert m.sources[0], m.model
        assert m.sources[1], m.model
        assert (m.output_tokens is None) == (m.sources[4] == ""), m.model
        assert m.vendor is None or m.sources[3], m.model


def test_verbosity_is_paid_as_output() -> None:
    """GPT-5 nano has 3.1 times the VCpD of GPT-4o mini and 7.1 times fewer right answers per dollar."""
    nano, mini = by_name("GPT-5 nano"), by_name("GPT-4o mini")
    assert nano.vcpd == pytest.approx(1.73e6, rel=0.003)
    assert mini.vcpd == pytest.approx(0.56e6, rel=0.01)
    assert nano.answers_per_usd == pytest.approx(142, rel=0.003)
    assert mini.answers_per_usd == pytest.approx(1005, rel=0.001)
    assert otherwise_ordered(public_models()) == (218, 861)


def test_vcpd_is_answers_times_tokens_of_a_right_answer() -> None:
    for m in public_models():
        if m.vcpd is not None and m.answers_per_usd is not None and m.output_tokens and m.epochs:
            per_question = m.output_tokens / m.epochs / 198
            assert m.vcpd == pytest.approx(m.answers_per_usd * per_question, rel=1e-9)


def model(name: str, price: float, gpqa: float | None, day: int = 0, kind: Kind = Kind.MEASURED) -> PublicModel:
    return PublicModel(
        model=name,
        api_id=name,
        released=DAY + timedelta(days=day),
        input_usd=price,
        output_usd=price,
        gpqa=gpqa,
        kind=None if gpqa is None else kind,
    )


FEW = [
    model("old", 10.0, 0.5, 0),
    model("good", 20.0, 0.8, 100),
    model("cheap", 2.0, 0.5, 200),
    model("dominated", 20.0, 0.7, 300),
    model("both", 1.0, 0.8, 400),
    model("unscored", 0.1, None, 400),
    model("claimed", 0.5, 0.9, 400, Kind.VENDOR),
]


def test_kinds_are_never_mixed_unasked() -> None:
    assert "claimed" not in {m.model for m in of_kinds(FEW, Kind.MEASURED)}
    assert [m.model for m in of_kinds(FEW, Kind.VENDOR)] == ["claimed"]
    assert of_kinds(FEW) == []
    assert len(of_kinds(FEW, *Kind)) == 6


def test_frontier_by_hand() -> None:
    measured = of_kinds(FEW, Kind.MEASURED)
    assert [m.model for m in pareto(measured)] == ["both"]
    assert [m.model for m in pareto(measured[:4])] == ["cheap", "good"]
    assert [m.model for m in records(measured, 0.5)] == ["old", "cheap", "both"]
    assert [m.model for m in records(measured, 0.8)] == ["good", "both"]
    assert cheapest(measured, 0.5, DAY + timedelta(days=250)).model == "cheap"
    assert cheapest(measured, 0.8, DAY + timedelta(days=250)).model == "good"
    with pytest.raises(InsufficientDataError, match="no model reaches 80%"):
        cheapest(measured, 0.8, DAY)


some_models = st.lists(
    st.tuples(st.floats(0.01, 100), st.integers(0, 100), st.integers(0, 900)), min_size=1, max_size=30
).map(lambda rows: [model(str(i), price, score / 100, day) for i, (price, score, day) in enumerate(rows)])


@given(some_models)
def test_the_frontier_is_what_nothing_dominates(models: list[PublicModel]) -> None:
    frontier = pareto(models)
    for m in models:
        assert m.gpqa is not None
        beaten = any(
            o.price <= m.price and o.gpqa >= m.gpqa and (o.price, o.gpqa) != (m.price, m.gpqa)
            for o in models
            if o.gpqa is not None
        )
        assert beaten == ((m.price, m.gpqa) not in {(o.price, o.gpqa) for o in frontier})


@given(some_models, st.integers(0, 100))
def test_the_last_record_is_the_cheapest(models: list[PublicModel], score: int) -> None:
    lows = records(models, score / 100)
    assert [m.price for m in lows] == sorted((m.price for m in lows), reverse=True)
    if lows:
        assert cheapest(models, score / 100, date.max).price == lows[-1].price


def falling(n: int, factor: float = 10.0) -> list[tuple[date, float]]:
    """A price that falls `factor`-fold in 365 days, exactly."""
    return [(DAY + timedelta(days=73 * i), 100 * factor ** (-73 * i / 365)) for i in range(n)]


def test_a_straight_fall_is_found() -> None:
    e = rate_of_decline(falling(6, 10.0))
    assert (e.value, e.low, e.high) == pytest.approx((10, 10, 10), rel=1e-9)
    assert (e.n, e.unit) == (6, "x per year")


@pytest.mark.parametrize("n", [0, 1, 4])
def test_fewer_than_five_points_have_no_rate(n: int) -> None:
    with pytest.raises(InsufficientDataError, match=f"{n} point"):
        rate_of_decline(falling(n))


def test_other_undefined_rates() -> None:
    with pytest.raises(InsufficientDataError, match="different dates"):
        rate_of_decline([(DAY, 1.0)] * 5)
    with pytest.raises(ValueError, match="above 0"):
        rate_of_decline([*falling(5), (DAY, 0.0)])
    with pytest.raises(InsufficientDataError, match="needs 3"):
        rate_of_decline(falling(2), at_least=1)  # two points have no interval


def test_against_statsmodels() -> None:
    api = pytest.importorskip("statsmodels.api")
    rng = np.random.default_rng(2)
    points = [(DAY + timedelta(days=int(d)), float(np.exp(rng.normal()))) for d in rng.integers(0, 900, 9)]
    years = np.array([day.toordinal() for day, _ in points]) / 365
    fit = api.OLS(np.log10([price for _, price in points]), api.add_constant(years)).fit()
    low, high = fit.conf_int(0.1)[1]
    e = rate_of_decline(points, confidence_level=0.9)
    assert (e.value, e.low, e.high) == pytest.approx((10 ** -fit.params[1], 10**-high, 10**-low), rel=1e-6)


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    rng = np.random.default_rng(8)
    held = 0
    for _ in range(400):
        points = [(day, price * float(np.exp(rng.normal(0, 0.5)))) for day, price in falling(7, 10.0)]
        e = rate_of_decline(points)
        assert e.low is not None
        assert e.high is not None
        held += e.low <= 10 <= e.high
    assert abs(held - 380) <= 4 * (400 * 0.95 * 0.05) ** 0.5


def test_blends_and_passes() -> None:
    assert blend(2.0, 8.0, 1) == 5.0
    assert blend(2.0, 8.0, 3) == 3.5
    assert usd_per_pass(8e6, 4e6, 4, 1.0, 2.0) == 4.0
    with pytest.raises(InsufficientDataError):
        usd_per_pass(1, 1, 0, 1, 1)


HEADER = (
    "model,api_id,released,input_usd_per_mtok,output_usd_per_mtok,gpqa_pct,kind,stderr_pct,vendor_pct,input_tokens,"
    "output_tokens,epochs,table1,released_source,price_source,gpqa_source,vendor_source,tokens_source,note"
)


@pytest.mark.parametrize(
    "row",
    [
        "x,x,2024-13-01,1,2,50,measured,,,,,,,,,,,,",
        "x,x,2024-01-01,0,2,50,measured,,,,,,,,,,,,",
        "x,x,2024-01-01,nan,2,50,measured,,,,,,,,,,,,",
        "x,x,2024-01-01,1,2,150,measured,,,,,,,,,,,,",
        "x,x,2024-01-01,1,2,50,,,,,,,,,,,,,",
        "x,x,2024-01-01,1,2,50,guessed,,,,,,,,,,,,",
        "x,x,2024-01-01",
    ],
)
def test_a_bad_row_is_named(tmp_path: Path, row: str) -> None:
    (tmp_path / "m.csv").write_text(f"{HEADER}\n{row}\n")
    with pytest.raises(ValueError, match=r"m\.csv, line 2 \(x\)"):
        load_public_models(tmp_path / "m.csv")
