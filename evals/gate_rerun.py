"""One confirmatory rerun, declared before: never "rerun until green".

A gate that declares it (`--declare-rerun`) asks for half the level to pass, and so does the rerun, which must follow a
FAIL and use fresh seeds: together they let a true regression of the margin pass in at most alpha of cases.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .gate_runs import GateRefusedError, GateRun


def check_rerun(first: Path, baseline: GateRun, candidate: GateRun) -> Mapping[str, Any]:
    """The gate that is confirmed, if it may be.

    Raises:
        GateRefusedError: It declared no rerun, did not FAIL, is a rerun itself, was of another baseline, or its
            candidate is this very run.
    """
    try:
        data = json.loads(first.read_text(encoding="utf-8"))
        verdict, runs = data["verdict"], data["runs"]
        before = runs["candidate"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise GateRefusedError(f"--confirms {first}: is no verdict of vcpd gate (--report FILE.json)") from error
    why = ""
    if data.get("confirms"):
        why = "it is a rerun itself, and one alone is allowed"
    elif not data.get("rerun_declared"):
        why = "it declared no rerun (--declare-rerun); one that is thought of afterwards would be rerunning until green"
    elif verdict != "FAIL":
        why = f"it said {verdict}; only a FAIL is confirmed"
    elif runs["baseline"]["records"] != records_hash(baseline):
        why = "it was of another baseline"
    elif before["records"] == records_hash(candidate):
        why = "its candidate is this very run; a rerun needs answers of its own, with fresh seeds"
    elif "seed" in before and before["seed"] is not None and before["seed"] == candidate.identity.get("seed"):
        why = f"both candidates were run with seed {before['seed']}; a rerun needs a fresh one (vcpd run --seed)"
    if why:
        raise GateRefusedError(f"--confirms {first}: {why}")
    return dict(data)


def records_hash(run: GateRun) -> str:
    """What names the answers of a run: a hash of its records."""
    import hashlib

    return hashlib.sha256((run.path / "records.parquet").read_bytes()).hexdigest()
