"""From an answer to its checkable statements, each with its exact place and its citations."""

import re
from collections import deque
from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise

from ..retrieval.passages import Span
from ..retrieval.sentences import split_sentences
from . import phrases
from .abstention import SentenceKind, sentence_kind
from .citation_sentences import is_citation_sentence
from .markers import find_markers
from .protocol import is_choice_line, is_protocol_line, protocol_lines
from .verdict import Citation, Claim

_SEPARATOR = re.compile(r"[ \t]?[,;]?[ \t]?")  # between the markers of one group: "[1], [2]"
_GAP = 2  # longest separator that joins markers to one group
_EDGE_LEFT = re.compile(
    r"(?:[\s\x00>\u2022\u2023\u25e6]|[*+\u2013\u2014-](?=\s)|#{1,6}\s|\d{1,3}[.)](?=\s)|\([A-Za-z0-9]{1,3}\)(?=\s)"
    r"|[*_]{0,3}(?i:(?:final |short )?answer)\s{0,3}[*_]{0,3}:[*_]{0,3}(?=\s))+"
)
_EDGE_RIGHT = re.compile(r"[\s\x00]+\Z")
_HEADING = re.compile(r"\s{0,3}#{1,6}\s[^\n]*|\s*\*\*[^*\n]{1,120}\*\*:?\s*|\s*[^\n.!?]{1,80}:\s*")
_RULE = re.compile(r"[\s|:=*_#-]*")
_REFERENCE_LIST = re.compile(
    r"^[ \t#*_]{0,10}(?:references|sources|bibliography|citations|works cited|footnotes)[*_ \t]{0,5}:?[*_ \t\r]{0,5}$",
    re.I | re.M,
)
_REFERENCE = re.compile(r"[\s*-]{0,10}(?:\[\^?\d{1,3}\]|\d{1,3}[.)]|https?://)")
_MARKER_ENDS = (")", "]", "\u3011")
_Cut = tuple[Span, int]  # a stretch of the answer, and how many spaces stand for it in the claim
_LINE = 2000  # characters of the longest line of a list of references
_TAIL = 30  # white space and markup at the end of a sentence that is looked at


def split_claims(answer: str, doc_ids: Sequence[str] = (), known: Collection[str] = ()) -> list[Claim]:
    """The checkable statements of `answer`, in order; empty where there is none.

    A claim is a sentence or a list item. Headings, rules, the confidence line, the letter of a choice, lead-ins that
    end in a colon, greetings, bare "Yes." and "No.", questions, abstentions, refusals and the entries of a final list
    of references are no claims, nor is a sentence after a claim that only cites ("Brown v. Board of Education, 347 U.S.
    483 (1954)."): its markers belong to that claim.

    Args:
        answer: Text of the model, protocol lines included or not.
        doc_ids: Documents in the order of their numbers in the prompt: marker `[n]` is `doc_ids[n - 1]`.
        known: Ids of further documents that a marker may name, but not number.

    Returns:
        Claims whose `span` is the exact place in `answer`, from the first to the last word, end punctuation included.
        `text` is that stretch without its markers. `citations` are the markers in and directly after it; a marker
        that stands alone belongs to the claim before it.
    """
    markers = find_markers(answer, doc_ids, known)
    claims: list[Claim] = []
    at = 0
    for sentence in _sentences(answer):
        inside: list[Citation] = []
        while at < len(markers) and markers[at].span.start < sentence.end:
            inside += [markers[at]] if markers[at].span.start >= sentence.start else []
            at += 1
        claim = _claim(answer, sentence, tuple(inside))
        if claim is not None and claims and is_citation_sentence(claim.text):
            last = claims[-1]
            claims[-1] = Claim(last.text, last.span, last.citations + tuple(inside))
        elif claim is not None:
            claims.append(claim)
        elif inside and claims and _bare(answer, sentence, inside):
            last = claims[-1]
            claims[-1] = Claim(last.text, last.span, last.citations + tuple(inside))
    return claims


def answer_spans(claim: Claim, spans: Sequence[Span]) -> tuple[Span, ...]:
    """Places in the answer of `spans`, which are places in `claim.text`. Markers inside a stretch are covered too."""
    cuts = _removed(claim)
    return tuple(Span(_to_answer(claim, cuts, s.start, False), _to_answer(claim, cuts, s.end, True)) for s in spans)


def _to_answer(claim: Claim, cuts: Sequence[_Cut], at: int, is_end: bool) -> int:
    place = claim.span.start + at
    for cut, left in cuts:
        if place > cut.start or (place == cut.start and not is_end and not left):
            place += cut.end - cut.start - left
    return min(place, claim.span.end)


def _sentences(answer: str) -> Iterator[Span]:
    listing = deque(_REFERENCE_LIST.finditer(answer), maxlen=1)
    for span in split_sentences(answer):
        if (
            listing
            and span.start >= listing[0].start()
            and _REFERENCE.match(answer, answer.rfind("\n", max(0, span.start - _LINE), span.start) + 1)
        ):
            continue
        yield from _apart(answer, span)


