"""MMLU-Pro: chain-of-thought answers to multiple choice, from TIGER-Lab's evaluation results (arXiv 2406.01574)."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from .fields import Fields
from .recorded import RecordedAnswer

KEYS = frozenset({"question_id", "options", "answer"})
"""Fields that tell a row of the published results."""

RESULTS = "*_result.json"
"""Files of one model's folder, one a category (eval_results/<model>/law_result.json)."""

_DOMAINS = {"law": "legal", "health": "medical"}
_OUTPUTS = ("model_outputs", "response", "generated_text")
_FILE = re.compile(r"model_outputs_(.+?)(?:_\d+shots?)?")


def model_name(path: Path, stem: str) -> str:
    """The model that a results file names: model_outputs_<MODEL>_5shots, else <MODEL>/law_result, else its stem."""
    if match := _FILE.fullmatch(stem):
        return match[1]
    return path.absolute().parent.name if stem.endswith("_result") else stem


def answers_of(rows: Iterable[Fields], model: str | None) -> Iterator[tuple[str, RecordedAnswer]]:
    """One answer a row; the target is the letter of the right option, the answer what the model wrote.

    The category law is the domain legal, health medical, all others general. The letter that the published
    script extracted (`pred`) is left out: it is read again from the text by one rule for all files.

    Raises:
        RecordedAnswerError: A field is missing or has the wrong type.
    """
    for row in rows:
        question_id = row.needed_identifier("question_id")
        yield (
            row.where,
            RecordedAnswer(
                sample_id=f"mmlu-pro-{question_id}",
                model=model or row.needed_identifier("model"),
                domain=_DOMAINS.get((row.text("category") or "").strip().lower(), "general"),
                question=row.needed("question"),
                answer=_output(row),
                cluster_id=question_id,
                targets=(row.needed("answer"),),
                choices=row.strings("options"),
            ),
        )


def _output(row: Fields) -> str:
    """What the model wrote; "" where the field is there but null, as for a request that failed."""
    for name in _OUTPUTS:
        if name in row.values:
            return row.text(name) or ""
    raise row.error(_OUTPUTS[0], "missing (as are " + " and ".join(_OUTPUTS[1:]) + ")")
