"""The terminal table of a verifier against human labels. At most 100 columns."""

from collections.abc import Sequence

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from ..scoring.estimate import Measurement
from ..scoring.published_verifiers import PublishedFigure
from .numbers import printable, share, share_interval
from .tables import WIDTH


def bench_table(rows: Sequence[Measurement], published: Sequence[PublishedFigure], title: str) -> RenderableType:
    """Measured values with intervals, published figures beside them, undefined ones and sources below."""
    defined = [row for row in rows if row.estimate is not None]
    table = Table(title=Text(printable(title)), title_justify="left", width=WIDTH, pad_edge=False, padding=(0, 2, 0, 0),
                  box=None)  # fmt: skip
    table.add_column("measure", no_wrap=True)
    table.add_column("value [95 % interval]", no_wrap=True)
    table.add_column("n", justify="right", no_wrap=True)
    table.add_column("clusters", justify="right", no_wrap=True)
    table.add_column("published", overflow="fold", ratio=1)
    for row in defined:
        e = row.estimate
        assert e is not None
        beside = [f for f in published if f.measure == row.measure]
        others = "\n".join(f"{_share(f.value)} {printable(f.method)}" for f in sorted(beside, key=lambda f: -f.value))
        table.add_row(row.measure, share_interval(e), str(e.n), str(e.n_clusters), Text(others))
    return Group(table, *(Text(line) for line in _below(rows, published, {row.measure for row in defined})))


def print_bench(
    rows: Sequence[Measurement], published: Sequence[PublishedFigure], title: str, console: Console | None = None
) -> None:
    """Print the table; 100 columns wide, whatever the terminal."""
    (console or Console(width=WIDTH, soft_wrap=False)).print(bench_table(rows, published, title))


def _share(value: float) -> str:
    return f"{value:.3f}".removeprefix("0")


def _below(rows: Sequence[Measurement], published: Sequence[PublishedFigure], shown: set[str]) -> list[str]:
    why: dict[str, list[str]] = {}
    for row in rows:
        if row.estimate is None:
            why.setdefault(row.note, []).append(row.measure)
    lines = [""] + [f"{', '.join(names)}: {printable(note)}" for note, names in why.items()]
    smece = next((r.estimate for r in rows if r.measure == "claim_smece" and r.estimate), None)
    if smece is not None:
        lines.append(f"claim_smece {share(smece)}: {smece.method}")
    where = dict.fromkeys((f.measure, f.on, f.source) for f in published if f.measure in shown)
    lines += [f"Published {measure}: {on}; not the same items. {source}." for measure, on, source in where]
    return lines
