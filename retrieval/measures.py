"""Whether the right passages came back: gold evidence by span, by character, and by document with its rank."""

from collections.abc import Collection, Iterable, Sequence
from math import log2

from .passages import Span
from .search import Hit

FOUND_SHARE = 0.5
"""A gold span counts as found where the passages of its document hold at least this share of its characters."""


def evidence_recall(hits: Iterable[Hit], evidence: Sequence[tuple[str, Span]]) -> float:
    """Share of the gold evidence spans that `hits` hold, in [0, 1].

    A span (document id, place in its text) is found if the union of the retrieved passages of its document covers at
    least half of its characters. Undefined without evidence.

    Raises:
        ValueError: `evidence` is empty, or a span in it is.
    """
    _check(evidence)
    passages = _by_document(hits)
    found = 0
    for doc_id, span in evidence:
        found += _covered(span, passages.get(doc_id, [])) >= FOUND_SHARE * (span.end - span.start)
    return found / len(evidence)


def is_answerable_from(hits: Iterable[Hit], evidence: Sequence[tuple[str, Span]]) -> bool:
    """Whether the question can be answered from `hits`: every gold evidence span is found (see `evidence_recall`).

    Raises:
        ValueError: `evidence` is empty, or a span in it is.
    """
    return evidence_recall(hits, evidence) == 1


def character_recall(hits: Iterable[Hit], evidence: Sequence[tuple[str, Span]]) -> float:
    """Share of the characters of the gold evidence that `hits` hold, in [0, 1]; characters count once.

    Source: LegalBench-RAG (Pipitone and Houir Alami 2024, arXiv:2408.10343), section 5. Undefined without evidence.

    Raises:
        ValueError: `evidence` is empty, or a span in it is.
    """
    shared, _, gold = _characters(hits, evidence)
    return shared / gold


def character_precision(hits: Iterable[Hit], evidence: Sequence[tuple[str, Span]]) -> float:
    """Share of the retrieved characters that are gold evidence, in [0, 1]; characters count once. 0 without hits.

    Source: LegalBench-RAG (arXiv:2408.10343), section 5. Undefined without evidence.

    Raises:
        ValueError: `evidence` is empty, or a span in it is.
    """
    shared, retrieved, _ = _characters(hits, evidence)
    return shared / retrieved if retrieved else 0.0


def _characters(hits: Iterable[Hit], evidence: Sequence[tuple[str, Span]]) -> tuple[int, int, int]:
    """Characters that are both retrieved and gold, that are retrieved, that are gold."""
    _check(evidence)
    passages = {doc_id: _merged(spans) for doc_id, spans in _by_document(hits).items()}
    wanted: dict[str, list[Span]] = {}
    for doc_id, span in evidence:
        wanted.setdefault(doc_id, []).append(span)
    gold = {doc_id: _merged(spans) for doc_id, spans in wanted.items()}
    shared = sum(_covered(span, passages.get(doc_id, [])) for doc_id, spans in gold.items() for span in spans)
    sizes = [sum(s.end - s.start for spans in of.values() for s in spans) for of in (passages, gold)]
    return shared, sizes[0], sizes[1]


def _check(evidence: Sequence[tuple[str, Span]]) -> None:
    if not evidence:
        raise ValueError("evidence recall is undefined without gold evidence: leave out samples that have none")
    for doc_id, span in evidence:
        if span.start == span.end:
            raise ValueError(f"empty gold evidence span [{span.start}, {span.end}) in document {doc_id!r}")


def _by_document(hits: Iterable[Hit]) -> dict[str, list[Span]]:
    passages: dict[str, list[Span]] = {}
    for hit in hits:
        passages.setdefault(hit.passage.doc_id, []).append(hit.passage.span)
    return passages


def _merged(spans: Iterable[Span]) -> list[Span]:
    """The union of `spans` as spans that do not overlap."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return merged


def _covered(span: Span, passages: list[Span]) -> int:
    """Characters of `span` that lie in any of `passages`."""
    covered, reached = 0, span.start
    for passage in sorted(passages):
        start, end = max(passage.start, reached), min(passage.end, span.end)
        if end > start:
            covered, reached = covered + end - start, end
    return covered


def recall_at_k(ranked: Sequence[str], relevant: Collection[str], k: int) -> float:
    """Share of the `relevant` document ids among the first `k` different ids of `ranked`, in [0, 1].

    Several passages of one document count once, at the first of them. Undefined without relevant documents.

    Raises:
        ValueError: `relevant` is empty, or `k` is below 1.
    """
    wanted = _wanted(relevant)
    if k < 1:
        raise ValueError(f"k must be at least 1, not {k}")
    return len(wanted.intersection(list(dict.fromkeys(ranked))[:k])) / len(wanted)


def ndcg_at_k(ranked: Sequence[str], relevant: Collection[str], k: int) -> float:
    """Normalised discounted cumulative gain of the first `k` different ids of `ranked`, in [0, 1]; gains are 0 or 1.

    Several passages of one document count once, at the first of them. Undefined without relevant documents.
    Source: Jarvelin and Kekalainen 2002, doi:10.1145/582415.582418, with the discount 1 / log2(1 + rank).

    Raises:
        ValueError: `relevant` is empty, or `k` is below 1.
    """
    wanted = _wanted(relevant)
    if k < 1:
        raise ValueError(f"k must be at least 1, not {k}")
    first = list(dict.fromkeys(ranked))[:k]
    gain = sum(1 / log2(1 + rank) for rank, doc_id in enumerate(first, start=1) if doc_id in wanted)
    return gain / sum(1 / log2(1 + rank) for rank in range(1, min(k, len(wanted)) + 1))


def reciprocal_rank(ranked: Sequence[str], relevant: Collection[str]) -> float:
    """1 / rank of the first relevant document id in `ranked`, 0 if there is none; in [0, 1].

    Several passages of one document count once, at the first of them. Undefined without relevant documents.

    Raises:
        ValueError: `relevant` is empty.
    """
    wanted = _wanted(relevant)
    for rank, doc_id in enumerate(dict.fromkeys(ranked), start=1):
        if doc_id in wanted:
            return 1 / rank
    return 0.0


def _wanted(relevant: Collection[str]) -> set[str]:
    if not relevant:
        raise ValueError("undefined without relevant documents: leave out queries that have none")
    return set(relevant)
