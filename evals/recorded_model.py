"""`local/recorded`: a model that replays answers from a file, so that a finished run can be checked again for nothing.

The file holds one JSON object a line with at least `question`, `answer` and `model`; `epoch`, `choices`, `usage`,
`latency_s`, `ttft_s` and `finish_reason` are used where present, other fields are ignored.
"""

import gzip
import json
import os
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, TextIO

from .prompts import PromptError, encodable, parse_prompt

_SPACE = re.compile(r"\s+")
_SHOWN = 120
_Key = tuple[str, tuple[str, ...]]


class RecordedModelError(ValueError):
    """The file cannot be read, or has no answer to the question; the message names the file and the place."""


@dataclass(frozen=True, slots=True)
class RecordedRow:
    """One recorded answer. Token counts are None where the row has no `usage`; `input_tokens` excludes cached ones."""

    model: str
    answer: str
    epoch: int = 1
    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_read_tokens: int = 0
    reasoning_tokens: int = 0
    latency_s: float | None = None
    ttft_s: float | None = None
    finish_reason: str | None = None


@dataclass(slots=True)
class RecordedAnswers:
    """The answers of one file to each question, in order of epoch, and how many of them were served.

    After the last recorded answer to a question the first one comes again.
    """

    path: str
    rows: Mapping[_Key, tuple[RecordedRow, ...]]
    served: dict[_Key, int] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def next_answer(self, question: str, choices: tuple[str, ...] = ()) -> RecordedRow:
        """The next recorded answer to `question`, compared with white space normalised.

        Rows that record `choices` answer only the question with those choices; rows without answer any.

        Raises:
            RecordedModelError: The file does not hold the question.
        """
        wanted = _key(question, choices)
        key = wanted if wanted in self.rows else (wanted[0], ())
        if key not in self.rows:
            raise RecordedModelError(
                f"{self.path} has no recorded answer to the question {wanted[0][:_SHOWN]!r}: record one, "
                "or take the question out of the evaluation"
            )
        with self.lock:
            turn = self.served.get(key, 0)
            self.served[key] = turn + 1
        return self.rows[key][turn % len(self.rows[key])]


def replay(prompt: str, params: Mapping[str, Any]) -> RecordedRow:
    """The next recorded answer to the question of `prompt`.

    Args:
        params: `file`, the path; `of`, whose answers, needed where the file holds several models'.

    Raises:
        RecordedModelError: No file is given, it cannot be read, or it has no answer to the question.
    """
    path = params.get("file")
    if not isinstance(path, str | os.PathLike):
        raise RecordedModelError(
            "local/recorded needs the file of recorded answers: -M file=answers.jsonl on Inspect's command line, "
            'or args = { file = "answers.jsonl" } in the configuration of a run'
        )
    try:
        asked = parse_prompt(prompt)
    except PromptError as error:
        raise RecordedModelError(f"local/recorded cannot tell which question is asked: {error}") from error
    of = params.get("of")
    return _opened(Path(path), None if of is None else str(of)).next_answer(asked.question, asked.choices)


def read_recorded(path: Path, of: str | None = None) -> RecordedAnswers:
    """Read a file of recorded answers afresh.

    Args:
        of: Take only the answers of this model.

    Raises:
        RecordedModelError: The file is missing or not JSON Lines, a line lacks a field, or it holds several models'
            answers and `of` does not say which.
    """
    rows: dict[_Key, list[RecordedRow]] = {}
    models: set[str] = set()
    try:
        with _open(path) as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    key, row = _row(line, f"{path}, line {number}")
                    models.add(row.model)
                    if of is None or row.model == of:
                        rows.setdefault(key, []).append(row)
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise RecordedModelError(f"cannot read the recorded answers in {path}: {error}") from error
    if of is None and len(models) > 1:
        raise RecordedModelError(
            f"{path} holds answers of several models; say whose with of=: {', '.join(sorted(models))}"
        )
    if not rows:
        raise RecordedModelError(f"{path} has no recorded answers{f' of {of}' if of else ''}")
    return RecordedAnswers(str(path), {key: tuple(sorted(found, key=lambda r: r.epoch)) for key, found in rows.items()})


def _open(path: Path) -> TextIO:
    return gzip.open(path, "rt", encoding="utf-8-sig") if path.suffix == ".gz" else path.open(encoding="utf-8-sig")


def _opened(path: Path, of: str | None) -> RecordedAnswers:
    """The file as read before, as long as it has not changed, so that its answers are served in order."""
    try:
        about = path.stat()
    except OSError as error:
        raise RecordedModelError(f"cannot read the recorded answers in {path}: {error}") from error
    return _cached(path.resolve(), of, about.st_mtime_ns, about.st_size)


@lru_cache(maxsize=16)
def _cached(path: Path, of: str | None, _changed: int, _size: int) -> RecordedAnswers:
    return read_recorded(path, of)


def _key(question: str, choices: tuple[str, ...]) -> _Key:
    return _normal(question), tuple(_normal(choice) for choice in choices)


def _normal(text: str) -> str:
    return _SPACE.sub(" ", encodable(text)).strip()


def _row(line: str, where: str) -> tuple[_Key, RecordedRow]:
    try:
        values = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise RecordedModelError(f"{where}: not JSON ({error})") from error
    if not isinstance(values, dict):
        raise RecordedModelError(f"{where}: a JSON object is expected, not {type(values).__name__}")
    for name in ("question", "answer", "model"):
        if not isinstance(values.get(name), str):
            raise RecordedModelError(f"{where}: the field {name!r} is missing or not a string")
    usage = values.get("usage")
    counts = usage if isinstance(usage, dict) else {}
    choices = tuple(str(choice) for choice in values.get("choices") or ())
    row = RecordedRow(
        model=values["model"],
        answer=values["answer"],
        epoch=_whole(values, "epoch", where) or 1,
        input_tokens=_whole(counts, "input_tokens", where),
        output_tokens=_whole(counts, "output_tokens", where),
        cache_read_tokens=_whole(counts, "cache_read_tokens", where) or 0,
        reasoning_tokens=_whole(counts, "reasoning_tokens", where) or 0,
        latency_s=_seconds(values, "latency_s", where),
        ttft_s=_seconds(values, "ttft_s", where),
        finish_reason=str(values["finish_reason"]) if values.get("finish_reason") else None,
    )
    return _key(values["question"], choices), row


def _whole(values: Mapping[str, Any], name: str, where: str) -> int | None:
    number = _seconds(values, name, where)
    return None if number is None else int(number)


def _seconds(values: Mapping[str, Any], name: str, where: str) -> float | None:
    value = values.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e15:
        raise RecordedModelError(f"{where}: {name} must be a number of at least 0, not {value!r}")
    return float(value)
