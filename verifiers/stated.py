"""What a text says about a decision where it cites it: names of the parties, court, year, pages."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..retrieval.passages import Span

_S = r"[\s\u00a0]"
_LOOK = 220  # characters before a citation
_VERSUS = re.compile(rf"{_S}(?:v|vs)\.?{_S}")
_OTHER_NAME = re.compile(rf"\b(?:In{_S}re|Ex{_S}parte){_S}([^,;()\n]{{2,60}}),?{_S}?\(?\Z")
_TOKEN = re.compile(r"[^\s\u00a0]+")


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_SMALL = _words("of the and for in on at to de la du van von der ex rel et al a an &")
_NO_PARTY = _words("see also cf accord citing quoting compare contra but in under per e.g and the following")
_PAGE = r"(?:pp?\.\s?)?(?:at\s)?\[?(?P<page>\d{1,5})\]?(?:\s?[\u2013-]\s?\d{1,5})?(?:\sn\.?\s?\d{1,3})?"
_PINCITE = re.compile(rf"(?:,{_S}?(?!\d{{1,4}}\s[A-Z])|{_S}at{_S}|:{_S}?){_PAGE}(?=\s?[;,.()\]\[]|\s?\Z|\s(?!\d)[a-z])")
_MORE_PAGES = re.compile(r"(?:,\s?\d{1,5}(?:[\u2013-]\d{1,5})?(?!\s[A-Z0-9]))*")
_YEAR = re.compile(r"[\s,]{0,3}\((?P<court>[^()\d]{0,40}?|[^()]{0,40}?\s)(?P<year>1[6-9]\d{2}|20\d{2})\)")
_UNITS = re.compile(r"\s?(?:justices|votes|years|days|pages|U\.)", re.I)


@dataclass(frozen=True, slots=True)
class Stated:
    """What is said of a decision at one citation; "" and None where nothing is.

    Attributes:
        first, second: The parties before and after "v."; `second` alone of "In re Gault".
        alone: A bare name right before the citation ("Miranda, 384 U.S. 436").
        court: What stands before the year in brackets ("9th Cir.").
        page: The page within the decision.
    """

    first: str = ""
    second: str = ""
    alone: str = ""
    court: str = ""
    year: int | None = None
    page: int | None = None


def stated_about(text: str, cited: Sequence[Span]) -> Stated:
    """What `text` says about the decision cited at `cited`: one place, or several for parallel citations, in order."""
    first, second, alone = _names(text[max(0, cited[0].start - _LOOK) : cited[0].start])
    page, end = _page(text, cited[0].end)
    last_end = _page(text, cited[-1].end)[1]
    tail = _YEAR.match(text, last_end) or (_YEAR.match(text, end) if len(cited) == 1 else None)
    court, year = (tail["court"].strip(" ,"), int(tail["year"])) if tail else ("", None)
    return Stated(first, second, alone, court, year, page)


_ASIDE = re.compile(r"[,(:;\u2013\u2014]\s?\Z|\b(?:[Ss]ee|[Aa]ccord|[Cc]f\.)(?:\s[Aa]lso)?\s\Z|(?:\A|[.!?])\s*\Z")


def name_before(text: str, start: int) -> int:
    """Where the name of the decision cited at `start` begins, if it stands aside from the sentence; else `start`.

    Aside is what follows a comma, bracket, colon or signal: "..., Roe v. Wade, 410 U.S. 113", but not "In Roe v. Wade,
    410 U.S. 113, the Court held".
    """
    before = text[max(0, start - _LOOK) : start]
    first, second, _ = _names(before)
    at = before.rfind(first or second)
    if not second or at < 0:
        return start
    return start - len(before) + at if _ASIDE.search(before, 0, at) else start


def parallel(text: str, cited: Sequence[Span]) -> list[list[Span]]:
    """Places of citations, grouped: those that follow one another with a comma or a page are of one decision."""
    groups: list[list[Span]] = []
    for span in cited:
        between = text[groups[-1][-1].end : span.start] if groups else "x" * 99
        if len(between) < 20 and re.fullmatch(
            r"(?:,\s?(?:at\s)?\d{1,5}(?:[\u2013-]\d{1,5})?)?,\s?|\s?[=;]?\sand\s", between
        ):
            groups[-1].append(span)
        else:
            groups.append([span])
    return groups


def _page(text: str, at: int) -> tuple[int | None, int]:
    """The page after a citation that ends at `at`, and where it ends; `at` where there is none."""
    found = _PINCITE.match(text, at)
    if not found or _UNITS.match(text, found.end()):
        return None, at
    more = _MORE_PAGES.match(text, found.end())
    return int(found["page"]), more.end() if more else found.end()


def _names(before: str) -> tuple[str, str, str]:
    """The two parties, or a bare name, at the very end of `before`."""
    plain = re.sub(r"[\s,(*_\[]+\Z", "", before)
    other = _OTHER_NAME.search(plain)
    if other:
        return "", other[1].strip(), ""
    versus = list(_VERSUS.finditer(plain))
    if versus:
        second = plain[versus[-1].end() :]
        words = _TOKEN.findall(second)
        if (
            words
            and len(words) <= 14
            and all(_is_name(w) for w in words)
            and not re.search(r"[;:]|\w{4,}\.\s[A-Z]", second)
        ):
            return _last_name(plain[: versus[-1].start()]), second.strip(), ""
        return "", "", ""
    return "", "", _last_name(plain) if before.rstrip().endswith((",", "(")) else ""


def _is_name(word: str) -> bool:
    bare = word.strip("(),.'\"\u2019*_")
    return not bare or bare[0].isupper() or bare[0].isdigit() or bare.casefold() in _SMALL or bare == "plc"


def _last_name(text: str) -> str:
    """The run of words of a name that ends `text`."""
    words = _TOKEN.findall(text)[-10:]
    kept: list[str] = []
    for word in reversed(words):
        ends = word.endswith((";", ":", "]")) or (word.endswith(",") and bool(kept) and not kept[-1][:1].isupper())
        if not _is_name(word) or ends or word.strip(".,*_").casefold() in _NO_PARTY - _SMALL:
            break
        kept.append(word)
    while kept and kept[-1].casefold() in _SMALL | _NO_PARTY:
        kept.pop()
    return " ".join(reversed(kept)).strip("*_( ")
