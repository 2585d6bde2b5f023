"""The terminal tables of `vcpd decompose --before RUN --after RUN` and `--pairs FILE`. At most 100 columns."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from ..scoring.measured_pairs import PairsProduct
from ..scoring.vcpd_factors import Factor, VcpdChange
from .market_tables import add_row, plain_table
from .numbers import amount, amount_interval, printable

_NAMES = {"vcpd": "VCpD", "verified_answers_per_usd": "Verified answers per dollar"}
_UNITS = {"vcpd": "tokens/$", "verified_answers_per_usd": "answers/$"}
_BASES = {
    "token": "Machine work is billed by tokens.",
    "second": "Machine work is billed by the second: usage is machine time, so its factor is that of throughput.",
    "mixed": "The two sides are billed unlike (or by several models): price and usage moved together, as usage.",
}


def change_tables(found: Sequence[VcpdChange]) -> RenderableType:
    """Each decomposition: the two values, the factors in their order, and their product."""
    parts: list[RenderableType] = []
    for change in found:
        parts += [*_change(change), ""]
    said = [
        "A factor above 1 is a gain. Each lever moves with the ones above it already moved: another order",
        "(--order) gives other factors and the same product; the last column holds what all orders give.",
        "Both sides are priced with one table, so a changed list price is no regression.",
    ]
    return Group(*parts, *map(Text, said))


def _change(change: VcpdChange) -> list[RenderableType]:
    name, unit = _NAMES[change.measure], _UNITS[change.measure]
    table = plain_table(
        f"{change.domain}: {name} of {printable(change.after)} over {printable(change.before)}",
        ["lever"],
        ["factor", "before", "after", "in", "all orders"],
    )
    for f in change.factors:
        add_row(table, [f.lever, _factor(f), amount(f.before), amount(f.after), f.unit, _orders(f)])
    add_row(table, ["product", amount_interval(change.ratio), "", "", "", ""])
    values = f"{amount_interval(change.value_before)} to {amount_interval(change.value_after)} {unit}"
    lines = [f"{name}: {values}.", f"Order: {', '.join(change.order)}.", _BASES[change.basis]]
    if change.throughput is not None:
        was, now = change.throughput
        lines.append(
            f"T as run, no SLO: {amount(was)} to {amount(now)} tokens/s; its rate of requests cancels with C's."
        )
    return [table, *map(Text, lines)]


def _factor(f: Factor) -> str:
    if f.factor.value == f.factor.low == f.factor.high:
        return f"{f.factor.value:g}"
    return amount_interval(f.factor)


def _orders(f: Factor) -> str:
    low, high = amount(f.low_order), amount(f.high_order)
    return low if low == high else f"{low} to {high}"


def pairs_tables(found: PairsProduct) -> RenderableType:
    """The user's measured pairs with their factors, the product, and what is wrong with it."""
    table = plain_table("Measured pairs of configurations", ["factor", "from", "to"], ["eta", "kind", "source"])
    for p in found.pairs:
        texts = (printable(text) for text in (p.before, p.after))
        eta = amount_interval(p.estimate) if p.estimate.low is not None else amount(p.estimate.value)
        add_row(table, [p.factor, *texts, eta, p.kind.replace("_", " "), printable(p.source)])
    e = found.product
    value = amount(e.value) if e.low is None else amount_interval(e)
    said = [f"Product: {value}." + (" A chain: each pair begins where one ended; exact." if found.exact else "")]
    said += [f"Warning: the product {warning}." for warning in found.warnings]
    if e.low is None:
        said.append("No interval: a side was measured once. Give a list of repeated runs to get one.")
    return Group(table, *map(Text, said))
