"""One answer, checked from the cheapest question to the dearest: citations, policy, quotations, then support."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from time import perf_counter

from ..retrieval.passages import Document, Passage, Span
from ..retrieval.sources import SourcePolicy
from ..scoring.records import ClaimCounts
from ..scoring.usage import Usage
from .answer_check import AnswerCheck
from .authorities import AuthorityIndex, authorities_of
from .case_citations import Library, Written
from .citations import BLOCKING, check_citation
from .claims import split_claims
from .metering import summed
from .quotes import QuoteCheck, QuoteFinder, QuoteStatus, find_quotes
from .shelf import Shelf
from .support import Support, judge_support
from .verdict import Citation, Claim, Failure, Finding, Label, Verdict, Verifier
from .written import as_borne_out, check_written, remarks_on

__all__ = ["AnswerCheck", "check_answer"]

Findings = tuple[tuple[Citation, Finding], ...]
_SHOWN = 60


def check_answer(
    answer: str,
    passages: Sequence[Passage],
    documents: Mapping[str, Document],
    policy: SourcePolicy,
    verifier: Verifier,
    *,
    require_citations: bool = True,
    authorities: AuthorityIndex | None = None,
) -> AnswerCheck:
    """Check every claim, citation and quotation of `answer`.

    A claim is judged against the documents that it cites first, by marker or, without one, written out ("347 U.S. 483",
    a DOI), and only if they do not support it against all allowed passages. Text of forbidden documents never supports
    anything. Whether the answer abstains is for the caller to ask; an answer without claims is not accepted.

    Args:
        answer: The text of the model; all spans of the result are places in it.
        passages: As numbered in the prompt: `passages[n - 1]` is marker `[n]`.
        documents: Every document there is, by id, also those that `policy` forbids, so that a marker or a reference to
            one of them is told apart from an invented one. May lack documents of `passages`.
        policy: What may be cited.
        verifier: Judges support.
        require_citations: Whether a claim without any citation is a reason not to accept.
        authorities: Decisions that exist. None: those among `documents`, and nothing else may be cited.

    Returns:
        Claims, verdicts and findings side by side, with `accept` and the reasons against it.

    Raises:
        ValueError: The verifier did not return one verdict per pair.
    """
    began = perf_counter()
    shelf = Shelf(passages, documents, policy)
    claims = split_claims(answer, [p.doc_id for p in passages], shelf.documents)
    library = Library(shelf.documents, policy, authorities or authorities_of(shelf.documents.values()))
    written = _by_claim(claims, check_written(answer, library) if claims else [])
    before = perf_counter()
    own = [[w.own_doc for w in of_claim if w.own_doc in shelf.allowed and w.own_doc] for of_claim in written]
    support = judge_support(claims, shelf, verifier, own)
    judged = perf_counter() - before
    written = [
        w if c.citations else as_borne_out(w, s.cited, s.elsewhere)
        for c, w, s in zip(claims, written, support, strict=True)
    ]
    findings = _findings(claims, support, written, shelf)
    quotes = _quotes(answer, claims, shelf)
    why = {w.citation.span: f" ({w.reason})" for of_claim in written for w in of_claim if w.reason}
    reasons = [*_reasons(claims, support, findings, require_citations, why), *_quote_reasons(quotes)]
    rules = Usage("verify:rules", seconds=max(0.0, perf_counter() - began - judged))
    return AnswerCheck(
        claims=tuple(claims),
        verdicts=tuple(s.verdict for s in support),
        citation_supported=tuple(None if s.unread else bool(s.cited) for s in support),
        citation_findings=tuple(findings),
        quotes=tuple(quotes),
        counts=_counts(support, findings),
        accept=_accept(claims, support, reasons),
        usage=summed([rules, *(u for s in support for u in s.usage)]),
        reasons=tuple(reasons) if claims else ("there is no claim to verify",),
        remarks=tuple(remarks_on(claims, written, library)),
    )


def _accept(claims: Sequence[Claim], support: Sequence[Support], reasons: Sequence[str]) -> bool | None:
    if not claims:
        return False
    unread = [s for s in support if s.unread]
    if unread and len(reasons) == len(unread):
        return None  # that they are not checkable is all that is wrong
    return not reasons


def _by_claim(claims: Sequence[Claim], written: Sequence[Written]) -> list[list[Written]]:
    """The references written out in each claim or, outside any claim, after it."""
    found: list[list[Written]] = [[] for _ in claims]
    starts = [c.span.start for c in claims]
    for reference in written:
        found[max(0, bisect_right(starts, reference.citation.span.start) - 1)].append(reference)
    return found


def _findings(
    claims: Sequence[Claim], support: Sequence[Support], written: Sequence[Sequence[Written]], shelf: Shelf
) -> list[Findings]:
    """Per claim its markers, then the references written out."""
    return [
        (
            *(
                (c, check_citation(c, shelf.documents, shelf.policy, supporting=s.cited, elsewhere=s.elsewhere))
                for c in claim.citations
            ),
            *((w.citation, w.finding) for w in of_claim),
        )
        for claim, s, of_claim in zip(claims, support, written, strict=True)
    ]


def _quotes(answer: str, claims: Sequence[Claim], shelf: Shelf) -> list[QuoteCheck]:
    """Each quotation inside a claim, against what that claim cites, or all allowed passages where it cites nothing."""
    finder = QuoteFinder()
    starts = [c.span.start for c in claims]
    checks: list[QuoteCheck] = []
    for span in find_quotes(answer):
        first = max(0, bisect_right(starts, span.start) - 1)
        around = [
            c
            for c in claims[first : bisect_right(starts, span.end)]
            if c.span.start < span.end and span.start < c.span.end
        ]
        if not around:
            continue
        cited = [p for i in dict.fromkeys(i for c in around for i in shelf.cited(c)) for p in shelf.of(i)]
        others = [p for p in shelf.passages if p not in cited]
        checks.append(finder.check(answer, span, cited or others, others if cited else ()))
    return checks


def _reasons(
    claims: Sequence[Claim],
    support: Sequence[Support],
    findings: Sequence[Findings],
    require_citations: bool,
    why: Mapping[Span, str],
) -> list[str]:
    reasons: list[str] = []
    for claim, judged, of_claim in zip(claims, support, findings, strict=True):
        verdict, name = judged.verdict, _short(claim.text)
        if isinstance(verdict, Failure):
            reasons.append(f"not checked: {name}: {verdict.error}")
        elif verdict.label is not Label.SUPPORTED:
            reasons.append(f"{verdict.label.value.replace('_', ' ')}: {name}: {verdict.reason}")
        reasons += [
            f"citation {c.marker} is {f.value.replace('_', ' ')}{why.get(c.span, '')}: {name}"
            for c, f in of_claim
            if f in BLOCKING
        ]
        if require_citations and not of_claim:
            reasons.append(f"cites nothing: {name}")
    return reasons


def _quote_reasons(quotes: Iterable[QuoteCheck]) -> list[str]:
    where = {QuoteStatus.NOT_FOUND: "is in no source", QuoteStatus.ELSEWHERE: "is not in the cited source"}
    return [f"quotation {where[q.status]}: {_short(q.text)}" for q in quotes if q.status in where]


def _short(text: str) -> str:
    plain = " ".join(text.split())
    return repr(plain if len(plain) <= _SHOWN else plain[: _SHOWN - 1] + "\u2026")


def _counts(support: Sequence[Support], findings: Sequence[Findings]) -> ClaimCounts:
    every = [finding for of_claim in findings for _, finding in of_claim]
    return ClaimCounts(
        claims=len(support),
        supported=sum(isinstance(s.verdict, Verdict) and s.verdict.label is Label.SUPPORTED for s in support),
        checkable=sum(not s.unread for s in support),
        citation_supported=sum(bool(s.cited) for s in support),
        citations=len(every),
        citations_good=every.count(Finding.RESOLVED),
        fabricated=every.count(Finding.FABRICATED),
        misattributed=every.count(Finding.MISATTRIBUTED),
        wrong_pincite=every.count(Finding.WRONG_PINCITE),
        out_of_scope=every.count(Finding.OUT_OF_SCOPE),
        post_cutoff=every.count(Finding.POST_CUTOFF),
        failures=sum(isinstance(s.verdict, Failure) for s in support),
    )
