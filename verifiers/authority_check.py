"""Whether a decision that is cited exists, and is what it is said to be: name, court, year, page, still good law."""

import re
from dataclasses import dataclass
from datetime import date as Date
from enum import StrEnum

from .authorities import Authority, AuthorityIndex, place_of
from .reporters import known_reporters
from .stated import Stated

_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W\d_]+)?")


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_GENERIC = _words(
    "v vs the of and for in re ex parte a an et al inc co corp ltd llc plc company corporation limited state people "
    "city county board department dept bd commission commissioner united states us rel no association assn university "
    "school district r regina rex queen king crown secretary court council group holdings bros brothers"
)  # fmt: skip
_NOT_GOOD_LAW = re.compile(
    r"overrul|overturn|abrogat|supersed|no longer|not good law|bad law|disapprov|departed from|set aside|repudiat|"
    r"discredit|former|historical|until (?:18|19|20)\d\d|at the time",
    re.IGNORECASE,
)
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh")
_CIRCUIT = re.compile(r"\b(\d{1,2})(?:st|nd|rd|th|d)\sCir|\b(D\.?C|Fed)\.?\sCir", re.I)
_CIRCUIT_WORDS = re.compile(rf"\b({'|'.join(_ORDINALS)}|district of columbia|federal)\scircuit", re.I)
_HIGHEST = re.compile(r"supreme court of the united states|^u\.?\s?s\.?$|^s\.?\s?ct\.?$", re.I)
_OWN_COURT = {"us": "scotus", "sct": "scotus", "led": "scotus", "led2d": "scotus"}
_SLACK = 2  # years between decisions of one volume


class Standing(StrEnum):
    """What the index says of one citation."""

    CONSISTENT = "consistent"
    NO_SUCH_REPORTER = "no_such_reporter"
    IMPLAUSIBLE = "implausible"
    NOT_THERE = "not_there"
    UNKNOWN = "unknown"
    OTHER_DECISION = "other_decision"
    WRONG_PAGE = "wrong_page"


@dataclass(frozen=True, slots=True)
class Judged:
    """The standing of a citation, the authority it was held against, and the reason in words ("" if consistent)."""

    standing: Standing
    authority: Authority | None = None
    reason: str = ""


def judge_citation(citation: str, said: Stated, index: AuthorityIndex) -> Judged:
    """What `index` says of `citation`, of which the text says `said`.

    CONSISTENT: it is in the index, and nothing said of it differs. OTHER_DECISION: it is, under another name, court or
    year. WRONG_PAGE: the page lies outside the decision. NOT_THERE: not in an index that is complete for its reporter
    and volume. IMPLAUSIBLE: not in the index, and the year does not fit the reporter or the volume. NO_SUCH_REPORTER:
    eyecite's table knows none of that name. UNKNOWN: the index cannot tell.
    """
    found = index.find(citation)
    if found:
        judged = [_consistency(authority, citation, said, index) for authority in found]
        return min(judged, key=lambda j: (j.standing is not Standing.CONSISTENT, j.standing is not Standing.WRONG_PAGE))
    place = place_of(citation)
    if place is not None:
        reporters = known_reporters(citation)
        if not reporters:
            return Judged(Standing.NO_SUCH_REPORTER, reason="no such reporter is known")
        years = [r for r in reporters if r.first_year is not None]
        if said.year and years and all(said.year < (r.first_year or 0) - 1 for r in years) and place.reporter != "us":
            return Judged(Standing.IMPLAUSIBLE, reason=f"this reporter began in {years[0].first_year}")
        if said.year and (why := _out_of_order(place.volume, place.reporter, said.year, index)):
            return Judged(Standing.IMPLAUSIBLE, reason=why)
    if index.covers(citation):
        return Judged(Standing.NOT_THERE, reason="the index is complete for this volume and has no such decision")
    return Judged(Standing.UNKNOWN)


def _out_of_order(volume: int, reporter: str, year: int, index: AuthorityIndex) -> str:
    """Why a decision of `year` cannot stand in this volume; "" where it can, or the volumes are not in order."""
    if reporter not in _OWN_COURT and reporter not in ("f", "f2d", "f3d", "fsupp", "fsupp2d", "fsupp3d"):
        return ""
    known = index.volumes(reporter)
    earlier = [y for v, y in known if v <= volume]
    later = [y for v, y in known if v >= volume]
    if earlier and year < max(earlier) - _SLACK:
        return f"earlier volumes hold decisions of {max(earlier)}"
    if later and year > min(later) + _SLACK:
        return f"later volumes hold decisions of {min(later)}"
    return ""


def _consistency(authority: Authority, citation: str, said: Stated, index: AuthorityIndex) -> Judged:
    for differs in (_name_differs(authority, said, index), _court_differs(authority, citation, said)):
        if differs:
            return Judged(Standing.OTHER_DECISION, authority, differs)
    if said.year and authority.year and said.year != authority.year:
        return Judged(Standing.OTHER_DECISION, authority, f"{authority.name} was decided in {authority.year}")
    if said.page is not None and (why := _outside(authority, citation, said.page, index)):
        return Judged(Standing.WRONG_PAGE, authority, why)
    return Judged(Standing.CONSISTENT, authority)


