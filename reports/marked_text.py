"""Marked stretches of a text, cut into pieces that do not overlap, and text made safe to look at."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from .views import MARKS, Mark

_ORDER = {kind: i for i, kind in enumerate(MARKS)}
_UNSEEN = re.compile(
    "\r(?=\n)|[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb"
    "\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text under one mark; `kind` "" where there is none."""

    text: str
    kind: str = ""

    @property
    def says(self) -> str:
        """What the mark says."""
        return MARKS.get(self.kind, "")


def pieces(text: str, marks: Iterable[Mark], most: int | None = None) -> list[Piece]:
    """`text` cut at the ends of `marks`, in order; together the pieces are the text, cut to `most` characters.

    Of overlapping marks the kind that comes last in `MARKS` shows. Marks that reach out of the text are cut, empty
    ones left out.

    Raises:
        KeyError: A mark of an unknown kind.
    """
    length = len(text) if most is None else min(most, len(text))
    edges: list[tuple[int, int, str]] = []
    for mark in marks:
        start, end = max(0, mark.start), min(length, mark.end)
        if start < end:
            edges += [(start, 1, mark.kind), (end, -1, mark.kind)]
    found, held, at = list[Piece](), dict.fromkeys(_ORDER, 0), 0
    for place, step, kind in [*sorted(edges), (length, 0, "claim")]:
        if place > at:
            above = max((k for k in held if held[k]), key=_ORDER.__getitem__, default="")
            found.append(Piece(text[at:place], above))
            at = place
        held[kind] += step
    return _joined(found)


def _joined(found: list[Piece]) -> list[Piece]:
    joined: list[Piece] = []
    for piece in found:
        if joined and joined[-1].kind == piece.kind:
            joined[-1] = Piece(joined[-1].text + piece.text, piece.kind)
        else:
            joined.append(piece)
    return joined


def visible(text: str) -> str:
    """`text` with a sign in the place of each character that cannot be seen, so that places stay as they are.

    Control characters become their pictures (U+2400 and on); what turns the direction of writing, hides text or is no
    character becomes U+FFFD. Tabs and line feeds stay.
    """
    return _UNSEEN.sub(_sign, text)


def _sign(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code == 0x0D and found.string[found.end() : found.end() + 1] == "\n":
        return " "  # the line end of other systems hides nothing
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else "\ufffd"
