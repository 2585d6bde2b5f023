"""The effect of retrieval: one configuration run in several retrieval modes, each compared with the first."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..reports.market_tables import add_row, plain_table
from ..reports.numbers import amount_interval, printable
from ..scoring.draws import DrawSettings
from ..scoring.effect import Change, Effect, paired_effect
from ..scoring.estimate import Estimate
from ..scoring.prices import PriceTable
from .saved_runs import SavedRun, arm_of, open_run

_NAMES = {
    "p": "p",
    "verified_answer_rate": "verified answers",
    "vcpd": "VCpD (tokens/$)",
    "usd_per_verified_answer": "$/verified answer",
}


def retrieval_effects(folders: Mapping[str, Path], prices: PriceTable, seed: int) -> list[Effect]:
    """Every model and domain of finished runs, by mode, each mode against the first.

    Raises:
        RunFolderError: A folder holds no finished run.
    """
    runs = {mode: open_run(path) for mode, path in folders.items()}
    first, *others = runs
    return [
        _effect(runs[first], runs[mode], (model, domain, first, mode), prices, seed)
        for mode in others
        for domain in runs[first].domains
        for model in runs[first].models(domain)
    ]


def _effect(
    before: SavedRun, after: SavedRun, names: tuple[str, str, str, str], prices: PriceTable, seed: int
) -> Effect:
    model, domain, first, mode = names
    arms = arm_of(before, model, domain, f"{first}"), arm_of(after, model, domain, f"{mode}")
    return replace(paired_effect(*arms, prices, DrawSettings(seed=seed)), model=model)


def effects_json(effects: Sequence[Effect]) -> list[dict[str, Any]]:
    """One object a change, as flat as `estimates.json`."""
    return [
        {
            "domain": effect.domain,
            "model": effect.model,
            "measure": change.measure,
            "retrieval_before": effect.before,
            "retrieval_after": effect.after,
            "kind": change.kind,
            "before": change.before.value if change.before else None,
            "after": change.after.value if change.after else None,
            "value": change.change.value if change.change else None,
            "low": change.change.low if change.change else None,
            "high": change.change.high if change.change else None,
            "confidence_level": change.change.confidence_level if change.change else None,
            "note": change.note,
        }
        for effect in effects
        for change in effect.changes
    ]


def print_effects(effects: Sequence[Effect]) -> None:
    """The table of the effect of retrieval, on stdout."""
    from rich.console import Console

    console = Console(width=100, highlight=False, soft_wrap=True)
    title = "Effect of retrieval (paired on the same samples; 95 % intervals)"
    table = plain_table(title, ["model / domain", "retrieval", "measure"], ["before", "after", "change"])
    for effect in effects:
        name = f"{printable(effect.model)} {printable(effect.domain)}"
        for number, change in enumerate(effect.changes):
            head = [name, f"{effect.before} to {effect.after}"] if number == 0 else ["", ""]
            add_row(table, [*head, _NAMES[change.measure], *_values(change)])
    console.print(table)
    notes = sorted({f"{_NAMES[c.measure]}: {c.note}" for e in effects for c in e.changes if c.note})
    for note in notes:
        console.print(f"- {note}", markup=False)


def _values(change: Change) -> tuple[str, str, str]:
    is_share = change.kind == "difference"

    def plain(e: Estimate | None) -> str:
        return "-" if e is None else (f"{e.value:.3f}" if is_share else f"{e.value:.3g}")

    if change.change is None:
        return plain(change.before), plain(change.after), "-"
    e = change.change
    if not is_share:
        return plain(change.before), plain(change.after), f"x {amount_interval(e)}"
    if e.low is None or e.high is None:
        return plain(change.before), plain(change.after), f"{e.value:+.3f}"
    return plain(change.before), plain(change.after), f"{e.value:+.3f} [{e.low:+.3f}, {e.high:+.3f}]"
