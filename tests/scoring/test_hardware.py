"""Dollars per second from hours, GPUs, utilisation and power."""

from datetime import date
from pathlib import Path

import pytest
from vcpd.scoring.hardware import (
    HardwareCost,
    HardwareError,
    default_hardware,
    hardware_cost,
    hardware_row,
    listed_gpu,
    load_hardware,
    read_hardware_cost,
)


def test_hours_gpus_and_utilisation_by_hand() -> None:
    cost = HardwareCost("mine", 8, 3.6)
    assert cost.usd_per_s == pytest.approx(8 * 3.6 / 3600)
    assert HardwareCost("mine", 8, 3.6, utilisation=0.5).usd_per_s == pytest.approx(2 * cost.usd_per_s)
    assert cost.usd_per_mtok(1000) == pytest.approx(8.0)
    powered = HardwareCost("mine", 2, 1.0, kw=1.5, usd_per_kwh=0.2)
    assert powered.usd_per_s == pytest.approx(2 * 1.3 / 3600)
    assert powered.tokens_per_joule(6000) == pytest.approx(2.0)


def test_every_row_is_dated_sourced_and_priced_on_three_bases() -> None:
    table = default_hardware()
    assert {"h100", "b200", "gb300", "mi355x"} <= set(table)
    for gpu in table.values():
        assert gpu.valid_from >= date(2026, 1, 1)
        assert "InferenceX" in gpu.source
        assert set(gpu.usd_per_hour) == {"hyperscaler_tco", "neocloud_tco", "rental"}
        assert gpu.kw is not None
    assert table["h100"].usd_per_hour["rental"] == 1.30


def test_a_published_price_per_token_comes_out() -> None:
    """InferenceX: dollars per GPU-hour over tokens per second; GB300 at 2.652 $/h and 6,004 tokens/s is 0.1227 $/M."""
    gb300 = hardware_cost(default_hardware()["gb300"], 1, basis="hyperscaler_tco")
    assert gb300.usd_per_mtok(6004) == pytest.approx(0.1227, abs=1e-4)


def test_a_cost_is_kept_and_read_again() -> None:
    cost = hardware_cost(default_hardware()["h200"], 4, utilisation=0.6, usd_per_kwh=0.1)
    assert read_hardware_cost("here", hardware_row(cost)) == cost


@pytest.mark.parametrize(
    ("fields", "said"),
    [({"gpus": 0}, "gpus"), ({"utilisation": 0}, "utilisation"), ({"usd_per_kwh": 0.1}, "--kw")],
)
def test_numbers_out_of_range_are_refused(fields: dict[str, float], said: str) -> None:
    with pytest.raises(HardwareError, match=said):
        HardwareCost(**{"gpu": "x", "gpus": 1, "usd_per_gpu_hour": 1.0, **fields})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no \\[gpus.NAME\\]"),
        ("[gpus.a]\nkw = 1\nvalid_from = 2026-01-01\nsource = 'x'\n", "usd_per_hour"),
        ("[gpus.a]\nvalid_from = 2026-01-01\n[gpus.a.usd_per_hour]\nrental = 1\n", "source"),
        ("[gpus.a]\nvalid_from = 2026-01-01\nsource = 'x'\n[gpus.a.usd_per_hour]\nrental = 0\n", "above 0"),
        ("[gpus.a]\nvalid_from = '2026'\nsource = 'x'\n[gpus.a.usd_per_hour]\nrental = 1\n", "not a date"),
        ("[gpus.a]\nwatts = 3\n", "unknown field 'watts'"),
    ],
)
def test_a_table_that_cannot_be_trusted_is_refused(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "hardware.toml").write_text(text)
    with pytest.raises(HardwareError, match=said):
        load_hardware(tmp_path / "hardware.toml")


def test_an_unlisted_gpu_or_basis_has_no_price() -> None:
    with pytest.raises(HardwareError, match="usd-per-gpu-hour"):
        listed_gpu("tpu", default_hardware())
    with pytest.raises(HardwareError, match="rental"):
        hardware_cost(listed_gpu("H100", default_hardware()), 1, basis="spot")
