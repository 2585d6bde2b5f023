"""What eyecite knows: reporters that exist and since when, and short forms resolved to their full citation."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ..retrieval.passages import Span

_AROUND = 250  # characters about a citation that eyecite reads
_MOST = 60_000  # characters of one text that it reads in all


@dataclass(frozen=True, slots=True)
class Reporter:
    """A reporter that a citation names: the years between which its volumes appeared; None: unknown, or still do."""

    first_year: int | None
    last_year: int | None


@dataclass(frozen=True, slots=True)
class ShortForm:
    """A short form of a citation in a text.

    Attributes:
        kind: "short" ("384 U.S. at 444"), "supra" or "id".
        span: Its place, pages included.
        antecedent: Place of the full citation that it stands for; None where there is none or more than one.
        page: The page that it points to; None where it points to none.
        name: The name before it ("Miranda, supra"); "" where there is none.
    """

    kind: str
    span: Span
    antecedent: Span | None
    page: int | None
    name: str = ""


@lru_cache(maxsize=4096)
def known_reporters(citation: str) -> tuple[Reporter, ...]:
    """The reporters that `citation` ("347 U.S. 483") may name; empty where no such reporter is known."""
    found = _citations(citation)
    editions = [e for c in found for e in getattr(c, "all_editions", ())]
    return tuple(Reporter(e.start and e.start.year, e.end and e.end.year) for e in editions)


def full_citations(text: str) -> list[str]:
    """The full case citations of a short text, as written."""
    from eyecite.models import FullCaseCitation

    return [c.token.data for c in _citations(text) if isinstance(c, FullCaseCitation)]


def short_forms(text: str, stretches: Sequence[Span]) -> list[ShortForm]:
    """Short case citations, supra and id. in `text`, each with what it stands for, in order.

    Only the `stretches` of the text, in order, and what lies about them are read, 60,000 characters at most (eyecite
    reads some 13,000 a second): short forms beyond are not found. Where two full citations may be meant, none is.
    """
    from eyecite import resolve_citations

    found: list[tuple[Any, int]] = []
    for around in _joined(text, stretches):
        found += [(c, around.start) for c in _citations(around.of(text))]
    offsets = {id(c): offset for c, offset in found}
    antecedents: dict[int, Span] = {}
    resolved: dict[Any, Any] = dict(resolve_citations([c for c, _ in found]))
    for resource, group in resolved.items():
        full = resource.citation
        for citation in group:
            antecedents[id(citation)] = _place(full, offsets[id(full)])
    return list(_short(found, antecedents))


def _short(found: Sequence[tuple[Any, int]], antecedents: dict[int, Span]) -> Iterator[ShortForm]:
    from eyecite.models import IdCitation, ShortCaseCitation, SupraCitation

    for citation, offset in found:
        kinds = {ShortCaseCitation: "short", SupraCitation: "supra", IdCitation: "id"}
        kind = next((name for of, name in kinds.items() if isinstance(citation, of)), None)
        if kind is None:
            continue
        page = _page(citation.metadata.pin_cite if kind != "short" else citation.groups.get("page"))
        name = getattr(citation.metadata, "antecedent_guess", None) or ""
        yield ShortForm(kind, _place(citation, offset), antecedents.get(id(citation)), page, name)


def _place(citation: Any, offset: int) -> Span:
    start, end = citation.span()
    return Span(offset + start, offset + end)


def _page(written: str | None) -> int | None:
    digits = "".join(c if c.isdigit() else " " for c in written or "").split()
    return int(digits[0]) if digits and len(digits[0]) < 7 else None


def _joined(text: str, stretches: Sequence[Span]) -> list[Span]:
    joined: list[Span] = []
    read = 0
    for span in stretches:
        start, end = max(0, span.start - _AROUND), min(len(text), span.end + _AROUND)
        last = joined[-1].end if joined else 0
        read += end - max(start, last)
        if read > _MOST:
            break
        if joined and start <= last:
            joined[-1] = Span(joined[-1].start, max(end, last))
        else:
            joined.append(Span(start, end))
    return joined


def _citations(text: str) -> list[Any]:
    """eyecite, loaded at first use. Its logger tells of every overlap: silenced."""
    from eyecite import get_citations

    logging.getLogger("eyecite").setLevel(logging.CRITICAL)
    return list(get_citations(text))
