"""How an answer ended: a real answer, "I don't know", a refusal, or nothing usable."""

import re
from enum import StrEnum

from ..retrieval.sentences import split_sentences
from . import phrases
from .markers import MARKER
from .protocol import ProtocolAnswer, is_protocol_line, strip_protocol

__all__ = ["Ending", "ProtocolAnswer", "SentenceKind", "classify", "sentence_kind", "strip_protocol"]

LIMIT = "_limit"
"""Ends the reasons of trajectories that were stopped, e.g. "message_limit"."""
_LIMITS = ("message", "token", "time", "working", "turn", "cost", "operator", "custom")
CUT_OFF = frozenset({"length", "max_tokens", *(name + LIMIT for name in _LIMITS)})
"""Values of `finish_reason` that say that an answer was not finished."""

_LONGEST = 600  # a sentence is known by its beginning; the limit also bounds the time of the patterns
_LEAD_INS = 5
_PLAIN = str.maketrans({"\u2018": "'", "\u2019": "'", "\u02bc": "'", "\u201c": '"', "\u201d": '"', "\u00a0": " "})
_MARKUP = re.compile(r"[*_`#>\x00]+")
_QUOTED = re.compile(r"\"[^\"\n]{1,300}\"|\u00ab[^\u00bb\n]{1,300}\u00bb")
_HEDGE = re.compile(r"[,;:.]?\s(?:but|however|although|though|yet|nevertheless|while|that said)\b,?\s", re.I)
_ASIDE = re.compile(r"\s?\([^()\n]{1,300}\)")
# "I don't know: 1954", "I'm not sure - 300 mg": what follows the dash is the answer.
_STUB = re.compile(
    r"(?:i (?:do not|don't) know|i(?:'m| am) not (?:sure|certain)|unknown|unsure)"
    r"(?: \w+ly)?\s?(?:[,;:]|\s[\u2014\u2013-]|\u2014)\s?"
    r"(?!(?:because|as|since|if|whether|what|who|when|where|how|which|sorry|and|or)\b)(?=.)",
    re.I,
)


class Ending(StrEnum):
    """How one answer ended, before anyone asks whether it is right."""

    ANSWERED = "answered"
    ABSTAINED = "abstained"
    REFUSED = "refused"
    INVALID = "invalid"


class SentenceKind(StrEnum):
    """What one sentence does. Only SUBSTANCE answers; META speaks of the sources, FILLER of nothing."""

    SUBSTANCE = "substance"
    ABSTENTION = "abstention"
    REFUSAL = "refusal"
    META = "meta"
    FILLER = "filler"


_RANK = (*list(SentenceKind)[1:], SentenceKind.SUBSTANCE)
_ENDINGS = {SentenceKind.ABSTENTION: Ending.ABSTAINED, SentenceKind.REFUSAL: Ending.REFUSED}


def classify(answer: str, finish_reason: str | None = None) -> Ending:
    """How `answer` ended.

    ABSTAINED or REFUSED where a sentence of its own says so and no other sentence answers; the first such sentence
    decides which. Sentences that only speak of the sources, ask back or point elsewhere do not answer. A hedged answer
    ("I don't know exactly, but it was 1954") is ANSWERED. INVALID: nothing but white space, signs or a confidence
    line, or cut off (`finish_reason` in `CUT_OFF`).
    """
    body = strip_protocol(answer).body
    if finish_reason in CUT_OFF or not any(c.isalnum() for c in body):
        return Ending.INVALID
    body = _unquoted(body)
    ending: Ending | None = None
    for span in split_sentences(body):
        kind = sentence_kind(span.of(body))
        if kind is SentenceKind.SUBSTANCE:
            return Ending.ANSWERED
        ending = ending or _ENDINGS.get(kind)
    return ending or Ending.ANSWERED


def sentence_kind(sentence: str) -> SentenceKind:
    """What one sentence of an answer does. Citation markers, markup and quotation marks do not change it."""
    if is_protocol_line(sentence[:_LONGEST]):
        return SentenceKind.FILLER
    plain = MARKER.sub(" ", _MARKUP.sub("", sentence[:_LONGEST].translate(_PLAIN)))
    plain = " ".join(_QUOTED.sub('"\u2026"', plain).split()).replace(" .", ".")
    plain = plain.lstrip("([\"'\u00ab ")
    head = _without_lead(plain)
    if not any(c.isalnum() for c in head):
        return SentenceKind.FILLER
    kind = _kind(head) if head == plain else min(_kind(head), _kind(plain), key=_RANK.index)
    if kind in _ENDINGS and any(sentence_kind(part) is SentenceKind.SUBSTANCE for part in _parts(head)):
        return SentenceKind.SUBSTANCE
    return kind


def _unquoted(body: str) -> str:
    """`body` without quotation marks that enclose all of it."""
    marks = body[:1] + body[-1:]
    return (
        body[1:-1] if marks in ('""', "''", "\u201c\u201d", "\u2018\u2019", "\u00ab\u00bb") and len(body) > 2 else body
    )


def _without_lead(text: str) -> str:
    for _ in range(_LEAD_INS):
        found = phrases.pattern((phrases.LEAD,)).match(text)
        if not found:
            break
        text = text[found.end() :]
    return text


def _parts(text: str) -> list[str]:
    """What stands on the two sides of "but", and around an aside in brackets.

    Before "but", and around an aside, only where that is long enough to be a clause.
    """
    around = _ASIDE.sub(" ", text)
    if around != text and len(around.split()) > 4:
        return [around]
    found = _STUB.match(text) or _HEDGE.search(text)
    if not found:
        return []
    before = text[: found.start()]
    return [text[found.end() :]] + [before] * (len(before.split()) > 4 and "however" not in found.group().casefold())


def _kind(text: str) -> SentenceKind:
    for kind, known in (
        (SentenceKind.REFUSAL, phrases.FIRM_REFUSAL),
        (SentenceKind.ABSTENTION, phrases.ABSTENTION),
        (SentenceKind.REFUSAL, phrases.REFUSAL),
        (SentenceKind.FILLER, phrases.EMPTY + phrases.ADVICE),
        (SentenceKind.META, phrases.META),
    ):
        if phrases.pattern(known).match(text):
            lacking = (
                kind is SentenceKind.REFUSAL
                and known is phrases.REFUSAL
                and phrases.pattern(phrases.LACKING).match(text)
            )
            return SentenceKind.ABSTENTION if lacking else kind
    return SentenceKind.SUBSTANCE
