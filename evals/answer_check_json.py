"""A checked answer as a JSON object (schema 1). All spans are [start, end) in code points."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from ..retrieval.passages import Passage, Span
from ..verifiers.verdict import Citation, Failure, Finding, Verdict
from .verify_answer import CheckedAnswer

Json = dict[str, Any]


def check_json(checked: CheckedAnswer) -> Json:
    """Claims with verdicts, evidence and citations; quotations; whether it is accepted, and why not."""
    check = checked.check
    parts = zip(check.claims, check.verdicts, check.citation_supported, check.citation_findings, strict=True)
    return {
        "schema": 1,
        "accept": check.accept,
        "reasons": list(check.reasons),
        "verifier": {"name": checked.verifier, "version": checked.version},
        "sources": [{"number": n, "doc_id": d.doc_id, "sha256": d.sha256} for n, d in enumerate(checked.sources, 1)],
        "claims": [
            {"text": claim.text, "span": _edges(claim.span), **_verdict(verdict), "citation_supported": supported,
             "citations": [_citation(c, f) for c, f in findings]}
            for claim, verdict, supported, findings in parts
        ],
        "quotes": [{"text": q.text, "span": _edges(q.span), "status": q.status.value} for q in check.quotes],
        "counts": asdict(check.counts),
    }  # fmt: skip


def _verdict(verdict: Verdict | Failure) -> Json:
    if isinstance(verdict, Failure):
        return {"label": None, "probability": None, "reason": verdict.error, "unsupported": [], "evidence": []}
    return {
        "label": verdict.label.value,
        "probability": verdict.probability,
        "reason": verdict.reason,
        "unsupported": _spans(verdict.unsupported),
        "evidence": [_passage(p) for p in verdict.evidence],
    }


def _citation(citation: Citation, finding: Finding) -> Json:
    return {
        "marker": citation.marker,
        "span": _edges(citation.span),
        "doc_id": citation.doc_id,
        "finding": finding.value,
    }


def _passage(passage: Passage) -> Json:
    return {"doc_id": passage.doc_id, "span": _edges(passage.span), "text": passage.text}


def _spans(spans: Sequence[Span]) -> list[list[int]]:
    return [_edges(span) for span in spans]


def _edges(span: Span) -> list[int]:
    return [span.start, span.end]
