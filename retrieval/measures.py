"""Whether the right passages came back: recall of gold evidence, recall and reciprocal rank of documents."""

from collections.abc import Collection, Iterable, Sequence

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
    if not evidence:
        raise ValueError("evidence recall is undefined without gold evidence: leave out samples that have none")
    passages: dict[str, list[Span]] = {}
    for hit in hits:
        passages.setdefault(hit.passage.doc_id, []).append(hit.passage.span)
    found = 0
    for doc_id, span in evidence:
        if span.start == span.end:
            raise ValueError(f"empty gold evidence span [{span.start}, {span.end}) in document {doc_id!r}")
        found += _covered(span, passages.get(doc_id, [])) >= FOUND_SHARE * (span.end - span.start)
    return found / len(evidence)


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
