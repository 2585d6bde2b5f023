"""References written out in an answer (a reporter citation, a DOI): they must stand in a source at hand."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ..retrieval.passages import Document, Span
from ..retrieval.sources import SourcePolicy, blocking_rule
from .verdict import Citation, Finding

_PIECE = re.compile(r"\d+|[^\W\d_]|[/:]")
_BETWEEN = r"[\s.,\u00a7\u2010-\u2015()\[\]-]{0,6}"


@dataclass(frozen=True, slots=True)
class Reference:
    """One reference: as written, its place in the text, and its kind ("reporter", "statute", "doi", ...).

    `text == span.of(answer)`, always. `key` is the part that must be found in a source; `text` where that is all.
    """

    text: str
    span: Span
    kind: str
    key: str = ""


def check_references(
    references: Iterable[Reference], documents: Mapping[str, Document], policy: SourcePolicy
) -> list[tuple[Citation, Finding]]:
    """What each reference is worth, as a citation with its finding.

    RESOLVED: stands in the text, title, address or id of a document that `policy` allows (spaces, full stops and
    section signs do not count). OUT_OF_SCOPE, POST_CUTOFF: only in a forbidden one. FABRICATED: in none. UNCHECKABLE:
    in none, but an allowed document has no text at hand, so that it may stand there.
    """
    order = sorted(documents.values(), key=lambda d: blocking_rule(d, policy) is not None)
    unread = any(not d.text.strip() and blocking_rule(d, policy) is None for d in order)
    places: dict[str, Document | None] = {}
    found: list[tuple[Citation, Finding]] = []
    for reference in references:
        key = reference.key or reference.text
        if key not in places:
            places[key] = _document_with(_pattern(reference.kind, key), order)
        found.append(_finding(reference, places[key], policy, unread))
    return found


def _document_with(pattern: re.Pattern[str], order: Sequence[Document]) -> Document | None:
    return next((d for d in order if any(pattern.search(part) for part in (d.text, d.title, d.url, d.doc_id))), None)


def _finding(
    reference: Reference, document: Document | None, policy: SourcePolicy, unread: bool
) -> tuple[Citation, Finding]:
    citation = Citation(reference.text, reference.span, document.doc_id if document else None)
    if document is None:
        return citation, Finding.UNCHECKABLE if unread else Finding.FABRICATED
    return citation, forbidden(document, policy) or Finding.RESOLVED


def forbidden(document: Document, policy: SourcePolicy) -> Finding | None:
    """POST_CUTOFF or OUT_OF_SCOPE where `policy` forbids `document`; None where it may be cited."""
    rule = blocking_rule(document, policy)
    if rule is None:
        return None
    return Finding.POST_CUTOFF if rule == "as_of" else Finding.OUT_OF_SCOPE


def _pattern(kind: str, key: str) -> re.Pattern[str]:
    if kind == "doi":
        return _literal(key)
    return _pmid(key) if kind == "pmid" else _loose(key)


@lru_cache(maxsize=1024)
def _pmid(number: str) -> re.Pattern[str]:
    """A PMID where it is called one, in an address, or as an id: "40" is mostly a dose."""
    return re.compile(rf"(?:\bPMIDs?[\s:#=]{{0,3}}|pubmed\S{{0,30}}/|\A){number}(?:(?!\w)|\Z)", re.IGNORECASE)


@lru_cache(maxsize=1024)
def _loose(text: str) -> re.Pattern[str]:
    """`text` with any spacing and full stops between its letters and numbers, not as a part of longer ones."""
    pieces = [re.escape(piece) for piece in _PIECE.findall(text)]
    return re.compile(r"(?<!\w)" + _BETWEEN.join(pieces) + r"(?![^\W_])", re.IGNORECASE)


@lru_cache(maxsize=1024)
def _literal(text: str) -> re.Pattern[str]:
    return re.compile(r"(?<!\w)" + re.escape(text) + r"(?![^\W_])", re.IGNORECASE)
