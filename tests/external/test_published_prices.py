"""Published tables of others, recomputed: Price of Progress, InferenceX, HAL.

The tables are not part of this repository. VCPD_DATA names the folder that holds them.
"""

import csv
import os
from datetime import date, datetime
from pathlib import Path

import pytest
from vcpd.scoring.frontier import rate_of_decline
from vcpd.scoring.listing import Counts, Workload, cpm, measured
from vcpd.scoring.public_models import public_models, usd_per_pass

DATA = Path(os.environ.get("VCPD_DATA", Path(__file__).resolve().parents[3] / "shared" / "data")) / "economics"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"needs the published tables; none at {DATA} (set VCPD_DATA)")


def table(name: str) -> list[dict[str, str]]:
    if not (DATA / name).exists():
        pytest.skip(f"{name} is not among the tables at hand")
    with (DATA / name).open(newline="") as lines:
        return list(csv.DictReader(lines))


def dollars(row: dict[str, str]) -> float:
    output = float(row["output_tokens"]) + float(row["extra_reasoning_tokens"])
    prices = float(row["usd_in_per_m"]), float(row["usd_out_per_m"])
    return usd_per_pass(float(row["input_tokens"]), output, float(row["epochs"]), *prices)


def test_price_of_progress_rows() -> None:
    rows = table("golden_price_of_progress.csv")
    assert len(rows) == 163
    for row in rows:
        assert dollars(row) == pytest.approx(float(row["published_benchmark_cost_usd"]), rel=1e-3), row["row"]
        right = 198 * float(row["gpqa_pct"]) / 100
        assert dollars(row) / right == pytest.approx(float(row["expected_cost_per_correct_usd"]), rel=1e-3), row["row"]


def lows(low: float, license_: str | None) -> list[tuple[date, float]]:
    """Record lows of a pass's price in the bin [low, low + 20) per cent."""
    found = sorted(
        (datetime.strptime(row["row"].split()[-1], "%m/%d/%Y").date(), float(row["published_benchmark_cost_usd"]))
        for row in table("golden_price_of_progress.csv")
        if low <= float(row["gpqa_pct"]) < low + 20 and license_ in (None, row["license"])
    )
    points: list[tuple[date, float]] = []
    for day, price in found:
        if not points or price < points[-1][1]:
            points.append((day, price))
    return points


@pytest.mark.parametrize(
    ("license_", "low", "published"),
    [
        ("Open", 20, 1.7),
        ("Open", 40, 7.2),
        ("Open", 60, 31.0),
        ("Open", 80, 9.9),
        (None, 20, 1.7),
        (None, 40, 16.9),
        (None, 60, 32.1),
        (None, 80, 8790.6),
    ],
)
def test_price_of_progress_rates(license_: str | None, low: int, published: float) -> None:
    assert round(rate_of_decline(lows(low, license_), at_least=3).value, 1) == published


def test_31_times_a_year_stands_on_three_points() -> None:
    points = lows(60, "Open")
    e = rate_of_decline(points, at_least=3, confidence_level=0.9)
    assert (len(points), round(e.low or 0, 1), round(e.high or 0, 1)) == (3, 1.0, 923.2)
    with pytest.raises(ValueError, match="3 points"):
        rate_of_decline(points)


def test_inferencex_rows() -> None:
    """Dollars per million tokens of a GPU-hour: CPM of Listing 1. Their points are interpolated apart: 7.5 %."""
    close = 0
    w: Workload[None] = Workload(
        serving=None, slo_p99_ms=1, verification_cost_per_sec=0, throughput_counts=Counts.DELIVERED
    )
    rows = table("golden_inferencex.csv")
    assert len(rows) == 17
    for row in rows:
        found = cpm(measured(1.0, float(row["tok_s_per_gpu"])), w, None, float(row["usd_per_gpu_h"]) / 3600)
        assert found == pytest.approx(float(row["published_usd_per_mtok"]), rel=0.075), row
        close += abs(found / float(row["published_usd_per_mtok"]) - 1) <= 0.02
    assert close >= 8


def test_hal_rows() -> None:
    for row in table("golden_hal_gaia.csv"):
        right = float(row["n_tasks"]) * float(row["accuracy_pct"]) / 100
        assert float(row["cost_usd"]) / right == pytest.approx(float(row["expected_usd_per_success"]), abs=1e-4)


def test_the_shipped_models_are_those_of_the_source() -> None:
    source = {row["model"]: row for row in table("frontier.csv")}
    for m in public_models():
        row = source[m.model]
        assert (str(m.released), m.input_usd, m.output_usd) == (
            row["release_date"],
            float(row["input_usd_per_mtok"]),
            float(row["output_usd_per_mtok"]),
        )
        assert m.price == pytest.approx(float(row["blended_3_1"]), abs=1e-4)
        assert m.cpm == pytest.approx(float(row["cpm_1_1"]), abs=1e-4)
        assert m.gpqa == (pytest.approx(float(row["gpqa_diamond_pct"]) / 100) if row["gpqa_diamond_pct"] else None)
        if row["usd_per_gpqa_pass"]:
            assert m.usd_per_pass == pytest.approx(float(row["usd_per_gpqa_pass"]), rel=1e-3)
            assert m.answers_per_usd == pytest.approx(1 / float(row["usd_per_correct_answer"]), rel=2e-3)
