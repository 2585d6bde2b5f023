"""A verdict with what its readers need: newly wrong answers, what the runs were, and the files that say so."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..reports.gate_view import GateView
from ..scoring.gate import Decision, Verdict
from .gate import GateResult
from .gate_changes import flips, newly_wrong
from .gate_rerun import records_hash
from .gate_runs import GateRun

EXIT = {Verdict.PASS: 0, Verdict.FAIL: 1, Verdict.INCONCLUSIVE: 3}
COUNTED = {"fail": 1, "pass": 0, "neutral": 3}
"""--on-inconclusive: the exit code of an open verdict."""


def exit_code(decision: Decision, inconclusive: str = "neutral") -> int:
    """0 PASS, 1 FAIL, 3 INCONCLUSIVE, or what an open verdict counts as."""
    return COUNTED[inconclusive] if decision.verdict is Verdict.INCONCLUSIVE else EXIT[decision.verdict]


def view_of(result: GateResult, names: tuple[str, str] | None = None) -> GateView:
    """What a report shows of a comparison. `names`: of baseline and candidate as the user wrote them."""
    pairs = [pair for pair, _ in result.paired.pairs]
    shown = names or (result.baseline.name, result.candidate.name)
    return GateView(
        decision=result.decision,
        candidate=_named(shown[1], [p.model for p in pairs]),
        baseline=_named(shown[0], [model for _, model in result.paired.pairs]),
        notes=result.notes,
        newly_wrong=newly_wrong(result.paired.pairs, result.baseline.path, result.candidate.path),
        flips=flips(pairs),
        identity={
            **{f"baseline, {k}": v for k, v in _identity(result.baseline.manifest).items()},
            **{f"candidate, {k}": v for k, v in _identity(result.candidate.manifest).items()},
        },
    )


def _named(run: str, models: list[str]) -> str:
    """The run, with its model where there is one."""
    different = list(dict.fromkeys(models))
    return f"{different[0]} ({run})" if len(different) == 1 and different[0] != run else run


def launch_view(decision: Decision, name: str, manifest: Mapping[str, Any]) -> GateView:
    """What a report shows of a launch decision."""
    return GateView(decision=decision, candidate=name, identity=_identity(manifest))


def _identity(manifest: Mapping[str, Any]) -> dict[str, str]:
    """What a reader would ask of a run: versions, hashes, seeds."""
    identity = manifest.get("identity", {})
    found = {
        "run": str(manifest.get("run_id", "")),
        "served models": ", ".join(manifest.get("served_models") or ()),
        "commit": str(manifest.get("git_commit") or ""),
        "vcpd": str(manifest.get("versions", {}).get("vcpd", "")),
        "prompt": str(identity.get("prompt", ""))[:12],
        "seed": str(identity.get("seed", "")),
        "labels": str(identity.get("labels", "")),
    }
    for name, pack in identity.get("packs", {}).items():
        found[f"pack {name}"] = ", ".join(
            f"{k} {str(v)[:12]}" for k, v in pack.items() if k in ("samples", "corpus", "k")
        )
    return {k: v for k, v in found.items() if v}


def runs_of(baseline: GateRun | None, candidate: GateRun) -> dict[str, Any]:
    """What names the runs in the JSON report, by which a rerun is checked."""

    def one(run: GateRun) -> dict[str, Any]:
        return {
            "name": run.name,
            "run_id": run.manifest.get("run_id"),
            "records": records_hash(run),
            "seed": run.identity.get("seed"),
        }

    return {"baseline": None if baseline is None else one(baseline), "candidate": one(candidate)}


def write_reports(view: GateView, data: Mapping[str, Any], files: Mapping[str, Path | None]) -> list[Path]:
    """Write the reports that were asked for: "markdown", "junit", "report" (JSON). Returns their paths."""
    from ..reports.junit import junit
    from ..reports.pull_request import pull_request
    from .run_folder import write_text

    makers: dict[str, Callable[[], str]] = {
        "markdown": lambda: pull_request(view),
        "junit": lambda: junit(view),
        "report": lambda: json.dumps(data, indent=1, allow_nan=False) + "\n",
    }
    written = []
    for kind, make in makers.items():
        path = files.get(kind)
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_text(path, make().encode("utf-8", "replace").decode())
            written.append(path)
    return written
