"""Which sources may be cited, as data, and the rule that a document breaks."""

from dataclasses import dataclass
from datetime import date as Date

from .passages import Document


@dataclass(frozen=True, slots=True)
class SourcePolicy:
    """What may be retrieved and cited. Empty tuples and None allow everything.

    Attributes:
        allow: Names of sources (`Document.source`) or document ids that may be cited; empty: all.
        deny: Names of sources or document ids that may not.
        jurisdictions: Allowed jurisdictions. "US" admits "US" and everything below it ("US-CA").
        as_of: Last day a source may bear. Documents of unknown date are then not allowed.
        min_authority: Lowest allowed authority level, 0 to 5.
    """

    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    jurisdictions: tuple[str, ...] = ()
    as_of: Date | None = None
    min_authority: int = 0


def blocking_rule(document: Document, policy: SourcePolicy) -> str | None:
    """The first rule of `policy` that forbids `document`; None where it may be cited.

    Returns one of "deny", "allow", "jurisdiction", "as_of", "min_authority".
    """
    names = {document.source, document.doc_id}
    if names & set(policy.deny):
        return "deny"
    if policy.allow and not names & set(policy.allow):
        return "allow"
    if policy.jurisdictions and not any(_within(document.jurisdiction, j) for j in policy.jurisdictions):
        return "jurisdiction"
    if policy.as_of is not None and (document.date is None or document.date > policy.as_of):
        return "as_of"
    if document.authority < policy.min_authority:
        return "min_authority"
    return None


def _within(place: str, allowed: str) -> bool:
    return place == allowed or place.startswith(allowed + "-")
