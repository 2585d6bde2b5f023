"""Which sources may be cited, as data, and the rule that a document breaks."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date as Date
from typing import Optional

from .jurisdictions import Parents, lies_within
from .passages import Document

RULES = (
    "deny",
    "allow",
    "jurisdiction",
    "binding_in",
    "as_of",
    "valid_from",
    "valid_to",
    "superseded",
    "min_authority",
    "license",
    "min_safety_tier",
)
"""Every rule that can block a document, in the order in which they are asked."""


@dataclass(frozen=True, slots=True)
class SourcePolicy:
    """What may be retrieved and cited. Empty tuples, "" and None allow everything.

    Attributes:
        allow: Names of sources (`Document.source`) or document ids that may be cited; empty: all.
        deny: Names of sources or document ids that may not.
        jurisdictions: Allowed jurisdictions, each with everything below it: "US" admits "US-CA" and "N.D. Cal.".
        as_of: The day on which the question is asked. A source must bear no later day, must be in force on it
            (`valid_from` to `valid_to`) and not be superseded by then. Documents of unknown date are not allowed.
        min_authority: Lowest allowed authority level, 0 to 5.
        binding_in: A jurisdiction: only what binds there, that is itself and everything above it.
        licenses: Allowed licences; a document of unknown licence is then not allowed.
        min_safety_tier: Lowest allowed patient-safety tier, 0 to 3.
        current_only: Whether superseded documents are forbidden whatever the day.
        parents: Jurisdictions that the table of `jurisdictions.toml` lacks, each with the one above it.
        within: A policy that must allow the document too: a sample narrows its pack's policy and never widens it.
    """

    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    jurisdictions: tuple[str, ...] = ()
    as_of: Date | None = None
    min_authority: int = 0
    binding_in: str = ""
    licenses: tuple[str, ...] = ()
    min_safety_tier: int = 0
    current_only: bool = False
    parents: Parents = ()
    within: Optional["SourcePolicy"] = None


def blocking_rule(document: Document, policy: SourcePolicy) -> str | None:
    """The first rule of `policy` (one of `RULES`) that forbids `document`; None where it may be cited.

    Rules of `policy` itself come before those of the policy it lies within.
    """
    for one in chain_of(policy):
        rule = _named(document, one) or _placed(document, one) or _dated(document, one) or _graded(document, one)
        if rule is not None:
            return rule
    return None


def chain_of(policy: SourcePolicy) -> Iterator[SourcePolicy]:
    """`policy` and the policies that it lies within, the narrowest first."""
    current: SourcePolicy | None = policy
    while current is not None:
        yield current
        current = current.within


def _named(document: Document, policy: SourcePolicy) -> str | None:
    names = {document.source, document.doc_id}
    if names & set(policy.deny):
        return "deny"
    return "allow" if policy.allow and not names & set(policy.allow) else None


def _placed(document: Document, policy: SourcePolicy) -> str | None:
    place = document.jurisdiction
    if policy.jurisdictions and not any(lies_within(place, j, policy.parents) for j in policy.jurisdictions):
        return "jurisdiction"
    if policy.binding_in and not (place and lies_within(policy.binding_in, place, policy.parents)):
        return "binding_in"
    return None


def _dated(document: Document, policy: SourcePolicy) -> str | None:
    day = policy.as_of
    if policy.current_only and document.superseded_by:
        return "superseded"
    if day is None:
        return None
    if document.date is None or document.date > day:
        return "as_of"
    if document.valid_from is not None and day < document.valid_from:
        return "valid_from"
    if document.valid_to is not None:
        ended = day > document.valid_to
        return ("superseded" if document.superseded_by else "valid_to") if ended else None
    return "superseded" if document.superseded_by else None  # since when is unknown, so it cannot be relied on


def _graded(document: Document, policy: SourcePolicy) -> str | None:
    if document.authority < policy.min_authority:
        return "min_authority"
    if policy.licenses and document.license not in policy.licenses:
        return "license"
    return "min_safety_tier" if document.safety_tier < policy.min_safety_tier else None
