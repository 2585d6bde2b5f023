"""The decisions that an answer cites, in full or in short, held against an index of authorities and the sources."""

import re
from bisect import bisect_right, insort
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ..retrieval.passages import Document, Span
from ..retrieval.sources import SourcePolicy
from .authorities import Authority, AuthorityIndex, place_of
from .authority_check import Judged, Standing, judge_citation, names_agree
from .references import Reference, check_references, forbidden
from .reporters import ShortForm, short_forms
from .stated import Stated, parallel, stated_about
from .verdict import Citation, Finding

CASE_KINDS = frozenset({"reporter", "nominative", "neutral", "volume", "eu_case"})
_SHORT = re.compile(r"[\s\u00a0]at[\s\u00a0]\d")
_REFERS_BACK = re.compile(r"\bsupra\b|\b(?:id|ibid)\.", re.IGNORECASE)
_STRING = re.compile(r"[^.]{0,160};[^.]{0,160}(?:\.[^.;]{0,12}){0,4}")
_IMPOSSIBLE = (Standing.NO_SUCH_REPORTER, Standing.IMPLAUSIBLE, Standing.NOT_THERE)


@dataclass(frozen=True, slots=True)
class Written:
    """A reference written out in an answer, and what it is worth.

    Attributes:
        own_doc: The document that IS what is cited, where it is at hand and may be cited; else None.
        authority: The decision that it resolves to in the index; None where there is none.
        reason: In words, where the finding comes from the index; "" otherwise.
    """

    citation: Citation
    finding: Finding
    own_doc: str | None = None
    authority: Authority | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Library:
    """What citations are held against."""

    documents: Mapping[str, Document]
    policy: SourcePolicy
    index: AuthorityIndex


def check_cases(answer: str, references: Sequence[Reference], library: Library) -> list[Written]:
    """Every citation of a decision in `answer`, short forms included, in order.

    Args:
        answer: The text.
        references: All legal references found in it, in order; statutes are passed over, but "id." may mean one.
        library: Documents, policy and index.
    """
    full = [r for r in references if r.kind in CASE_KINDS and not _SHORT.search(r.text)]
    groups = parallel(answer, [r.span for r in full])
    found = {w.citation.span: w for w in _full(answer, full, groups, library)}
    if len(full) < len(references) or _REFERS_BACK.search(answer):
        found |= {w.citation.span: w for w in _short(answer, references, groups, found, library)}
    return [found[span] for span in sorted(found)]


def _full(
    answer: str, full: Sequence[Reference], groups: Sequence[Sequence[Span]], library: Library
) -> Iterator[Written]:
    by_span = {r.span: r for r in full}
    for group in groups:
        said = stated_about(answer, group)
        members = [by_span[span] for span in group]
        judged = [judge_citation(r.text, _part(said, n), library.index) for n, r in enumerate(members)]
        known = [j.authority for j in judged if j.authority is not None]
        checked = check_references(members, library.documents, library.policy)
        for (citation, finding), of in zip(checked, judged, strict=True):
            beside = bool(known) and of.standing is Standing.UNKNOWN
            yield _weighed(citation, finding, of, library, beside)


def _part(said: Stated, n: int) -> Stated:
    """What is said, for the n-th of parallel citations: the page is that of the first."""
    return said if n == 0 else replace(said, page=None)


def _weighed(citation: Citation, finding: Finding, of: Judged, library: Library, beside: bool) -> Written:
    """The finding from the sources and the standing in the index, put together."""
    index = library.index
    if of.authority is not None:
        return _known(citation, finding, of, library)
    if finding in (Finding.FABRICATED, Finding.UNCHECKABLE):
        says_something = bool(index.authorities or index.complete)
        if of.standing in _IMPOSSIBLE and (says_something or finding is Finding.FABRICATED):
            return Written(citation, Finding.FABRICATED, reason=of.reason)
        if beside or not index.closed:
            return Written(citation, Finding.UNCHECKABLE, reason="not in the index of authorities")
    return Written(citation, finding)


def _known(citation: Citation, finding: Finding, of: Judged, library: Library) -> Written:
    authority = of.authority
    document = library.documents.get(authority.doc_id or "") if authority else None
    cited = Citation(citation.marker, citation.span, document.doc_id if document else citation.doc_id)
    barred = forbidden(document, library.policy) if document else _barred(authority, library.policy)
    if barred is not None and finding is not Finding.RESOLVED:
        return Written(cited, barred, authority=authority)
    own = document.doc_id if document and barred is None and document.text.strip() else None
    if of.standing is Standing.OTHER_DECISION:
        return Written(cited, Finding.MISATTRIBUTED, None, authority, of.reason)
    if of.standing is Standing.WRONG_PAGE:
        return Written(cited, Finding.WRONG_PINCITE, own, authority, of.reason)
    if document is None and finding is not Finding.RESOLVED:
        return Written(cited, Finding.UNCHECKABLE, None, authority, "in the index, but its text is not at hand")
    return Written(cited, Finding.RESOLVED, own, authority)


