"""The JSON of a gate."""

from dataclasses import asdict

from ..scoring.gate import Decision


def gate_json(decision: Decision) -> dict[str, object]:
    """The verdict, and each finding."""
    rows = []
    for f in decision.findings:
        t = asdict(f.test)
        evidence = t.pop("evidence") or {}
        rows.append({**t, **evidence, "verdict": f.verdict, "p_fail": f.p_fail, "reason": f.reason})
    return {"schema": 1, "verdict": decision.verdict, "alpha": decision.alpha, "findings": rows}
