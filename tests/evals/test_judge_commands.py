"""Models as judge and grader through the command line: `vcpd score` over HTTP, `vcpd run` through Inspect."""

import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from vcpd.evals.cli import run_cli
from vcpd.evals.models import ModelCallError
from vcpd.evals.pack_init import init_pack
from vcpd.scoring.record_files import read_records
from vcpd.scoring.records import Outcome, OutcomeBy, PolicyVerdict
from vcpd.scoring.usage import Usage

# --- vcpd score over HTTP ------------------------------------------------------------------------------------------

SOURCE = "The bridge was opened in 1937. It is 2,737 metres long and carries six lanes of traffic."


class _Handler(BaseHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["content-length"])))
        prompt = request["messages"][0]["content"]
        self.server.asked.append(request["model"])  # type: ignore[attr-defined]
        content = graded(prompt) if "You grade" in prompt else judged(prompt)
        choice = {"index": 0, "message": {"role": "assistant", "content": content}, "finish_reason": "stop"}
        body = json.dumps(
            {"id": "1", "object": "chat.completion", "created": 1, "model": "served", "choices": [choice]}
            | {"usage": {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}}
        ).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def graded(prompt: str) -> str:
    """A grader that knows that the thirties are when it was, and that a riddle has no grade."""
    [answer] = re.findall(r"answer to grade>\n(.*)\n", prompt)
    if "riddle" in answer:
        return "I'm sorry, but I can't help with that."
    return json.dumps({"reason": "by its decade", "grade": "correct" if "thirties" in answer else "incorrect"})


def judged(prompt: str) -> str:
    numbers = re.findall(r" claim (\d+)>\n(.*)\n", prompt)
    label = {True: ("supported", ["was opened in 1937"]), False: ("not_enough_info", [])}
    entries = [
        dict(zip(("label", "quotes"), label["thirties" in t], strict=True)) | {"claim": int(n)} for n, t in numbers
    ]
    return json.dumps({"claims": entries})


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.asked = []  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("OPENAI_API_BASE", f"http://127.0.0.1:{server.server_port}/v1")
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    yield server.asked  # type: ignore[attr-defined]
    server.shutdown()
    server.server_close()


def answers(tmp_path: Path) -> str:
    texts = {
        "a": "It was opened in the thirties [1].",  # right, but not in the words of the target
        "b": "It was opened in 1937 or 1973, a riddle [1].",
        "c": "I don't know.",
        "d": "It was opened in 1973 [1].",
    }
    rows = [
        {"sample_id": i, "model": "acme", "domain": "bridges", "question": "When was it opened?", "answer": text}
        | {"sources": [{"doc_id": "guide", "text": SOURCE}], "target": "1937"}
        | {"usage": {"input_tokens": 50, "output_tokens": 10}}
        | ({"human": {"outcome": "correct"}} if i == "d" else {})
        for i, text in texts.items()
    ]
    path = tmp_path / "answers.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(path)


def prices(tmp_path: Path) -> str:
    path = tmp_path / "prices.toml"
    path.write_text('[models."acme"]\ninput = 1\noutput = 1\n[models."openai/judge"]\ninput = 1000\noutput = 0\n')
    return str(path)


def score(tmp_path: Path, name: str, *options: str) -> Path:
    out = tmp_path / name
    arguments = ["score", answers(tmp_path), "--out", str(out), "--quiet", "--prices", prices(tmp_path), *options]
    assert run_cli(arguments) == 0
    return out


def estimates(run: Path) -> dict[str, dict[str, Any]]:
    return {e["measure"]: e for e in json.loads((run / "estimates.json").read_text())["estimates"]}