def _apart(answer: str, sentence: Span) -> Iterator[Span]:
    """A sentence without a stop runs on into the confidence line after it: both apart."""
    at = sentence.start
    for line in protocol_lines(sentence.of(answer)):
        if line.start > at - sentence.start:
            yield Span(at, sentence.start + line.start)
        at = sentence.start + line.end
    if at < sentence.end:
        yield Span(at, sentence.end)


def _claim(answer: str, sentence: Span, inside: tuple[Citation, ...]) -> Claim | None:
    raw = sentence.of(answer)
    if _HEADING.fullmatch(raw) or _RULE.fullmatch(raw) or is_protocol_line(raw) or is_choice_line(raw):
        return None
    span = _core(answer, sentence, inside)
    text = _without_markers(answer, span, _distinct(inside))
    if not any(c.isalnum() for c in text) or text.rstrip("\"'\u201d\u2019)*_ ").endswith(
        ("?", "\uff1f", "\u061f", ":")
    ):
        return None
    kind = sentence_kind(text)
    if kind in (SentenceKind.ABSTENTION, SentenceKind.REFUSAL) or phrases.pattern(phrases.EMPTY).match(text[:600]):
        return None
    return Claim(text, span, inside)


def _core(answer: str, sentence: Span, inside: Sequence[Citation]) -> Span:
    """The sentence without list bullets, markup and the markers at its two ends."""
    start, end = sentence.start, sentence.end
    groups = _grouped([m for m in _distinct(inside) if m.start >= start])
    if found := _EDGE_LEFT.match(answer, start, end):
        start = found.end()
    if groups and groups[0].start <= start < groups[0].end:
        start = groups.pop(0).end
        while start < end and (answer[start].isspace() or answer[start] in ",;"):
            start += 1
    while start < end:
        tail = _EDGE_RIGHT.search(answer, max(start, end - _TAIL), end)
        if tail:
            end = tail.start()
        elif groups and groups[-1].end == end:
            end = groups.pop().start
        else:
            break
    return Span(start, max(start, end))


def _bare(answer: str, sentence: Span, inside: Sequence[Citation]) -> bool:
    """Whether the sentence is markers and nothing else."""
    rest = _without_markers(answer, sentence, _distinct(inside))
    return not any(c.isalnum() for c in rest)


def _distinct(citations: Sequence[Citation]) -> list[Span]:
    return list(dict.fromkeys(c.span for c in citations))


def _without_markers(answer: str, span: Span, markers: Sequence[Span]) -> str:
    """The text at `span` without its markers, cut in one of four ways that `_removed` can tell apart by length."""
    within = [m for m in markers if span.start <= m.start and m.end <= span.end]
    pieces, at = [], span.start
    for cut, left in _best_cuts(answer, span, within):
        pieces.append(answer[at : cut.start] + " " * left)
        at = cut.end
    return "".join(pieces) + answer[at : span.end]


def _best_cuts(answer: str, span: Span, within: Sequence[Span]) -> list[_Cut]:
    """Groups of markers with the space before each; without, where one has none; as a space, where words would join."""
    groups = _grouped(within)
    near = ((a, b) for a, b in pairwise(within) if b.start - a.end <= _GAP)
    if not all(_SEPARATOR.fullmatch(answer, a.end, b.start) for a, b in near):
        return [(m, 1) for m in within]
    after = [answer[g.end : g.end + 1].isalnum() and g.end < span.end for g in groups]
    before = [answer[g.start - 1] if g.start > span.start else "" for g in groups]
    if all(sign.isspace() and not joins for sign, joins in zip(before, after, strict=True)):
        return [(Span(g.start - 1, g.end), 0) for g in groups]
    glued = any(sign.isalnum() and joins for sign, joins in zip(before, after, strict=True))
    return [(g, int(glued)) for g in groups]


def _grouped(markers: Sequence[Span]) -> list[Span]:
    groups: list[Span] = []
    for marker in markers:
        if groups and marker.start - groups[-1].end <= _GAP:
            groups[-1] = Span(groups[-1].start, marker.end)
        else:
            groups.append(marker)
    return groups


def _removed(claim: Claim) -> list[_Cut]:
    """What was cut out of the claim's text, and how many spaces were left in its place, derived from the lengths."""
    span = claim.span
    signs = [c for c in claim.citations if c.marker.endswith(_MARKER_ENDS)]
    markers = [m for m in _distinct(signs) if span.start <= m.start and m.end <= span.end]
    missing = (span.end - span.start) - len(claim.text)
    groups = _grouped(markers)
    joined = sum(g.end - g.start for g in groups)
    if missing == joined + len(groups):
        return [(Span(g.start - 1, g.end), 0) for g in groups]
    if missing == joined:
        return [(g, 0) for g in groups]
    return [(g, 1) for g in (groups if missing == joined - len(groups) else markers)]
