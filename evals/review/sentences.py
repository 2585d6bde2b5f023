"""The state of a review in sentences, for the terminal."""

from collections.abc import Mapping
from typing import Any


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
