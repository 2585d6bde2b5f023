"""`vcpd plan`: prompts counted, prices applied, samples judged; no model is called."""

import json
from pathlib import Path
from typing import Any

import pytest
from vcpd.evals.cli import run_cli
from vcpd.scoring.power import items_for_half_width, paired_items, smallest_margin

PRICES = '[models."m"]\ninput = 2.0\noutput = 10.0\n'


@pytest.fixture
def prices(tmp_path: Path) -> str:
    path = tmp_path / "prices.toml"
    path.write_text(PRICES)
    return str(path)


def planned(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, list[dict[str, Any]]]:
    assert run_cli(["plan", *arguments, "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["plan"]
    return {kind: [r for r in rows if r["kind"] == kind] for kind in ("spend", "sight", "gate")}


def test_dollars_are_prompts_times_prices(prices: str, capsys: pytest.CaptureFixture[str]) -> None:
    found = planned(capsys, "--model", "m", "--domain", "legal", "--limit", "10", "--epochs", "3", "--prices", prices)
    [spend] = found["spend"]
    assert (spend["requests"], spend["attempts"]) == (30, 2)
    each = (round(spend["input_tokens"]) * 2.0 + 300 * 10.0) / 1e6
    assert spend["usd_low"] == pytest.approx(30 * each)
    assert spend["usd_high"] == pytest.approx(60 * each)
    assert 500 < spend["input_tokens"] < 3000
    assert spend["hours_low"] == pytest.approx(30 * 5 / 20 / 3600)


def test_a_deterministic_model_is_not_retried_and_an_unknown_price_is_not_0(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = planned(capsys, "--model", "local/extractive", "--model", "acme/none", "--domain", "general")
    local, unknown = found["spend"]
    assert local["attempts"] == 1
    assert local["usd_low"] == local["usd_high"] > 0
    assert unknown["usd_low"] is None
    assert "acme/none" in unknown["why"]


def test_what_the_samples_show(capsys: pytest.CaptureFixture[str]) -> None:
    wanted = ("--p", "0.1", "--half-width", "0.04", "--margin", "0.02", "--icc", "0", "--discordance", "0.1")
    [sight] = planned(capsys, "--domain", "medical", *wanted)["sight"]
    assert sight["deff"] == 1
    assert sight["items_for_half_width"] == items_for_half_width(0.1, 0.04)
    assert sight["items_for_margin"] == paired_items(0.02, 0.1)
    assert sight["smallest_margin"] == pytest.approx(smallest_margin(sight["samples"], 0.1))
    assert (sight["p_max"], sight["items_for_launch"]) == (0.01, 299)
    assert sight["labels"] < sight["judged"]
    assert sight["labels_usd"] > 0


def test_what_a_gate_on_the_samples_will_tell(capsys: pytest.CaptureFixture[str]) -> None:
    wanted = ("--domain", "medical", "--margin", "0.05", "--icc", "0", "--discordance", "0.06")
    [gate] = planned(capsys, *wanted)["gate"]
    assert gate["items_for_power"] == paired_items(0.05, 0.06) == 149
    assert gate["passes_unchanged"] > 0.8  # 171 samples
    assert gate["fails_double"] > 0.9
    assert run_cli(["plan", *wanted, "--limit", "50"]) == 0
    assert "medical is too small for a gate at 0.05: it has 50 of 149 items." in capsys.readouterr().out


def test_a_pilot_goes_before_the_assumptions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    rows = [
        {"sample_id": f"s{i}", "model": "m", "domain": "d", "question": "q", "answer": "In 1937.",
         "target": "1937" if i % 2 else "1936", "usage": {"input_tokens": 5, "output_tokens": 40}, "latency_s": 2.0}
        for i in range(20)
    ]  # fmt: skip
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, rows)))
    assert run_cli(["score", "a.jsonl", "--out", "pilot", "--quiet"]) == 0
    capsys.readouterr()
    assert run_cli(["plan", "--domain", "general", "--pilot", "pilot", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)["assumed"]
    assert said.startswith("p 0.5,")
    assert "40 output tokens and 2 s an attempt" in said


def test_the_table_fits_and_says_what_it_assumes(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_cli(["plan", "--limit", "5", "--model", "openai/gpt-4.1", "--model", "local/extractive"]) == 0
    out = capsys.readouterr().out
    assert all(len(line.rstrip()) <= 100 for line in out.splitlines())
    for text in ("What the run will take", "together", "What it will be able to show", "Assumed: p 0.2"):
        assert text in out


@pytest.mark.parametrize("wrong", [["--p", "1.5"], ["--half-width", "0.6"], ["--domain", "nowhere"], ["--pilot", "no"]])
def test_what_cannot_be_is_refused(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run_cli(["plan", *wrong]) == 64
    assert capsys.readouterr().err
