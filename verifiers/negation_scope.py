"""How far a negation reaches: "denies chest pain, cough or fever" rules out all three; "but" ends it.

After NegEx (Chapman, Bridewell, Hanbury, Cooper and Buchanan 2001, doi:10.1006/jbin.2001.1029): phrases before what is
ruled out, phrases after it, and words that end their reach. Its lists are not used; these are our own and shorter.
"""

import re
from collections.abc import Iterator

from ..retrieval.passages import Span

_BEFORE = re.compile(
    r"\b(?P<wide>(?:denie[sd]|denying)(?=\s(?!the\b|a\b|an\b|his\b|her\b|its\b|their\b|this\b|that\b|all\b|motions?\b|"
    r"petitions?\b|applications?\b|appeals?\b|certiorari\b|relief\b|review\b|requests?\b|leave\b|liability\b|bail\b|"
    r"claims?\b|being\b|having\b|plaintiff|defendant))"
    r"|(?:no|without(?:\sany)?|(?:was|is|were)\snegative\sfor|negative\sfor)(?:\s(?:clear|clinical|radiographic|"
    r"significant|statistical|strong))?(?:\s(?:evidence|signs?|symptoms?|indications?|history|suggestion|findings)"
    r"\s(?:of|for|that))"
    r"|negative\sfor|(?:in\sthe\s)?absence\sof|no\shistory\sof|(?:is|was|were|are)\sfree\s(?:of|from)"
    r"|(?:did|does|do|has|have)(?:\snot|n't)\s(?:show|reveal|demonstrate|detect|suggest|find)(?:ed|n|d)?)"
    r"|\b(?P<narrow>no|without)\b(?=\s(?!evidence|signs?\b|symptoms?\b|indications?\b|later|earlier|more|less|fewer|"
    r"longer|greater|doubt|matter|one\b|such|regard|prejudice|further))",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"\b(?:was|were|is|are|has\sbeen|have\sbeen)\s(?:(?:not|never)\s(?:seen|found|observed|detected|identified|present|"
    r"demonstrated|evident)|absent|ruled\sout)\b",
    re.IGNORECASE,
)
_END = re.compile(
    r"[;:.!?()]|\b(?:but|however|although|though|except|apart|aside|other\sthan|nor\sis|because|which|who|that|if|when|"
    r"and\s(?:reports?|has|have|had|complains?|presents?|is|was|are|were|admits?|describes?)|reports?|reported|"
    r"complain\w{0,3}|"
    r"presents?|admits?|is|was|are|were|has|had|will|may|should|must|can)\b",
    re.IGNORECASE,
)
_PREPOSITION = re.compile(
    r",|\b(?:in|on|at|by|for|with|between|among|from|to|during|after|before|within|of|as|under)\b", re.I
)
_WORD = re.compile(r"[^\W_]+")
_WIDE, _NARROW, _BACK = 12, 4, 3  # words
_FAR = 160  # characters


def negated_scopes(text: str) -> list[Span]:
    """Stretches of `text` whose words a negation with an explicit reach rules out, in order; they may overlap."""
    return sorted([*_forward(text), *_backward(text)])


def _forward(text: str) -> Iterator[Span]:
    for cue in _BEFORE.finditer(text):
        limit = min(len(text), cue.end() + _FAR)
        end = _END.search(text, cue.end(), limit)
        limit = end.start() if end else limit
        listed = cue.group()[:3].lower() == "den"  # "denies pain, cough or fever"
        stops = None if listed else _PREPOSITION.search(text, cue.end(), limit)
        limit = stops.start() if stops else limit
        yield _words(text, cue.end(), limit, _WIDE if cue["wide"] else _NARROW)


def _words(text: str, start: int, limit: int, most: int) -> Span:
    last = start
    for n, word in enumerate(_WORD.finditer(text, start, limit)):
        if n >= most:
            break
        last = word.end()
    return Span(start, last)


def _backward(text: str) -> Iterator[Span]:
    """The noun before "was not seen", and "seen": at most three words, back to the beginning of the clause."""
    for cue in _AFTER.finditer(text):
        start = max(0, cue.start() - 60)
        clause = [m.end() for m in re.finditer(r"[,;:.!?]|\b(?:and|but|or|while|the|an?)\b", text[start : cue.start()])]
        start += clause[-1] if clause else 0
        words = list(_WORD.finditer(text, start, cue.start()))[-_BACK:]
        if words:
            yield Span(words[0].start(), cue.end())
