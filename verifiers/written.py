"""References written out in an answer, of law and of medicine, each with its finding and the document that it is."""

import re
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache

from ..retrieval.passages import Document
from .authority_check import overruled_remark
from .case_citations import CASE_KINDS, Library, Written, check_cases
from .legal import legal_citations
from .medical import is_well_formed, medical_identifiers
from .references import Reference, check_references
from .verdict import Claim, Finding


def check_written(answer: str, library: Library) -> list[Written]:
    """Every reference written out in `answer`, in order: decisions, statutes, literature, trials.

    A decision is held against the index of authorities and the sources, everything else against the sources alone; an
    identifier that cannot be one ("NCT123") is FABRICATED whatever the sources are.
    """
    law = legal_citations(answer)
    cases = check_cases(answer, law, library)
    others = [r for r in law if r.kind not in CASE_KINDS] + medical_identifiers(answer)
    checked = check_references(others, library.documents, library.policy)
    written = [
        Written(citation, Finding.FABRICATED, reason="no such identifier can be")
        if not is_well_formed(reference)
        else Written(citation, finding, _own_document(reference, finding, library))
        for reference, (citation, finding) in zip(others, checked, strict=True)
    ]
    return sorted([*cases, *written], key=lambda w: w.citation.span)


def _own_document(reference: Reference, finding: Finding, library: Library) -> str | None:
    """The document that an identifier of literature names.

    It stands in its address, id or title, or is the only one of its kind in its text.
    """
    if finding is not Finding.RESOLVED or reference.kind == "statute" or not reference.key:
        return None
    key = re.compile(rf"(?<![\w.]){re.escape(reference.key)}(?![\w])", re.IGNORECASE)
    readable = [d for d in library.documents.values() if d.text.strip()]
    named = (d.doc_id for d in readable if any(key.search(part) for part in (d.url, d.doc_id, d.title)))
    only = (d.doc_id for d in readable if _identifiers(d).get(reference.kind) == {reference.key.casefold()})
    return next(named, None) or next(only, None)


@lru_cache(maxsize=4096)
def _identifiers(document: Document) -> Mapping[str, set[str]]:
    found: dict[str, set[str]] = {}
    for reference in medical_identifiers(document.text):
        found.setdefault(reference.kind, set()).add(reference.key.casefold())
    return found


def as_borne_out(written: Sequence[Written], supporting: Collection[str], elsewhere: Collection[str]) -> list[Written]:
    """The references of one claim, now that it is known which documents support it.

    Where none of the documents that it cites does, and another does, those that it cites are MISATTRIBUTED.
    """
    if supporting or not elsewhere:
        return list(written)
    return [
        Written(w.citation, Finding.MISATTRIBUTED, None, w.authority, "another source bears the claim out")
        if w.own_doc is not None and w.finding is Finding.RESOLVED
        else w
        for w in written
    ]


def remarks_on(claims: Sequence[Claim], written: Sequence[Sequence[Written]], library: Library) -> list[str]:
    """Sentences on decisions that are cited although they were overruled by the day of the policy, each once."""
    said = (
        overruled_remark(w.authority, claim.text, library.policy.as_of)
        for claim, of_claim in zip(claims, written, strict=True)
        for w in of_claim
        if w.authority is not None and w.finding in (Finding.RESOLVED, Finding.WRONG_PINCITE, Finding.UNCHECKABLE)
    )
    return list(dict.fromkeys(remark for remark in said if remark))
