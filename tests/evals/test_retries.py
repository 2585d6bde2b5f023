"""The retry policy in the loop: a rejected answer is asked again, and every attempt is kept."""

import json
from pathlib import Path

import pytest
from vcpd.evals.cli import run_cli
from vcpd.evals.pack_init import init_pack
from vcpd.scoring.record_files import read_records
from vcpd.scoring.records import Outcome, PolicyVerdict, Record

GOOD = "The example workshop opens at nine in the morning on working days [1].\nConfidence: 90%"
BAD = "The example workshop opens at ten in the morning on working days [1].\nConfidence: 95%"


def run(folder: Path, first: str, second: str, *, retries: int = 1) -> list[Record]:
    pack = init_pack("mine", folder / "mine")
    text = (pack / "pack.toml").read_text()
    (pack / "pack.toml").write_text(text.replace("max_retries = 1", f"max_retries = {retries}"))
    question = "When does the workshop open on working days?"
    usage = {"input_tokens": 100, "output_tokens": 20}
    rows = [
        {"sample_id": "x", "model": "acme", "domain": "mine", "question": question, "answer": answer, "epoch": i}
        | {"usage": usage, "latency_s": 0.5}
        for i, answer in enumerate((first, second), 1)
    ]
    (folder / "answers.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "run.toml").write_text(
        f'domains = ["mine"]\nlimit = 1\n[[models]]\nname = "local/recorded"\n'
        f'args = {{ file = "{folder / "answers.jsonl"}" }}\n'
    )
    assert run_cli(["run", str(folder / "run.toml"), "--out", str(folder / "run"), "--quiet"]) == 0
    return read_records(folder / "run")


def estimates(folder: Path) -> dict[str, float | None]:
    rows = json.loads((folder / "run" / "estimates.json").read_text())["estimates"]
    return {row["measure"]: row["value"] for row in rows}


def test_a_rejected_answer_is_asked_again(tmp_path: Path) -> None:
    first, second = run(tmp_path, BAD, GOOD)
    assert [(r.attempt, r.outcome, r.policy_verdict) for r in (first, second)] == [
        (1, Outcome.INCORRECT, PolicyVerdict.REJECT),
        (2, Outcome.CORRECT, PolicyVerdict.ACCEPT),
    ]
    assert (first.confidence, second.confidence) == (0.95, 0.9)
    found = estimates(tmp_path)
    assert found["p"] == 1  # p is of the first attempt
    assert found["p_escaped"] == 0  # nothing wrong got out
    assert (found["q"], found["verified_answer_rate"]) == (1, 1)
    stages = [{u.stage for u in r.usage} for r in (first, second)]
    assert "retrieve" in stages[0]
    assert "retrieve" not in stages[1]
    assert {"generate", "verify:lexical"} <= stages[0] & stages[1]


def test_attempts_end_with_the_policy(tmp_path: Path) -> None:
    records = run(tmp_path, BAD, BAD)
    assert [r.policy_verdict for r in records] == [PolicyVerdict.REJECT] * 2
    assert estimates(tmp_path)["q"] == 1  # escalated: the reviewer's answer is right
    assert estimates(tmp_path)["h_usd"] == pytest.approx(114 * 40 / 3600, rel=0.01)


def test_no_retries_where_the_policy_wants_none(tmp_path: Path) -> None:
    assert len(run(tmp_path, BAD, GOOD, retries=0)) == 1


def test_an_accepted_answer_is_not_asked_again(tmp_path: Path) -> None:
    [record] = run(tmp_path, GOOD, BAD)
    assert record.policy_verdict is PolicyVerdict.ACCEPT
    assert (record.output_tokens, record.latency_s) == (20, 0.5)
