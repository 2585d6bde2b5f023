"""The risk review as one HTML file that loads and runs nothing, and its JSON twin."""

from collections.abc import Mapping, Sequence
from typing import Any

from ..scoring.estimate import Estimate, Measurement, as_json
from ..scoring.explanations import pages
from ..scoring.launch_limits import LIMITS
from ..scoring.records import HarmClass
from ..scoring.summary import JUDGES
from .launch_sentences import after_verdict, launch_sentence, limit_text, verdict_word
from .pages import environment, page
from .plain_numbers import per_cent, written, written_end
from .report_sections import sections
from .review_columns import COLUMNS
from .review_dollar_figures import break_even_words, dollars_figure, endings_figure, loss_figure
from .review_figures import reliability_figure, risk_coverage_figure, tolerance_figure
from .review_views import CellView, ReviewView
from .views import MARKS

Json = dict[str, Any]


def review_html(review: ReviewView) -> str:
    """The whole report. Every number of a run carries its exact value and the row of `review_json` that it is."""
    from markupsafe import Markup

    shown = environment()
    shown.filters["exact"] = repr
    shown.filters["written"] = _written
    shown.filters["written_end"] = _written_end
    values = {
        "review": review,
        "domains": [d.name for d in review.domains],
        "models": list(dict.fromkeys(c.label for c in review.cells)),
        "sections": sections(len(review.runs)),
        "sentence": after_verdict,
        "verdict_word": verdict_word,
        "limit_text": limit_text,
        "limits": LIMITS,
        "columns": COLUMNS,
        "index": _index(review.rows),
        "figures": {name: [Markup(svg) for svg in drawn if svg] for name, drawn in _figures(review).items()},
        "break_even": break_even_words,
        "bins": [(c, b) for c in review.cells for b in c.reliability],
        "harm_classes": [harm.value for harm in HarmClass],
        "judges": JUDGES,
        "marks": MARKS,
        "per_cent": per_cent,
        "worst": max((len(c.worst) for c in review.cells), default=0),
        "formulas": [p for name, p in pages().items() if name in {r.measure for r in review.rows}],
    }
    return page("risk_review.html", "base.css+report.css", values)


def review_json(review: ReviewView) -> Json:
    """The twin: the rows of estimates.json as they are, and beside them verdicts, counts, curves and inputs."""
    rows: Any = as_json(list(review.rows))["estimates"]
    return {
        "schema": 1,
        "vcpd": review.version,
        "runs": [_run(run) for run in review.runs],
        "sections": {id: {"number": s.number, "title": s.title} for id, s in sections(len(review.runs)).items()},
        "estimates": rows,
        "cells": [_cell(cell) for cell in review.cells],
    }


def _run(run: Any) -> Json:
    return {"name": run.name, "run_id": run.run_id, "kind": run.kind, "days": run.days, "inputs": dict(run.inputs)} | {
        "prices": [dict(zip(("model", "price", "valid_from", "source"), row, strict=True)) for row in run.prices],
        "warnings": list(run.warnings),
    }


def _cell(cell: CellView) -> Json:
    return {
        "run": cell.run,
        "model": cell.model,
        "domain": cell.domain,
        "may_ship": cell.launch.verdict.value,
        "sentence": launch_sentence(cell),
        "limits": [
            {"limit": c.name, "declared": c.limit, "measure": LIMITS[c.name].measure, "kept": c.verdict.value,
             "bound": c.bound, "reason": c.reason}
            for c in cell.launch.checks
        ],
        "endings": dict(cell.endings),
        "escaped_by_harm_class": dict(cell.harm),
        "faulty_citations": dict(cell.finding_counts),
        "escalated": cell.queue_total,
        "agreements": [{"between": a.between, "agreed": a.agreed, "n": a.n} for a in cell.agreements],
        "reliability": [
            {"low": b.low, "high": b.high, "n": b.n, "confidence": b.confidence, "right": b.right,
             "if_calibrated": [b.bar_low, b.bar_high]}
            for b in cell.reliability
        ],
        "risk_coverage": [list(point) for point in cell.risk_coverage],
        "loss_curve": [
            {"loss_usd": p.loss_usd, "with_verifier": _ends(p.verified), "without": _ends(p.unverified)}
            for p in cell.loss_curve
        ],
        "worst": [
            {"sample_id": a.sample_id, "epoch": a.epoch, "attempt": a.attempt, "log": a.log and a.log.url}
            for a in cell.worst
        ],
    }  # fmt: skip


def _ends(e: Estimate) -> Json:
    return {"value": e.value, "low": e.low, "high": e.high}


def _figures(review: ReviewView) -> Mapping[str, list[str | None]]:
    """Each is SVG of our own, in which words from outside are text."""
    cells = list(enumerate(review.cells, 1))
    return {
        "endings": [endings_figure(review.cells), dollars_figure(review.cells)],
        "tolerance": [tolerance_figure(review.cells)],
        "loss": [loss_figure(cell, i) for i, cell in cells],
        "reliability": [reliability_figure(cell, i) for i, cell in cells],
        "risk_coverage": [risk_coverage_figure(d.name, review.of(d.name), i) for i, d in enumerate(review.domains, 1)],
    }


def _written(row: Measurement, value: float) -> str:
    return written(row.measure, row.estimate.unit if row.estimate else "", value)


def _written_end(row: Measurement, value: float) -> str:
    return written_end(row.measure, row.estimate.unit if row.estimate else "", value)


def _index(rows: Sequence[Measurement]) -> dict[Measurement, int]:
    """Where each row stands in the twin; of equal rows the first."""
    index: dict[Measurement, int] = {}
    for i, row in enumerate(rows):
        index.setdefault(row, i)
    return index
