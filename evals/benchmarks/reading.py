"""Questions over passages that come with them: PubMedQA, clapNQ, SQuAD 2.0. The passages of all rows are the corpus."""

from collections.abc import Iterator, Sequence

from ...retrieval.passages import Document, Span
from ..samples import LONG_FORM, Evidence, Sample
from .benchmark import Item
from .row import BenchmarkRow, digest

_DECISIONS = ("yes", "no", "maybe")


def read_pubmedqa(row: BenchmarkRow) -> Item:
    """A row of PubMedQA, expert-labelled (Jin et al. 2019, arXiv:1909.06146, doi:10.18653/v1/D19-1259).

    Columns of qiaojin/PubMedQA, pqa_labeled ("pubid", "question", "context" with "contexts", "final_decision"), checked
    against its card; those of the published ori_pqal.json ("QUESTION", "CONTEXTS", "final_decision", the PMID as key)
    against the file. The abstract without its conclusion is a document, each of its paragraphs gold evidence. The
    choices are yes, no and maybe, in this order; "maybe" is an answer of the authors, not an abstention.
    """
    pmid = row.text("pubid")
    contexts = row.texts("CONTEXTS") or _contexts(row)
    decision = row.text("final_decision").casefold()
    if decision not in _DECISIONS:
        raise row.error("final_decision", "is none of yes, no, maybe")
    document, spans = _paragraphs(f"pmid-{pmid}", contexts, f"PubMed {pmid}", "PubMed")
    sample = Sample(
        sample_id=pmid,
        domain=row.domain,
        cluster_id=pmid,
        question=row.text("question", "QUESTION"),
        targets=("ABC"[_DECISIONS.index(decision)],),
        task="research_question",
        evidence=tuple(Evidence(document.doc_id, span) for span in spans),
        choices=_DECISIONS,
    )
    return Item(sample, (document,))


def _contexts(row: BenchmarkRow) -> tuple[str, ...]:
    contexts = BenchmarkRow(row.where, row.table("context"), row.domain).texts("contexts")
    if not contexts:
        raise row.missing("contexts", "CONTEXTS")
    return contexts


def read_clapnq(row: BenchmarkRow) -> Item:
    """A row of clapNQ (Rosenthal et al. 2024, arXiv:2404.02103).

    Columns "id", "input", "passages" (of "title", "text", "sentences") and "output" (of "answer",
    "selected_sentences") checked against the published files, which PrimeQA/clapnq repeats. A question whose answers
    are all null is unanswerable. The answers run over several sentences, so the task is long-form; the sentences
    that the annotators selected are the gold evidence. Passages of one title are a cluster.
    """
    documents = [_passage(row, passage) for passage in row.tables("passages")]
    outputs = [BenchmarkRow(row.where, output, row.domain) for output in row.tables("output")]
    answers = tuple(dict.fromkeys(answer for output in outputs for answer in output.texts("answer")))
    if not documents:
        raise row.missing("passages")
    selected = dict.fromkeys(text for output in outputs for text in output.texts("selected_sentences"))
    sample = Sample(
        sample_id=row.text("id"),
        domain=row.domain,
        cluster_id=documents[0].title or row.text("id"),
        question=row.text("input"),
        targets=answers,
        task=LONG_FORM if answers else "reading",
        evidence=tuple(_found(documents, selected)) if answers else (),
        abstain_kind=None if answers else "unanswerable",
    )
    return Item(sample, tuple(documents))


def _passage(row: BenchmarkRow, passage: object) -> Document:
    inner = BenchmarkRow(row.where, passage, row.domain)  # type: ignore[arg-type]  # tables() has seen to it
    text = inner.text("text")
    return Document(f"nq-{digest(text)[:12]}", text, inner.optional("title"), "Wikipedia", sha256=digest(text))


def _found(documents: Sequence[Document], sentences: dict[str, None]) -> Iterator[Evidence]:
    for sentence in sentences:
        for document in documents:
            if (start := document.text.find(sentence)) >= 0:
                yield Evidence(document.doc_id, Span(start, start + len(sentence)), sentence)
                break


def read_squad2(row: BenchmarkRow) -> Item:
    """A row of SQuAD 2.0, one of AbstentionBench's sets (Rajpurkar et al. 2018, arXiv:1806.03822).

    Columns "id", "title", "context", "question" and "answers" (of "text", "answer_start") checked against the reader of
    AbstentionBench. A question without answers is unanswerable; questions on one article are a cluster.
    """
    context = row.text("context")
    document = Document(f"squad-{digest(context)[:12]}", context, row.optional("title"), "Wikipedia")
    answers = BenchmarkRow(row.where, row.table("answers"), row.domain).texts("text")
    evidence = (Evidence(document.doc_id, Span(0, len(context))),) if answers else ()
    sample = Sample(
        sample_id=row.text("id"),
        domain=row.domain,
        cluster_id=document.title or document.doc_id,
        question=row.text("question"),
        targets=tuple(dict.fromkeys(answers)),
        evidence=evidence,
        abstain_kind=None if answers else "unanswerable",
    )
    return Item(sample, (document,))


def _paragraphs(doc_id: str, texts: Sequence[str], title: str, source: str) -> tuple[Document, list[Span]]:
    """A document of paragraphs, and the place of each."""
    spans: list[Span] = []
    at = 0
    for text in texts:
        spans.append(Span(at, at + len(text)))
        at += len(text) + 2
    whole = "\n\n".join(texts)
    return Document(doc_id, whole, title, source, sha256=digest(whole)), spans
