"""Attempts as plain rows: what the journal and the Parquet files of a run folder hold."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date as Date
from typing import Any

from ..retrieval.passages import Document, Passage
from ..retrieval.search import SearchResult
from ..scoring.record_files import record_from_row, record_row, usage_row
from ..scoring.records import Record
from ..scoring.steps import steps_of
from ..verifiers.cascade import AnswerCheck
from ..verifiers.verdict import Failure
from .pipeline import Attempt, well_formed
from .samples import Sample

Row = dict[str, Any]
KEY = ("model", "domain", "sample_id", "epoch", "attempt")


def attempt_rows(attempt: Attempt) -> dict[str, Any]:
    """One attempt as {"record": row, "answer": row, "verdicts": rows}."""
    record = attempt.record
    key = {name: getattr(record, name) for name in KEY}
    answer = attempt.answer
    return {
        "record": record_row(record),
        "answer": {
            **key,
            "text": answer.text,
            "confidence": answer.confidence,
            "finish_reason": answer.finish_reason,
            "served": answer.served,
            "latency_s": answer.latency_s,
            "ttft_s": answer.ttft_s,
            "usage": [usage_row(u) for u in answer.usage],
            "steps": steps_of(answer.usage),
            "reasons": list(attempt.found.reasons) if attempt.found else [],
            "grade_reason": well_formed(attempt.graded.reason) if attempt.graded else None,
            "grade_agreement": attempt.graded.agreement if attempt.graded else None,
            **_retrieved(attempt.result),
        },
        "verdicts": _verdict_rows(key, attempt.found) if attempt.found else [],
    }


def _retrieved(result: SearchResult | None) -> Row:
    def place(passage: Passage) -> Row:
        return {"doc_id": passage.doc_id, "start": passage.span.start, "end": passage.span.end}

    if result is None:
        return {"hits": [], "blocked": []}
    return {
        "hits": [{**place(h.passage), "score": h.score} for h in result.hits],
        "blocked": [{**place(b.passage), "score": b.score, "rule": b.rule} for b in result.blocked],
    }


def _verdict_rows(key: Row, found: AnswerCheck) -> list[Row]:
    """One row a claim: its place in the answer, what the verifier said, its evidence, its citations."""
    rows = []
    for i, (claim, verdict) in enumerate(zip(found.claims, found.verdicts, strict=True)):
        failed = isinstance(verdict, Failure)
        evidence = None if isinstance(verdict, Failure) or not verdict.evidence else verdict.evidence[0]
        findings = found.citation_findings[i]
        rows.append(
            {
                **key,
                "claim": i,
                "start": claim.span.start,
                "end": claim.span.end,
                "label": None if isinstance(verdict, Failure) else verdict.label.value,
                "probability": None if isinstance(verdict, Failure) else verdict.probability,
                "citation_supported": found.citation_supported[i],
                "evidence_doc_id": evidence.doc_id if evidence else None,
                "evidence_start": evidence.span.start if evidence else None,
                "evidence_end": evidence.span.end if evidence else None,
                "unsupported": [] if isinstance(verdict, Failure) else [[s.start, s.end] for s in verdict.unsupported],
                "markers": [well_formed(c.marker) for c, _ in findings],
                "cited_doc_ids": [c.doc_id for c, _ in findings],
                "findings": [f.value for _, f in findings],
                "verifier": verdict.verifier,
                "version": "" if isinstance(verdict, Failure) else verdict.version,
                "failure": verdict.error if failed and isinstance(verdict, Failure) else None,
                "reason": "" if isinstance(verdict, Failure) else verdict.reason,
            }
        )
    return rows


def sample_row(sample: Sample) -> Row:
    """One row of `samples.parquet`."""
    return {
        "domain": sample.domain,
        "sample_id": sample.sample_id,
        "cluster_id": sample.cluster_id,
        "question": well_formed(sample.question),
        "targets": [well_formed(t) for t in sample.targets],
        "task": sample.task,
        "kind": sample.abstain_kind or "answerable",
        "risk_tier": sample.risk_tier,
        "choices": [well_formed(c) for c in sample.choices],
        "evidence": [{"doc_id": e.doc_id, "start": e.span.start, "end": e.span.end} for e in sample.evidence],
    }


def document_row(domain: str, document: Document) -> Row:
    """One row of `sources.parquet`."""
    row = asdict(document) | {"domain": domain}
    row |= {name: day.isoformat() for name, day in row.items() if isinstance(day, Date)}
    return {name: well_formed(value) if isinstance(value, str) else value for name, value in row.items()}


def records_of(finished: Sequence[Row]) -> list[Record]:
    """The records of journal entries, in their order."""
    return [record_from_row(attempt["record"]) for entry in finished for attempt in entry["attempts"]]