def _name_differs(authority: Authority, said: Stated, index: AuthorityIndex) -> str:
    parties = [p for p in (said.first, said.second) if p]
    if any(not names_agree(p, authority.name) for p in parties):
        return f"it is {authority.name}"
    if said.alone and not names_agree(said.alone, authority.name):
        others = {word for a in index.authorities if a is not authority for word in _telling(a.name)}
        last = _telling(said.alone)[-1:]
        if last and last[0] in others:
            return f"it is {authority.name}"
    return ""


def names_agree(party: str, name: str) -> bool:
    """Whether a party as written may be one of those of a decision: "Bd. of Educ." is the "Board of Education".

    One telling word in common is enough; where `party` has none ("United States", "State"), all of its words must be
    there.
    """
    telling = _telling(party)
    words = [w.casefold() for w in _WORD.findall(name)]
    if telling:
        if any(len(t) >= 2 and t in _initials(words) for t in telling if t.upper() in party):
            return True
        return any(_same(mine, theirs, f"{mine}." in party.casefold()) for mine in telling for theirs in words)
    rest = [w for w in (w.casefold() for w in _WORD.findall(party)) if len(w) > 2 and w != "the"]
    return all(any(_same(mine, theirs) for theirs in words) for mine in rest)


def _initials(words: list[str]) -> str:
    """First letters of a name's words without small ones: "NYT" and "AFSCME" are found in them."""
    return "".join(w[0] for w in words if w not in ("of", "the", "and", "for", "in"))


def _telling(name: str) -> list[str]:
    return [w for w in (w.casefold() for w in _WORD.findall(name)) if w not in _GENERIC and len(w) > 1]


def _same(mine: str, theirs: str, is_cut: bool = False) -> bool:
    """Equal, or one the other's abbreviation: its beginning ("Educ."), or its letters in order ("Bd.", "Ass'n")."""
    mine, theirs = mine.replace("\u2019", "'").removesuffix("'s"), theirs.replace("\u2019", "'").removesuffix("'s")
    short, long = sorted((mine.replace("'", ""), theirs.replace("'", "")), key=len)
    if short == long:
        return True
    if len(short) < 2 or short[0] != long[0]:
        return False
    if is_cut and len(short) >= 3 and long.startswith(short):
        return True
    rest = iter(long)
    contracted = "'" in mine or "'" in theirs or len(short) == 2
    return contracted and short[-1] == long[-1] and all(c in rest for c in short)


def _court_differs(authority: Authority, citation: str, said: Stated) -> str:
    mine = _court(said.court)
    place = place_of(citation)
    theirs = (_OWN_COURT.get(place.reporter) if place else None) or _court(authority.court)
    if mine and theirs and mine != theirs:
        return f"it was decided by the {authority.court or 'Supreme Court of the United States'}"
    return ""


def _court(name: str) -> str:
    """A name for a court that two ways of writing it share; "" where it is none that is known."""
    if _HIGHEST.search(name.strip()):
        return "scotus"
    if found := _CIRCUIT.search(name):
        return f"circuit {(found[1] or found[2]).replace('.', '').casefold()}"
    if found := _CIRCUIT_WORDS.search(name):
        word = found[1].casefold()
        return f"circuit {_ORDINALS.index(word) + 1 if word in _ORDINALS else {'federal': 'fed'}.get(word, 'dc')}"
    if re.search(r"\b[NSEWMC]?\.?D\.\s?[A-Z]", name):
        return "district"
    return ""


def _outside(authority: Authority, citation: str, page: int, index: AuthorityIndex) -> str:
    """Why `page` is none of this decision's; "" where it is, or cannot be told."""
    place = place_of(citation)
    main = place_of(authority.citations[0])
    if place is None:
        return ""
    is_main = main == place
    first = authority.first_page if is_main and authority.first_page is not None else place.page
    following = [
        p for p, other in index.in_volume(place.volume, place.reporter) if p > first and other is not authority
    ]
    last = authority.last_page if is_main and authority.last_page is not None else next(iter(following), None)
    if page < first:
        return f"it begins on page {first}"
    return f"it ends on page {last}" if last is not None and page > last else ""


def overruled_remark(authority: Authority, claim: str, as_of: Date | None) -> str:
    """A sentence where `claim` cites an authority that was overruled by the day `as_of` and does not say so; else "".

    `as_of` None: any day after. Whether the claim takes the decision for good law or tells of its time, it cannot say:
    a remark, not a finding.
    """
    day = authority.overruled_on
    if day is None or (as_of is not None and as_of < day) or _NOT_GOOD_LAW.search(claim):
        return ""
    by = f" by {authority.overruled_by}" if authority.overruled_by else ""
    return f"{authority.name}, {authority.citations[0]}, was overruled on {day.isoformat()}{by}"
