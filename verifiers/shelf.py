"""The sources of one answer: which may be cited, and which passages of them are at hand."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..retrieval.passages import Document, Passage, Span
from ..retrieval.sources import SourcePolicy, blocking_rule
from .verdict import Claim


class Shelf:
    """Documents and passages, sorted by what the policy allows.

    A passage of a document that nobody described is taken for a document without source, date, jurisdiction and
    authority, which a policy that asks for any of them forbids.
    """

    def __init__(self, passages: Sequence[Passage], documents: Mapping[str, Document], policy: SourcePolicy) -> None:
        self.policy = policy
        self.shown: dict[str, list[Passage]] = {}
        for passage in passages:
            self.shown.setdefault(passage.doc_id, []).append(passage)
        self.documents = dict(documents)
        for doc_id, shown in self.shown.items():
            self.documents[doc_id] = _described(doc_id, documents.get(doc_id), shown)
        self.allowed = {i for i, d in self.documents.items() if blocking_rule(d, policy) is None}
        self.unread = {i for i in self.allowed if not self.of(i)}
        self.passages = [p for p in passages if p.doc_id in self.allowed and p.text.strip()]

    def cited(self, claim: Claim) -> list[str]:
        """Ids of the allowed documents with text that the claim cites, in order, each once."""
        ids = dict.fromkeys(c.doc_id for c in claim.citations if c.doc_id in self.allowed)
        return [i for i in ids if i is not None and self.of(i)]

    def of(self, doc_id: str) -> list[Passage]:
        """The passages of one document: those shown to the model, else all of its text."""
        shown = [p for p in self.shown.get(doc_id, ()) if p.text.strip()]
        if shown:
            return shown
        document = self.documents[doc_id]
        return [document.passage(Span(0, len(document.text)))] if document.text.strip() else []

    def all_for(self, claim: Claim) -> list[Passage]:
        """Every allowed passage that was shown, and the documents that the claim cites beyond them."""
        beyond = [p for i in self.cited(claim) if i not in self.shown for p in self.of(i)]
        return self.passages + beyond

    def is_unread(self, claim: Claim) -> bool:
        """Whether the claim could stand in a source without text: one that it cites, or any if it cites none."""
        if not claim.citations:
            return bool(self.unread)
        return any(c.doc_id in self.unread for c in claim.citations)


def _described(doc_id: str, document: Document | None, shown: Sequence[Passage]) -> Document:
    if document is not None and document.text.strip():
        return document
    text = "\n\n".join(p.text for p in shown)
    return replace(document, text=text) if document is not None else Document(doc_id, text)
