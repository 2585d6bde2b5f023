"""`vcpd throughput`, and what its files do in `score`, `frontier` and `decompose`: as a user meets them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from vcpd.evals.cli import run_cli
from vcpd.evals.loopback import ServiceLaw, loopback
from vcpd.scoring.throughput import read_throughput

LAW = ServiceLaw(ttft_s=0.1, itl_s=0.05, tokens=19)  # one second a request
FILES = Path(__file__).resolve().parents[1] / "cases" / "throughput"
Run = Callable[..., str]
MODELS = {"acme-fp16": 2, "acme-awq": 4, "openai/gpt-4.1": 2}  # wrong answers of 40


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*arguments: str | Path, code: int = 0) -> str:
        capsys.readouterr()
        assert run_cli([str(a) for a in arguments]) == code, capsys.readouterr().err
        said = capsys.readouterr()
        return said.out if code == 0 else said.err

    return call


def answers(model: str, wrong: int, tokens: int = 20) -> str:
    rows = []
    for i in range(40):
        year = 1900 + i
        rows.append(
            {
                "sample_id": f"q{i}", "model": model, "domain": "history", "question": f"When was act {i} passed?",
                "answer": f"In {year + (i < wrong)} [1].", "target": str(year), "latency_s": 1.0,
                "sources": [{"doc_id": "guide", "text": f"Act {i} was passed in {year + (i < wrong)}."}],
                "usage": {"input_tokens": 500, "output_tokens": tokens},
            }
        )  # fmt: skip
    return "".join(json.dumps(row) + "\n" for row in rows)


def imported(run: Run, out: Path, model: str, *options: str) -> Path:
    slo = ("--slo-ttft-ms", "500", "--slo-e2e-ms", "2000")
    run("throughput", model, "--from", FILES / "vllm-0.33.0.json", *slo, *options, "--out", out)
    return out


@pytest.fixture
def scored(tmp_path: Path, run: Run) -> Path:
    (tmp_path / "answers.jsonl").write_text("".join(answers(m, wrong) for m, wrong in MODELS.items()))
    run("score", tmp_path / "answers.jsonl", "--out", tmp_path / "scored", "--quiet")
    return tmp_path / "scored"


def test_a_pack_is_measured_with_its_own_prompts_and_kept(tmp_path: Path, run: Run) -> None:
    with loopback(LAW) as server:
        out = run(
            "throughput", "loopback", "--base-url", server.base_url, "--streams", "6", "--duration", "6",
            "--prompts", "general", "--max-tokens", "19", "--slo-e2e-ms", "1500", "--no-self-test", "--gpu", "h100",
            "--gpus", "2", "--out", tmp_path / "t.json", "--quiet",
        )  # fmt: skip
    assert "output tokens/s" in out
    assert "2 x h100 at $1.3/h (rental, 2026-04-03)" in out
    data = json.loads((tmp_path / "t.json").read_text())
    found = read_throughput("t.json", data)
    assert found.tokens_per_s.value == pytest.approx(6 * 19, rel=0.06)
    assert found.slo_kept is True
    assert found.condition.batch == "6 streams"
    assert found.workload.prompts == 90
    assert found.workload.input_tokens is not None
    assert found.workload.input_tokens > 100
    assert found.usd_per_mtok == pytest.approx(2 * 1.3 / 3600 / found.raw_tokens_per_s * 1e6)
    assert data["details"]["client"]["ceiling"] is None
    assert any("was not measured" in text for text in found.warnings)


def test_verification_and_retries_are_inside_the_latency(tmp_path: Path, run: Run) -> None:
    """The loopback server's words cite nothing: the policy rejects them, asks again, and delivers no token."""
    with loopback(LAW) as server:
        common = ("--base-url", server.base_url, "--streams", "2", "--duration", "3", "--no-self-test", "--quiet")
        said = run("throughput", "x", *common, "--prompts", "general", "--max-tokens", "4", "--with-policy", code=69)
        assert "T is undefined" in said
        asked = len(server.log())
    assert asked >= 8


def test_the_requests_of_a_run_are_asked_again(tmp_path: Path, run: Run, scored: Path) -> None:
    with loopback(LAW) as server:
        run(
            "throughput", "acme-awq", "--base-url", server.base_url, "--streams", "6", "--duration", "5",
            "--prompts", scored, "--no-self-test", "--out", tmp_path / "t.json", "--quiet",
        )  # fmt: skip
        made = {entry["tokens"] for entry in server.log()}
    found = read_throughput("t.json", json.loads((tmp_path / "t.json").read_text()))
    assert made == {20}  # as long as the run's answers
    assert found.model == "acme-awq"
    assert found.workload.prompts == 40
    said = run("throughput", "x", "--base-url", "http://127.0.0.1:9/v1", "--prompts", scored, code=64)
    assert "--run-model" in said


