"""An answer annotated for whoever reads it: what supports each claim, how sure it is, and what the policy does with it.

For applications: `annotate_answer` checks one answer against its sources; `annotated_forms` shows it as JSON and HTML.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..reports.views import AnswerView, CitationView, ClaimView, Mark
from ..retrieval.passages import Document, Passage, Span
from ..retrieval.sources import SourcePolicy
from ..scoring.economics import RetryPolicy
from ..scoring.policy import End, walk
from ..scoring.records import Outcome, PolicyVerdict, Record
from ..verifiers.abstention import Ending, classify, strip_protocol
from ..verifiers.answer_check import AnswerCheck
from ..verifiers.cascade import check_answer
from ..verifiers.markers import MARKER
from ..verifiers.quotes import QuoteStatus
from ..verifiers.recalibration import LogitLine
from ..verifiers.verdict import Failure, Label, Verifier
from .pipeline import well_formed
from .run_texts import claim_flags, evidence_view

_ENDED = {Ending.ABSTAINED: Outcome.ABSTAINED, Ending.REFUSED: Outcome.REFUSED, Ending.INVALID: Outcome.INVALID}


@dataclass(frozen=True, slots=True)
class AnswerTerms:
    """Under which an answer is judged.

    Attributes:
        attempt: Counted from 1; a rejected answer is asked again up to the policy's `max_retries`.
        confidence: Stated by the model, in [0, 1]; None: read off the answer ("Confidence: 80%").
        calibration: From stated confidences to calibrated ones (`confidence_line`); None: not known.
    """

    source_policy: SourcePolicy = field(default_factory=SourcePolicy)
    retry_policy: RetryPolicy = field(default_factory=RetryPolicy)
    risk_tier: str = "standard"
    attempt: int = 1
    confidence: float | None = None
    calibration: LogitLine | None = None


@dataclass(frozen=True, slots=True)
class AnnotatedAnswer:
    """An answer with everything that its reader should see.

    Attributes:
        view: Text, marks, and claims with probability of support, evidence, citations and flags.
        action: "deliver", "retry", "escalate" (to a person) or "abstain".
        reasons: Why it is not simply delivered; empty where it is.
        stated, calibrated: Confidence that the answer is right, in [0, 1]; None where unknown.
        flags: What is wrong with the answer as a whole, in words.
    """

    view: AnswerView
    action: str
    reasons: tuple[str, ...]
    stated: float | None
    calibrated: float | None
    flags: tuple[str, ...]
    verifier: str
    version: str


def annotate_answer(
    answer: str,
    sources: Sequence[Document],
    verifier: Verifier,
    *,
    question: str = "",
    terms: AnswerTerms | None = None,
) -> AnnotatedAnswer:
    """Check every claim, citation and quotation of `answer`, and say what the policy does with it.

    Args:
        sources: In the order of their marker numbers, `[1]` first. verifier: Judges support (`verifier_named`).

    Raises:
        ValueError: Two sources share an id, or a stated confidence lies outside [0, 1].
    """
    terms, text = terms or AnswerTerms(), well_formed(answer)
    documents = {d.doc_id: d for d in sources}
    if len(documents) < len(sources):
        raise ValueError("two sources share a doc_id; each needs its own")
    parsed, ending = strip_protocol(text), classify(text, None)
    stated = terms.confidence if terms.confidence is not None else parsed.confidence
    if stated is not None and not 0 <= stated <= 1:
        raise ValueError(f"a confidence lies in [0, 1], not {stated}")
    check = None
    if ending is Ending.ANSWERED:
        passages = [Passage(d.doc_id, Span(0, len(d.text)), d.text) for d in sources]
        cites = MARKER.search(text) is not None
        check = check_answer(text, passages, documents, terms.source_policy, verifier, require_citations=cites)
    action, reasons = _decided(ending, check, terms)
    claims = _claims(text, check, documents) if check else ()
    marks = tuple(Mark(c.start + m.start, c.start + m.end, m.kind) for c in claims for m in c.marks)
    return AnnotatedAnswer(
        view=AnswerView("", "", "", question, text, risk_tier=terms.risk_tier, attempt=terms.attempt,
                        confidence=stated, decision=action, marks=marks, claims=claims, reasons=reasons),
        action=action,
        reasons=reasons,
        stated=stated,
        calibrated=None if stated is None or terms.calibration is None else terms.calibration(stated),
        flags=_flags(ending, check),
        verifier=verifier.name,
        version=verifier.version,
    )  # fmt: skip


def _claims(answer: str, check: AnswerCheck, documents: dict[str, Document]) -> tuple[ClaimView, ...]:
    found = []
    for i, (claim, verdict) in enumerate(zip(check.claims, check.verdicts, strict=True)):
        failed = isinstance(verdict, Failure)
        label = None if isinstance(verdict, Failure) else verdict.label.value
        evidence = () if isinstance(verdict, Failure) else verdict.evidence
        citations = tuple(CitationView(c.marker, c.doc_id, f.value) for c, f in check.citation_findings[i])
        found.append(
            ClaimView(
                number=i + 1,
                text=answer[claim.span.start : claim.span.end],
                start=claim.span.start,
                end=claim.span.end,
                label=label,
                probability=None if isinstance(verdict, Failure) else verdict.probability,
                reason=verdict.error if isinstance(verdict, Failure) else verdict.reason,
                citations=citations,
                evidence=tuple(
                    evidence_view(_row(documents[p.doc_id]), p.span.start, p.span.end)
                    for p in evidence
                    if p.doc_id in documents
                ),
                flags=claim_flags(label, [c.finding for c in citations]),
                marks=() if failed or label == Label.SUPPORTED else _marks(claim.span, verdict),
            )
        )
    return tuple(found)


def _marks(whole: Span, verdict: Any) -> tuple[Mark, ...]:
    kind = "refuted" if verdict.label is Label.REFUTED else "unsupported"
    return tuple(Mark(s.start - whole.start, s.end - whole.start, kind) for s in verdict.unsupported or (whole,))


def _row(document: Document) -> dict[str, Any]:
    names = ("doc_id", "text", "title", "source", "jurisdiction", "url")
    return {name: getattr(document, name) for name in names} | {"date": document.date and document.date.isoformat()}


def _decided(ending: Ending, check: AnswerCheck | None, terms: AnswerTerms) -> tuple[str, tuple[str, ...]]:
    """By the rules of `policy.walk`: this attempt as if it were the last one, and whether another one is left."""
    accept = check.accept if check else None
    verdict = None if accept is None else PolicyVerdict.ACCEPT if accept else PolicyVerdict.REJECT
    outcome = _ENDED.get(ending, Outcome.UNSCORED)
    record = Record("", "", "", "", "", 1, terms.attempt, outcome, policy_verdict=verdict, risk_tier=terms.risk_tier)
    policy = terms.retry_policy
    _, end = walk([record], replace(policy, max_retries=0))
    if policy.escalates(terms.risk_tier):
        return "escalate", (f"answers of risk tier {terms.risk_tier} always go to a person",)
    again = verdict is PolicyVerdict.REJECT or outcome is Outcome.INVALID
    reasons = check.reasons if check else (f"the answer is {outcome.value}",)
    if again and terms.attempt <= policy.max_retries:
        return "retry", reasons
    action = {End.DELIVERED: "deliver", End.ESCALATED: "escalate", End.ABSTAINED: "abstain"}[end]
    return action, () if action == "deliver" and accept else reasons


def _flags(ending: Ending, check: AnswerCheck | None) -> tuple[str, ...]:
    if check is None:
        return (_ENDED[ending].value,)
    bad = sum(not isinstance(v, Failure) and v.label is not Label.SUPPORTED for v in check.verdicts)
    failed = sum(isinstance(v, Failure) for v in check.verdicts)
    quotes = sum(q.status in (QuoteStatus.NOT_FOUND, QuoteStatus.ELSEWHERE) for q in check.quotes)
    counted = (
        (bad, "claims without support"),
        (failed, "claims that could not be checked"),
        (quotes, "faulty quotations"),
    )
    flags = [f"{what}: {n}" for n, what in counted if n]
    faulty = [f for of_claim in check.citation_findings for _, f in of_claim]
    for kind in ("fabricated", "misattributed", "out_of_scope", "post_cutoff"):
        if n := sum(f.value == kind for f in faulty):
            flags.append(f"citations {kind.replace('_', ' ')}: {n}")
    return (*flags, *check.remarks)
