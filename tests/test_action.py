"""action.yml: nothing from outside reaches a shell as text, actions are pinned, and its steps do what they say."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
STEPS = ACTION["runs"]["steps"]
EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")


def test_it_is_a_composite_action_with_described_inputs_and_outputs():
    assert ACTION["runs"]["using"] == "composite"
    assert all(set(entry) <= {"description", "required", "default"} for entry in ACTION["inputs"].values())
    assert all(entry["description"] for entry in (*ACTION["inputs"].values(), *ACTION["outputs"].values()))


@pytest.mark.parametrize("step", [s for s in STEPS if "run" in s], ids=lambda s: s["name"])
def test_no_expression_stands_in_a_script(step):
    assert "${{" not in step["run"]
    assert step["shell"] == "bash"


@pytest.mark.parametrize("step", [s for s in STEPS if "uses" in s], ids=lambda s: s["uses"])
def test_actions_are_pinned_to_a_commit(step):
    assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", step["uses"])


def test_every_input_is_used_and_every_expression_is_known():
    text = (ROOT / "action.yml").read_text(encoding="utf-8")
    used = {m for m in re.findall(r"inputs\.([\w-]+)", text)}
    assert used == set(ACTION["inputs"])
    ids = {s["id"] for s in STEPS if "id" in s}
    assert {m for m in re.findall(r"steps\.([\w-]+)\.", text)} <= ids
    roots = {expression.split(".")[0] for expression in EXPRESSION.findall(text)}
    assert roots <= {"inputs", "steps", "github", "runner"}


def test_the_environment_of_the_job_is_left_alone():
    setup = next(s for s in STEPS if "setup-python" in s.get("uses", ""))
    assert setup["with"]["update-environment"] is False


def run_step(name, temp, **env):
    """A step's script in bash, with the environment that its `env` names filled in from `env`."""
    step = next(s for s in STEPS if s.get("name") == name)
    assert set(env) <= set(step["env"]), "the step does not take that"
    script = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
    full = {**os.environ, **env, "RUNNER_TEMP": str(temp), "GITHUB_OUTPUT": str(temp / "output.txt")}
    return subprocess.run(script, cwd=temp, env=full, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture
def temp(tmp_path):
    """A runner's temporary folder, with this interpreter in the place of the installed environment."""
    bin = tmp_path / "vcpd-env" / "bin"
    bin.mkdir(parents=True)
    (bin / "python").write_text(f'#!/bin/sh\n[ "$1" = -I ] && shift\nexec "{sys.executable}" "$@"\n')
    (bin / "python").chmod(0o755)
    return tmp_path


def test_hostile_inputs_are_words_and_nothing_more(temp):
    done = run_step(
        "Gate",
        temp,
        VCPD_CANDIDATE="$(touch owned)`touch owned`; touch owned",
        VCPD_GATE_ARGS="; touch owned",
        VCPD_FOLDER=str(temp / "out"),
        VCPD_ON_INCONCLUSIVE="fail",
    )
    assert done.returncode == 0, done.stderr
    assert not (temp / "owned").exists()
    outputs = (temp / "output.txt").read_text()
    assert outputs.startswith("verdict=\nexit-code=64\n")


def test_no_pull_request_is_no_failure_of_the_comment(temp):
    (temp / "comment.md").write_text("x")
    (temp / "event.json").write_text("{}")
    step = next(s for s in STEPS if s.get("name") == "Comment on the pull request")
    env = {**os.environ, "RUNNER_TEMP": str(temp), "VCPD_FOLDER": str(temp), "VCPD_TOKEN": ""}
    env |= {"GITHUB_REPOSITORY": "our/repo", "GITHUB_EVENT_PATH": str(temp / "event.json"), "VCPD_COMMENT_KEY": "gate"}
    done = subprocess.run(
        ["bash", "-ec", step["run"]], env=env, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "no pull request or no token" in done.stdout


@pytest.mark.parametrize(
    ("code", "inconclusive", "expected"),
    [
        ("0", "fail", 0),
        ("1", "fail", 1),
        ("3", "neutral", 0),
        ("3", "fail", 3),
        ("64", "neutral", 64),
        ("", "fail", 70),
    ],
)
def test_the_last_step_judges(temp, code, inconclusive, expected):
    done = run_step("Verdict", temp, VCPD_EXIT_CODE=code, VCPD_ON_INCONCLUSIVE=inconclusive)
    assert done.returncode == expected
    assert ("::warning" in done.stdout) == (code == "3" and inconclusive == "neutral")


def test_the_install_step_makes_an_environment_of_its_own(tmp_path):
    fake = tmp_path / "python"
    fake.write_text(
        '#!/bin/sh\necho "$@" >> calls.txt\n[ "$2" = venv ] && mkdir -p "$3/bin" && cp "$0" "$3/bin/python"\nexit 0\n'
    )
    fake.chmod(0o755)
    done = run_step("Install into an environment of its own", tmp_path, VCPD_PYTHON=str(fake), VCPD_SOURCE="/the repo")
    assert done.returncode == 0, done.stderr
    calls = (tmp_path / "calls.txt").read_text().splitlines()
    assert calls[0] == f"-m venv {tmp_path}/vcpd-env"
    assert calls[1].endswith("--require-hashes -r /the repo/requirements/base.txt")
    assert calls[2].endswith("--no-deps /the repo")
