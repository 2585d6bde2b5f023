"""A small run to review: forty answers of one model, of which the key calls sixteen wrong, and hostile ones."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from vcpd.evals.cli import run_cli
from vcpd.evals.review.trail import Trail

SOURCE = "The bridge number {n} was opened in {year}. It carries six lanes of traffic and is {n}00 metres long."
HOSTILE = (
    "<script>document.title='owned'</script>",
    '"><img src=x onerror="document.title=\'owned\'">',
    "[click](javascript:document.title='owned') **bold** # heading",
    '=HYPERLINK("http://example.org","x") and \x1b[31mred\x1b[0m \u202eevil\u202c \x07',
    "</script><script>document.title='owned'</script><style>*{display:none}</style>",
    "x" * 100_000,
    "&lt;b&gt; {{ 7*7 }} ${7*7} %s \ud7ff",
)


def answer_row(n: int, **more: Any) -> dict[str, Any]:
    """Answer number n; every fifth and the first eight give a year that the key calls wrong."""
    year = 1900 + n
    said = year + 30 if n < 8 or n % 5 == 0 else year
    return {
        "sample_id": f"q{n}",
        "model": "gpt-4.1",
        "domain": "legal",
        "question": f"When was bridge number {n} opened?",
        "answer": f"It was opened in {said} [1]. It carries six lanes of traffic [1].\nConfidence: 80%",
        "sources": [{"doc_id": f"guide-{n}", "title": f"Guide {n}", "text": SOURCE.format(n=n, year=year)}],
        "target": str(year),
        "usage": {"input_tokens": 1000, "output_tokens": 100},
        **more,
    }


def hostile_row(n: int) -> dict[str, Any]:
    """An answer whose every text is hostile."""
    text = HOSTILE[n]
    source = {"doc_id": f"evil-{n}", "title": text[:200], "url": "javascript:document.title='owned'", "text": text}
    return answer_row(n, question=text, answer=f"{text} It was opened in 1990 [1].", sources=[source])


def scored_run(folder: Path, rows: Sequence[dict[str, Any]]) -> Path:
    """The run folder of these answers."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "answers.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert run_cli(["score", str(file), "--out", str(folder / "run"), "--quiet"]) == 0
    return folder / "run"


def estimates(run: Path) -> dict[str, dict[str, Any]]:
    """The numbers of a run with one model and one domain, by measure."""
    return {e["measure"]: e for e in json.loads((run / "estimates.json").read_text())["estimates"]}


def events(run: Path, kind: str) -> list[dict[str, Any]]:
    """Events of one kind of a run's trail."""
    return [e for e in Trail(run).refresh() if e["kind"] == kind]


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(run: Path, *options: str, kill: bool = True) -> Iterator[list[str]]:
    """The server as a process of its own; yields the addresses that it prints, and kills it (SIGKILL) at the end."""
    command = [sys.executable, "-m", "vcpd", "review", str(run), *options]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, "PYTHONUNBUFFERED": "1"}
    )
    people = max(1, sum(o in ("--reviewer", "--adjudicator") for o in options))
    try:
        yield [_address(process) for _ in range(people)]
    finally:
        process.send_signal(signal.SIGKILL if kill else signal.SIGINT)
        process.wait(30)


def _address(process: "subprocess.Popen[bytes]") -> str:
    assert process.stdout is not None
    line = process.stdout.readline().decode()  # "" where the process has ended
    found = re.search(r"http://\S+", line)
    assert found, f"no address: {line!r} {process.stderr.read1().decode() if process.stderr else ''}"
    return found[0]


def browser_path() -> str | None:
    """A Chromium at hand: VCPD_CHROMIUM, else one on the path."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    found = os.environ.get("VCPD_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    return found


def wait_for(condition: Any, seconds: float = 20.0) -> None:
    """Until the condition holds; fails where it does not within so many seconds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "timed out"
        time.sleep(0.05)
