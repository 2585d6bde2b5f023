"""What a gate on a plan's samples will be able to tell, before anything is spent."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from .numbers import printable
from .tables import WIDTH


@dataclass(frozen=True, slots=True)
class GateSight:
    """One domain under the gate.

    Attributes:
        items: Samples that both runs answer. margin: Loss that is accepted.
        passes_unchanged: P(PASS) of a model that is as good. fails_double: P(FAIL) of one that loses twice the margin.
        items_for_power: Items at which an unchanged model passes with the wanted power.
    """

    domain: str
    items: int
    margin: float
    passes_unchanged: float
    fails_double: float
    items_for_power: int


def gate_sight_table(sights: Sequence[GateSight]) -> RenderableType:
    """The table, and in words where the samples are too few to gate."""
    table = Table(
        title="What the gate will be able to tell", title_justify="left", width=WIDTH, pad_edge=False, box=None
    )
    for title in ("domain", "n", "margin", "an equal model passes", "one worse by 2 margins fails", "n for power .8"):
        table.add_column(title, justify="left" if title == "domain" else "right", no_wrap=True)
    for s in sights:
        cells = [f"{s.items}", f"{s.margin:g}", f"{s.passes_unchanged:.0%}", f"{s.fails_double:.0%}"]
        table.add_row(*map(Text, map(printable, [s.domain, *cells, f"{s.items_for_power:,}"])))
    together = prod(s.passes_unchanged for s in sights)
    lines = [f"All domains have to pass: an equal model does in {together:.0%} of gates, were they independent."]
    few = [s for s in sights if s.items < s.items_for_power]
    lines += [
        f"{s.domain} is too small for a gate at {s.margin:g}: it has {s.items} of {s.items_for_power:,} items."
        for s in few
    ]
    return Group(table, *(Text(printable(line)) for line in lines))
