"""The documents that may be searched."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field

from .document_rows import CorpusError, document_row
from .passages import Document

__all__ = ["Corpus", "CorpusError"]


@dataclass(frozen=True, slots=True)
class Corpus:
    """Documents in order, each id once.

    Raises:
        CorpusError: Two documents bear the same id.
    """

    documents: tuple[Document, ...]
    _by_id: dict[str, Document] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_id = {document.doc_id: document for document in self.documents}
        if len(by_id) < len(self.documents):
            raise CorpusError(f"doc_id {_first_repeated(self.documents)!r} is used twice: ids must be unique")
        object.__setattr__(self, "_by_id", by_id)

    def __len__(self) -> int:
        return len(self.documents)

    def __iter__(self) -> Iterator[Document]:
        return iter(self.documents)

    def __contains__(self, doc_id: object) -> bool:
        return doc_id in self._by_id

    def get(self, doc_id: str) -> Document | None:
        """The document of that id; None if there is none."""
        return self._by_id.get(doc_id)

    @property
    def sha256(self) -> str:
        """Hash of all ids, texts and metadata, in hexadecimal; the order of the documents does not count."""
        digest = hashlib.sha256()
        for doc in sorted(self.documents, key=lambda document: document.doc_id):
            day = doc.date.isoformat() if doc.date else None
            row = [doc.doc_id, doc.text, doc.title, doc.source, day, doc.jurisdiction, doc.authority, doc.url]
            digest.update(json.dumps([*row, *_rarer(doc)]).encode() + b"\n")
        return digest.hexdigest()


def _rarer(document: Document) -> list[dict[str, object]]:
    """Fields that few corpora use; where none is used the hash is that of a corpus without them."""
    names = ("valid_from", "valid_to", "superseded_by", "license", "safety_tier")
    used = {name: value for name, value in document_row(document).items() if name in names}
    return [used] if used else []


def _first_repeated(documents: tuple[Document, ...]) -> str:
    seen: set[str] = set()
    for document in documents:
        if document.doc_id in seen:
            return document.doc_id
        seen.add(document.doc_id)
    return ""
