"""A run folder as a gate opens it, and what refuses two of them a comparison."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..scoring.outcome_columns import OutcomeColumns, read_outcomes
from .run_folder import FINISHED, RunFolderError

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


def check_same_rules(old: GateRun, new: GateRun, domains: Sequence[str], changed: Sequence[str]) -> None:
    """Stub."""
