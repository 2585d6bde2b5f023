"""The state of a review in sentences, for the terminal."""

from collections.abc import Mapping
from typing import Any

from ...reports.numbers import amount
from ...scoring.estimate import Estimate


def cell_sentence(cell: Mapping[str, Any], wanted: float) -> str:
    """How far one model in one domain has come, as of `progress.cells_progress`."""
    parts = [f"{cell['domain']}, {cell['model']}: {cell['labelled']} of {cell['pool']} answers labelled"]
    if cell["half_width"] is not None:
        parts.append(f"p is known to +-{cell['half_width']:.3f}")
    if cell["more"] is None:
        parts.append(str(cell["why"]))
    elif cell["more"] == 0:
        parts.append(f"the wanted +-{wanted:g} is reached")
    else:
        parts.append(f"about {cell['more']} more labels reach +-{wanted:g}")
    return "; ".join(parts)


def work_sentence(left: Estimate, wage: float | None) -> str:
    """The reviewers' time that is still needed, and its dollars at `wage` per second."""
    ends = [left.value if end is None else end for end in (left.low, left.high)]
    minutes = ", ".join(f"{x / 60:.0f}" for x in ends)
    said = f"reviewers still need about {left.value / 60:.0f} minutes [{minutes}], from {left.n} timed labels"
    if wage is None:
        return said
    dollars = ", ".join(amount(x * wage) for x in ends)
    return f"{said}: {amount(left.value * wage)} usd [{dollars}] at the base wage"
