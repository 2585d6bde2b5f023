"""What one citation is worth: does it resolve, may it be cited, does it bear the claim out."""

from collections.abc import Collection, Mapping

from ..retrieval.passages import Document
from ..retrieval.sources import SourcePolicy
from .markers import find_markers
from .references import forbidden
from .verdict import Citation, Finding

__all__ = ["BLOCKING", "check_citation", "find_markers"]

BLOCKING = frozenset(
    {Finding.FABRICATED, Finding.OUT_OF_SCOPE, Finding.POST_CUTOFF, Finding.MISATTRIBUTED, Finding.WRONG_PINCITE}
)
"""Findings with which no answer is accepted, whatever else it says."""


def check_citation(
    citation: Citation,
    documents: Mapping[str, Document],
    policy: SourcePolicy,
    *,
    supporting: Collection[str] = (),
    elsewhere: Collection[str] = (),
) -> Finding:
    """The finding for one marker, the cheapest question first.

    Args:
        citation: A marker of the answer, resolved to a document id or to None.
        documents: Every document there is, also forbidden ones, by id.
        policy: What may be cited.
        supporting: Ids of the documents, among those that the claim cites, that support it alone or together.
        elsewhere: Ids of allowed documents that support the claim although it does not cite them.

    Returns:
        FABRICATED: resolves to nothing. OUT_OF_SCOPE, POST_CUTOFF: real but forbidden. UNCHECKABLE: no text at hand.
        RESOLVED: supports the claim. MISATTRIBUTED: does not, nor does another source that the claim cites, but one
        that it does not cite does. UNSUPPORTED: does not, and either no source does or another cited one carries it.
    """
    document = documents.get(citation.doc_id) if citation.doc_id is not None else None
    if document is None:
        return Finding.FABRICATED
    not_allowed = forbidden(document, policy)
    if not_allowed is not None:
        return not_allowed
    if document.doc_id in supporting:
        return Finding.RESOLVED
    if not document.text.strip():
        return Finding.UNCHECKABLE
    return Finding.MISATTRIBUTED if elsewhere and not supporting else Finding.UNSUPPORTED