def test_a_model_grades_what_rules_cannot(tmp_path: Path, asked: list[str]) -> None:
    import pyarrow.parquet as pq

    plain, run = score(tmp_path, "plain"), score(tmp_path, "graded", "--grader", "openai/grader")
    records = {r.sample_id: r for r in read_records(run)}
    assert {i: (r.outcome, r.outcome_by) for i, r in records.items()} == {
        "a": (Outcome.CORRECT, OutcomeBy.GRADER),
        "b": (Outcome.UNSCORED, None),  # the grader refused: never abstained, never the rules' opinion
        "c": (Outcome.ABSTAINED, None),
        "d": (Outcome.CORRECT, OutcomeBy.HUMAN),
    }
    assert asked == ["grader"] * 9  # a, b and d in three calls; nobody is asked of an abstention
    assert records["d"].graded is Outcome.INCORRECT  # the person's label stands, and corrects the grader
    usage = {i: [u for u in r.usage if u.stage == "grade:openai/grader"] for i, r in records.items()}
    assert [(u.input_tokens, u.requests) for u in usage["a"]] == [(300, 3)]
    assert usage["c"] == []
    rows = {a["sample_id"]: a for a in pq.read_table(run / "answers.parquet").to_pylist()}
    assert (rows["a"]["grade_agreement"], rows["a"]["grade_reason"]) == (1.0, "by its decade")
    assert "3 unusable" in rows["b"]["grade_reason"]
    assert rows["c"]["grade_reason"] is None
    ours, theirs = estimates(run), estimates(plain)
    assert ours["unscored"]["value"] == 0.25
    assert "people's labels correct the automatic evaluator" in ours["p"]["note"]
    assert ours["p"]["value"] == 0.25  # half were flagged, wrongly; of the rest nobody looked at any
    assert theirs["p"]["value"] != ours["p"]["value"]
    # the grader has no price, and needs none: what the product costs is the same (but for the seconds of the rules)
    assert ours["c_g_usd"]["value"] == pytest.approx(theirs["c_g_usd"]["value"]) == pytest.approx(60e-6)
    assert ours["kappa_usd"]["value"] == pytest.approx(60e-6, rel=0.2)
    manifest = json.loads((run / "manifest.json").read_text())
    assert manifest["identity"]["grader"]["name"] == "openai/grader"
    assert re.fullmatch(r"1-[0-9a-f]{12}-n3-s0", manifest["identity"]["grader"]["version"])
    assert manifest["warnings"] == []


def test_a_model_judges_in_the_loop_and_is_paid_for(tmp_path: Path, asked: list[str]) -> None:
    import pyarrow.parquet as pq

    run = score(tmp_path, "judged", "--judge", "openai/judge", "--judge-samples", "1")
    records = {r.sample_id: r for r in read_records(run)}
    assert records["a"].policy_verdict is PolicyVerdict.ACCEPT
    assert records["b"].policy_verdict is PolicyVerdict.REJECT
    [verdict] = [v for v in pq.read_table(run / "verdicts.parquet").to_pylist() if v["sample_id"] == "a"]
    assert (verdict["label"], verdict["verifier"]) == ("supported", "judge:openai/judge")
    assert SOURCE[verdict["evidence_start"] : verdict["evidence_end"]] == "was opened in 1937"
    calls = {i: sum(u.requests for u in r.usage if u.stage == "verify:judge:openai/judge") for i, r in records.items()}
    assert calls["a"] == 1
    assert calls["c"] == 0
    total = sum(calls.values())
    assert asked == ["judge"] * total
    # 100 tokens a call at 1000 dollars a million
    assert estimates(run)["verification_usd"]["value"] == pytest.approx(0.1 * total / 4, rel=1e-3)


@pytest.mark.parametrize(
    "options",
    [
        ["--grader", "openai/acme"],
        ["--judge", "litellm/acme"],
        ["--judge", "openai/g", "--grader", "azure/g"],
        ["--judge", "inspect:openai/g"],
    ],
)
def test_a_forbidden_role_costs_nothing(
    tmp_path: Path, asked: list[str], capsys: pytest.CaptureFixture[str], options: list[str]
) -> None:
    out = tmp_path / "run"
    assert run_cli(["score", answers(tmp_path), "--out", str(out), *options]) == 64
    assert asked == []
    assert not out.exists()
    assert re.search("own answers|both the judge|Inspect's own providers", capsys.readouterr().err)