def test_t_and_c_of_recorded_answers_come_from_a_throughput_file(tmp_path: Path, run: Run) -> None:
    (tmp_path / "one.jsonl").write_text(answers("acme-fp16", 2))
    file = imported(run, tmp_path / "t.json", "acme-fp16", "--usd-per-gpu-hour", "3.6")
    arguments = ("score", tmp_path / "one.jsonl", "--throughput", file, "--json", "--out", tmp_path / "s")
    rows = {r["measure"]: r for r in json.loads(run(*arguments))["estimates"]}
    raw = 2560 / 7.754938277001202
    assert rows["t_tokens_per_s"]["value"] == pytest.approx(raw)  # every answer of 20 tokens is delivered
    assert rows["c_g_usd"]["value"] == pytest.approx(0.001 * 20 / raw)
    assert rows["c_usd_per_s"]["value"] == pytest.approx(0.001, rel=1e-3)
    assert rows["vcpd"]["value"] == pytest.approx(rows["q_tokens"]["value"] * raw / 0.001, rel=1e-3)
    assert "at the SLO p99 TTFT <= 500 ms" in rows["t_tokens_per_s"]["note"]


def test_which_variant_at_my_quality_bar_under_my_slo(tmp_path: Path, run: Run, scored: Path) -> None:
    fast = imported(run, tmp_path / "awq.json", "acme-awq", "--usd-per-gpu-hour", "1.8")
    slow = imported(run, tmp_path / "fp16.json", "acme-fp16", "--usd-per-gpu-hour", "7.2")
    files = ("--throughput", fast, "--throughput", slow)
    figure = tmp_path / "f.svg"
    low = json.loads(run("frontier", scored, *files, "--quality", "0.5", "--json", "--out", figure))["domains"][0]
    assert low["asked"]["model"] == "acme-awq"
    assert figure.read_text().startswith("<svg")
    models = {m["model"]: m for m in low["models"]}
    ratio = models["acme-fp16"]["kappa_usd"]["value"] / models["acme-awq"]["kappa_usd"]["value"]
    assert ratio == pytest.approx(4, rel=1e-2)  # dollars of serving alone differ
    assert models["openai/gpt-4.1"]["latency_note"] == "its throughput was not measured"
    assert any("does not say under which serving condition" in text for text in low["remarks"])
    high = json.loads(run("frontier", scored, *files, "--quality", "0.93", "--json"))["domains"][0]
    assert high["asked"]["model"] == "acme-fp16"
    table = run("frontier", scored, *files, "--quality", "0.5")
    assert "Serving: T at the SLO" in table
    assert "at a throughput that keeps its SLO" in table
    assert "by token" not in table.split("Serving")[1].split("acme-awq")[0]
    pair = run("decompose", "--pair", f"eta_q={slow},{fast}", "--json")
    assert json.loads(pair)["pairs"][0]["eta"]["value"] == pytest.approx(4)


def test_a_throughput_of_no_model_here_is_refused(tmp_path: Path, run: Run, scored: Path) -> None:
    other = imported(run, tmp_path / "t.json", "somebody-else")
    assert "none of the models here" in run("frontier", scored, "--throughput", other, code=64)
    twice = imported(run, tmp_path / "u.json", "acme-awq")
    assert "a second throughput" in run("frontier", scored, "--throughput", twice, "--throughput", twice, code=64)
    (tmp_path / "v.json").write_text(json.dumps(json.loads(twice.read_text()) | {"schema": 9}))
    assert "schema 9" in run("frontier", scored, "--throughput", tmp_path / "v.json", code=64)


def test_what_cannot_be_measured_is_said(run: Run) -> None:
    assert "name the MODEL" in run("throughput", code=64)
    assert "--base-url" in run("throughput", "openai/gpt-4.1", code=64)
    both = ("--base-url", "http://127.0.0.1:9/v1", "--streams", "1", "--rate", "2")
    assert "exclude each other" in run("throughput", "x", *both, code=64)
    assert "answers no request" in run(
        "throughput", "x", "--base-url", "http://127.0.0.1:9/v1", "--prompts", "general", "--no-self-test", code=69
    )


def test_the_condition_of_a_run_is_kept_and_compared(tmp_path: Path, run: Run) -> None:
    out = tmp_path / "filled"
    model = ("--model", "local/extractive", "--domain", "general", "--limit", "4")
    file = imported(run, tmp_path / "t.json", "local/extractive")
    run("run", *model, "--context", "4k", "--throughput", file, "--out", out, "--quiet")
    manifest: dict[str, Any] = json.loads((out / "manifest.json").read_text())
    serving = manifest["serving"]
    assert (serving["context"], serving["verification"]) == ("4k", "lexical, 1 retries")
    assert manifest["identity"]["context"] == "4k"
    found = json.loads(run("frontier", out, "--throughput", file, "--json"))["domains"][0]
    remark, exact = found["remarks"]
    assert "counts as exact" in exact
    assert "context (Q with 4k, T with as retrieved)" in remark
    assert "verification (Q with lexical, 1 retries, T with none)" in remark
    assert "4k" in run("run", *model, "--context", "4000", code=64)
