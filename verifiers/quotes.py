"""Quotations: what stands in quotation marks must stand word for word in one source."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ..retrieval.passages import Passage, Span
from .folding import Folded, fold

_PAIRS = {
    '"': '"',
    "\u201c": "\u201d",
    "\u201e": "\u201d\u201c",
    "\u00ab": "\u00bb",
    "\u00bb": "\u00ab",
    "\u2018": "\u2019",
    "'": "'",
    "\u201f": "\u201d",
}
_ELIDED = r"(?:\d\ds?\b|(?:tis|twas|twere|em|til|cause|bout|round|n|cos)\b)"  # '90s, 'tis
_INSIDE = r"[\"'\u201c\u2018\[(.\u2026$\u00a3\u20ac\u00a7]{0,2}[^\W_]"
_OPENERS = re.compile(
    rf"(?<![^\W_])(?:['\u2018](?!{_ELIDED})(?={_INSIDE})|[\"\u201c\u201e\u201f](?={_INSIDE})|"
    rf"[\u00ab\u00bb](?=\s?{_INSIDE}))",
    re.I,
)
_SINGLE = frozenset("'\u2018")
_POSSESSIVE = re.compile(r"s['\u2019] [a-z]")
_BREAK = re.compile(r"\n\s{0,5}\n")
_TRIES = 50
_LONGEST = 5000  # of one quotation, in characters
_MIN_WORDS = 3
_WORD = re.compile(r"\w+(?:['\u2019-]\w+)*")
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")  # Thai to Han
_ELLIPSIS = re.compile(r"\[\s?(?:\.{3,4}|\u2026)\s?\]|\(\s?(?:\.{3}|\u2026)\s?\)|\.\s\.\s\.(?:\s\.)?|\.{3,}|\u2026")
_ALTERED = re.compile(r"\[([^\[\]]{0,60})\]")  # "[T]he court", "[sic]", "[defendant]"
_EDGE = " \t\n\r.,;:!?'\"-\x00"


class QuoteStatus(StrEnum):
    """VERBATIM: in a passage that may stand behind it. ELSEWHERE: in another one only. NOT_FOUND: in none."""

    VERBATIM = "verbatim"
    ELSEWHERE = "elsewhere"
    NOT_FOUND = "not_found"


@dataclass(frozen=True, slots=True)
class QuoteCheck:
    """One quotation of the answer.

    Attributes:
        span: Its words in the answer, without the quotation marks. `text == span.of(answer)`, always.
        source: The exact stretch of the source that it repeats; None where there is none.
    """

    text: str
    span: Span
    status: QuoteStatus
    source: Passage | None = None


def find_quotes(answer: str) -> list[Span]:
    """Places of the quotations of at least three words, without their marks; nested ones count as part of the outer.

    Straight, curly, low and angle marks open a quotation. An apostrophe never does: a single mark opens only after a
    white space or bracket and closes only before one or before punctuation. A quotation ends at an empty line.
    """
    return list(_quotes(answer))


def check_quotes(answer: str, cited: Sequence[Passage], others: Sequence[Passage] = ()) -> list[QuoteCheck]:
    """Whether each quotation of `answer` stands word for word in ONE of the `cited` passages, else of the `others`.

    Case, white space, kinds of quotation marks and dashes, and end punctuation do not count. An ellipsis splits a
    quotation into parts that must follow one another within one passage; words in square brackets are taken as the
    quoting author's. An empty list where nothing is quoted: that is no fault.
    """
    finder = QuoteFinder()
    return [finder.check(answer, span, cited, others) for span in find_quotes(answer)]


class QuoteFinder:
    """Looks quotations up, and remembers the passages that it has made comparable."""

    def __init__(self) -> None:
        self._folded: dict[Passage, Folded] = {}

    def check(self, answer: str, span: Span, cited: Sequence[Passage], others: Sequence[Passage] = ()) -> QuoteCheck:
        """What one quotation at `span` is worth."""
        text = span.of(answer)
        parts = _parts(text)
        for status, passages in ((QuoteStatus.VERBATIM, cited), (QuoteStatus.ELSEWHERE, others)):
            for passage in passages:
                source = self._find(parts, passage)
                if source is not None:
                    return QuoteCheck(text, span, status, source)
        return QuoteCheck(text, span, QuoteStatus.NOT_FOUND)

    def find(self, words: str, passages: Sequence[Passage]) -> Passage | None:
        """The first stretch of ONE of `passages` that repeats `words` unbroken; None where there is none.

        Unlike a quotation by an author, `words` may not leave anything out: an ellipsis or a bracket counts only
        where the passage has it, too. Case, white space, kinds of quotation marks and dashes, and end punctuation do
        not count.
        """
        folded = fold(words[: _LONGEST + 1]).text.strip(_EDGE)
        if not folded or len(words) > _LONGEST:
            return None
        return next((found for p in passages if (found := self._find([folded], p)) is not None), None)

    def _find(self, parts: Sequence[str], passage: Passage) -> Passage | None:
        folded = self._folded.get(passage)
        if folded is None:
            folded = self._folded.setdefault(passage, fold(passage.text))
        first, at = None, 0
        for part in parts:
            place = _find_words(folded.text, part, at)
            if place < 0:
                return None
            first = place if first is None else first
            at = place + len(part)
        if first is None:
            return None
        local = folded.original(Span(first, at))
        start = passage.span.start
        return Passage(passage.doc_id, Span(start + local.start, start + local.end), local.of(passage.text))


def _find_words(text: str, part: str, start: int) -> int:
    """Where `part` stands in `text` as whole words, from `start`; -1 where nowhere."""
    at = text.find(part, start)
    for _ in range(_TRIES):
        if at < 0:
            break
        before, after = text[at - 1 : at], text[at + len(part) : at + len(part) + 1]
        if not _one_word(before, part[0]) and not _one_word(part[-1], after):
            return at
        at = text.find(part, at + 1)
    return -1


def _one_word(left: str, right: str) -> bool:
    """Whether two neighbouring signs belong to one word; in scripts written without spaces none do."""
    return left.isalnum() and right.isalnum() and not (_UNSPACED.match(left) or _UNSPACED.match(right))


def _parts(quote: str) -> list[str]:
    """The stretches of a quotation that must stand in the source, in order, made comparable."""
    split = _ELLIPSIS.sub("\x00\x00", quote)
    split = _ALTERED.sub(_alteration, split)
    parts = (fold(piece).text.strip(_EDGE) for piece in split.split("\x00\x00"))
    return [part for part in parts if part]


def _alteration(found: re.Match[str]) -> str:
    """ "[t]he" is "the" with another capital; any other bracket is a gap."""
    inside, rest = found[1], found.string[found.end() : found.end() + 1]
    return inside if len(inside) == 1 and inside.isalpha() and rest.isalpha() else "\x00\x00"


def _quotes(answer: str) -> Iterator[Span]:
    openers = list(_OPENERS.finditer(answer))
    closers = {sign: _closers(answer, sign) for sign in {m.group() for m in openers}}
    breaks = [m.start() for m in _BREAK.finditer(answer)] + [len(answer)]
    at = 0
    for i, opener in enumerate(openers):
        start, sign = opener.end(), opener.group()
        if opener.start() < at:
            continue
        limit = min(start + _LONGEST, breaks[bisect_left(breaks, start)])
        following = openers[i + 1].start() if i + 1 < len(openers) else limit
        end = _close(closers[sign], Span(start, limit))
        if end is not None and sign in _SINGLE:
            end = _not_possessive(answer, closers[sign], Span(end, max(end, min(following, limit))))
        if end is not None:
            at = end + 1
            if sum(1 for _ in _WORD.finditer(answer, start, end)) >= _MIN_WORDS:
                yield Span(start, end)


def _closers(answer: str, sign: str) -> list[int]:
    """Where a quotation that opened with `sign` may close."""
    places = (m.start() for m in re.finditer("[" + _PAIRS[sign] + "]", answer))
    if sign not in _SINGLE:
        return list(places)
    return [p for p in places if not answer[p + 1 : p + 2].isalnum() and not answer[p - 1 : p].isspace()]


def _close(closers: list[int], within: Span) -> int | None:
    first = bisect_left(closers, within.start)
    return closers[first] if first < len(closers) and closers[first] < within.end else None


def _not_possessive(answer: str, closers: list[int], within: Span) -> int:
    """The first closing mark; a later one where the first is the apostrophe of "the courts' view"."""
    first = bisect_left(closers, within.start)
    near = (p for p in closers[first : first + 4] if p < within.end and not _POSSESSIVE.match(answer, p - 1))
    return next(near, within.start)