def _barred(authority: Authority | None, policy: SourcePolicy) -> Finding | None:
    late = authority and authority.year and policy.as_of and authority.year > policy.as_of.year
    return Finding.POST_CUTOFF if late else None


def _short(
    answer: str,
    references: Sequence[Reference],
    groups: Sequence[Sequence[Span]],
    found: Mapping[Span, Written],
    library: Library,
) -> Iterator[Written]:
    """Short forms, each with what the full citation that it stands for is worth; they may lean on one another."""
    places = [r.span for r in references] + [Span(*m.span()) for m in _REFERS_BACK.finditer(answer)]
    known = dict(found)
    ends = {span: group[0] for group in groups for span in group}
    statutes = {r.span for r in references if r.kind == "statute"}
    order = sorted([*known, *statutes])
    for form in short_forms(answer, sorted(places)):
        antecedent = form.antecedent
        if form.kind == "id":
            antecedent = _before(answer, form.span, order)
            if antecedent in statutes:
                continue
        full = known.get(ends.get(antecedent, antecedent)) if antecedent else None
        citation = Citation(form.span.of(answer), form.span, full.citation.doc_id if full else None)
        known[form.span] = _referred(citation, form, full) if full else _alone(citation, form, library)
        if form.span not in order[-1:]:
            insort(order, form.span)
        yield known[form.span]


def _before(answer: str, at: Span, cited: Sequence[Span]) -> Span | None:
    """The last of `cited`, which are in order, before `at`; None where it stands in a row with another one."""
    last = bisect_right(cited, at.start, key=lambda span: span.end) - 1
    if last < 0:
        return None
    apart = Span(cited[last - 1].end, max(cited[last].start, cited[last - 1].end)) if last > 0 else None
    in_a_row = apart is not None and _STRING.fullmatch(answer, apart.start, apart.end)
    return None if in_a_row else cited[last]


def _referred(citation: Citation, form: ShortForm, full: Written) -> Written:
    """What a short form is worth whose full citation was judged before."""
    first = place_of(full.authority.citations[0]) if full.authority else None
    outside = full.authority is not None and form.page is not None and first is not None and (
        form.page < (full.authority.first_page or first.page)
        or (full.authority.last_page is not None and form.page > full.authority.last_page)
    )  # fmt: skip
    if outside and full.finding in (Finding.RESOLVED, Finding.WRONG_PINCITE):
        return Written(citation, Finding.WRONG_PINCITE, full.own_doc, full.authority, "the page is none of its pages")
    finding = Finding.RESOLVED if full.finding is Finding.WRONG_PINCITE else full.finding
    return Written(citation, finding, full.own_doc, full.authority, full.reason)


def _alone(citation: Citation, form: ShortForm, library: Library) -> Written:
    """A short form without a full citation: the only decision of its volume that may be meant, or nothing."""
    place = place_of(citation.marker) if form.kind == "short" else None
    if place is None:
        return Written(citation, Finding.UNCHECKABLE, reason="it is not clear what it refers to")
    volume = library.index.in_volume(place.volume, place.reporter)
    fitting = [(page, a) for page, a in volume if page <= place.page and (a.last_page or place.page) >= place.page]
    if form.name:
        fitting = [(page, a) for page, a in fitting if names_agree(form.name, a.name)]
    if form.name and not fitting:
        named = [(page, a) for page, a in volume if names_agree(form.name, a.name)]
        if len(named) == 1:
            return _known(
                citation, Finding.FABRICATED, Judged(Standing.WRONG_PAGE, named[0][1], "the page is none of its pages"),
                library,
            )  # fmt: skip
    if len(fitting) == 1:
        written = citation.marker.split(" at ")[0] + f" {fitting[0][0]}"
        judged = judge_citation(written, Stated(page=place.page), library.index)
        return _known(citation, Finding.FABRICATED, judged, library)
    if not volume and (library.index.closed or library.index.covers(citation.marker)):
        return Written(citation, Finding.FABRICATED, reason="nothing in this volume may be cited")
    return Written(citation, Finding.UNCHECKABLE, reason="it is not clear what it refers to")
