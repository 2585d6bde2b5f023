"""A pack whose questions come from a Hugging Face dataset (or local JSON, CSV, Parquet) by a column mapping.

In pack.toml, instead of samples.jsonl and corpus.jsonl:

    [dataset]
    name = "org/name"            # or a local .jsonl, .json, .csv or .parquet file beside pack.toml
    split = "test"
    [dataset.columns]            # our field = its column; only `question` is required
    question = "question"
    targets = "answer"
    sample_id = "id"
    cluster_id = "document"
    answerable = "answerable"    # false: the right answer is to abstain
    choices = "options"
    source_text = "context"      # each distinct text becomes a document
    source_title = "title"
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..retrieval.corpus import Corpus
from ..retrieval.passages import Document, Span
from ..verifiers.choices import choice_letters
from .importers.detect import source_rows
from .importers.hub import PREFIX
from .pack_fields import PackError, Reader
from .samples import Evidence, Sample

_COLUMNS = (
    "question", "targets", "sample_id", "cluster_id", "answerable", "choices", "source_text", "source_title", "task"
)  # fmt: skip


def load_dataset(settings: Reader) -> tuple[tuple[Sample, ...], Corpus]:
    """Samples and corpus of a pack with a [dataset] section.

    Raises:
        PackError: A column that the dataset lacks, or a row that cannot be read; the message names it.
    """
    section = settings.section("dataset")
    section.only("name", "split", "columns")
    columns = section.section("columns")
    columns.only(*_COLUMNS)
    columns.text("question")
    domain = settings.text("name")
    documents: dict[str, Document] = {}
    samples = [_sample(_Row(where, row, columns.data), domain, documents) for where, row in _rows(section)]
    if not samples:
        raise section.error("name", "the dataset is empty")
    return tuple(samples), Corpus(tuple(documents.values()))


def _rows(section: Reader) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Rows of a file beside pack.toml where there is one of that name, else of the hub."""
    name = section.text("name")
    beside = Path(section.where).parent / name
    if beside.exists():
        return source_rows(str(beside), beside)
    return source_rows(f"{PREFIX}{name}:{section.text('split', 'test')}", beside)


class _Row:
    """One row of the dataset under the column mapping."""

    def __init__(self, where: str, row: Mapping[str, Any], columns: Mapping[str, str]) -> None:
        self.where, self.row, self.columns = where, row, columns

    def get(self, field: str) -> Any:
        """The value of one of our fields; None where it is not mapped or empty."""
        column = self.columns.get(field)
        if column is None:
            return None
        if column not in self.row:
            raise PackError(f"{self.where}: has no column '{column}'; it has {', '.join(self.row)}")
        return self.row[column]

    def texts(self, field: str) -> tuple[str, ...]:
        """A text or a list of texts as a tuple."""
        value = self.get(field)
        if value is None:
            return ()
        values = value if isinstance(value, list | tuple) else [value]
        return tuple(str(v) for v in values if str(v).strip())


def _sample(row: _Row, domain: str, documents: dict[str, Document]) -> Sample:
    question = row.get("question")
    if not isinstance(question, str) or not question.strip():
        raise PackError(f"{row.where}: the question is empty")
    identity = row.get("sample_id")
    sample_id = str(identity) if identity is not None else hashlib.sha256(question.encode()).hexdigest()[:12]
    targets = row.texts("targets")
    choices = row.texts("choices")
    if choices:
        try:
            targets = choice_letters(targets, choices)
        except ValueError as error:
            raise PackError(f"{row.where}: {error}") from None
    abstain = row.get("answerable") is False or not targets
    sample = Sample(
        sample_id=sample_id,
        domain=domain,
        cluster_id=str(row.get("cluster_id") or sample_id),
        question=question,
        targets=() if abstain else targets,
        task=str(row.get("task") or "reading"),
        abstain_kind="unanswerable" if abstain else None,
        choices=choices,
    )
    text = row.get("source_text")
    if not text:
        return sample
    document = _document(str(text), str(row.get("source_title") or ""), documents)
    evidence = () if abstain else (Evidence(document.doc_id, Span(0, len(document.text))),)
    return replace(sample, evidence=evidence)


def _document(text: str, title: str, documents: dict[str, Document]) -> Document:
    digest = hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
    if digest not in documents:
        documents[digest] = Document(doc_id=f"doc-{len(documents) + 1}", text=text, title=title, sha256=digest)
    return documents[digest]
