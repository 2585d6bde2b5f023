"""The terminal table of `vcpd thresholds`. At most 100 columns."""

from collections.abc import Iterable

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from ..scoring.thresholds import Threshold
from .numbers import printable
from .tables import WIDTH

Found = tuple[str, str, Threshold | None, str]  # model, domain, threshold, why there is none


def trust_tables(found: Iterable[Found], title: str) -> RenderableType:
    """One row for each model and domain; below it what is promised, and why some have no threshold."""
    table = Table(title=Text(printable(title)), title_justify="left", width=WIDTH, pad_edge=False,
                  padding=(0, 2, 0, 0), box=None)  # fmt: skip
    for name in ("domain", "model"):
        table.add_column(name, overflow="fold")
    for name in ("accept from", "coverage", "wrong / accepted", "labels"):
        table.add_column(name, justify="right", no_wrap=True)
    below: dict[str, list[str]] = {}
    for model, domain, threshold, why in found:
        name = f"{printable(domain)}, {printable(model)}"
        if threshold is None:
            table.add_row(Text(printable(domain)), Text(printable(model)), "none", "-", "-", "-")
            below.setdefault(why, []).append(name)
            continue
        below.setdefault(threshold.guarantee, [])
        table.add_row(Text(printable(domain)), Text(printable(model)), f"{threshold.threshold:.3f}",
                      f"{100 * threshold.coverage:.0f} %", f"{threshold.errors} / {threshold.accepted}",
                      str(threshold.n))  # fmt: skip
    lines = [f"{'; '.join(names)}: {said}" if names else f"Promised: {said}." for said, names in below.items()]
    lines.append("It holds for later answers like the labelled ones: same model, prompt and domain. Choose no other")
    lines.append("threshold after looking, and calibrate again when any of these changes.")
    return Group(table, Text(""), *(Text(line) for line in lines))


def print_trust(found: Iterable[Found], title: str, console: Console | None = None) -> None:
    """Print the table; 100 columns wide, whatever the terminal."""
    (console or Console(width=WIDTH, soft_wrap=False)).print(trust_tables(found, title))
