"""How often and by which route a medicine is given: "0.5 mg b.i.d.", "every 12 hours", "intramuscularly"."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..retrieval.passages import Span

_COUNTS = {"once": 1, "one": 1, "twice": 2, "two": 2, "thrice": 3, "three": 3, "four": 4, "five": 5, "six": 6,
           "eight": 8, "ten": 10, "twelve": 12, "a": 1, "each": 1}  # fmt: skip
_DAYS = {"h": 1 / 24, "d": 1.0, "w": 7.0, "m": 30.0, "f": 14.0}  # by the first letter: hour, day, week, month
_N = r"(?:\d{1,2}|once|one|twice|two|thrice|three|four|five|six|eight|ten|twelve)"
_PERIOD = r"(?:hours?|hrs?|h|days?|d|weeks?|wks?|months?|fortnights?)"
_LATIN = {"bid": 2.0, "bd": 2.0, "tid": 3.0, "tds": 3.0, "qid": 4.0, "qds": 4.0, "qd": 1.0, "od": 1.0, "qod": 0.5,
          "qhs": 1.0, "qam": 1.0, "qpm": 1.0}  # fmt: skip
_EVERY = re.compile(
    rf"\b(?:(?:every|each)\s(?:(?P<other>other|second|alternate)\s|(?P<n>{_N})(?:\s?(?:-|\u2013|to|or)\s?"
    rf"(?P<to>{_N}))?[\s-]?)?|at\sintervals\sof\s(?P<n2>{_N})\s|q\.?\s?(?P<n3>\d{{1,2}})\s?)(?P<every>{_PERIOD})\b"
    r"|\b(?:on\s)?(?P<alternate>alternate)[\s-](?:days?|daily)\b",
    re.I,
)
_TIMES = re.compile(
    rf"\b(?P<n>{_N})(?:\s?(?:-|\u2013|to|or)\s?(?P<to>{_N}))?(?P<times>\s?(?:times|x|\u00d7)(?=[\s/]))?"
    r"[\s-]?(?:(?:a|per|each|every|in\sa)\s|/)?(?P<period>daily|day|nightly|night|weekly|week|monthly|month|hourly)\b",
    re.I,
)
_ABBREVIATED = re.compile(
    r"(?<![\w.])(?P<dotted>[bqt]\.i\.d\b|q\.d\.s\b|t\.d\.s\b|b\.d\b|q\.d\b|o\.d\b|q\.o\.d\b)"
    r"|\b(?P<plain>bid|BID|tid|TID|qid|QID|tds|TDS|qds|QDS|BD|QD|qd|qod|QOD|qhs|QHS)\b"
)
_BARE = re.compile(
    r"(?:(?<![^\W\d_])(?:mg|mcg|\u00b5g|\u03bcg|g|ml|units?|iu|tablets?|capsules?|puffs?|drops?|doses?)\s(?:\w+\s){0,2}?)"
    r"(?P<bare>daily|a\sday|per\sday|each\sday|weekly|a\sweek|per\sweek|once\sweekly|nightly|monthly)\b",
    re.I,
)  # fmt: skip
# One of these is in every text that says how often; plain search is quicker than a pattern.
_HINTS = ("day", "dail", "week", "month", "fortn", "night", "hour", "hr", "q", "i.d", "bid", "tid", "bd", "b.d", "tds",
          "d.s", "o.d")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Frequency:
    """How often, in times a day (a week has 7, a month 30 days); `span` is its place in the text."""

    per_day: float
    span: Span


def find_frequencies(text: str) -> list[Frequency]:
    """How often something is to be given, in order; "every 12 hours", "b.i.d." and "twice a day" are equal.

    A range ("every 6 to 8 hours") gives both ends. "Daily" and "a day" count only after a dose ("40 mg daily").
    """
    low = text.lower()
    if not any(hint in low for hint in _HINTS):
        return []
    found: dict[int, list[Frequency]] = {}
    for frequency in (*_every(text), *_times(text), *_abbreviated(text), *_bare(text)):
        if not any(f.span.start < frequency.span.end and frequency.span.start < f.span.end and f.span != frequency.span
                   for group in found.values() for f in group):  # fmt: skip
            found.setdefault(frequency.span.start, []).append(frequency)
    return [f for start in sorted(found) for f in found[start]]


def _every(text: str) -> Iterator[Frequency]:
    for m in _EVERY.finditer(text):
        span = Span(*m.span())
        if m["alternate"] or m["other"]:
            yield Frequency(_rounded(0.5 / (_DAYS[m["every"][0].lower()] if m["every"] else 1.0)), span)
            continue
        period = _DAYS[m["every"][0].lower()]
        counts = [c for c in (m["n"] or m["n2"] or m["n3"], m["to"]) if c] or ["1"]
        yield from (Frequency(_rounded(1 / (_count(c) * period)), span) for c in counts if _count(c))


def _times(text: str) -> Iterator[Frequency]:
    for m in _TIMES.finditer(text):
        counted = m["n"].lower() in ("once", "twice", "thrice") or m["times"]
        if not counted:
            continue
        period = _DAYS.get(m["period"][0].lower(), 1.0) if m["period"][0].lower() != "n" else 1.0
        yield from (
            Frequency(_rounded(_count(n) / period), Span(*m.span())) for n in (m["n"], m["to"]) if n and _count(n)
        )


def _abbreviated(text: str) -> Iterator[Frequency]:
    for m in _ABBREVIATED.finditer(text):
        yield Frequency(_LATIN[m.group().replace(".", "").lower()], Span(*m.span()))


def _bare(text: str) -> Iterator[Frequency]:
    for m in _BARE.finditer(text):
        word = m["bare"].lower().split()[-1]
        yield Frequency(_rounded(1 / _DAYS[{"n": "d"}.get(word[0], word[0])]), Span(*m.span("bare")))


def _count(word: str) -> float:
    return float(word) if word.isdigit() else float(_COUNTS[word.lower()])


def _rounded(value: float) -> float:
    return float(f"{value:.6g}")


_ROUTES = {
    "oral": r"orally|by\smouth|per\sos|p\.o\.|oral(?!\s(?:argument|contract|agreement|evidence|hearing|judgment|"
    r"examination|testimony|statement|presentation|hygiene|health|cavity|history|warning|promise|opinion|thrush|"
    r"mucos|cancer|tradition|will\b|glucose\stol))",
    "intravenous": r"intravenous(?:ly)?|i\.v\.|into\sa\svein",
    "intramuscular": r"intramuscular(?:ly)?|i\.m\.|into\s(?:a|the)\smuscle",
    "subcutaneous": r"subcutaneous(?:ly)?|s\.c\.|subcut|under\sthe\sskin|into\sthe\ssubcutaneous",
    "nasal": r"intranasal(?:ly)?|nasal\sspray|into\s(?:a|the|one|each)\snostrils?",
    "inhaled": r"inhaled|by\sinhalation|inhaler|nebuli[sz]ed|by\snebuli[sz]er",
    "topical": r"topical(?:ly)?|to\sthe\sskin",
    "rectal": r"rectal(?:ly)?|per\srectum|suppositor(?:y|ies)",
    "sublingual": r"sublingual(?:ly)?|under\sthe\stongue",
    "transdermal": r"transdermal(?:ly)?|patch(?:es)?",
    "intrathecal": r"intrathecal(?:ly)?",
    "intraosseous": r"intraosseous(?:ly)?",
    "epidural": r"epidural(?:ly)?",
    "ocular": r"eye\sdrops|ophthalmic",
}
_SHORT = {"iv": "intravenous", "im": "intramuscular", "sc": "subcutaneous", "sq": "subcutaneous", "po": "oral",
          "pr": "rectal", "sl": "sublingual", "io": "intraosseous", "neb": "inhaled"}  # fmt: skip
_ROUTE = re.compile(
    r"(?<![\w-])(?:" + "|".join(f"(?P<{name}>{pattern})" for name, pattern in _ROUTES.items()) + r")(?!\w)",
    re.IGNORECASE,
)
# "IV" is also a numeral: a route only after a dose or a word for giving, or before what is given into a vein.
_SHORT_ROUTE = re.compile(
    r"(?:\b(?:mg|mcg|micrograms?|\u00b5g|\u03bcg|g|ml|mL|units?|IU|mg/kg|mcg/kg|given|giving|infused|injected|dose|"
    r"administered|taken|tablets?|capsules?|doses|once|twice|daily|hours|hourly|h|bolus|insulin)\s)(?P<after>IV|IM|SC|SQ|PO|PR|SL|IO)\b"
    r"|\b(?P<before>IV|IM|SC|PO)(?=\s(?:bolus|infusion|injection|push|drip|dose|therapy|fluids?|access|line|"
    r"antibiotics?)\b)"
)
_ROUTE_HINTS = ("oral", "intra", "subcut", "nasal", "nostril", "inhal", "nebul", "topical", "rect", "suppos", "sublin",
                "transd", "patch", "epidur", "eye d", "ophth", "into ", "under ", "mouth", "the skin", "per os", "p.o",
                "i.v", "i.m", "s.c")  # fmt: skip
_SHORT_HINTS = ("IV", "IM", "SC", "SQ", "PO", "PR", "SL", "IO")
_FORMS = re.compile(r"\b(?:tablets?|capsules?|syrup|swallow(?:ed)?|chewed)\b", re.I)


@dataclass(frozen=True, slots=True)
class Route:
    """By which route something is given ("oral", "intravenous", ...), and its place in the text."""

    name: str
    span: Span


def find_routes(text: str) -> list[Route]:
    """Routes of administration named in `text`, in order; "IV", "i.v." and "intravenously" are equal."""
    low = text.lower()
    found: list[Route] = []
    if any(hint in low for hint in _ROUTE_HINTS):
        found += [Route(str(m.lastgroup), Span(*m.span())) for m in _ROUTE.finditer(text)]
    if any(hint in text for hint in _SHORT_HINTS):
        for m in _SHORT_ROUTE.finditer(text):
            found.append(Route(_SHORT[m.group(str(m.lastgroup)).lower()], Span(*m.span(str(m.lastgroup)))))
    return sorted(found, key=lambda r: r.span)


def implies_oral(text: str) -> bool:
    """Whether `text` names a form that is swallowed, so that "orally" is nothing new."""
    return _FORMS.search(text) is not None
