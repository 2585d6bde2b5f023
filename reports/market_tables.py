"""The terminal tables of `vcpd prices`, `vcpd frontier` and `vcpd decompose`. At most 100 columns."""

from collections.abc import Sequence
from datetime import date as Date

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from ..scoring.estimate import Estimate, InsufficientDataError
from ..scoring.frontier import QUALITY_BINS, cheapest, of_kinds, otherwise_ordered, pareto, rate_of_decline, records
from ..scoring.literature import Finding, Literature, Row
from ..scoring.public_models import Kind, PublicModel
from .numbers import amount
from .tables import WIDTH

_NORMAL = 1.96


def print_market(parts: RenderableType, console: Console | None = None) -> None:
    """Print tables; 100 columns wide, whatever the terminal."""
    (console or Console(width=WIDTH, soft_wrap=False)).print(parts)


def prices_tables(models: Sequence[PublicModel], findings: Sequence[Finding]) -> RenderableType:
    """Table 1 of the field note: list prices and CPM."""
    table = plain_table(
        "Public API prices at launch, dollars per million tokens (field note, Table 1 and Figure 1)",
        ["model"],
        ["released", "input", "output", "CPM 1:1", "blend 3:1"],
    )
    for m in models:
        if m.in_table1:
            prices = (f"{m.input_usd:.2f}", f"{m.output_usd:.2f}", f"{m.cpm:g}", f"{m.price:g}")
            add_row(table, [m.name, str(m.released), *prices])
    said = "CPM = (input + output) / 2: VCpD with Q set to 1. It compares prices, not what is bought."
    return Group(table, "", Text(said), "", *_findings(findings))


def frontier_tables(models: Sequence[PublicModel], findings: Sequence[Finding]) -> RenderableType:
    """Section 3 and Figure 2: the cheapest model at each quality by date, its rate of decline, and the frontier."""
    measured, vendors = of_kinds(models, Kind.MEASURED), of_kinds(models, Kind.VENDOR)
    different, pairs = otherwise_ordered(models)
    counted = sum(m.answers_per_usd is not None for m in models)
    said = [
        "$/Mtok: list price at launch, input and output 3:1; later price cuts are not counted.",
        "Rates: straight line through log record lows, 95 % t interval: the least to allow for.",
        f"VCpD pays for verbosity: of {pairs} pairs of the {counted} models with token counts, right answers/$ orders",
        f"{different} ({different / pairs:.0%}) the other way round.",
        f"Vendors' scores differ from measured ones by up to {_gap(measured) * 100:.0f} points on one model.",
    ]
    return Group(
        _by_date(measured, max(m.released for m in models)),
        "",
        _frontier("Frontier of measured scores, cheapest first", pareto(measured)),
        "",
        _frontier("Scores reported by vendors, not comparable with those above", sorted(vendors, key=_price)),
        "",
        *map(Text, said),
        "",
        *_findings(findings),
    )


def decompose_tables(found: Literature) -> RenderableType:
    """Section 2.4: factors, product and what is left; measured chains; the published factors."""
    observed = found.observed
    prices = f"{observed.from_usd_per_mtok:.2f}/{observed.to_usd_per_mtok:.2f}"
    notes = [Text(f"{h.name}: {warning}.") for h in found.headlines for warning in h.product.warnings]
    return Group(
        _headlines(found),
        "",
        Text(f"Observed: {prices} = {observed.ratio_of_prices:.1f}, {observed.what} ({observed.source})."),
        *notes,
        "",
        _chains(found),
        Text(f"{found.measured.what}; {found.measured.source}."),
        Text("Each factor with the one before it already moved: in another order it may be another number."),
        "",
        _published(found.rows),
        "",
        *_findings(found.about("decompose")),
    )


def _by_date(models: Sequence[PublicModel], last: Date) -> Table:
    ends = [*(Date(year, 12, 31) for year in range(min(m.released.year for m in models), last.year)), last]
    table = plain_table(
        "Cheapest measured model at or above each GPQA-Diamond score, $/Mtok",
        ["score"],
        [*(f"end {end.year}" if end != last else f"{end:%Y-%m}" for end in ends), "cheapest now", "cheaper per year"],
    )
    for quality in QUALITY_BINS:
        found = [_cheapest(models, quality, end) for end in ends]
        prices = ["-" if m is None else amount(m.price) for m in found]
        now = found[-1].name if found[-1] else "-"
        add_row(table, [f">= {quality:.0%}", *prices, now, _rate(models, quality)])
    return table


