"""Windows over long sources: runs of sentences that a model can read at once, overlapping, with exact places."""

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from ..retrieval.passages import Passage, Span
from ..retrieval.sentences import split_sentences

Offsets = Sequence[tuple[int, int]]
LONGEST_UNIT = 64  # tokens of the longest stretch that windows move by; longer sentences are cut
_SPACE = re.compile(r"\s{2,}")
_JOINT = 2  # tokens that the line break before a passage, and the cut there, may cost


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch `span` of a passage's text."""

    passage: Passage
    span: Span

    @property
    def text(self) -> str:
        """Its text."""
        return self.span.of(self.passage.text)

    def evidence(self) -> Passage:
        """The stretch as a passage of its document."""
        start = self.passage.span.start
        return Passage(self.passage.doc_id, Span(start + self.span.start, start + self.span.end), self.text)


@dataclass(frozen=True, slots=True)
class Window:
    """What a model reads at once: stretches of one or more passages, in order."""

    pieces: tuple[Piece, ...]

    @property
    def text(self) -> str:
        """The pieces as a model reads them: a line break between them, runs of white space as one sign."""
        return "\n".join(readable(piece.text) for piece in self.pieces)

    def sentences(self) -> list[Piece]:
        """The sentences of the window, those at its ends cut where it ends."""
        return [
            Piece(p.passage, Span(p.span.start + s.start, p.span.start + s.end))
            for p in self.pieces
            for s in split_sentences(p.text)
        ]

    def evidence(self) -> tuple[Passage, ...]:
        """The pieces as passages of their documents."""
        return tuple(piece.evidence() for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class Unit:
    """A sentence, or a part of a long one, and how many tokens it has."""

    piece: Piece
    tokens: int


def units_of(passage: Passage, offsets: Offsets, longest: int = LONGEST_UNIT) -> list[Unit]:
    """The sentences of `passage`, those of more than `longest` tokens cut, at white space where there is some.

    `offsets` are the places of the tokens in the text, in order. Every sign that is not white space lies in exactly
    one unit, and every token is counted once.
    """
    starts = [start for start, _ in offsets]
    units: list[Unit] = []
    first, space = 0, 0
    for sentence in split_sentences(passage.text):
        last = bisect_left(starts, sentence.end)
        at = sentence.start
        while first < last:
            cut = _cut(passage.text, starts, first, last, longest)
            end = sentence.end if cut >= last else starts[cut]
            if end > at:
                units.append(Unit(Piece(passage, Span(at, end)), cut - first + space))
                at, space = end, 0
            else:
                space = 1  # tokens of the white space before the sentence, which is read as one sign
            first = cut
        if at < sentence.end:  # signs that are no token
            units.append(Unit(Piece(passage, Span(at, sentence.end)), 0))
    return units


def readable(text: str) -> str:
    """`text` with each run of white space as one space, or as one line break where it holds one."""
    return _SPACE.sub(lambda run: "\n" if "\n" in run.group() else " ", text)


def _cut(text: str, starts: Sequence[int], first: int, last: int, longest: int) -> int:
    """The token with which the part after the one that begins with token `first` begins."""
    if last - first <= longest:
        return last
    for cut in range(first + longest, first + longest // 2, -1):
        place = starts[cut]
        if place > starts[cut - 1] and (text[place].isspace() or text[place - 1].isspace()):
            return cut
    cut = first + longest
    while cut > first and starts[cut] == starts[cut - 1]:  # tokens that are parts of one sign
        cut -= 1
    if cut > first:
        return cut
    cut = first + longest
    while cut < last and starts[cut] == starts[cut - 1]:
        cut += 1
    return cut


def windows_of(units: Sequence[Unit], most: int, overlap: int, joint: int = _JOINT) -> list[Window]:
    """Windows of at most `most` tokens over `units`; neighbours share up to `overlap` tokens.

    `joint` tokens are set aside for each passage that a window begins or goes on to. Every unit is in a window. A unit
    that does not fit is a window alone; `units_of` makes none where `longest` and `joint` are at most `most` together.
    No units, no windows.
    """
    windows: list[Window] = []
    first = 0
    while first < len(units):
        last, tokens = first, 0
        while last < len(units) and (last == first or tokens + _cost(units, last, first, joint) <= most):
            tokens += _cost(units, last, first, joint)
            last += 1
        windows.append(_window(units[first:last]))
        if last == len(units):
            break
        first = _next(units, first, last, (most, overlap), joint)
    return windows


def _cost(units: Sequence[Unit], i: int, first: int, joint: int) -> int:
    begins = i == first or units[i].piece.passage is not units[i - 1].piece.passage
    return units[i].tokens + joint * begins


def _next(units: Sequence[Unit], first: int, last: int, limits: tuple[int, int], joint: int) -> int:
    """Where the window after [first, last) begins: as far back as the overlap and unit `last` leave room."""
    most, overlap = limits
    start, shared = last, 0
    total = _cost(units, last, last, joint)
    while start - 1 > first:
        begins = units[start].piece.passage is not units[start - 1].piece.passage
        shared += units[start - 1].tokens
        total += units[start - 1].tokens + joint * begins
        if shared > overlap or total > most:
            break
        start -= 1
    return start


def _window(units: Sequence[Unit]) -> Window:
    """Neighbouring units of one passage become one piece, the white space between them included."""
    pieces: list[Piece] = []
    for unit in units:
        if pieces and pieces[-1].passage is unit.piece.passage:
            pieces[-1] = Piece(pieces[-1].passage, Span(pieces[-1].span.start, unit.piece.span.end))
        else:
            pieces.append(unit.piece)
    return Window(tuple(pieces))
