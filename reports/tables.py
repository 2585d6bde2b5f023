"""The terminal tables of a run: what was answered, and what a verified answer costs. At most 100 columns."""

from collections.abc import Callable, Sequence

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from ..scoring.estimate import Estimate, Measurement
from .numbers import amount_interval, amount_of, printable, share, share_interval
from .remarks import misses_floor, remarks

WIDTH = 100
Cells = dict[str, Measurement]


def cells(rows: Sequence[Measurement]) -> dict[tuple[str, str], Cells]:
    """Measurements by printable (model, domain), then by measure, in the order they came."""
    table: dict[tuple[str, str], Cells] = {}
    for row in rows:
        table.setdefault((printable(row.model), printable(row.domain)), {})[row.measure] = row
    return table


def run_tables(rows: Sequence[Measurement]) -> RenderableType:
    """The tables and the remarks that a reader must not miss."""
    by_cell = cells(rows)
    priced = any(cell["kappa_usd"].estimate for cell in by_cell.values() if "kappa_usd" in cell)
    parts: list[RenderableType] = [_answers(by_cell), ""]
    if priced:
        parts += [_money(by_cell), ""]
    if any(cell[name].estimate for cell in by_cell.values() for name in ("sensitivity", "specificity") if name in cell):
        parts += [_loop(by_cell), ""]
    return Group(*parts, *(Text(line) for line in remarks(by_cell)))


def print_tables(rows: Sequence[Measurement], console: Console | None = None) -> None:
    """Print the tables; 100 columns wide, whatever the terminal."""
    (console or Console(width=WIDTH, soft_wrap=False)).print(run_tables(rows))


_Column = tuple[str, str, Callable[[Estimate | None], str]]
_ANSWERS: tuple[_Column, ...] = (
    ("right", "correct", share),
    ("wrong", "wrong", share),
    ("abst.", "abstained", share),
    ("p = wrong/attempted", "p", share_interval),
    ("p <=", "p_upper_exact", share),
    ("cite P", "citation_precision", share),
    ("cite R", "citation_recall", share),
    ("recall", "evidence_recall", share),
)
_MONEY: tuple[_Column, ...] = (
    ("Q", "q_tokens", share),
    ("$/request", "kappa_usd", amount_of),
    ("H = p*C_v", "h_usd", amount_of),
    ("C_v", "c_v_usd", amount_of),
    ("VCpD tokens/$", "vcpd", amount_interval),
    ("$/verified answer", "usd_per_verified_answer", amount_interval),
)


_LOOP: tuple[_Column, ...] = (
    ("Se", "sensitivity", share),
    ("Sp", "specificity", share),
    ("escaped", "p_escaped", share),
    ("$ answer", "c_g_usd", amount_of),
    ("$ verify", "verification_usd", amount_of),
    ("$ retry", "retries_usd", amount_of),
    ("$ people", "people_usd", amount_of),
    ("L*", "break_even_loss_usd", amount_of),
)


def _answers(by_cell: dict[tuple[str, str], Cells]) -> Table:
    table = _table("Answers (95 % intervals; p <= is the one-sided exact bound)", _ANSWERS, n=True)
    for (model, domain), cell in by_cell.items():
        if "correct" in cell:
            e = cell["correct"].estimate
            _add(table, [model, domain, str(e.n) if e else "-", *_values(cell, _ANSWERS)])
    return table


def _money(by_cell: dict[tuple[str, str], Cells]) -> Table:
    table = _table("Verified Capability per Dollar (VCpD = Q*T/C; people at the base wage)", _MONEY, n=False)
    for (model, domain), cell in by_cell.items():
        if "vcpd" in cell:
            q, *rest = _values(cell, _MONEY)
            _add(table, [model, domain, q + "*" * misses_floor(cell), *rest])
    return table


def _loop(by_cell: dict[tuple[str, str], Cells]) -> Table:
    title = "The verifier in the loop: share of errors it stops (Se), of right answers it passes (Sp); $/request"
    table = _table(title, _LOOP, n=False)
    for (model, domain), cell in by_cell.items():
        if "sensitivity" in cell:
            _add(table, [model, domain, *_values(cell, _LOOP)])
    return table


def _table(title: str, columns: Sequence[_Column], *, n: bool) -> Table:
    table = Table(title=title, title_justify="left", width=WIDTH, pad_edge=False, padding=(0, 1, 0, 0), box=None)
    table.add_column("model", overflow="fold", ratio=1)
    table.add_column("domain", no_wrap=True)
    if n:
        table.add_column("n", justify="right")
    for title_, _, _ in columns:
        table.add_column(title_, justify="right", no_wrap=True)
    return table


def _add(table: Table, texts: Sequence[str]) -> None:
    table.add_row(*map(Text, texts))  # Text: names come from outside and must not be read as markup


def _values(cell: Cells, columns: Sequence[_Column]) -> list[str]:
    return [write(cell[name].estimate if name in cell else None) for _, name, write in columns]
