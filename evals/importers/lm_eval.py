"""lm-evaluation-harness samples (`--log_samples`): samples_<task>_<time>.jsonl, one line a document and filter.

Written for the samples of lm_eval 0.4. The answer to a multiple-choice document, which the harness scores by the
likelihood of each choice, is the choice that it rates highest.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from .items import Item, Notes, chosen, present
from .jsonl import json_rows
from .reading import Reading
from .recorded import RecordedAnswerError

KEYS = frozenset({"doc_id", "doc", "arguments", "resps", "filtered_resps"})
"""Fields that tell a line of samples."""
SAMPLES = "samples_*.jsonl"
"""Files of a folder of results."""

_FILE = re.compile(r"samples_(.+)_(\d{4}-\d\d-\d\dT\d\d[-:]\d\d[-:]\d\d(?:\.\d+)?)")
_BY_MODEL = ("judge", "llm", "gpt", "grader")
_QUESTIONS = ("question", "query", "problem", "input", "prompt")
_NO_FILTER = "none"


def items_of(
    name: str, path: Path, document: Mapping[str, Any] | None, reading: Reading, notes: Notes
) -> Iterator[Item]:
    """The documents of a file or of a folder of them.

    Raises:
        RecordedAnswerError: Several metrics or filters and none is chosen, or a line is not of this form.
    """
    files = sorted(path.glob(SAMPLES)) if path.is_dir() else [path]
    if reading.scorer:
        notes.evaluator = f"lm_eval {reading.scorer}"
    for file in files:
        task, model = _task_and_model(file)
        rows = list(json_rows(file))
        wanted = _wanted(str(file), rows, reading)
        notes.evaluator = notes.evaluator or f"lm_eval {wanted}"
        metric, _, picked = wanted.partition(",")
        for where, row in rows:
            if str(row.get("filter", _NO_FILTER)) == picked:
                yield _item(where, row, (task, model), metric)


def _task_and_model(path: Path) -> tuple[str, str]:
    """As the file's name and the results beside it say; without results, the folder is named after the model."""
    match = _FILE.fullmatch(path.name.split(".jsonl")[0])
    task = match[1] if match else path.name.split(".")[0]
    results = path.with_name(f"results_{match[2]}.json") if match else path
    if match and results.is_file():
        try:
            model = json.loads(results.read_text(encoding="utf-8")).get("model_name")
        except (ValueError, AttributeError, OSError):
            model = None
        if isinstance(model, str) and model.strip():
            return task, model
    return task, path.absolute().parent.name


def _wanted(name: str, rows: list[tuple[str, Mapping[str, Any]]], reading: Reading) -> str:
    """The metric that counts, with its filter, as the harness names it: "exact_match,strict-match"."""
    names: dict[str, None] = {}
    for where, row in rows:
        if not row.keys() >= KEYS or not isinstance(row.get("metrics"), list):
            raise RecordedAnswerError(f"{where}: not a line of lm_eval samples (0.4.5 or later); run it again")
        names |= dict.fromkeys(f"{metric},{row.get('filter', _NO_FILTER)}" for metric in row["metrics"])
    if reading.scorer is not None and f"{reading.scorer},{_NO_FILTER}" in names:
        return f"{reading.scorer},{_NO_FILTER}"
    wanted = chosen(name, names, reading, "metric")
    if wanted is None:
        raise RecordedAnswerError(f"{name}: no metric stands in it")
    return wanted


def _item(where: str, row: Mapping[str, Any], named: tuple[str, str], metric: str) -> Item:
    doc = row["doc"] if isinstance(row["doc"], Mapping) else {}
    requests = _requests(row["arguments"])
    choice = bool(requests) and len(requests) > 1
    question = next((doc[n] for n in _QUESTIONS if isinstance(doc.get(n), str)), None)
    asked = requests[0][0] if requests else ""
    fields = {
        "sample_id": f"{row['doc_id']}-{str(row.get('doc_hash') or '')[:8]}".rstrip("-"),
        "model": named[1],
        "domain": named[0],
        "question": question if question is not None else str(asked),
        "answer": _favourite(where, row, requests, metric) if choice else _generated(row),
        "target": None if choice else _target(row.get("target")),
    }
    by = "grader" if any(word in metric.lower() for word in _BY_MODEL) else "key"
    return Item(where, present(fields), row, True, row.get(metric), by)


def _requests(arguments: object) -> list[tuple[Any, Any]]:
    """(context, continuation) of each request to the model."""
    if isinstance(arguments, Mapping):
        ordered = [arguments[key] for key in sorted(arguments, key=_number)]
        return [(a.get("arg_0"), a.get("arg_1")) for a in ordered if isinstance(a, Mapping)]
    pairs = arguments if isinstance(arguments, list) else []
    return [(p[0], p[1]) for p in pairs if isinstance(p, list) and len(p) > 1]


def _number(key: str) -> int:
    digits = key.rpartition("_")[2]
    return int(digits) if digits.isdecimal() and len(digits) < 9 else 0


def _favourite(where: str, row: Mapping[str, Any], requests: list[tuple[Any, Any]], metric: str) -> str:
    """The choice of the highest likelihood; with `acc_norm` per character of the choice, as the harness does."""
    found = row["filtered_resps"]
    if not isinstance(found, list) or len(found) != len(requests):
        raise RecordedAnswerError(f"{where}: {len(requests)} requests have not as many responses")
    texts = [str(continuation) for _, continuation in requests]
    try:
        likelihoods = [float(pair[0]) for pair in found]
    except (TypeError, ValueError, IndexError, KeyError) as error:
        raise RecordedAnswerError(f"{where}: a response is no likelihood ({error})") from None
    if metric == "acc_norm":
        likelihoods = [value / max(len(text.strip()), 1) for value, text in zip(likelihoods, texts, strict=True)]
    return texts[max(range(len(texts)), key=likelihoods.__getitem__)].strip()


def _generated(row: Mapping[str, Any]) -> str:
    """What the model wrote, before a filter cut an answer out of it."""
    said = row["resps"]
    while isinstance(said, list) and said:
        said = said[0]
    return said if isinstance(said, str) else ""


def _target(target: object) -> object:
    if isinstance(target, list):
        return [str(entry) for entry in target] or None
    return None if target is None else str(target)
