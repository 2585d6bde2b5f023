"""An annotated answer as JSON and as HTML, for an application to keep and to show."""

from typing import Any

from ..reports.pages import fragment, page
from ..reports.views import ClaimView
from .annotated_answer import AnnotatedAnswer


def annotated_json(annotated: AnnotatedAnswer) -> dict[str, Any]:
    """Schema 1. Spans are [start, end) in code points: of claims in the answer, of evidence in its source."""
    view = annotated.view
    return {
        "schema": 1,
        "question": view.question,
        "answer": view.answer,
        "decision": {"action": annotated.action, "reasons": list(annotated.reasons)},
        "confidence": {"stated": annotated.stated, "calibrated": annotated.calibrated},
        "flags": list(annotated.flags),
        "verifier": {"name": annotated.verifier, "version": annotated.version},
        "claims": [_claim_json(c) for c in view.claims],
    }


def annotated_html(annotated: AnnotatedAnswer, *, whole_page: bool = False) -> str:
    """A fragment to put into a page (without style: its classes are those of base.css), or a whole page.

    All text of answer and sources is escaped; there is no script, no link and no inline style.
    """
    values = {"a": annotated, "shown": {"deliver": "delivered", "retry": "asked again", "escalate": "goes to a person"}}
    if whole_page:
        return page("annotated_page.html", "base.css", values)
    return fragment("annotated_answer.html", values)


def _claim_json(c: ClaimView) -> dict[str, Any]:
    return {
        "text": c.text,
        "span": [c.start, c.end],
        "label": c.label,
        "support_probability": c.probability,
        "flags": list(c.flags),
        "unsupported": [[c.start + m.start, c.start + m.end] for m in c.marks],
        "evidence": [
            {"doc_id": e.doc_id, "title": e.title, "span": [e.start, e.end], "text": e.text} for e in c.evidence
        ],
        "citations": [{"marker": s.marker, "doc_id": s.doc_id, "finding": s.finding} for s in c.citations],
        "reason": c.reason,
    }
