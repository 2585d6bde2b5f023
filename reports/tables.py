"""The terminal tables of a run: what was answered, and what a verified answer costs. At most 100 columns."""

from collections.abc import Callable, Sequence

from rich.console import Console, Group, RenderableType
from rich.text import Text

from ..scoring.estimate import Estimate, Measurement
from .numbers import amount_interval, amount_of, printable, share, share_interval
from .remarks import misses_floor, remarks

WIDTH = 100
Cells = dict[str, Measurement]
_Row = tuple[tuple[str, str], list[str]]


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
    if any(_values(cell, _COST).count("-") < len(_COST) for cell in by_cell.values()):
        parts += [_cost(by_cell), ""]
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
    ("Q by tokens", "q_tokens", share_interval),
    ("$/request", "kappa_usd", amount_of),
    ("VCpD tokens/$", "vcpd", amount_interval),
    ("$/verified answer", "usd_per_verified_answer", amount_interval),
)
_COST: tuple[_Column, ...] = (
    ("H = p*C_v", "h_usd", amount_interval),
    ("C_v", "c_v_usd", amount_interval),
    ("answer", "c_g_usd", amount_of),
    ("verify", "verification_usd", amount_of),
    ("retry", "retries_usd", amount_of),
    ("people", "people_usd", amount_of),
)
_LOOP: tuple[_Column, ...] = (
    ("errors stopped (Se)", "sensitivity", share_interval),
    ("right passed (Sp)", "specificity", share_interval),
    ("wrong among delivered", "p_escaped", share_interval),
    ("L* $", "break_even_loss_usd", amount_of),
)
_OF_ALL = ("correct", "wrong", "abstained", "refused", "invalid", "unscored")


def _answers(by_cell: dict[tuple[str, str], Cells]) -> Text:
    title = "Answers (95 % intervals; p <= is the one-sided exact bound)"
    rows = []
    for key, cell in by_cell.items():
        if "correct" in cell:
            known = [e for name in _OF_ALL if name in cell and (e := cell[name].estimate)]
            rows.append((key, [str(known[0].n) if known else "-", *_values(cell, _ANSWERS)]))
    return grid(title, ["n", *(name for name, _, _ in _ANSWERS)], rows)


def _money(by_cell: dict[tuple[str, str], Cells]) -> Text:
    title = "Verified Capability per Dollar (VCpD = Q*T/C; people at the base wage)"
    rows = []
    for key, cell in by_cell.items():
        if "vcpd" in cell:
            q, *rest = _values(cell, _MONEY)
            rows.append((key, [q + "*" * misses_floor(cell), *rest]))
    return grid(title, [name for name, _, _ in _MONEY], rows)


def _cost(by_cell: dict[tuple[str, str], Cells]) -> Text:
    title = "What errors cost: H in $ per request, C_v in $ per error; then $ per request by purpose"
    rows = [(key, _values(cell, _COST)) for key, cell in by_cell.items() if "h_usd" in cell]
    return grid(title, [name for name, _, _ in _COST], rows)


def _loop(by_cell: dict[tuple[str, str], Cells]) -> Text:
    title = "The verifier in the loop (95 % intervals)"
    rows = [(key, _values(cell, _LOOP)) for key, cell in by_cell.items() if "sensitivity" in cell]
    return grid(title, [name for name, _, _ in _LOOP], rows)


def grid(title: str, headers: Sequence[str], rows: Sequence[_Row]) -> Text:
    """A model a line, its domains below it: names may be long, and are never cut.

    Args:
        rows: (model, domain) with the texts of the columns.
    """
    cells = [headers, *(values for _, values in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    first = max([len("model / domain"), *(len(domain) + 2 for (_, domain), _ in rows)])
    room = max(1, min(3, (WIDTH - first - sum(widths)) // max(len(widths), 1)))

    def line(name: str, values: Sequence[str]) -> str:
        return name.ljust(first) + "".join(v.rjust(w + room) for v, w in zip(values, widths, strict=True))

    lines, model = [title, line("model / domain", headers)], None
    for (this, domain), values in rows:
        if this != model:
            lines.append(this)
        model = this
        lines.append(line(f"  {domain}", values))
    return Text("\n".join(lines))  # Text: names come from outside and must not be read as markup


def _values(cell: Cells, columns: Sequence[_Column]) -> list[str]:
    return [write(cell[name].estimate if name in cell else None) for _, name, write in columns]
