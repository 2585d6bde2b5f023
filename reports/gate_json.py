"""The JSON of a gate, as `gate.schema.json` describes it."""

from collections.abc import Mapping
from dataclasses import asdict
from math import isfinite
from typing import Any

from ..scoring.gate import Finding
from .gate_view import GateView

SCHEMA = 1


def gate_json(view: GateView, runs: Mapping[str, Any] | None = None, exit_code: int | None = None) -> dict[str, Any]:
    """Everything of a verdict as plain data: numbers are finite or null.

    Args:
        runs: What names the runs (`evals.gate_report.runs_of`), by which a rerun is checked.
    """
    decision = view.decision
    return {
        "schema": SCHEMA,
        "verdict": decision.verdict.value,
        "exit_code": exit_code,
        "alpha": decision.alpha,
        "baseline": view.baseline,
        "candidate": view.candidate,
        "findings": [_finding(f) for f in decision.findings],
        "flips": {domain: asdict(f) for domain, f in view.flips.items()},
        "newly_wrong": [asdict(item) for item in view.newly_wrong],
        "notes": list(view.notes),
        "judge_drift": [asdict(d) for d in view.drift],
        "aa": None if view.aa is None else _plain(asdict(view.aa)),
        "on_inconclusive": view.inconclusive,
        "rerun_declared": view.rerun_declared,
        "confirms": view.confirms or None,
        "runs": dict(runs or {}),
    }


def _finding(f: Finding) -> dict[str, Any]:
    t, e = f.test, f.test.evidence
    return {
        "domain": t.domain,
        "model": t.model,
        "measure": t.measure,
        "against": t.against,
        "role": t.role.value,
        "verdict": None if f.verdict is None else f.verdict.value,
        "reason": f.reason,
        "margin": t.margin.value,
        "margin_source": t.margin.source,
        "p_fail": f.p_fail,
        "evidence": None if e is None else _plain(asdict(e)),
        "unmeasured": t.unmeasured or None,
    }


def _plain(value: Any) -> Any:
    """The same without numbers that JSON does not know."""
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, float) and not isfinite(value):
        return None
    return value
