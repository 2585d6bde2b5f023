"""Text from outside inside Markdown that a code host renders: it must not become markup, a mention or a link."""

import re

_INVISIBLE = re.compile("[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
_ACTIVE = re.compile(r"[^\w\s.,;!?()'%€$£-]|_|(?<=\w)\.(?=\w)")
_JOINED = re.compile(r"([@#])(?=\w)|(?<=\bGH)(-)(?=\d)", re.I)


def inert(text: str, longest: int = 300) -> str:
    """`text` on one line, as nothing but text.

    Every character that Markdown, HTML or a code host's own filters could act on becomes a character reference, which
    none of them reads as markup; a mention (@name), an issue number (#1) and a bare address are broken with a
    zero-width space. Control, invisible and bidirectional characters become spaces.
    """
    cut = text[: longest + 1]
    line = " ".join(_INVISIBLE.sub(" ", cut).split())
    shown = line[:longest].rstrip() + ("..." if len(text) > longest else "")
    parted = _JOINED.sub(lambda m: m[0] + "\u200b", shown)
    return _ACTIVE.sub(lambda m: f"&#{ord(m[0])};", parted)
