"""A run folder as a gate opens it, and what refuses two of them a comparison."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..scoring.outcome_columns import OutcomeColumns, read_outcomes
from ..scoring.records import OutcomeBy
from .run_folder import FINISHED, RunFolderError
from .saved_runs import Difference, differences

Cells = Mapping[tuple[str, str], OutcomeColumns]


class GateRefusedError(ValueError):
    """Two runs of which a gate gives no verdict; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class GateRun:
    """A finished run folder. `name`: as the user wrote it. `cells`: first attempts by (model, domain)."""

    name: str
    path: Path
    manifest: Mapping[str, Any]
    cells: Cells

    @property
    def domains(self) -> list[str]:
        """Its domains, in the order of its records."""
        return list(dict.fromkeys(domain for _, domain in self.cells))

    def models(self, domain: str) -> list[str]:
        """Its models in one domain, in the order of its records."""
        return [m for m, d in self.cells if d == domain]

    @property
    def identity(self) -> Mapping[str, Any]:
        """What must agree with another run."""
        return dict(self.manifest["identity"])


def open_gate_run(path: Path, name: str = "") -> GateRun:
    """Open a run folder, reading only what a gate needs.

    Raises:
        RunFolderError: Not a folder, not a finished run, or damaged.
    """
    if not path.is_dir():
        raise RunFolderError(f"{name or path} is no run folder: there is no such folder")
    missing = [n for n in ("manifest.json", "records.parquet", "samples.parquet", FINISHED) if not (path / n).exists()]
    if missing:
        raise RunFolderError(f"{name or path} is no finished run folder: it holds no {' and no '.join(missing)}")
    try:
        manifest = json.loads((path / "manifest.json").read_text(encoding="utf-8"))
        dict(manifest["identity"])
        cells = read_outcomes(path)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise RunFolderError(f"{name or path} cannot be read as a run: {type(error).__name__}: {error}") from error
    if not cells:
        raise RunFolderError(f"{name or path} holds no answers")
    return GateRun(name or str(path), path, manifest, cells)


CHANGES = ("prompt", "corpus", "k", "source_policy", "retry_policy", "economics", "judge")
"""What a change may be meant to change; the questions, the evaluator and the schema never are."""


def check_same_rules(old: GateRun, new: GateRun, domains: Sequence[str], changed: Sequence[str] = ()) -> list[str]:
    """Refuse runs that were asked or judged differently, but for what the change is declared to change.

    Returns:
        What differs as declared, for the report.

    Raises:
        GateRefusedError: Anything else differs; all of it is named.
    """
    differ = differences(old, new, domains)
    refused = [d for d in differ if d.kind not in changed] + _evaluators(old, new, domains)
    if refused:
        kinds = dict.fromkeys(d.kind for d in refused if d.kind in CHANGES)
        meant = f". If that is the change to be judged, declare it: {' '.join(f'--changed {k}' for k in kinds)}"
        raise GateRefusedError(
            f"{old.name} and {new.name} cannot be compared: {'; '.join(d.text for d in refused)}"
            + (meant if len(kinds) == len({d.kind for d in refused}) else ". Run both on the same packs and evaluator")
        )
    return [d.text for d in differ]


def _evaluators(old: GateRun, new: GateRun, domains: Sequence[str]) -> list[Difference]:
    """Arms of which no automatic evaluator judged both."""
    found = []
    for domain in domains:
        by = [{who for m in run.models(domain) for who in judges_of(run.cells[m, domain])} for run in (old, new)]
        if all(by) and not by[0] & by[1]:
            said = " and ".join(f"{run.name} by {', '.join(sorted(b))}" for run, b in zip((old, new), by, strict=True))
            found.append(Difference("evaluator", f"{domain}: the evaluator differs: {said}"))
    return found


def judges_of(side: OutcomeColumns) -> set[str]:
    """Who judged attempted answers, people apart."""
    return {str(who) for who in side.outcome_by[side.attempted] if who not in (None, OutcomeBy.HUMAN.value)}
