"""promptfoo results (`promptfoo eval -o results.json` or `.jsonl`): answers, and whether their assertions passed.

Written for results of version 3 (promptfoo 0.1xx). A test without an assertion "passes" there; here it is not graded.
Limits on latency and cost are no matter of right and wrong and are left out. An answer is right where all that is left
passed. A failed call is unscored, never a wrong answer.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from .fields import kind, shown
from .items import Item, Notes, Repeats, chosen, part, parts, present, question_id
from .jsonl import json_rows
from .reading import Reading
from .recorded import RecordedAnswerError

KEYS = frozenset({"evalId", "results"})
"""Fields of a results file."""
ROW_KEYS = frozenset({"promptIdx", "testIdx", "testCase", "vars"})
"""Fields of a line of results."""

_VERSION = 3
_NOT_OF_RIGHT = frozenset({"latency", "cost", "perplexity", "perplexity-score"})
_RULES = frozenset(
    {"equals", "contains", "icontains", "contains-all", "contains-any", "icontains-all", "icontains-any"}
    | {"starts-with", "regex", "is-json", "contains-json", "is-sql", "contains-sql", "is-xml", "contains-xml"}
    | {"is-html", "contains-html", "levenshtein", "rouge-n", "bleu", "gleu", "meteor", "is-refusal", "word-count"}
    | {"is-valid-openai-tools-call", "is-valid-openai-function-call", "is-valid-function-call", "finish-reason"}
)
_TARGETS = frozenset({"equals", "contains", "icontains", "starts-with"})
_QUESTIONS = ("question", "query", "input", "user_input", "prompt")
_SHORT = 60


def items_of(
    name: str, path: Path, document: Mapping[str, Any] | None, reading: Reading, notes: Notes
) -> Iterator[Item]:
    """The results of a file, one item each; several prompts of one provider are models of their own.

    Raises:
        RecordedAnswerError: Another version, or assertions that cannot be told apart.
    """
    domain = "promptfoo"
    if document is not None:
        domain = part(name, document, "config").get("description") or domain
        results = _results(name, document)
        rows = [(f"{name}, result {number}", row) for number, row in enumerate(results, 1)]
    else:
        rows = [(where, dict(row)) for where, row in json_rows(path)]
    labels = {(_provider(where, row), repr(row.get("promptIdx"))) for where, row in rows}
    several = {p for p, _ in labels if sum(q == p for q, _ in labels) > 1}
    if reading.scorer is not None:
        leaves = (p for where, row in rows for p in _leaves(where, part(where, row, "gradingResult")))
        chosen(name, (n for p in leaves for n in (_name(p), _type(p))), reading, "assertion")
    notes.evaluator = f"promptfoo assertions{f' ({reading.scorer})' if reading.scorer else ''}"
    repeats, failed = Repeats(), 0
    for where, row in rows:
        provider = _provider(where, row)
        model = f"{provider} [{_label(where, row)}]" if provider in several else provider
        item = _item(where, row, model, reading)
        failed += item.graded and item.value is None
        sample = str(item.row["sample_id"])
        yield Item(
            where,
            {"domain": domain, **item.row, "model": model, "epoch": repeats.epoch(model, sample)},
            row,
            item.graded,
            item.value,
            item.by,
        )
    if failed:
        notes.remarks.append(f"{failed} answers without a verdict (calls or graders that failed): unscored")


def _results(name: str, document: Mapping[str, Any]) -> list[Any]:
    results = document["results"]
    if not isinstance(results, Mapping) or results.get("version") != _VERSION:
        found = results.get("version") if isinstance(results, Mapping) else kind(results)
        raise RecordedAnswerError(f"{name}: promptfoo results of version {shown(found)}; this reads version {_VERSION}")
    rows = results.get("results")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise RecordedAnswerError(f"{name}: there is no list of results in it")
    return rows


def _item(where: str, row: Mapping[str, Any], model: str, reading: Reading) -> Item:
    case, response = part(where, row, "testCase"), part(where, row, "response")
    values, asked = part(where, row, "vars"), part(where, row, "prompt").get("raw")
    question = next((values[n] for n in _QUESTIONS if isinstance(values.get(n), str)), asked)
    output = response.get("output")
    failed = row.get("failureReason") == 2 or (output is None and row.get("error") is not None)
    graded, value, by = (True, None, "grader") if failed else _grade(where, row, reading)
    if not failed and not graded:
        by = "grader"
    fields = {
        "sample_id": question_id(_stable(values), _stable(case.get("assert"))),
        "question": question,
        "answer": output if isinstance(output, str) else "" if output is None else _stable(output),
        "target": None if failed else _target(where, case),
        "sources": values.get("context"),
        "usage": None if failed else _usage(where, response),
        "latency_s": None if failed or response.get("cached") else _seconds(row),
        "finish_reason": "error" if failed else response.get("finishReason"),
    }
    return Item(where, present(fields), row, graded, value, by)


def _grade(where: str, row: Mapping[str, Any], reading: Reading) -> tuple[bool, object, str]:
    """(graded or not, passed, by whom) from the assertions that ask whether the answer is right."""
    whole = part(where, row, "gradingResult")
    found = list(_leaves(where, whole))
    if reading.scorer is not None:
        asked = [p for p in found if reading.scorer in (_name(p), _type(p))]
    else:
        asked = [p for p in found if _type(p).removeprefix("not-") not in _NOT_OF_RIGHT]
    if not asked:
        return reading.scorer is not None, None, "grader"
    by = "key" if all(_type(p).removeprefix("not-") in _RULES for p in asked) else "grader"
    if len(asked) == len(found):
        return True, whole.get("pass"), by
    if reading.scorer is None:
        _refuse_threshold(where, part(where, row, "testCase"), asked)
    passed = [p.get("pass") for p in asked]
    return True, all(passed) if all(isinstance(p, bool) for p in passed) else None, by


def _refuse_threshold(where: str, case: Mapping[str, Any], asked: list[Mapping[str, Any]]) -> None:
    """A weighted sum that latency or cost is part of does not say whether the answer is right."""
    sets = (a for a in parts(where, case, "assert") if a.get("type") == "assert-set")
    if any(values.get("threshold") is not None for values in (case, *sets)):
        raise RecordedAnswerError(
            f"{where}: this test passes from a weighted sum on (threshold), which latency or cost may be part of; say "
            f"which assertion tells right from wrong: --scorer '{_name(asked[0])}'"
        )


def _leaves(where: str, graded: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Assertions with their results; a set of assertions holds its own."""
    for result in parts(where, graded, "componentResults"):
        inner = parts(where, result, "componentResults")
        yield from inner or [result]


