"""Authorities that are known to exist: a small index of decisions, also made from the documents at hand."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date as Date
from functools import lru_cache

from ..retrieval.passages import Document
from .legal import legal_citations

_ASIDE = re.compile(r"(?<=[\w.])[\s\u00a0]{0,2}\((?!\d{4}\))[^()]{1,30}\)")  # "5 U.S. (1 Cranch) 137", "... (Admin)"
_PIECE = re.compile(r"\d+|[^\W\d_]+")
_PAGED = re.compile(r"(?P<volume>\d{1,4})[\s\u00a0](?P<reporter>[A-Za-z][^\d\n]{0,30}?(?:\d(?:d|th|nd|rd|st))?)\.?"
                    r"[\s\u00a0](?:at[\s\u00a0])?(?P<page>\d{1,5})")  # fmt: skip
_REPORTED = re.compile(r"\b(?:reported\s(?:at|as)|neutral\scitation)\b[^;\n]{0,140}")
_IS_CASE = re.compile(r"\sv\.?s?\.?\s|^(?:In re|Ex parte|Re)\s")
_HEAD = 400  # characters at the beginning of a document in which it says where it is reported


@dataclass(frozen=True, slots=True)
class Authority:
    """One decision.

    Attributes:
        citations: Where it is reported, as usually written, the first one being the one whose pages are given.
        doc_id: The document that holds it; None where no text of it is at hand.
        overruled_by: Name of the decision that overruled it; "" where none is known.
        first_page, last_page: In the first citation; None: its own page, and unknown.
    """

    citations: tuple[str, ...]
    name: str
    court: str = ""
    year: int | None = None
    doc_id: str | None = None
    overruled_by: str = ""
    overruled_on: Date | None = None
    first_page: int | None = None
    last_page: int | None = None


@dataclass(frozen=True, slots=True)
class Coverage:
    """A reporter of which the index has every decision, from one volume to another; None: without a limit."""

    reporter: str
    first_volume: int | None = None
    last_volume: int | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A citation by volume, reporter and page; the reporter in small letters without stops and spaces."""

    volume: int
    reporter: str
    page: int


@dataclass(frozen=True)
class AuthorityIndex:
    """Authorities by citation.

    Attributes:
        complete: Reporters of which nothing is missing: there a citation that is not in the index does not exist.
        closed: Nothing may be cited that is neither here nor in the documents at hand.
    """

    authorities: tuple[Authority, ...] = ()
    complete: tuple[Coverage, ...] = ()
    closed: bool = False
    _by_key: dict[str, list[Authority]] = field(default_factory=dict, init=False, repr=False, compare=False)
    _by_volume: dict[tuple[int, str], list[tuple[int, Authority]]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        for authority in self.authorities:
            for citation in authority.citations:
                self._by_key.setdefault(citation_key(citation), []).append(authority)
                if place := place_of(citation):
                    of_volume = self._by_volume.setdefault((place.volume, place.reporter), [])
                    of_volume.append((place.page, authority))

    def find(self, citation: str) -> tuple[Authority, ...]:
        """The authorities reported at exactly this place, however its full stops and spaces are written."""
        return tuple(self._by_key.get(citation_key(citation), ()))

    def in_volume(self, volume: int, reporter: str) -> list[tuple[int, Authority]]:
        """First page and authority of each one reported in this volume, in the order of pages."""
        return sorted(self._by_volume.get((volume, plain(reporter)), []), key=lambda pair: pair[0])

    def volumes(self, reporter: str) -> list[tuple[int, int]]:
        """Volume and year of every authority of known year in this reporter, in order."""
        name = plain(reporter)
        return sorted(
            (volume, a.year) for (volume, of), pairs in self._by_volume.items() if of == name
            for _, a in pairs if a.year is not None
        )  # fmt: skip

    def covers(self, citation: str) -> bool:
        """Whether the index is declared complete for the reporter and volume of `citation`."""
        place = place_of(citation)
        return place is not None and any(
            plain(c.reporter) == place.reporter
            and (c.first_volume or 0) <= place.volume
            and (c.last_volume is None or place.volume <= c.last_volume)
            for c in self.complete
        )


def plain(reporter: str) -> str:
    """A reporter in small letters without full stops and spaces: "F. Supp. 2d" gives "fsupp2d"."""
    return "".join(c for c in reporter.casefold() if c.isalnum())


def citation_key(citation: str) -> str:
    """What two ways of writing one citation have in common: letters and numbers, without what is aside in brackets."""
    return " ".join(_PIECE.findall(_ASIDE.sub("", citation.casefold())))


def place_of(citation: str) -> Place | None:
    """Volume, reporter and page of a citation like "347 U.S. 483"; None for one of another form."""
    found = _PAGED.fullmatch(_ASIDE.sub("", citation.strip()))
    return Place(int(found["volume"]), plain(found["reporter"]), int(found["page"])) if found else None


def authorities_of(documents: Iterable[Document]) -> AuthorityIndex:
    """The index of a closed corpus: each decision among `documents`, as far as it says where it is reported.

    A decision is a document whose title names two parties and whose beginning, or title, gives a citation ("is
    reported at 347 U.S. 483"). Name, court and year are its title, source and date. Whether it was overruled is not
    read from text.
    """
    cases = (_authority(d) for d in documents if _IS_CASE.search(d.title))
    return AuthorityIndex(tuple(a for a in cases if a is not None), closed=True)


@lru_cache(maxsize=4096)
def _authority(document: Document) -> Authority | None:
    reported = _REPORTED.search(document.text, 0, _HEAD)
    said = f"{document.title}\n{reported.group() if reported else ''}"
    found = tuple(r.text for r in legal_citations(said) if r.kind not in ("statute", "ecli"))
    if not found:
        return None
    year = document.date.year if document.date else None
    return Authority(found, document.title, document.source, year, document.doc_id)
