"""Text and where it came from. Offsets are code points of the document's own text, always."""

from dataclasses import dataclass
from datetime import date as Date


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Half-open range [start, end) of code points in one text."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise ValueError(f"not a span: [{self.start}, {self.end})")

    def of(self, text: str) -> str:
        """The stretch of `text` that this span covers."""
        return text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Document:
    """One source and what decides whether it may be cited.

    Attributes:
        source: Who published it, e.g. "Supreme Court of the United States". Allow and deny lists name sources.
        date: Day from which the text speaks (decision, enactment, publication); None if unknown.
        jurisdiction: E.g. "US", "US-CA", "EU", "UK"; "" if it has none.
        authority: 1 (informal) to 5 (binding or highest-grade evidence); 0 if unknown.
        sha256: Hash of `text` as UTF-8.
        valid_from, valid_to: First and last day on which it is in force; None: unbounded.
        superseded_by: Id of the document that took its place; "" while none has.
        license: SPDX identifier of its terms, e.g. "CC-BY-4.0"; "" if unknown.
        safety_tier: How far it has been reviewed for use with patients: 1 background reading, 2 for professionals,
            3 reviewed for acting on it (labelling, guidelines); 0 if unknown.
    """

    doc_id: str
    text: str
    title: str = ""
    source: str = ""
    date: Date | None = None
    jurisdiction: str = ""
    authority: int = 0
    url: str = ""
    sha256: str = ""
    valid_from: Date | None = None
    valid_to: Date | None = None
    superseded_by: str = ""
    license: str = ""
    safety_tier: int = 0

    def passage(self, span: Span) -> "Passage":
        """The passage at `span` of this document."""
        return Passage(self.doc_id, span, span.of(self.text))


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of a document; `text == span.of(document.text)`, always."""

    doc_id: str
    span: Span
    text: str
