"""Text made comparable (case, quotation marks, dashes, white space), with the way back to the original offsets."""

import re
from bisect import bisect_right
from dataclasses import dataclass

from ..retrieval.passages import Span

_SAME_LENGTH = str.maketrans(
    dict.fromkeys("\u2018\u2019\u201a\u201b\u02bc\u2032\u00b4`", "'")
    | dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb", '"')
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-")
    | {"\u00b5": "\u03bc"}
)
# Read but not seen: zero-width, bidirectional and tag characters, fillers, variation selectors.
UNSEEN = (
    r"\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    r"\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff"
)
CONTROL = r"\x00-\x08\x0e-\x1b\x7f-\x9f"
_BLANK = rf"[\s{CONTROL}{UNSEEN}]"
_SPACING = re.compile(rf"[\s{CONTROL}]")
# Quotation marks are dropped (authors change them when they quote a quotation), apostrophes within a word stay. So is
# Markdown's emphasis, which a writer puts around the words of others.
_VOID = rf"(?:{_BLANK}|\"|\*|__+|(?<![^\W_])'|'(?![^\W_]))"
_RUN = re.compile(rf"{_VOID}+-+{_VOID}*|-+{_VOID}+|--+|{_VOID}+")


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text. `starts[i]` and `origins[i]`: where its i-th untouched run begins, here and in the original."""

    text: str
    starts: tuple[int, ...]
    origins: tuple[int, ...]

    def original(self, span: Span) -> Span:
        """The place in the original text of a stretch of the folded one."""
        if span.end == span.start:
            return Span(self._origin(span.start), self._origin(span.start))
        return Span(self._origin(span.start), self._origin(span.end - 1) + 1)

    def _origin(self, at: int) -> int:
        run = max(bisect_right(self.starts, at) - 1, 0)
        return self.origins[run] + at - self.starts[run]


def fold(text: str) -> Folded:
    """`text` in lower case, its apostrophes, hyphens and spaces plain; no quotation marks, emphasis or unseen signs."""
    plain = fold_signs(text)
    pieces: list[str] = []
    starts, origins = [0], [0]
    length = at = 0
    for run in _RUN.finditer(plain):
        sign = _one_sign(run.group())
        pieces.append(plain[at : run.start()] + sign)
        length += run.start() - at + len(sign)
        at = run.end()
        starts.append(length)
        origins.append(at)
    pieces.append(plain[at:])
    return Folded("".join(pieces), tuple(starts), tuple(origins))


def _one_sign(run: str) -> str:
    if "-" in run:
        return "-"
    return " " if _SPACING.search(run) else ""


def fold_signs(text: str) -> str:
    """`text` in lower case with plain quotation marks and hyphens, sign for sign: offsets stay."""
    lower = text.translate(_SAME_LENGTH).lower()
    if len(lower) == len(text):
        return lower
    return "".join(c.lower() if len(c.lower()) == 1 else c for c in text.translate(_SAME_LENGTH))
