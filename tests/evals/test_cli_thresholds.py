"""`vcpd thresholds`: as a user meets it."""

import json
from pathlib import Path
from typing import Any

import pytest
from vcpd.evals.cli import run_cli

TEXT = "The bridge was opened in 1937. It is 2,737 metres long."


def run_of(tmp_path: Path, wrong_when_unsure: int) -> Path:
    rows = []
    for i in range(240):
        sure = i % 2 == 0
        wrong = not sure and i % wrong_when_unsure == 1
        answer = f"It was opened in {1973 if wrong else 1937} [1].\nConfidence: {95 if sure else 50}%"
        rows.append(
            {"sample_id": f"s{i}", "model": "m", "domain": "bridges", "question": "When?", "answer": answer,
             "target": "1937", "sources": [{"doc_id": "guide", "text": TEXT}]}
        )  # fmt: skip
    file = tmp_path / "answers.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert run_cli(["score", str(file), "--out", str(tmp_path / "run"), "--quiet"]) == 0
    return tmp_path / "run"


def found(run: Path, capsys: pytest.CaptureFixture[str], *options: str) -> dict[str, Any]:
    capsys.readouterr()
    assert run_cli(["thresholds", str(run), "--json", *options]) == 0
    row: dict[str, Any] = json.loads(capsys.readouterr().out)["thresholds"][0]
    return row


def test_sure_answers_go_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = run_of(tmp_path, 4)
    row = found(run, capsys)
    assert row["threshold"]["threshold"] == 0.95
    assert (row["threshold"]["accepted"], row["threshold"]["errors"], row["threshold"]["n"]) == (120, 0, 240)
    by_support = found(run, capsys, "--by", "support")  # the verifier sees the wrong year
    assert by_support["threshold"]["errors"] == 0
    assert by_support["threshold"]["accepted"] == 180
    assert run_cli(["thresholds", str(run)]) == 0
    said = capsys.readouterr().out
    assert "0.950" in said
    assert "P(wrong | accepted) <= 0.05 with probability 0.9" in said


def test_where_nothing_can_be_promised(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    row = found(run_of(tmp_path, 4), capsys, "--alpha", "0.01")
    assert row["threshold"] is None
    assert "label" in row["note"]


def test_bad_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_cli(["thresholds", str(tmp_path)]) == 64
    assert "no finished run folder" in capsys.readouterr().err
    assert run_cli(["thresholds", str(tmp_path), "--alpha", "1"]) == 64
