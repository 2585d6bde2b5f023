"""Legal citations in running text: reporters, statutes, neutral citations, cases of the EU courts."""

import re
from collections.abc import Iterator

from ..retrieval.passages import Span
from .references import Reference
from .reporters import full_citations

_YEAR = r"(?:1[6-9]|20)\d{2}"
# A reporter has a full stop in it ("F. Supp. 2d") or is one of those often written without: "347 US 483".
_S = r"[ \u00a0]"
_REPORTER = (
    rf"(?:[A-Z][A-Za-z']{{0,7}}\.(?:{_S}?(?:[A-Z][A-Za-z']{{0,7}}\.?|\d(?:d|th|nd|rd|st)|&)){{0,4}}|"
    r"U ?S|S ?Ct|F[2-9]d|WL|LEXIS|"
    r"U\.? ?S\.? (?:Dist\.? |App\.? )?LEXIS)"
)
_SECTION = r"(?:\u00a7{1,2}|[Ss]ec(?:tion|\.)|[Pp]art)?[ \u00a0]{0,2}(?P<section>\d+[A-Za-z]{0,3}(?:[.-]\d+[a-z]?)*)"
_PATTERNS = {
    "statute": rf"\b\d{{1,3}}{_S}(?:U\. ?S\. ?C\.(?: ?A\.)?|USCA?|C\. ?F\. ?R\.|CFR){_S}{{0,2}}{_SECTION}"
    r"(?:\([A-Za-z0-9]{1,4}\))*",
    "reporter": rf"(?<![\w.\u00a7])\d{{1,4}}{_S}{_REPORTER}{_S}(?:at{_S})?\d{{1,7}}(?![\w/]|\.\d)",
    "nominative": rf"(?<![\w.])\d{{1,3}}{_S}U\.?{_S}?S\.?{_S}\(\d{{1,2}}{_S}[A-Z][a-z]{{2,9}}\.?\){_S}\d{{1,4}}"
    r"(?![\w/]|\.\d)",
    "neutral": rf"\[{_YEAR}\]{_S}(?:\d{{1,2}}{_S})?[A-Z][A-Za-z.]{{1,9}}(?:{_S}(?:[A-Z][A-Za-z.]{{0,9}}|&)){{0,3}}{_S}"
    rf"(?:\([A-Z][A-Za-z]{{1,9}}\){_S})?\d{{1,5}}(?!\w)(?:{_S}\([A-Z][A-Za-z]{{1,9}}\))?",
    "volume": rf"\({_YEAR}\){_S}(?:\d{{1,3}}{_S})?(?:(?:[A-Z]{{2,7}}|[A-Z][A-Za-z]{{0,6}}\.|All){_S}){{1,3}}"
    rf"(?:\d{{1,3}}{_S}[A-Z]{{1,4}}{_S})?\d{{1,5}}(?!\w)",
    "eu_case": r"(?<![\w/-])[CTF][\u2010\u2011\u2013-]\d{1,4}/\d{2}(?![\d/])(?:[ \u00a0]P(?:PU)?\b)?",
    "ecli": r"\bECLI:[A-Z]{2}:[A-Z0-9]{1,9}:\d{4}:[A-Z0-9.]{1,25}[A-Z0-9]",
}
_ANY = {kind: re.compile(pattern) for kind, pattern in _PATTERNS.items()}
# digit - words - digit: what eyecite might know although the patterns above do not ("5 Cranch 137").
_SHAPE = re.compile(
    rf"(?<![\w.,/-])\d{{1,4}}{_S}[A-Z][A-Za-z.'&]{{0,15}}"
    rf"(?:{_S}[A-Z0-9][A-Za-z0-9.'&]{{0,12}}){{0,3}}{_S}\d{{1,5}}(?!\w)"
)
# "5 Jan. 2020", "5 P.M. 20": the shape of a citation, but none.
_NO_REPORTER = re.compile(
    r"\(?\d{1,4}\)?[ \u00a0](?:(?:Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sept?|Oct|Nov|Dec)[a-z]{0,6}\b|[AP]\.M\.|"
    r"Mrs?\.|Drs?\.|Nos?\.)"
)


def legal_citations(text: str) -> list[Reference]:
    """Every stretch of `text` that is, or looks like, a legal citation, in order and without overlap.

    Found: reporters ("347 U.S. 483"), also ones that do not exist ("999 F.9d 1"), statutes ("42 U.S.C. \u00a7 1983"),
    neutral and report citations ("[2020] UKSC 5", "[1932] AC 562", "(1868) LR 3 HL 330"), cases of the EU
    courts ("C-311/18") and ECLI. eyecite is asked only about stretches of the shape number - words - number that no
    pattern knows.
    """
    found = [_reference(kind, match) for kind, pattern in _ANY.items() for match in pattern.finditer(text)]
    found = [r for r in found if not _NO_REPORTER.match(r.text)]
    found = _without_overlap(found)
    return _without_overlap(found + list(_known_to_eyecite(text, {r.span.start for r in found})))


def _reference(kind: str, match: re.Match[str]) -> Reference:
    whole = match.group()
    key = whole[: match.end("section") - match.start()] if kind == "statute" else ""
    return Reference(whole, Span(*match.span()), kind, key)


def _known_to_eyecite(text: str, taken: set[int]) -> Iterator[Reference]:
    for shape in _SHAPE.finditer(text):
        if shape.start() in taken or _NO_REPORTER.match(shape.group()):
            continue
        if shape.group() in full_citations(shape.group()):
            yield Reference(shape.group(), Span(*shape.span()), "reporter")


def _without_overlap(references: list[Reference]) -> list[Reference]:
    """In order; of those that overlap the longest."""
    kept: list[Reference] = []
    for reference in sorted(references, key=lambda r: (r.span.start, -r.span.end)):
        if kept and reference.span.start < kept[-1].span.end:
            if reference.span.end - reference.span.start > kept[-1].span.end - kept[-1].span.start:
                kept[-1] = reference
        else:
            kept.append(reference)
    return kept
