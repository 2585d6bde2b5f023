"""The texts of a finished run, read back for people to look at: questions, answers, claims, evidence, logs.

Numbers never come from here: they stand in `records.parquet` and `estimates.json`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..reports.views import AnswerView, CitationView, ClaimView, EvidenceView, LogLink, Mark
from ..scoring.policy import AttemptKey, attempt_key
from ..scoring.records import Record
from .inspect_logs import log_links
from .saved_runs import SavedRun

Row = Mapping[str, Any]
_AROUND = 240  # characters of a source shown before and after the evidence
_LONGEST = 2_000  # of the evidence itself
BLOCKING = ("fabricated", "misattributed", "out_of_scope", "post_cutoff", "wrong_pincite", "unsupported")
"""Findings that speak against a citation."""


@dataclass(frozen=True, slots=True)
class RunTexts:
    """The texts of one run, by what names them.

    Attributes:
        answers: By attempt. claims: Rows of `verdicts.parquet` by attempt, in order.
        samples: By (domain, sample_id).
        documents: By (domain, sample_id, doc_id); sample_id "" where a domain's samples share their sources.
        logs: By (model, domain, sample_id, epoch).
    """

    answers: Mapping[AttemptKey, Row]
    claims: Mapping[AttemptKey, Sequence[Row]]
    samples: Mapping[tuple[str, str], Row]
    documents: Mapping[tuple[str, str, str], Row]
    logs: Mapping[tuple[str, str, str, int], LogLink]

    def document(self, domain: str, sample_id: str, doc_id: str | None) -> Row | None:
        """A source as it was then; None where the run keeps none of that id."""
        if doc_id is None:
            return None
        own = self.documents.get((domain, sample_id, doc_id))
        return own if own is not None else self.documents.get((domain, "", doc_id))


def read_texts(run: SavedRun) -> RunTexts:
    """Read the texts of a run folder. Raises OSError or pyarrow's errors for a damaged one."""
    answers = {_key(row): row for row in _rows(run.path / "answers.parquet")}
    claims: dict[AttemptKey, list[Row]] = {}
    for row in _rows(run.path / "verdicts.parquet"):
        claims.setdefault(_key(row), []).append(row)
    for rows in claims.values():
        rows.sort(key=lambda r: r["claim"])
    samples = {(r["domain"], r["sample_id"]): r for r in _rows(run.path / "samples.parquet")}
    documents = {(r["domain"], r.get("sample_id") or "", r["doc_id"]): r for r in _rows(run.path / "sources.parquet")}
    return RunTexts(answers, claims, samples, documents, log_links(run.path / "logs", run.manifest))


def answer_view(record: Record, texts: RunTexts, decision: str = "") -> AnswerView:
    """One attempt as a page shows it. `decision`: how the policy ends the request."""
    key = attempt_key(record)
    answer = texts.answers.get(key, {})
    sample = texts.samples.get((record.domain, record.sample_id), {})
    text = str(answer.get("text") or "")
    claims = tuple(_claim(i, row, text, record, texts) for i, row in enumerate(texts.claims.get(key, ()), 1))
    return AnswerView(
        model=record.model,
        domain=record.domain,
        sample_id=record.sample_id,
        question=str(sample.get("question") or ""),
        answer=text,
        epoch=record.epoch,
        attempt=record.attempt,
        targets=tuple(sample.get("targets") or ()),
        kind=str(sample.get("kind") or "answerable"),
        risk_tier=record.risk_tier,
        outcome=record.outcome.value,
        outcome_by=record.outcome_by.value if record.outcome_by else None,
        harm_class=record.harm_class,
        confidence=record.confidence,
        decision=decision,
        marks=tuple(m for row in texts.claims.get(key, ()) for m in _marks(row)),
        claims=claims,
        reasons=tuple(answer.get("reasons") or ()),
        log=texts.logs.get((record.model, record.domain, record.sample_id, record.epoch)),
    )


def _claim(number: int, row: Row, text: str, record: Record, texts: RunTexts) -> ClaimView:
    names = zip(row["markers"], row["cited_doc_ids"], row["findings"], strict=True)
    citations = tuple(CitationView(marker, doc_id, finding) for marker, doc_id, finding in names)
    evidence = _evidence(row, record, texts)
    return ClaimView(
        number=number,
        text=text[row["start"] : row["end"]],
        start=row["start"],
        end=row["end"],
        label=row["label"],
        probability=row["probability"],
        reason=row["failure"] or row["reason"] or "",
        citations=citations,
        evidence=(evidence,) if evidence else (),
        flags=claim_flags(row["label"], [c.finding for c in citations]),
        marks=tuple(Mark(m.start - row["start"], m.end - row["start"], m.kind) for m in _marks(row)),
    )


def claim_flags(label: str | None, findings: Sequence[str]) -> tuple[str, ...]:
    """What is wrong with a claim, in words, each said once."""
    said = {None: "could not be checked", "refuted": "the sources say otherwise"}
    flags = [] if label == "supported" else [said.get(label, "no source supports it")]
    return tuple(dict.fromkeys([*flags, *(f"citation {f.replace('_', ' ')}" for f in findings if f in BLOCKING)]))


def _marks(row: Row) -> list[Mark]:
    """What the verifier marked; all of a claim that it could not judge, or refuted without marking a part."""
    if row["label"] is None:
        return [Mark(row["start"], row["end"], "unchecked")]
    if row["label"] == "supported":
        return []
    kind = "refuted" if row["label"] == "refuted" else "unsupported"
    places = row["unsupported"] or [[row["start"], row["end"]]]
    return [Mark(start, end, kind) for start, end in places]


def _evidence(row: Row, record: Record, texts: RunTexts) -> EvidenceView | None:
    """The verifier's best evidence; without any, the beginning of the first source that the claim cites."""
    doc_id, start, end = row["evidence_doc_id"], row["evidence_start"], row["evidence_end"]
    if doc_id is None:
        doc_id, start, end = next((d for d in row["cited_doc_ids"] if d is not None), None), 0, 0
    document = texts.document(record.domain, record.sample_id, doc_id)
    if document is None:
        return None
    return evidence_view(document, start or 0, end or 0)


def evidence_view(document: Row, start: int, end: int) -> EvidenceView:
    """The stretch [start, end) of a document with its neighbourhood."""
    text, end = str(document["text"] or ""), min(end, start + _LONGEST)
    return EvidenceView(
        doc_id=document["doc_id"],
        text=text[start:end],
        before=text[max(0, start - _AROUND) : start],
        after=text[end : end + _AROUND],
        start=start,
        end=end,
        **{name: str(document.get(name) or "") for name in ("title", "source", "date", "jurisdiction", "url")},
    )


def _rows(path: Path) -> list[dict[str, Any]]:
    import pyarrow.parquet as pq

    rows: list[dict[str, Any]] = pq.read_table(path).to_pylist()
    return rows


def _key(row: Row) -> AttemptKey:
    return row["model"], row["domain"], row["sample_id"], row["epoch"], row["attempt"]
