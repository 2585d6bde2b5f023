"""What `action.yml` runs: the gate on run folders or on files of recorded answers, with its reports in one folder.

Inputs come from the environment and never pass through a shell. Nothing here needs a secret or calls a model, so it
works the same on a pull request from a fork.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from secrets import token_hex

from .cli import EXIT_USAGE, run_cli
from .scored_aside import is_answers

REPORTS = {"--markdown": "comment.md", "--junit": "junit.xml", "--report": "gate.json"}
"""Options of `vcpd gate` and the files of the folder that they write."""

_LONGEST_ERROR = 2000


class ActionInputError(ValueError):
    """An input of the action that cannot be used; the message names it."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """The inputs of the action."""

    candidate: str
    baseline: str
    gate_args: tuple[str, ...]
    score_args: tuple[str, ...]
    on_inconclusive: str
    folder: Path


def read_inputs(env: Mapping[str, str]) -> Inputs:
    """The inputs, as `action.yml` hands them over.

    Raises:
        ActionInputError: No candidate, or an unknown value of on-inconclusive.
    """
    candidate = env.get("VCPD_CANDIDATE", "").strip()
    if not candidate:
        raise ActionInputError("the input candidate is empty: name a run folder or a file of recorded answers")
    on_inconclusive = env.get("VCPD_ON_INCONCLUSIVE", "").strip() or "fail"
    if on_inconclusive not in ("fail", "pass", "neutral"):
        raise ActionInputError(f"the input on-inconclusive is fail, pass or neutral, not '{on_inconclusive[:40]}'")
    return Inputs(
        candidate=candidate,
        baseline=env.get("VCPD_BASELINE", "").strip(),
        gate_args=_words(env.get("VCPD_GATE_ARGS", "")),
        score_args=_words(env.get("VCPD_SCORE_ARGS", "")),
        on_inconclusive=on_inconclusive,
        folder=Path(env.get("VCPD_FOLDER") or "vcpd-gate"),
    )


def main(env: Mapping[str, str] | None = None) -> int:
    """Run the gate, write comment, reports, summary and outputs. Always 0: the last step of the action judges."""
    env = os.environ if env is None else env
    folder = Path(env.get("VCPD_FOLDER") or "vcpd-gate")
    folder.mkdir(parents=True, exist_ok=True)
    said = StringIO()
    stop = token_hex(16)
    print(f"::stop-commands::{stop}", flush=True)  # a model's answer must not give commands to the runner
    try:
        with redirect_stderr(said):
            code = _gate(env)
    finally:
        print(said.getvalue(), end="", flush=True)
        print(f"::{stop}::", flush=True)
    comment = folder / REPORTS["--markdown"]
    if not comment.exists():
        comment.write_text(_no_verdict(said.getvalue()), encoding="utf-8")
    _append(env.get("GITHUB_STEP_SUMMARY"), comment.read_text(encoding="utf-8") + "\n")
    outputs = {"verdict": _verdict(folder / REPORTS["--report"]), "exit-code": code, "folder": folder}
    _append(env.get("GITHUB_OUTPUT"), "".join(f"{name}={value}\n" for name, value in outputs.items()))
    return 0


def _gate(env: Mapping[str, str]) -> int:
    try:
        inputs = read_inputs(env)
        candidate, code = _run_folder(inputs, inputs.candidate, "candidate")
        baseline = inputs.baseline
        if code == 0 and baseline:
            baseline, code = _run_folder(inputs, baseline, "baseline")
    except ActionInputError as error:
        print(f"vcpd: {error}", file=sys.stderr)
        return EXIT_USAGE
    if code:
        return code
    words = ["gate", "--candidate", candidate, "--on-inconclusive", inputs.on_inconclusive]
    words += ["--baseline", baseline] if baseline else []
    for option, name in REPORTS.items():
        words += [option, str(inputs.folder / name)]
    return run_cli([*words, *inputs.gate_args])


def _run_folder(inputs: Inputs, where: str, role: str) -> tuple[str, int]:
    """The run folder at `where`, made from recorded answers where a file stands there; with an exit code."""
    file = Path(where)
    if not file.exists() and (blob := _blob(where)) is not None:
        file = inputs.folder / f"{role}-answers" / Path(where.partition(":")[2]).name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(blob)
    if not is_answers(file):
        _keep(file, inputs.folder / role)
        return where, 0
    out = inputs.folder / role
    return str(out), run_cli(["score", str(file), "--out", str(out), "--quiet", *inputs.score_args])


def _keep(run: Path, copy: Path) -> None:
    """The run folder beside the reports, for the artifact: plain files alone, as a link may lead anywhere."""
    if not (run / "manifest.json").is_file() or run.is_symlink():
        return
    copy.mkdir(parents=True, exist_ok=True)
    for file in run.iterdir():
        if file.is_file() and not file.is_symlink() and file.suffix != ".tmp":
            shutil.copyfile(file, copy / file.name)


def _blob(where: str) -> bytes | None:
    """The file that REF:PATH names in this checkout; None where it names none."""
    ref, colon, path = where.partition(":")
    if not colon or not ref or not path or ref.startswith("-") or path.startswith("//"):
        return None
    if _git("cat-file", "-t", where).strip() != b"blob":
        return None
    return _git("cat-file", "blob", where)


def _git(*words: str) -> bytes:
    try:
        done = subprocess.run(["git", *words], capture_output=True, timeout=120, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return b""
    return done.stdout if done.returncode == 0 else b""


def _words(text: str) -> tuple[str, ...]:
    """One word a line; blank lines and the blanks around a word do not count."""
    return tuple(word for line in text.splitlines() if (word := line.strip()))


def _no_verdict(said: str) -> str:
    lines = said.strip()[-_LONGEST_ERROR:].replace("```", "'''") or "no reason given"
    return f"### Model gate: no verdict\n\nNothing was decided; the job fails.\n\n```\n{lines}\n```\n"


def _verdict(report: Path) -> str:
    """The verdict, where it is one: outputs are read by later steps."""
    try:
        verdict = json.loads(report.read_text(encoding="utf-8")).get("verdict")
    except (OSError, ValueError, AttributeError):
        return ""
    return verdict if verdict in ("PASS", "FAIL", "INCONCLUSIVE") else ""


def _append(path: str | None, text: str) -> None:
    if path:
        with open(path, "a", encoding="utf-8") as file:
            file.write(text)


if __name__ == "__main__":
    sys.exit(main())
