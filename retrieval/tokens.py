"""Words and numbers of a text, normalised for lexical ranking and comparison."""

import re
import unicodedata
from functools import lru_cache

from .passages import Span

TOKENS_VERSION = "1"
"""Changes whenever the same text may give other tokens."""


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_ACCENT = "[\u0300-\u036f]"
_TOKEN = re.compile(
    rf"(?P<dotted>(?:[^\W\d_{_CJK}]\.){{2,}}(?:[^\W\d_{_CJK}]\b)?|\b[^\W\d_]\.\d+[a-z]{{1,2}}\b)"  # U.S.C., F.3d
    r"|(?P<number>\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)*)"
    r"(?P<tail>(?:\([A-Za-z0-9]{1,4}\)){1,8}|(?:st|nd|rd|th|d)\b)?"  # 12(b)(6), 9th
    rf"|(?P<ideogram>[{_CJK}])"  # scripts without spaces: a token a sign
    rf"|(?P<word>[^\W\d_{_CJK}](?:[^\W_{_CJK}]|{_ACCENT})*(?:['’](?:[^\W\d_{_CJK}]|{_ACCENT})+)?)"
)
_LONGEST_STEMMED = 40  # longer "words" are no English, and would take quadratic time
_VOWEL = re.compile("[aeiouy]")
_SYLLABLE = re.compile("[aeiouy]+[^aeiouy]+")
_SHORT = re.compile("[^aeiouy][aeiouy][^aeiouwxy]$")
_STOP_WORDS = _words(
    "a about also am an and any are as at be been being but by can could did do does for from had has have he her his "
    "how i if in into is it its may me my of on or our she should so some such than that the their them then there "
    "these they this those to was we were what when where which who whom whose why will with would you your"
)


def tokenize(text: str) -> list[str]:
    """Tokens of `text`, in order: case-folded, stemmed words without stop words; numbers without thousands commas.

    "75,000" gives "75000", "0.5" stays, "12(b)(6)" and "9th" are one token each, "U.S.C." gives "usc", "400mg" gives
    "400" and "mg". Words written in two to four capitals are never stop words ("WHO", "US", "IT").
    """
    return [token for token, _ in token_spans(text)]


def token_spans(text: str) -> list[tuple[str, Span]]:
    """The tokens of `tokenize`, each with its place in `text`."""
    found: list[tuple[str, Span]] = []
    for match in _TOKEN.finditer(text):
        token = _normal(match)
        if token:
            found.append((token, Span(match.start(), match.end())))
    return found


def _normal(match: re.Match[str]) -> str:
    """The token of one match; "" for a stop word."""
    raw = match.group()
    if match.lastgroup in ("number", "tail"):
        return raw.replace(",", "").casefold()
    if match.lastgroup == "dotted":
        return raw.replace(".", "").casefold()
    return _remembered(raw) if len(raw) <= _LONGEST_STEMMED else _word(raw)


def _word(raw: str) -> str:
    word = _folded(raw)
    if word in _STOP_WORDS and not (raw.isupper() and 2 <= len(raw) <= 4):
        return ""
    return stem(word)


_remembered = lru_cache(maxsize=65_536)(_word)  # few words make most of a text


def _folded(word: str) -> str:
    """`word` in lower case, without possessive and accents."""
    word = word.casefold().replace("’", "'")
    word = word.removesuffix("'s").replace("'", "")
    return word if word.isascii() else "".join(map(_plain, word))


@lru_cache(maxsize=4096)
def _plain(sign: str) -> str:
    """`sign` without accents; sign by sign, because sorting a long run of accents takes quadratic time."""
    parts = unicodedata.normalize("NFKD", sign)
    return "".join(part for part in parts if not unicodedata.combining(part))


def stem(word: str) -> str:
    """`word`, in lower case, without plural, -ed, -ing and silent -e: steps 1 and 5a of Porter (1980), nothing more.

    "studies", "studied" and "study" meet; "organ" and "organization" do not. Words that are not ASCII stay.
    Source: M. F. Porter, An algorithm for suffix stripping, doi:10.1108/eb046814.
    """
    if not 4 <= len(word) <= _LONGEST_STEMMED or not word.isascii() or not word.isalpha():
        return word
    word = _without_participle(_singular(word))
    if word.endswith("y") and _VOWEL.search(word[:-1]):
        word = word[:-1] + "i"
    if word.endswith("e") and len(_SYLLABLE.findall(word[:-1])) > 1:
        word = word[:-1]
    return word


def _singular(word: str) -> str:
    if word.endswith(("sses", "ches", "shes", "xes")):
        return word[:-2]
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    return word if not word.endswith("s") or word.endswith(("ss", "us", "is")) else word[:-1]


def _without_participle(word: str) -> str:
    if word.endswith("eed"):
        return word[:-1] if len(_SYLLABLE.findall(word[:-3])) > 0 else word
    ending = "ed" if word.endswith("ed") else "ing" if word.endswith("ing") else ""
    base = word.removesuffix(ending)
    if not ending or not _VOWEL.search(base):
        return word
    if len(base) == 2 or base.endswith(("at", "bl", "iz")):
        return base + "e"
    if len(base) > 2 and base[-1] == base[-2] and base[-1] not in "aeioulsz":
        return base[:-1]
    return base + "e" if len(_SYLLABLE.findall(base)) == 1 and _SHORT.search(base) else base
