"""What the action runs: files are scored, the gate is called, and everything ends in one folder."""

import json
import subprocess
from pathlib import Path

import pytest
from vcpd.evals import github_action

ROW = {"sample_id": "a", "model": "m", "domain": "d", "question": "q", "answer": "4", "target": "4"}


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "answers.jsonl").write_text(json.dumps(ROW) + "\n")
    return tmp_path


@pytest.fixture
def calls(monkeypatch):
    """Commands that were run; the gate writes its reports and says FAIL."""
    seen = []

    def run_cli(words):
        seen.append(words)
        if words[0] == "gate":
            Path(words[words.index("--markdown") + 1]).write_text("<!-- vcpd gate -->\n### FAIL\n")
            Path(words[words.index("--report") + 1]).write_text(json.dumps({"verdict": "FAIL"}))
            return 1
        return 0

    monkeypatch.setattr(github_action, "run_cli", run_cli)
    return seen


def act(here, **inputs):
    env = {f"VCPD_{name.upper()}": value for name, value in inputs.items()}
    env |= {"VCPD_FOLDER": "out", "GITHUB_OUTPUT": "output.txt", "GITHUB_STEP_SUMMARY": "summary.md"}
    assert github_action.main(env) == 0
    lines = (here / "output.txt").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines)


def test_run_folders_go_to_the_gate_as_they_are(here, calls):
    for name in ("old", "new"):
        (here / name).mkdir()
        (here / name / "manifest.json").write_text("{}")
    (here / "new" / "secret.txt").symlink_to("/etc/hostname")
    outputs = act(here, candidate="new", baseline="old", gate_args="--margin\n 0.02 \n\n")
    assert [p.name for p in (here / "out" / "candidate").iterdir()] == ["manifest.json"]  # kept, but no links
    (words,) = calls
    assert words[:7] == ["gate", "--candidate", "new", "--on-inconclusive", "fail", "--baseline", "old"]
    assert words[-2:] == ["--margin", "0.02"]
    assert outputs == {"verdict": "FAIL", "exit-code": "1", "folder": "out"}
    assert (here / "summary.md").read_text().startswith("<!-- vcpd gate -->")


def test_files_of_answers_are_scored_first(here, calls):
    act(here, candidate="answers.jsonl", score_args="--labels\nhuman")
    assert calls[0] == ["score", "answers.jsonl", "--out", "out/candidate", "--quiet", "--labels", "human"]
    assert calls[1][:3] == ["gate", "--candidate", "out/candidate"]
    assert "--baseline" not in calls[1]


def test_a_file_of_a_commit_is_scored_too(here, calls):
    def git(*words):
        identity = ["-c", "user.name=n", "-c", "user.email=e@example.org"]
        subprocess.run(["git", *identity, *words], check=True, capture_output=True)

    git("init", "-q")
    git("add", "answers.jsonl")
    git("commit", "-qm", "answers")
    (here / "new.jsonl").write_text(json.dumps(ROW) + "\n")
    act(here, candidate="new.jsonl", baseline="HEAD:answers.jsonl")
    assert calls[1][1] == "out/baseline-answers/answers.jsonl"
    assert json.loads((here / calls[1][1]).read_text()) == ROW
    calls.clear()
    act(here, candidate="new.jsonl", baseline="HEAD:")
    assert calls[-1][-1] == "out/gate.json"
    assert "HEAD:" in calls[-1]  # a folder: for the gate to read


def test_what_cannot_be_decided_says_why_and_fails(here, capsys):
    outputs = act(here, candidate="nothing-there", on_inconclusive="fail")
    assert outputs["verdict"] == ""
    assert outputs["exit-code"] not in ("", "0", "3")
    said = (here / "out" / "comment.md").read_text()
    assert said.startswith("### Model gate: no verdict")
    assert "```" in said
    assert said in (here / "summary.md").read_text()


@pytest.mark.parametrize(
    ("inputs", "words"),
    [({}, "the input candidate is empty"), ({"candidate": "x", "on_inconclusive": "maybe"}, "not 'maybe'")],
)
def test_wrong_inputs_are_named(here, inputs, words):
    outputs = act(here, **inputs)
    assert outputs["exit-code"] == "64"
    assert words in (here / "summary.md").read_text()


def test_answers_of_models_give_no_commands_to_the_runner(here, monkeypatch, capsys):
    def run_cli(words):
        print("::add-mask::secret\n::set-output name=verdict::PASS")
        return 1

    monkeypatch.setattr(github_action, "run_cli", run_cli)
    outputs = act(here, candidate="somewhere")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("::stop-commands::")
    assert lines[-1] == f"::{lines[0].removeprefix('::stop-commands::')}::"
    assert outputs["verdict"] == ""


def test_a_report_that_is_not_one_gives_no_verdict(here, calls, monkeypatch):
    monkeypatch.setattr(github_action, "run_cli", lambda words: 1)
    (here / "out").mkdir()
    (here / "out" / "gate.json").write_text(json.dumps({"verdict": "PASS\nexit-code=0"}))
    assert act(here, candidate="x")["verdict"] == ""
