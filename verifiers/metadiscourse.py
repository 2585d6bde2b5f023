"""Statements about the passages or about the answer itself, rather than about the matter."""

import re

_SOURCES = re.compile(
    r"\b(?:passages?|excerpts?|(?:provided|given)\s(?:texts?|information|contexts?))\b", re.IGNORECASE
)
_SILENCE = re.compile(
    r"\b(?:(?:not|\w{2,8}n['\u2019]t|never|no|none|neither|nor|nothing)\b[\w\s,'\u2019-]{0,60}\b(?:mention\w{0,5}|"
    r"provid\w{1,4}|specif\w{1,6}|stat(?:e|es|ed)|discuss\w{0,4}|address\w{0,4}|inform\w{0,8}|answer\w{0,4}|contain\w{0,4}|"
    r"indicat\w{1,5}|expla\w{2,8}|determin\w{1,4}|descri\w{2,8}|detail\w{0,4}|includ\w{1,4}|given|clear|found)"
    r"|no\s(?:mention|information|details?|answer|evidence|direct)|unable\sto|unknown|unclear|"
    r"unspecified|insufficient)\b",
    re.IGNORECASE,
)
_ANSWER = re.compile(
    r"\b(?:answer(?:s|ed|ing)?\b[\w\s,'\u2019:\"-]{0,40}\b(?:question|query|based\son|is)|the\s(?:question|answer)"
    r"|(?:further|other|additional)\s(?:resources|sources|information|research)|consult(?:s|ed|ing)?)\b",
    re.IGNORECASE,
)


def names_sources(text: str) -> bool:
    """Whether `text` speaks of passages, excerpts or the given context."""
    return _SOURCES.search(text) is not None


def says_silence(text: str) -> bool:
    """Whether `text` says that something is not said, known or clear, as in "the passages do not mention its price"."""
    return _SILENCE.search(text) is not None


def names_answer(text: str) -> bool:
    """Whether `text` speaks of question and answer, or sends the reader elsewhere."""
    return _ANSWER.search(text) is not None
