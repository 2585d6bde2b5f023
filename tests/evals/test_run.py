"""`vcpd run` through Inspect and litellm on the local models: whole, interrupted, resumed."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from vcpd.scoring.record_files import read_records

NETWORK_OFF = {"http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9", "HF_HUB_OFFLINE": "1"}


def vcpd(*arguments: str, cwd: Path, **options: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "vcpd", *arguments]
    return subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, env={**os.environ, **NETWORK_OFF}, timeout=300, **options
    )


def numbers(run: Path) -> list[tuple[object, ...]]:
    return sorted(
        (r.model, r.domain, r.sample_id, r.epoch, r.attempt, r.outcome, r.output_tokens) for r in read_records(run)
    )


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    folder = tmp_path_factory.mktemp("small")
    return folder, vcpd("run", "--limit", "6", "--out", "whole", "--json", cwd=folder)


def test_a_run_prints_every_number_inside_its_interval(small: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    _, done = small
    assert done.returncode == 0, done.stderr
    estimates = json.loads(done.stdout)["estimates"]
    cells = {(e["model"], e["domain"]) for e in estimates}
    models = ("local/extractive", "local/extractive-bold")
    assert cells == {(m, d) for m in models for d in ("legal", "medical", "general", "all")}
    for e in estimates:
        assert e["value"] is not None or e["note"]
        assert e["low"] is None or e["low"] <= e["value"] <= e["high"]


def test_the_run_folder_holds_what_a_reader_may_doubt(small: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    import pyarrow.parquet as pq

    run = small[0] / "whole"
    manifest = json.loads((run / "manifest.json").read_text())
    assert set(manifest["identity"]["packs"]) == {"legal", "medical", "general"}
    assert manifest["versions"]["inspect-ai"]
    answers = pq.read_table(run / "answers.parquet").to_pylist()
    sources = {(s["domain"], s["doc_id"]): s["text"] for s in pq.read_table(run / "sources.parquet").to_pylist()}
    assert len(answers) == len(read_records(run)) == 36
    for a in answers:
        for hit in a["hits"]:
            assert hit["end"] <= len(sources[a["domain"], hit["doc_id"]])
    texts = {(a["model"], a["domain"], a["sample_id"]): a["text"] for a in answers}
    for verdict in pq.read_table(run / "verdicts.parquet").to_pylist():
        text = texts[verdict["model"], verdict["domain"], verdict["sample_id"]]
        assert text[verdict["start"] : verdict["end"]].strip()
    assert list((run / "logs").glob("*.eval"))


def test_a_finished_run_is_not_overwritten(small: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    done = vcpd("run", "--limit", "6", "--out", "whole", cwd=small[0])
    assert done.returncode == 64
    assert "--resume" in done.stderr


def test_killed_and_resumed_gives_the_same_records(small: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    folder, _ = small
    command = [sys.executable, "-m", "vcpd", "run", "--limit", "6", "--out", "cut", "--resume"]
    process = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    journal = folder / "cut" / "journal.jsonl"
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        if journal.exists() and journal.read_bytes().count(b"\n") >= 8:
            break
        time.sleep(0.02)
    assert process.poll() is None, "the run ended before it could be killed"
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    done = vcpd("run", "--limit", "6", "--out", "cut", "--resume", cwd=folder)
    assert done.returncode == 0, done.stderr
    kept = int(done.stderr.split("kept ")[1].split(" finished")[0])
    assert 8 <= kept < 36
    assert numbers(folder / "cut") == numbers(folder / "whole")


def test_interrupted_says_how_to_go_on(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "vcpd", "run", "--limit", "6", "--out", "out"]
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    journal = tmp_path / "out" / "journal.jsonl"
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and not (journal.exists() and journal.read_bytes().count(b"\n") >= 4):
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "--resume" in said
    assert journal.read_bytes().count(b"\n") >= 4


def test_other_inputs_are_not_mixed_in(small: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    done = vcpd("run", "--limit", "5", "--out", "whole", "--resume", cwd=small[0])
    assert done.returncode == 64
    assert "packs differ" in done.stderr


def test_an_unreachable_model_exits_69_and_keeps_what_is_finished(tmp_path: Path) -> None:
    config = tmp_path / "run.toml"
    config.write_text(
        'domains = ["general"]\nlimit = 2\n[[models]]\nname = "local/extractive"\n'
        '[[models]]\nname = "openai/nowhere"\nargs = { base_url = "http://127.0.0.1:9", api_key = "none" }\n'
        "config = { max_retries = 0, timeout = 5 }\n"
    )
    done = vcpd("run", "run.toml", "--out", "out", cwd=tmp_path)
    assert done.returncode == 69, done.stderr
    assert "openai/nowhere on general" in done.stderr
    assert (tmp_path / "out" / "journal.jsonl").read_bytes().count(b"\n") == 2
    assert "none" not in (tmp_path / "out" / "manifest.json").read_text().replace('"none"', "")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "--domain", "tax"], "no pack at 'tax'"),
        (["run", "nothing.toml"], "nothing.toml: cannot be read"),
        (["run", "--limit", "0"], "--limit"),
        (["run", "--resume"], "--resume needs --out"),
        (["run", "--model", "acme/unheard-of", "--require-cost"], "'acme/unheard-of'"),
        (["score"], "FILE"),
        (["fly"], "fly"),
    ],
)
def test_mistakes_exit_64_and_write_nothing(tmp_path: Path, arguments: list[str], message: str) -> None:
    done = vcpd(*arguments, cwd=tmp_path)
    assert done.returncode == 64
    assert message in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_inspects_own_command_line_runs_a_pack(tmp_path: Path) -> None:
    command = "inspect eval vcpd/medical --model litellm/local/extractive --limit 5 --display plain --log-dir logs"
    done = subprocess.run(
        [str(Path(sys.executable).with_name("inspect")), *command.split()[1:]],
        cwd=tmp_path, capture_output=True, text=True, env={**os.environ, **NETWORK_OFF}, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    from inspect_ai.log import read_eval_log

    [path] = (tmp_path / "logs").glob("*.eval")
    log = read_eval_log(str(path))
    assert (log.status, len(log.samples or [])) == ("success", 5)
    assert {"correct", "abstained", "p"} <= {score.name for score in log.results.scores} if log.results else False


def test_the_logs_of_a_run_score_to_the_outcomes_of_its_records(
    small: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    folder = small[0]
    done = vcpd("score", "whole/logs", "--out", "from-logs", "--quiet", cwd=folder)
    assert done.returncode == 0, done.stderr
    ours = {
        (r.model, r.domain, r.sample_id): (r.outcome, r.answerable, r.cluster_id)
        for r in read_records(folder / "whole")
    }
    theirs = {
        (r.model.removeprefix("litellm/"), r.domain, r.sample_id): (r.outcome, r.answerable, r.cluster_id)
        for r in read_records(folder / "from-logs")
    }
    assert theirs == ours
