"""Proper names in running text: people, parties, drugs, places, as far as capitals tell."""

import re

from ..retrieval.passages import Span


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_WORD = re.compile(r"[^\W_]+(?:['\u2019-][^\W_]+)*")
_ABBREVIATED = re.compile(r"\b(?:vs?|[A-Z]|Mrs?|Ms|Drs?|Prof|St|Hon|Sen|Rep)\.\Z")
_COMMON = _words(
    "a an the this that these those it its he she they we you i his her their our your my in on at by for from with "
    "of to "
    "and or but if when while where as although though because since after before during however moreover furthermore "
    "therefore thus hence also additionally finally first second third one two three some many most both each every "
    "all "
    "any no none not yes there here such so then what who which how why under over between among against according "
    "given "
    "based both despite unlike like other another several few january february march april may june july august "
    "september "
    "october november december monday tuesday wednesday thursday friday saturday sunday court section article act v vs "
    "mr mrs ms dr st"
)


def find_names(text: str) -> list[Span]:
    """Capitalised words of `text` that are likely names, one span a word, in order.

    The first word of a sentence counts only where a capitalised word follows or it has a capital or digit inside
    ("McDonald", "HIV"). Function words, months, weekdays and generic legal words do not count.
    """
    names: list[Span] = []
    words = list(_WORD.finditer(text))
    for i, match in enumerate(words):
        word = match.group()
        if not word[0].isupper() or len(word) < 2 or word.casefold() in _COMMON:
            continue
        if _begins(text, match.start()) and not any(c.isupper() or c.isdigit() for c in word[1:]):
            follows = i + 1 < len(words) and words[i + 1].start() - match.end() == 1
            if not (follows and words[i + 1].group()[0].isupper() and words[i + 1].group().casefold() not in _COMMON):
                continue
        names.append(Span(*match.span()))
    return names


def _begins(text: str, at: int) -> bool:
    """Whether a sentence begins at `at`."""
    before = text[max(0, at - 12) : at].rstrip(" \t\n\"'\u201c\u2018([*_")
    return not before or (before[-1] in ".!?:\u2022" and not _ABBREVIATED.search(before))
