"""RAGTruth: answers over given passages with hallucinated stretches marked by people (arXiv 2401.00396).

An answer is incorrect where people marked any stretch of it, "implicit true" ones included, and correct otherwise.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path

from ...retrieval.passages import Document, Span
from ...scoring.records import Outcome
from .fields import Fields, kind, shown
from .jsonl import json_rows
from .recorded import HumanLabel, RecordedAnswer

FILES = ("response.jsonl", "source_info.jsonl")
PROCESSED = frozenset({"query", "context", "output", "hallucination_labels"})
"""Columns that tell the form of the hub's wandb/RAGTruth-processed."""

_PASSAGE = re.compile(r"^passage (\d+):", re.MULTILINE)
_DATA = "Structured data:"

Source = tuple[str, tuple[Document, ...]]


def is_folder(path: Path) -> bool:
    """Whether `path` is a folder that holds both published files."""
    return all((path / name).is_file() for name in FILES)


def folder_answers(path: Path) -> Iterator[tuple[str, RecordedAnswer]]:
    """Answers of the published pair of files, each joined to its source.

    Raises:
        RecordedAnswerError: A file cannot be read, a field is missing or wrong, or a response has no source.
    """
    rows = (Fields(where, values, {}) for where, values in json_rows(path / FILES[1]))
    sources = {row.needed_identifier("source_id"): _source(row) for row in rows}
    for where, values in json_rows(path / FILES[0]):
        row = Fields(where, values, {})
        source_id = row.needed_identifier("source_id")
        if source_id not in sources:
            raise row.error("source_id", f"{shown(source_id)} is not in {FILES[1]}")
        labels = tuple(row.children("labels"))
        yield where, _answer(row, source_id, sources[source_id], "response", labels)


def processed_answers(rows: Iterable[Fields], _model: str | None = None) -> Iterator[tuple[str, RecordedAnswer]]:
    """Answers of the joined form: query, context, output, model, quality, hallucination_labels (a JSON string).

    It has no source ids, so answers to the same query over the same context share a sample id made from both;
    a repeated answer of one model is its next epoch.
    """
    seen: dict[tuple[str, str], int] = {}
    for row in rows:
        query, context = row.needed("query"), row.needed("context")
        source_id = sha256(f"{query}\0{context}".encode(errors="surrogatepass")).hexdigest()[:12]
        key = (source_id, row.needed_identifier("model"))
        seen[key] = seen.get(key, 0) + 1
        source = (query, _passages(context))
        yield row.where, _answer(row, source_id, source, "output", _processed_labels(row), seen[key])


def _source(row: Fields) -> Source:
    """The question and the documents of one line of source_info.jsonl."""
    info = row.values.get("source_info")
    if isinstance(info, Mapping) and "passages" in info:
        nested = Fields(row.where, info, {}, "source_info.")
        return nested.needed("question"), _passages(nested.needed("passages"))
    if not isinstance(info, str | Mapping):
        raise row.error("source_info", f"a text or an object is needed, found {kind(info)}")
    # Data-to-text shows the model the Python form of the record, so this is the source as it was read.
    text = str(info)
    return _instruction(row.needed("prompt"), text), (Document("1", text),)


def _instruction(prompt: str, text: str) -> str:
    """What a prompt asks for, without the source that it repeats."""
    ask = prompt.partition(text)[0] if text in prompt else prompt.partition(_DATA)[0]
    return ask.strip().removesuffix(_DATA).strip()


def _passages(text: str) -> tuple[Document, ...]:
    """The passages of "passage 1:... passage 2:...", numbered as there; the whole text where it is not numbered."""
    starts: list[tuple[int, int]] = []
    for match in _PASSAGE.finditer(text):
        # Only the next number in turn: a passage may itself speak of a "passage 9:".
        if int(match[1][:9]) == len(starts) + 1:
            starts.append(match.span())
    if not starts:
        return (Document("1", text),) if text.strip() else ()
    ends = [start for start, _ in starts[1:]] + [len(text)]
    return tuple(
        Document(str(number), text[begin:end].strip())
        for number, ((_, begin), end) in enumerate(zip(starts, ends, strict=True), 1)
    )


def _processed_labels(row: Fields) -> tuple[Fields, ...]:
    name = "hallucination_labels"
    value = row.values.get(name)
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError) as error:
            raise row.error(name, f"JSON is needed ({error})") from error
    return tuple(Fields(row.where, {name: value}, {}).children(name))


def _answer(
    row: Fields, source_id: str, source: Source, answer_field: str, labels: tuple[Fields, ...], epoch: int = 1
) -> RecordedAnswer:
    answer = row.needed(answer_field)
    marks = tuple(_mark(label, len(answer)) for label in labels)
    outcome = Outcome.INCORRECT if marks else Outcome.CORRECT
    return RecordedAnswer(
        sample_id=f"ragtruth-{source_id}",
        model=row.needed_identifier("model"),
        domain="general",
        question=source[0],
        answer=answer,
        cluster_id=source_id,
        epoch=epoch,
        sources=source[1],
        finish_reason="length" if row.text("quality") == "truncated" else None,
        human=HumanLabel(outcome=outcome, unsupported=marks),
    )


def _mark(label: Fields, length: int) -> tuple[Span, str]:
    start, end = label.count("start"), label.count("end")
    if start is None or end is None:
        raise label.error("start" if start is None else "end", "missing")
    return label.span_of("end", start, end, length), label.text("label_type") or ""
