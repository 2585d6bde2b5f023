"""Text and Markdown: the text is the file itself, so that offsets in it are offsets in the file."""

import codecs
import re
from collections.abc import Iterator

from .parsed import Limits, Parsed, UnreadableError

_BINARY_SHARE = 0.02  # of NUL signs, above which a file is no text
_HEADING = re.compile(r"^ {0,3}#{1,6}[ \t]+(\S[^\n]{0,500})", re.MULTILINE)
_FENCE = re.compile(r"^ {0,3}(?:```|~~~)", re.MULTILINE)
_UNDERLINED = re.compile(r"^(\S[^\n]{0,500})\n(?:={3,}|-{3,})[ \t]*$", re.MULTILINE)
_LEGAL = re.compile(
    r"^[ \t]{0,8}(?:§{1,2}[ \u00a0]?\d|(?:SECTION|Section|ARTICLE|Article|CHAPTER|Chapter|PART|TITLE)[ \u00a0]+"
    r"(?:\d{1,6}|[IVXLC]{1,8})\b)(?=[^\n]{0,200}$)|\f",
    re.MULTILINE,
)


def decoded(data: bytes) -> str:
    """`data` as text: UTF-8, or UTF-16 where a byte order mark says so.

    Raises:
        UnreadableError: It is neither, or holds too many NUL signs for a text.
    """
    encoding = "utf-16" if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        named = "UTF-16" if encoding == "utf-16" else "UTF-8"
        raise UnreadableError(f"not {named} at byte {error.start}: save the file as UTF-8") from error
    if text.count("\0") > _BINARY_SHARE * len(text):
        raise UnreadableError("holds NUL signs as only binary files do: it is not a text")
    return text


def parse_text(data: bytes, limits: Limits) -> Parsed:
    """Plain text; sections begin at form feeds and at lines such as "§ 12", "Section 4" or "ARTICLE II"."""
    del limits
    text = decoded(data)
    return Parsed(text, sections=tuple(found.start() for found in _LEGAL.finditer(text)))


def parse_markdown(data: bytes, limits: Limits) -> Parsed:
    """Markdown; sections begin at headings outside fenced code, and the first heading is the title."""
    del limits
    text = decoded(data)
    headings = list(_headings(text))
    title = headings[0][1].strip(" #\t\r") if headings else ""
    return Parsed(text, title, tuple(start for start, _ in headings))


def _headings(text: str) -> Iterator[tuple[int, str]]:
    fences = [found.start() for found in _FENCE.finditer(text)]
    found = [*_HEADING.finditer(text), *_UNDERLINED.finditer(text)]
    opened = 0
    for heading in sorted(found, key=lambda match: match.start()):
        while opened < len(fences) and fences[opened] < heading.start():
            opened += 1
        if opened % 2 == 0:
            yield heading.start(), heading[1]
