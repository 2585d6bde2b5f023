"""Sentences that are nothing but a citation: "See Brown v. Board of Education, 347 U.S. 483 (1954)." """

import re

from .legal import legal_citations
from .medical import medical_identifiers

_LONGEST = 400
_HINT = re.compile(r"\d|\b(?:Id|Ibid|supra)\b", re.IGNORECASE)
_BACK = re.compile(
    r"(?<!\w)(?:(?:Id|Ibid)\.(?:,?\s(?:at|\u00a7)\s\d{1,5}(?:[\u2013-]\d{1,5})?)?"
    r"|(?:[A-Z][\w'\u2019-]{1,30},\s)?supra(?:\snote\s\d{1,4})?(?:,?\sat\s\d{1,5}(?:[\u2013-]\d{1,5})?)?)(?!\w)",
    re.IGNORECASE,
)
_BRACKETS = re.compile(r"\([^()]{0,80}\)")
_WORD = re.compile(r"[^\s,;:.()\[\]*_]+")


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_LINKS = _words(
    "see also cf accord e.g citing quoting compare contra but in re ex parte and of the for on at v vs et al rel n"
    " note p pp id ibid supra plc"
)


def back_references(text: str) -> list[re.Match[str]]:
    """Where `text` refers back to a citation: "Id. at 444", "Brown, supra, at 495"."""
    return list(_BACK.finditer(text)) if _HINT.search(text) else []


def is_citation_sentence(text: str) -> bool:
    """Whether `text` only cites: a citation or a reference back, and around it names, signals, courts and years."""
    if len(text) > _LONGEST or not _HINT.search(text):
        return False
    cited = [*legal_citations(text), *medical_identifiers(text)]
    spans = [(r.span.start, r.span.end) for r in cited] + [m.span() for m in _BACK.finditer(text)]
    if not spans:
        return False
    for start, end in spans:
        text = text[:start] + " " * (end - start) + text[end:]
    words = _WORD.findall(_BRACKETS.sub(" ", text))
    return all(w[0].isupper() or w.isdigit() or w.casefold() in _LINKS or not w[0].isalnum() for w in words)
