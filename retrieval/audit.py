"""The last look at a search result before anything reads it: no ranker is trusted to have kept the source policy."""

from typing import Protocol

from .passages import Document, Passage
from .search import BlockedHit, Hit, SearchResult
from .sources import SourcePolicy, blocking_rule


class PolicyViolation(Exception):
    """A retriever returned a text that its document does not hold: nothing about its sources can be trusted."""


class Documents(Protocol):
    """What knows the documents that may have been found: a corpus in memory, or an index on disk."""

    def get(self, doc_id: str) -> Document | None:
        """The document of that id; None if there is none."""
        ...


def audit(result: SearchResult, corpus: Documents, policy: SourcePolicy, *, k: int | None = None) -> SearchResult:
    """`result` with every hit checked again: the passage is its document's, and `policy` allows the document.

    A hit that the policy forbids is moved to `blocked` with the rule it breaks; it never stays among the hits. Order
    and scores are kept. `blocked` passages of `result` itself are kept too, each checked to be its document's.

    Args:
        k: How many hits were asked for; more than that are cut. None: all are kept.

    Raises:
        PolicyViolation: A passage names a document that is not in `corpus`, or is not a stretch of its text.
    """
    hits: list[Hit] = []
    blocked: list[BlockedHit] = []
    for hit in result.hits:
        rule = blocking_rule(_document_of(hit.passage, corpus), policy)
        if rule is None:
            hits.append(hit)
        else:
            blocked.append(BlockedHit(hit.passage, hit.score, rule))
    for known in result.blocked:
        _document_of(known.passage, corpus)
        blocked.append(known)
    return SearchResult(tuple(hits[:k]), tuple(blocked), result.usage)


def _document_of(passage: Passage, corpus: Documents) -> Document:
    document = corpus.get(passage.doc_id)
    if document is None:
        raise PolicyViolation(f"retrieved passage names document {passage.doc_id!r}, which is not in the corpus")
    span = passage.span
    if span.end > len(document.text) or span.of(document.text) != passage.text:
        raise PolicyViolation(
            f"retrieved passage is not the text of document {passage.doc_id!r} at [{span.start}, {span.end}): "
            "rebuild the index from this corpus"
        )
    return document
