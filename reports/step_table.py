"""The table of trajectories: how many model calls an answer takes, and at which of them its dollars go."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from ..scoring.estimate import Measurement
from .numbers import printable
from .tables import WIDTH, cells, grid

_SHOWN = 5


def print_steps(rows: Sequence[Measurement], steps: Sequence[Mapping[str, Any]]) -> None:
    """Print the table, and which other models made steps."""
    console = Console(width=WIDTH, soft_wrap=False)
    console.print(step_table(rows, steps))
    others = {(s["model"], m) for s in steps for m in s["models"] if m != s["model"]}
    for model, other in sorted(others):
        console.print(Text(f"Some steps of {printable(model)} were made by {printable(other)}, at its own price."))


def step_table(rows: Sequence[Measurement], steps: Sequence[Mapping[str, Any]]) -> Text:
    """Mean and 95th percentile of the steps, then the share of generation dollars (c_g) of each of the first five.

    Args:
        rows: The measures of the same run. steps: Rows of `steps.parquet`.
    """
    found = cells(rows)
    by_cell: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for step in steps:
        by_cell.setdefault((printable(step["model"]), printable(step["domain"])), []).append(step)
    most = max(map(len, by_cell.values()))
    heads = [f"{k}" for k in range(1, min(most, _SHOWN) + 1)] + ([f"{_SHOWN + 1}+"] if most > _SHOWN else [])
    lines = []
    for key, mine in by_cell.items():
        counted = [found[key][name].estimate for name in ("steps", "steps_p95")]
        told = [f"{e.value:.3g}" if e else "-" for e in counted]
        lines.append((key, [*told, *_shares(mine, len(heads))]))
    title = "Steps: model calls of an answer, and the share of its generation dollars at each of them"
    return grid(title, ["mean", "p95", *(f"step {head}" for head in heads)], lines)


def _shares(steps: Sequence[Mapping[str, Any]], columns: int) -> list[str]:
    known = [step["share_of_usd"] for step in steps]
    if any(value is None for value in known):
        return ["-"] * columns
    shown = [*known[:_SHOWN], *([sum(known[_SHOWN:])] if len(known) > _SHOWN else [])]
    return [_written(value) for value in shown] + ["-"] * (columns - len(shown))


def _written(value: float) -> str:
    return f"{value:.3f}".removeprefix("0")
