"""Questions over long contracts and policies: LegalBench-RAG, and the answers written for a part of it."""

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

from ...retrieval.passages import Document, Span
from ..importers.detect import source_rows
from ..pack_fields import PackError
from ..samples import LONG_FORM, Evidence, Sample
from .benchmark import Item, Row
from .row import BenchmarkRow, digest

_TEXT = "text of the sources"  # column that the readers of folders add: the texts by file path


def legal_rag_rows(folder: Path) -> Iterator[Row]:
    """Rows of LegalBench-RAG: `benchmarks/*.json` with the texts of `corpus/` that they name.

    Raises:
        PackError: A part is missing, or a file cannot be read.
    """
    benchmarks = sorted((folder / "benchmarks").glob("*.json"))
    if not benchmarks or not (folder / "corpus").is_dir():
        raise PackError(f"{folder}: LegalBench-RAG is a folder with benchmarks/*.json and corpus/")
    texts = _Texts(folder / "corpus")
    for path in benchmarks:
        try:
            tests = list(json.loads(path.read_text(encoding="utf-8"))["tests"])
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            raise PackError(f"{path}: is not a JSON object with a list 'tests' ({type(error).__name__})") from error
        for number, test in enumerate(tests, 1):
            where = f"{path}, test {number}"
            if not isinstance(test, dict):
                raise PackError(f"{where}: a JSON object is needed")
            snippets = test.get("snippets")
            named = [s.get("file_path") for s in snippets if isinstance(s, dict)] if isinstance(snippets, list) else []
            yield where, {**test, _TEXT: {str(name): texts.of(where, str(name)) for name in named}}


def legal_answer_rows(folder: Path) -> Iterator[Row]:
    """Rows of legalbench-rag-qa: its CSV files, with the texts of `knowledge-base/` that they name.

    Raises:
        PackError: A part is missing.
    """
    bases = sorted(path for path in folder.rglob("knowledge-base") if path.is_dir())
    files = sorted(bases[0].parent.glob("*.csv")) if bases else []
    if not files:
        raise PackError(f"{folder}: legalbench-rag-qa is a folder with *.csv beside knowledge-base/")
    texts = _Texts(bases[0])
    for path in files:
        for where, values in source_rows(str(path), path):
            name = str(values.get("source_file") or "")
            yield where, {**values, _TEXT: {name: texts.of(where, name)} if name else {}}


class _Texts:
    """The texts of a folder by their path in it, each read once; no path leads out of the folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        self._read: dict[str, str] = {}

    def of(self, where: str, name: str) -> str:
        if name not in self._read:
            found = [p for p in (self._folder / name, self._folder / unquote(name)) if self._inside(p)]
            if not found:
                raise PackError(f"{where}: names a source that is no file of {self._folder}")
            try:
                self._read[name] = found[0].read_bytes().decode("utf-8")
            except (OSError, UnicodeDecodeError) as error:
                raise PackError(f"{where}: its source cannot be read ({type(error).__name__})") from error
        return self._read[name]

    def _inside(self, path: Path) -> bool:
        try:
            return path.resolve().is_relative_to(self._folder) and path.is_file()
        except (OSError, ValueError):
            return False


def read_legal_rag(row: BenchmarkRow) -> Item:
    """A test of LegalBench-RAG (Pipitone and Houir Alami 2024, arXiv:2408.10343).

    "tests", each with "query" and "snippets" (of "file_path" and "span", a range of characters), checked against the
    publisher's README and readers of it. It measures retrieval: it has no answers, so an answer stays unscored, and the
    snippets are the gold evidence. Tests on one file are a cluster.
    """
    query = row.text("query")
    documents, evidence = dict[str, Document](), list[Evidence]()
    texts = row.table(_TEXT)
    for snippet in row.tables("snippets"):
        inner = BenchmarkRow(row.where, snippet, row.domain)
        name = inner.text("file_path")
        if name not in documents:
            documents[name] = _document(name, str(texts.get(name, "")))
        document = documents[name]
        evidence.append(Evidence(document.doc_id, _span(inner, document)))
    if not evidence:
        raise row.missing("snippets")
    cluster = evidence[0].doc_id
    sample = Sample(digest(query)[:12], row.domain, cluster, query, task=LONG_FORM, evidence=tuple(evidence))
    return Item(sample, tuple(documents.values()))


def _span(row: BenchmarkRow, document: Document) -> Span:
    span = row.get("span")
    if not isinstance(span, list) or len(span) != 2 or not all(type(place) is int for place in span):
        raise row.error("span", "is not a pair of whole numbers")
    if not 0 <= span[0] < span[1] <= len(document.text):
        raise row.error("span", "is not a stretch of its file")
    return Span(span[0], span[1])


def read_legal_answers(row: BenchmarkRow) -> Item:
    """A row of legalbench-rag-qa (datasaur-ai/datasaur-databench), made from LegalBench-RAG (arXiv:2408.10343).

    Columns "prompt", "expected completion" and "source_file" checked against the published files. The answers were
    written by a model and run over paragraphs: the task is long-form. The whole source is the gold evidence.
    """
    name, question = row.text("source_file"), row.text("prompt")
    document = _document(name, str(row.table(_TEXT).get(name, "")))
    sample = Sample(
        sample_id=digest(name, question)[:12],
        domain=row.domain,
        cluster_id=document.doc_id,
        question=question,
        targets=(row.text("expected completion"),),
        task=LONG_FORM,
        evidence=(Evidence(document.doc_id, Span(0, len(document.text))),),
    )
    return Item(sample, (document,))


def _document(name: str, text: str) -> Document:
    title = unquote(Path(name).stem).replace("_", " ")
    return Document(name, text, title, name.partition("/")[0], sha256=digest(text))
