"""What `vcpd run` does once everything is checked: the run, or one run a retrieval mode, and what is printed."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .cli_options import say_warnings, show

if TYPE_CHECKING:
    from ..scoring.estimate import Measurement
    from ..scoring.prices import PriceTable
    from .config import RunConfig
    from .packs import DomainPack


@dataclass(frozen=True, slots=True)
class RunOutput:
    """Where the results go, how they are shown, and what they may cost.

    `folder`: the run's, or where each retrieval mode has its own. `max_cost`: dollars; None: any.
    """

    folder: Path
    resume: bool
    as_json: bool
    quiet: bool
    warnings: tuple[str, ...]
    max_cost: float | None = None


def run_arms(arms: "Sequence[RunConfig]", packs: "Sequence[DomainPack]", table: "PriceTable", to: RunOutput) -> None:
    """Run each configuration, in a folder named by its retrieval mode where there are several, and compare them."""
    several = len(arms) > 1
    folders = {arm.retrieval.mode: to.folder / arm.retrieval.mode if several else to.folder for arm in arms}
    if several:
        to.folder.mkdir(parents=True, exist_ok=True)
    rows = {arm.retrieval.mode: _run(arm, packs, table, folders[arm.retrieval.mode], to) for arm in arms}
    from .run_system import said_of_failures

    failures = [said for arm in arms for said in said_of_failures(folders[arm.retrieval.mode], arm.system)]
    say_warnings([*to.warnings, *failures])
    if not to.quiet:
        for pack in packs:
            click.echo(f"{pack.name}: {pack.notice} ({_size(pack)})", err=True)
        _say_blocked(folders[arms[-1].retrieval.mode])
    if not several:
        [mode] = rows
        show(rows[mode], folders[mode], as_json=to.as_json, quiet=to.quiet)
        return
    _compare(rows, folders, table, arms[0].seed, to)


def _run(
    arm: "RunConfig", packs: "Sequence[DomainPack]", table: "PriceTable", folder: Path, to: RunOutput
) -> "list[Measurement]":
    from .cli_progress import run_progress
    from .run import run

    def on_kept(samples: int) -> None:
        click.echo(f"kept {samples} finished samples", err=True)

    total = len(arm.models) * sum(len(p.samples) for p in packs) * arm.epochs
    try:
        with run_progress(total, quiet=to.quiet or to.as_json) as progress:
            return run(arm, folder, table, resume=to.resume, max_cost=to.max_cost, progress=progress, on_kept=on_kept)
    except KeyboardInterrupt:
        click.echo(f"finished samples are kept; go on with the same command and: --resume --out {to.folder}", err=True)
        raise


def _compare(
    rows: "dict[str, list[Measurement]]", folders: dict[str, Path], table: "PriceTable", seed: int, to: RunOutput
) -> None:
    from ..reports.tables import print_tables
    from ..scoring.estimate import as_json
    from .retrieval_effect import effects_json, print_effects, retrieval_effects
    from .run_folder import write_json

    effects = retrieval_effects(folders, table, seed)
    data = {"schema": 1, "effects": effects_json(effects)}
    write_json(to.folder / "effects.json", data)
    if to.as_json:
        every: list[Measurement] = [row for mine in rows.values() for row in mine]
        click.echo(json.dumps({**as_json(every), **data}, allow_nan=False))
    elif not to.quiet:
        for mode, mine in rows.items():
            click.echo(f"Retrieval: {mode}\n")
            print_tables(mine)
            click.echo("")
        print_effects(effects)
    if not to.quiet:
        said = ", ".join(str(folder) for folder in folders.values())
        click.echo(f"\nwritten to {said}; effects.json", err=True)


def _say_blocked(folder: Path) -> None:
    from .blocked import blocked_lines

    manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    for line in blocked_lines(manifest.get("blocked", {})):
        click.echo(line, err=True)


def _size(pack: "DomainPack") -> str:
    """Samples, and what would support a launch where the pack says so."""
    if not pack.items_for_launch:
        return f"{len(pack.samples)} samples"
    launch = f"{pack.items_for_launch} items without an error would show p <= {pack.limits.get('p_max', 0):g}"
    return f"{len(pack.samples)} samples; {launch}"