def test_an_allowed_role_is_said_in_red_and_kept(
    tmp_path: Path, asked: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    options = ("--judge", "openai/g", "--grader", "openai/g", "--allow-self-judging", "--judge-samples", "1")
    run = score(tmp_path, "run", *options)
    said = "openai/g is both the judge in the loop and the grader: it grades what it let through itself"
    assert f"warning: {said}" in capsys.readouterr().err
    assert json.loads((run / "manifest.json").read_text())["warnings"] == [said]


def test_a_grader_out_of_reach_ends_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def down(*_: Any, **__: Any) -> tuple[str, Usage]:
        raise ModelCallError("the call to openai/grader failed: wrong key", passing=False)

    monkeypatch.setattr("vcpd.evals.models.complete", down)
    arguments = ["score", answers(tmp_path), "--out", str(tmp_path / "run"), "--grader", "openai/grader"]
    assert run_cli(arguments) == 69
    assert (
        "no call of openai/grader, which is to judge, got through: the call to openai/grader failed"
        in capsys.readouterr().err
    )


# --- vcpd run, through Inspect -------------------------------------------------------------------------------------

GOOD = "The example workshop opens at nine in the morning on working days [1].\nConfidence: 90%"
CONFIGURATION = """
domains = ["mine"]
limit = 1
[[models]]
name = "local/recorded"
args = {{ file = {file} }}
[judge]
model = "openai/judge"
samples = 1
args = {{ mock_response = {judge}, api_key = "none" }}
[grader]
model = "openai/grader"
samples = 3
args = {{ mock_response = {grader}, api_key = "none" }}
"""


@pytest.mark.parametrize(
    ("label", "quotes", "verdict"),
    [
        ("supported", ["opens at nine in the morning"], PolicyVerdict.ACCEPT),
        ("supported", ["opens at ten in the morning"], PolicyVerdict.REJECT),  # made up: a Failure
        ("not_enough_info", [], PolicyVerdict.REJECT),
    ],
)
def test_a_run_with_judge_and_grader(tmp_path: Path, label: str, quotes: list[str], verdict: PolicyVerdict) -> None:
    init_pack("mine", tmp_path / "mine")
    row = {"sample_id": "x", "model": "acme", "domain": "mine", "answer": GOOD}
    row |= {"question": "When does the workshop open on working days?"}
    (tmp_path / "answers.jsonl").write_text(json.dumps(row) + "\n")
    entry = {"claim": 1, "label": label, "quotes": quotes}
    texts = {
        "file": str(tmp_path / "answers.jsonl"),
        "judge": json.dumps({"claims": [entry]}),
        "grader": json.dumps({"reason": "no", "grade": "incorrect"}),
    }
    quoted = {name: json.dumps(text) for name, text in texts.items()}
    (tmp_path / "run.toml").write_text(CONFIGURATION.format(**quoted))
    assert run_cli(["run", str(tmp_path / "run.toml"), "--out", str(tmp_path / "run"), "--quiet"]) == 0
    record = read_records(tmp_path / "run")[0]
    assert (record.outcome, record.outcome_by) == (Outcome.INCORRECT, OutcomeBy.GRADER)  # the rules say correct
    assert record.policy_verdict is verdict
    requests = {u.stage: u.requests for u in record.usage}
    assert requests["grade:openai/grader"] == 3
    assert requests["verify:judge:openai/judge"] >= 1
    assert "verify:lexical" not in requests
    identity = json.loads((tmp_path / "run" / "manifest.json").read_text())["identity"]
    assert identity["judge"]["version"].endswith("-n1-b8-l2000/100000-s0")
    assert identity["judge"]["args"]["api_key"] == "(hidden)"


def test_a_run_refuses_a_model_as_its_own_judge(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["run", "--model", "local/extractive", "--judge", "local/extractive", "--out", str(tmp_path / "run")]
    assert run_cli(arguments) == 64
    assert "local/extractive is the judge in the loop of its own answers" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_a_run_whose_judge_is_out_of_reach_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`local/recorded` without a file fails each call for good."""
    arguments = ["run", "--model", "local/extractive-bold", "--domain", "legal", "--limit", "8", "--quiet"]
    assert run_cli([*arguments, "--grader", "local/recorded", "--out", str(tmp_path / "run")]) == 69
    assert "no call of local/recorded, which is to judge, got through" in capsys.readouterr().err