def _type(result: Mapping[str, Any]) -> str:
    assertion = result.get("assertion")
    return str(assertion.get("type")) if isinstance(assertion, Mapping) else "?"


def _name(result: Mapping[str, Any]) -> str:
    assertion = result.get("assertion")
    named = assertion.get("metric") if isinstance(assertion, Mapping) else None
    return named if isinstance(named, str) else _type(result)


def _target(where: str, case: Mapping[str, Any]) -> str | None:
    values = [
        a["value"]
        for a in parts(where, case, "assert")
        if str(a.get("type")) in _TARGETS and isinstance(a.get("value"), str)
    ]
    return values[0] if len(values) == 1 else None


def _usage(where: str, response: Mapping[str, Any]) -> dict[str, Any] | None:
    used = part(where, response, "tokenUsage")
    if response.get("cached") or not used.get("completion"):
        return None
    details, prompt = part(where, used, "completionDetails"), used.get("prompt")
    cached = details.get("cacheReadInputTokens") or 0
    return {
        "input_tokens": max(prompt - cached, 0) if isinstance(prompt, int) and isinstance(cached, int) else None,
        "cache_read_tokens": cached,
        "output_tokens": used["completion"],
        "reasoning_tokens": details.get("reasoning") or 0,
    }


def _seconds(row: Mapping[str, Any]) -> float | None:
    latency = row.get("latencyMs")
    return latency / 1000 if isinstance(latency, int | float) and not isinstance(latency, bool) else None


def _provider(where: str, row: Mapping[str, Any]) -> str:
    if isinstance(row.get("provider"), str):
        return str(row["provider"])
    provider = part(where, row, "provider")
    return str(provider.get("label") or provider.get("id"))


def _label(where: str, row: Mapping[str, Any]) -> str:
    """What tells one prompt from another, in one short line."""
    label = str(part(where, row, "prompt").get("label"))
    plain = len(label) <= _SHORT and "\n" not in label
    return label if plain else f"prompt {row.get('promptIdx')}"


def _stable(value: object) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)
