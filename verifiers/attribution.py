"""Words of a claim that say where it comes from, not what it says: "According to passage 2", "347 U.S. 483 (1954)"."""

import re

from .citation_sentences import back_references
from .legal import legal_citations
from .medical import medical_identifiers
from .stated import name_before

_NUMBERED = (
    r"(?:\s(?:no\.\s?)?\[?\d{1,3}\]?"
    r"(?:(?:,|,?\sand|,?\sor|\s?&|\s?[\u2013-])\s?(?:passage\s|source\s)?\[?\d{1,3}\]?){0,9})"
)
_SOURCE = (
    r"(?:(?:the|these|those|this|all|both|each|any|some|several)\s(?:of\sthe\s)?)?(?:(?:provided|given|supplied|"
    r"retrieved|available|above|cited|"
    r"same|first|second|third|following)\s)?(?:passages?|sources?|excerpts?|documents?|contexts?|search\sresults|"
    r"texts?|articles?)"
    rf"(?:\s(?:provided|given|above))?{_NUMBERED}?"
)
_ATTRIBUTION = re.compile(
    r"\b(?:based\s(?:solely\s|only\s)?(?:on|upon)|according\sto|as\s(?:\w+\s)?(?:in|by|per)|per|from|in|by|"
    rf"see)\s{_SOURCE}\b(?:,\s?)?"
    rf"|\b{_SOURCE}\b\s(?:also\s|further\s|explicitly\s|clearly\s|specifically\s)?(?:states?|says?|mentions?|notes?|"
    r"indicates?|suggests?|explains?|"
    r"confirms?|reports?|adds?|describes?|provides?|advises?|recommends?|shows?|highlights?)\b(?:\s(?:that|"
    r"how)\b)?(?:,\s?)?"
    rf"|\b(?:passages?|sources?|documents?|excerpts?){_NUMBERED}",
    re.IGNORECASE,
)


# After a citation: the page, the court and the year.
_TAIL = re.compile(r"(?:,?\s(?:at\s)?\d{1,4}(?:[\u2013-]\d{1,4})?(?![\w%]))?(?:\s\((?:[\w.\s]{0,24}\s)?\d{4}\))?")
_DIGIT = re.compile(r"\d")


def without_attribution(text: str) -> str:
    """`text` with the words that only name a source blanked out, sign for sign, so that offsets stay.

    Citations of decisions, with the name of the decision where it stands aside from the sentence (", Roe v. Wade, 410
    U.S. 113"), and identifiers of literature are blanked out too: whether they exist is another check than
    whether the passage bears the claim out, and a decision rarely has its own citation in its text. Sections of
    statutes stay: they are what the claim is about.
    """
    if _DIGIT.search(text):
        for reference in [*legal_citations(text), *medical_identifiers(text)]:
            if reference.kind == "statute":
                continue
            tail = _TAIL.match(text, reference.span.end)
            start = name_before(text, reference.span.start)
            text = _blanked(text, start, tail.end() if tail else reference.span.end)
    for back in back_references(text):
        text = _blanked(text, *back.span())
    return _ATTRIBUTION.sub(lambda found: " " * len(found.group()), text)


def _blanked(text: str, start: int, end: int) -> str:
    return text[:start] + " " * (end - start) + text[end:]
