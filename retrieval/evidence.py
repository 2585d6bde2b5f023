"""How much of the gold evidence of one question was retrieved, in five numbers."""

from collections.abc import Sequence
from dataclasses import dataclass

from .measures import character_precision, character_recall, evidence_recall, ndcg_at_k, reciprocal_rank
from .passages import Span
from .search import Hit


@dataclass(frozen=True, slots=True)
class EvidenceFound:
    """What a search found of the gold evidence; each in [0, 1], as defined in `measures`.

    Attributes:
        recall: Share of the gold spans found.
        ndcg, reciprocal_rank: Of the documents that hold gold evidence.
        character_precision, character_recall: Of the characters retrieved, and of the gold characters.
    """

    recall: float
    ndcg: float
    reciprocal_rank: float
    character_precision: float
    character_recall: float


def evidence_found(hits: Sequence[Hit], evidence: Sequence[tuple[str, Span]], k: int) -> EvidenceFound:
    """The measures of the first `k` hits against gold spans (document id, place).

    Raises:
        ValueError: `evidence` is empty or holds an empty span, or `k` is below 1.
    """
    first = hits[:k]
    ranked, relevant = [hit.passage.doc_id for hit in first], {doc_id for doc_id, _ in evidence}
    return EvidenceFound(
        evidence_recall(first, evidence),
        ndcg_at_k(ranked, relevant, k),
        reciprocal_rank(ranked, relevant),
        character_precision(first, evidence),
        character_recall(first, evidence),
    )
