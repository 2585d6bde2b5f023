"""`vcpd prices`, `vcpd frontier`, `vcpd decompose` as a user meets them."""

import json
from pathlib import Path
from typing import Any

import pytest
from vcpd.evals.cli import run_cli
from vcpd.scoring.literature import literature

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
COMMANDS = ("prices", "frontier", "decompose")


def output(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert run_cli(list(arguments)) == 0
    return capsys.readouterr().out


def as_json(capsys: pytest.CaptureFixture[str], command: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(output(capsys, command, "--json"))
    return found


def stripped(text: str) -> list[str]:
    return [line.rstrip() for line in text.splitlines()]


@pytest.mark.parametrize("command", COMMANDS)
def test_tables_as_they_were(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    lines = stripped(output(capsys, command))
    assert lines == stripped((GOLDEN / f"{command}.txt").read_text(encoding="utf-8"))
    assert max(map(len, lines)) <= 100


@pytest.mark.parametrize("command", COMMANDS)
def test_each_disagreement_is_one_line(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    lines = stripped(output(capsys, command))
    findings = literature().about(command)
    assert findings
    assert all(f"  {f.section}: {f.text}." in lines for f in findings)
    assert len(as_json(capsys, command)["disagreements"]) == len(findings)


def test_cpm_of_table_1(capsys: pytest.CaptureFixture[str]) -> None:
    found = {row["model"].partition(" (")[0]: row["cpm"] for row in as_json(capsys, "prices")["prices"]}
    assert found == {
        "GPT-4 8K": 45.0,
        "GPT-4 32K": 90.0,
        "GPT-4o mini": 0.375,
        "GPT-4.1": 5.0,
        "GPT-5.4 nano": 0.725,
        "GPT-5.4 mini": 2.625,
        "GPT-5.4": 8.75,
        "GPT-5.5": 17.5,
    }


def test_rates_that_are_undefined_say_why(capsys: pytest.CaptureFixture[str]) -> None:
    rows = as_json(capsys, "frontier")["decline_of_measured"]
    defined = [row for row in rows if row["value"] is not None]
    assert [row["at_or_above"] for row in defined] == [0.3, 0.4, 0.5]
    for row in rows:
        assert (row["value"] is None) == (len(row["records"]) < 5)
        assert row["value"] is not None or "a rate of decline needs 5" in row["note"]
        assert row["value"] is None or row["low"] <= row["value"] <= row["high"]


def test_kinds_have_frontiers_of_their_own(capsys: pytest.CaptureFixture[str]) -> None:
    found = as_json(capsys, "frontier")
    kinds = {m["model"]: m["kind"] for m in found["models"]}
    assert {kinds[name] for name in found["frontier"]["measured"]} == {"measured"}
    assert {kinds[name] for name in found["frontier"]["vendor-reported"]} == {"vendor-reported"}


def test_section_2_4(capsys: pytest.CaptureFixture[str]) -> None:
    found = as_json(capsys, "decompose")
    note, checked = found["headlines"]
    assert (note["product"], round(note["left_over"], 1)) == (90, 3.1)
    assert (round(checked["product"]), round(checked["left_over"])) == (28, 10)
    assert note["warnings"]
    assert found["observed"]["ratio_of_prices"] == pytest.approx(285.714, abs=1e-3)


@pytest.mark.parametrize("command", ["prices", "frontier"])
def test_the_figure_is_written_where_it_is_asked_for(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "figure.svg"
    assert run_cli([command, "--out", str(file), "--json"]) == 0
    caught = capsys.readouterr()
    assert file.read_text().startswith("<svg")
    assert f"written to {file}" in caught.err
    json.loads(caught.out)  # the remark does not spoil what is piped


@pytest.mark.parametrize("name", ["figure.jpg", "missing/figure.svg"])
def test_a_figure_that_cannot_be_written_is_a_sentence(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_cli(["prices", "--out", str(tmp_path / name)]) == 64
    caught = capsys.readouterr()
    assert "--out" in caught.err
    assert "Traceback" not in caught.err
    assert caught.out == ""


def test_the_findings_on_90_and_more_follow_from_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    models = [m for m in as_json(capsys, "frontier")["models"] if m["gpqa"] is not None]
    [flagship] = [m for m in models if m["model"].startswith("GPT-5.5")]
    good = [m for m in models if m["gpqa"] >= 0.9]
    lowest = min(m["blend_3_1"] for m in good if m["kind"] == "measured")
    measured = [m["model"] for m in good if m["kind"] == "measured" and m["blend_3_1"] == lowest]
    any_kind = min(good, key=lambda m: m["blend_3_1"])
    assert [name.partition(" Pro")[0] for name in measured] == ["Gemini 3", "Gemini 3.1"]
    assert flagship["blend_3_1"] / lowest == pytest.approx(2.5)
    assert round(flagship["blend_3_1"] / any_kind["blend_3_1"], 1) == 5.2
