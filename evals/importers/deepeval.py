"""deepeval test runs (`DEEPEVAL_RESULTS_FOLDER`, or .deepeval/.latest_test_run.json): test cases with their metrics.

Written for deepeval 4. One metric tells right from wrong: an answer is right where it passed, and unscored where the
metric failed. A metric that finds no claims passes there; an answer that abstains is an abstention here all the same.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from .fields import kind
from .items import Item, Notes, Repeats, chosen, parts, present, question_id
from .reading import Reading
from .recorded import RecordedAnswerError

KEYS = frozenset({"testCases", "conversationalTestCases"})
"""Fields of a test run."""


def items_of(
    name: str, path: Path, document: Mapping[str, Any] | None, reading: Reading, notes: Notes
) -> Iterator[Item]:
    """The test cases of a run.

    Raises:
        RecordedAnswerError: No single-turn cases, several metrics and none chosen, or a case is not of this form.
    """
    cases = _cases(name, document or {})
    places = [f"{name}, test case {number}" for number in range(1, len(cases) + 1)]
    names = [str(m.get("name")) for where, case in zip(places, cases, strict=True) for m in _metrics(where, case)]
    wanted = chosen(name, names, reading, "metric")
    notes.evaluator = f"deepeval metric '{wanted}'" if wanted else ""
    model = _model(document or {}) or path.name.split(".")[0]
    repeats, failed = Repeats(), 0
    for where, case in zip(places, cases, strict=True):
        metric = next((m for m in _metrics(where, case) if str(m.get("name")) == wanted), None)
        broken = metric is not None and metric.get("error") is not None
        failed += broken or (metric is None and wanted is not None)
        row = _row(where, case) | {"model": model, "domain": "deepeval"}
        row["epoch"] = repeats.epoch(str(row["sample_id"]))
        value = None if metric is None or broken else _value(metric, reading)
        by = "grader" if metric is None or metric.get("evaluationModel") else "key"
        yield Item(where, present(row), case, wanted is not None, value, by)
    if failed:
        notes.remarks.append(f"{failed} answers without a verdict (metrics that failed): unscored")


def _cases(name: str, document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    cases = document.get("testCases")
    if not isinstance(cases, list):
        raise RecordedAnswerError(f"{name}: testCases must be a list, found {kind(cases)}")
    if document.get("conversationalTestCases"):
        raise RecordedAnswerError(f"{name}: conversations of several turns are not read; only single questions are")
    bad = next((number for number, case in enumerate(cases, 1) if not isinstance(case, Mapping)), None)
    if bad:
        raise RecordedAnswerError(f"{name}, test case {bad}: an object is needed")
    return cases


def _metrics(where: str, case: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return parts(where, case, "metricsData")


def _value(metric: Mapping[str, Any], reading: Reading) -> object:
    """Whether the metric passed at its own threshold, or with --correct-at its score."""
    return metric.get("score") if reading.correct_at is not None else metric.get("success")


def _model(document: Mapping[str, Any]) -> str | None:
    parameters = document.get("hyperparameters")
    named = parameters.get("model") if isinstance(parameters, Mapping) else None
    return named if isinstance(named, str) and named.strip() else None


def _row(where: str, case: Mapping[str, Any]) -> dict[str, Any]:
    question, answer = case.get("input"), case.get("actualOutput")
    if not isinstance(question, str):
        raise RecordedAnswerError(f"{where}, field 'input': a text is needed, found {kind(question)}")
    name = case.get("name")
    given = isinstance(name, str) and not name.startswith("test_case_")
    return {
        "sample_id": name if given else question_id(question, str(case.get("expectedOutput") or "")),
        "question": question,
        "answer": answer if isinstance(answer, str) else "",
        "target": case.get("expectedOutput") or None,
        "sources": case.get("retrievalContext") or case.get("context"),
        "latency_s": case.get("completionTime"),
    }
