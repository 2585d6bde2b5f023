"""ragas result tables (`EvaluationResult.to_pandas()` as CSV, Parquet or JSON Lines): answers with shares of 0 to 1.

Written for ragas 0.2 to 0.4. Its metrics are shares: say from which value on an answer is right (--scorer and
--correct-at). A metric without a value (NaN: the judge failed, or the answer refuses) is unscored, never 0.
"""

from collections.abc import Iterable, Iterator, Mapping

from .items import Item, Notes, Repeats, chosen, present, question_id
from .jsonl import Row
from .reading import Reading
from .recorded import RecordedAnswerError

KEYS = frozenset({"user_input", "response"})
"""Columns that tell a table of results."""

_INPUTS = frozenset(
    {"user_input", "response", "reference", "retrieved_contexts", "reference_contexts", "rubrics", "multi_responses"}
    | {"retrieved_context_ids", "reference_context_ids", "reference_topics", "reference_tool_calls"}
    | {"persona_name", "query_style", "query_length", "synthesizer_name"}
)
_RULES = frozenset(
    ["exact_match", "string_present", "non_llm_string_similarity", "bleu_score", "rouge_score", "chrf_score"]
)
_LOWER_IS_BETTER = ("noise_sensitivity",)


def items_of(name: str, stem: str, rows: Iterable[Row], reading: Reading, notes: Notes) -> Iterator[Item]:
    """The rows of a table.

    Raises:
        RecordedAnswerError: Several metrics and none is chosen, a metric of which less is better, a conversation.
    """
    repeats, wanted, first = Repeats(), None, True
    for where, row in rows:
        if first:
            wanted, first = _wanted(name, row, reading), False
            notes.evaluator = f"ragas metric '{wanted}'" if wanted else ""
        question, answer = row.get("user_input"), row.get("response")
        if not isinstance(question, str):
            raise RecordedAnswerError(f"{where}, field 'user_input': a text is needed; conversations are not read")
        reference = row.get("reference")
        sample = question_id(question, reference if isinstance(reference, str) else "")
        fields = {
            "sample_id": sample,
            "model": stem,
            "domain": "ragas",
            "epoch": repeats.epoch(sample),
            "question": question,
            "answer": answer if isinstance(answer, str) else "",
            "target": reference or None,
            "sources": row.get("retrieved_contexts"),
        }
        by = "key" if wanted in _RULES else "grader"
        yield Item(where, present(fields), row, wanted is not None, row.get(wanted or ""), by)


def _wanted(name: str, row: Mapping[str, object], reading: Reading) -> str | None:
    if "grade" in reading.mapping:
        return None
    wanted = chosen(name, [column for column in row if column not in _INPUTS], reading, "metric")
    if wanted and wanted.startswith(_LOWER_IS_BETTER):
        raise RecordedAnswerError(f"{name}: of {wanted} less is better: no value of it says that an answer is right")
    return wanted
