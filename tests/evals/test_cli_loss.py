"""`vcpd loss`: the curve on a run whose verifier stops every error."""

import json
from pathlib import Path
from typing import Any

import pytest
from vcpd.evals.cli import run_cli

TEXT = "The bridge was opened in 1937. It is 2,737 metres long."


def scored(tmp_path: Path, model: str) -> Path:
    """100 answers, 20 wrong, all 20 rejected by the verifier, and 80 right ones of which it rejects none."""
    rows = []
    for i in range(100):
        answer = f"It was opened in {1973 if i % 5 == 0 else 1937} [1]."
        usage = {"input_tokens": 1000, "output_tokens": 20}
        rows.append({"sample_id": f"s{i}", "model": model, "domain": "bridges", "question": "When?",
                     "answer": answer, "target": "1937", "usage": usage,
                     "sources": [{"doc_id": "guide", "text": TEXT}]})  # fmt: skip
    file = tmp_path / "answers.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert run_cli(["score", str(file), "--out", str(tmp_path / "run"), "--quiet"]) == 0
    return tmp_path / "run"


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return scored(tmp_path, "gpt-4.1")


def curve(run: Path, capsys: pytest.CaptureFixture[str], *options: str) -> dict[str, Any]:
    capsys.readouterr()
    assert run_cli(["loss", str(run), "--json", *options]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)["curves"][0]
    return found


def test_by_hand(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No retries and no people: with the verifier Q = 1 and nothing escapes, without it .2 an answer does."""
    found = curve(run, capsys, "--at", "0", "--at", "1")
    nothing, dollar = found["points"]
    generation = (1000 * 2 + 20 * 8) / 1e6
    tokens = nothing["unverified"]["value"] * generation / 0.8  # delivered a request, of right answers
    assert nothing["verified"]["value"] == pytest.approx(
        0.8 * tokens / generation, rel=0.01
    )  # the check is nearly free
    assert dollar["unverified"]["value"] == pytest.approx(0.8 * tokens / (generation + 0.2), rel=1e-9)
    assert dollar["verified"]["value"] == pytest.approx(nothing["verified"]["value"], rel=1e-9)
    assert 0 < found["break_even"]["value"] < 1e-3  # dollars of checking over errors stopped


def test_the_curves_cross_at_the_break_even(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    star = curve(run, capsys)["break_even"]["value"]
    [at] = curve(run, capsys, "--at", repr(star))["points"]
    assert at["verified"]["value"] == pytest.approx(at["unverified"]["value"], rel=1e-6)
    assert run_cli(["loss", str(run)]) == 0
    said = capsys.readouterr().out
    assert "Break-even L*" in said
    assert "does not pay" in said


def test_without_a_price_there_is_no_curve_and_the_model_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = curve(scored(tmp_path, "acme/unheard-of"), capsys)
    assert found["points"] == []
    assert "'acme/unheard-of'" in found["why"]
    assert run_cli(["loss", str(tmp_path)]) == 64
    assert "no finished run folder" in capsys.readouterr().err