def _cheapest(models: Sequence[PublicModel], quality: float, day: Date) -> PublicModel | None:
    try:
        return cheapest(models, quality, day)
    except InsufficientDataError:
        return None


def _rate(models: Sequence[PublicModel], quality: float) -> str:
    points = [(m.released, m.price) for m in records(models, quality)]
    try:
        return _times(rate_of_decline(points))
    except InsufficientDataError as error:
        return f"- ({str(error).partition(': a rate of decline ')[0]}: {str(error).rpartition(' ')[2]} needed)"


def _times(e: Estimate) -> str:
    assert e.low is not None
    assert e.high is not None
    return f"{amount(e.value)}x [{amount(e.low, 2)}, {amount(e.high, 2)}] n={e.n}"


def _frontier(title: str, models: Sequence[PublicModel]) -> Table:
    table = plain_table(title, ["model"], ["released", "$/Mtok", "GPQA-D %", "right answers/$", "VCpD tokens/$"])
    for m in models:
        rates = ("-" if rate is None else amount(rate) for rate in (m.answers_per_usd, m.vcpd))
        add_row(table, [m.model, str(m.released), amount(m.price), _score(m), *rates])
    return table


def _score(m: PublicModel) -> str:
    score = f"{(m.gpqa or 0.0) * 100:.1f}"
    return score if m.stderr is None else f"{score} ±{_NORMAL * m.stderr * 100:.1f}"


def _price(m: PublicModel) -> float:
    return m.price


def _gap(models: Sequence[PublicModel]) -> float:
    return max(abs(m.vendor - m.gpqa) for m in models if m.vendor is not None and m.gpqa is not None)


def _headlines(found: Literature) -> Table:
    names = list(found.headlines[0].factors)
    table = plain_table(
        "What the four factors explain of a fall in price, 2022 to 2024 (field note 2.4)",
        ["figures"],
        [*names, "product", "observed", "left over"],
    )
    for h in found.headlines:
        factors = [f"{h.factors[name]:g}" for name in names]
        add_row(table, [h.name, *factors, f"{h.product.value:.0f}", f"{found.observed.ratio:g}", f"{h.residual:.1f}"])
    return table


def _chains(found: Literature) -> Table:
    chains = found.measured.chains
    steps = next(iter(chains.values())).steps
    table = plain_table(
        "Measured pairs of configurations: one lever moved, the rest held; the product is the ratio",
        ["tokens/s/user"],
        [*(f"{s.before} to {s.after}" for s in steps), "whole ratio"],
    )
    for speed, chain in chains.items():
        add_row(table, [str(speed), *(f"{s.factor:.2f}" for s in chain.steps), f"{chain.ratio:.2f}"])
    return table


def _published(rows: Sequence[Row]) -> Table:
    table = plain_table("Published factors", ["factor", "technique"], ["range"])
    table.add_column("what it is a ratio of")
    table.add_column("verdict", ratio=1)
    table.columns[1].width = 26
    for row in rows:
        add_row(table, [row.factor, row.technique, _range(row), row.kind.replace("_", " "), row.verdict])
    return table


def _range(row: Row) -> str:
    if row.low is None:
        return "-" if row.high is None else f"up to {row.high:g}"
    return f"{row.low:g}" if row.low == row.high or row.high is None else f"{row.low:g}-{row.high:g}"


def _findings(findings: Sequence[Finding]) -> list[RenderableType]:
    """One line for each."""
    lines = [Text(f"  {f.section}: {f.text}.") for f in findings]
    return [Text("Where the field note and its sources differ"), *lines] if lines else []


def plain_table(title: str, left: Sequence[str], right: Sequence[str]) -> Table:
    """A table without rules, columns `left` and `right` aligned to that side."""
    table = Table(title=title, title_justify="left", width=WIDTH, pad_edge=False, padding=(0, 1, 0, 0), box=None)
    for name in left:
        table.add_column(name, overflow="fold")
    for name in right:
        table.add_column(name, justify="right", no_wrap=len(name) < 20)
    return table


def add_row(table: Table, texts: Sequence[str]) -> None:
    """Add a row of texts, of which none is read as markup."""
    table.add_row(*map(Text, texts))
