"""Identifiers of medical literature in running text: PMID, PMCID, DOI, trial registrations."""

import re

from ..retrieval.passages import Span
from .references import Reference

_PATTERNS = {
    "pmid": re.compile(
        r"\bPMIDs?[:#]?[ \u00a0]{0,2}(?P<key>\d{1,15})\b|\bpubmed\.ncbi\.nlm\.nih\.gov/(?P<key2>\d{1,15})\b",
        re.IGNORECASE,
    ),
    "pmcid": re.compile(r"\bPMC(?:ID)?:?[ \u00a0]?(?:PMC)?(?P<key>\d{4,9})\b"),
    "doi": re.compile(
        r"(?<![\w.])(?:doi:[ \u00a0]?|"
        r"https?://(?:dx\.)?doi\.org/)?(?P<key>10\.\d{4,9}/[^\s\"'<>\[\]{}\u201c\u201d]{1,200})"
        r"|\b(?:doi:[ \u00a0]?|doi\.org/)(?P<key2>\d[^\s\"'<>\[\]{}\u201c\u201d]{3,200})",
        re.IGNORECASE,
    ),
    "trial": re.compile(
        r"\b(?P<key>NCT[ \u00a0]?\d{4,14}|ISRCTN[ \u00a0]?\d{4,14}|EUCTR\d{4}-\d{6}-\d{2}|ACTRN\d{14})\b", re.IGNORECASE
    ),
}
_FORMS = {
    "pmid": re.compile(r"[1-9]\d{0,7}"),
    "doi": re.compile(r"10\.\d{4,9}/\S+"),
    "trial": re.compile(r"(?:NCT|ISRCTN)\d{8}|EUCTR\d{4}-\d{6}-\d{2}|ACTRN\d{14}", re.IGNORECASE),
}
_TRAILING = ".,;:!?*_"


def medical_identifiers(text: str) -> list[Reference]:
    """Every PMID, PMCID, DOI and trial registration of `text`, in order; `key` is the bare identifier."""
    found = [_reference(kind, match) for kind, pattern in _PATTERNS.items() for match in pattern.finditer(text)]
    return sorted(found, key=lambda r: r.span)


def is_well_formed(reference: Reference) -> bool:
    """Whether an identifier can be one of its kind at all; True of any other reference.

    A PMID has one to eight digits and begins with none of 0; a DOI begins with "10." and a registrant of four to nine
    digits (https://www.doi.org/the-identifier/resources/handbook); NCT and ISRCTN are followed by eight digits.
    """
    form = _FORMS.get(reference.kind)
    return form is None or form.fullmatch(reference.key) is not None


def _reference(kind: str, match: re.Match[str]) -> Reference:
    groups = match.groupdict()
    key = groups["key"] or groups.get("key2") or ""
    whole = match.group()
    if kind == "pmcid":
        key = f"PMC{key}"
    if kind == "trial":
        key = key.replace(" ", "").replace("\u00a0", "")
    if kind == "doi":
        kept = _without_trailing(key)
        whole = whole[: len(whole) - (len(key) - len(kept))]
        key = kept
    return Reference(whole, Span(match.start(), match.start() + len(whole)), kind, key)


def _without_trailing(doi: str) -> str:
    """A DOI without the punctuation of the sentence around it; a bracket goes where it closes nothing."""
    while doi and (doi[-1] in _TRAILING or (doi[-1] == ")" and doi.count(")") > doi.count("("))):
        doi = doi[:-1]
    return doi
