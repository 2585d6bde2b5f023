"""What a run will take and what it will be able to show, before anything is spent."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from .numbers import amount, printable
from .plan_gate_table import GateSight, gate_sight_table
from .tables import WIDTH


@dataclass(frozen=True, slots=True)
class Spend:
    """One model on one domain, without and with all retries.

    Attributes:
        requests: Samples times epochs. attempts: Most attempts at each.
        input_tokens, output_tokens: Of one attempt, mean.
        usd_low, usd_high: Dollars of the models; None where a price is unknown (`why` says which).
        hours_low, hours_high: Wall time.
    """

    model: str
    domain: str
    requests: int
    attempts: int
    input_tokens: float
    output_tokens: float
    usd_low: float | None
    usd_high: float | None
    hours_low: float
    hours_high: float
    why: str = ""


@dataclass(frozen=True, slots=True)
class Sight:
    """What one domain's samples can show.

    Attributes:
        deff: Design effect of its clusters.
        half_width: Of p, at these samples all attempted. items_for_half_width: Items for the wanted one.
        p_max: Launch limit, None where there is none. items_for_launch: Items without an error that would show it.
        smallest_margin: Of the gate. items_for_margin: Items for the wanted margin.
        labels: Human labels for the wanted half-width beside the assumed judge, of so many `judged` answers; None where
            no pool is large enough.
        labels_hours, labels_usd: A person's time for them; dollars None where no wage is declared.
    """

    domain: str
    samples: int
    clusters: int
    deff: float
    half_width: float
    items_for_half_width: int
    p_max: float | None
    items_for_launch: int | None
    smallest_margin: float
    items_for_margin: int
    labels: int | None
    judged: int
    labels_hours: float | None
    labels_usd: float | None


def print_plan(
    spends: Sequence[Spend],
    sights: Sequence[Sight],
    gates: Sequence[GateSight],
    assumed: str,
    console: Console | None = None,
) -> None:
    """The three tables and what they assume; 100 columns wide."""
    whys = dict.fromkeys(printable(s.why) for s in spends if s.why)
    notes = [*(f"Dollars unknown: {why}." for why in whys), _COLUMNS, f"Assumed: {assumed}."]
    parts: list[RenderableType] = [_spend_table(spends), "", _sight_table(sights), "", gate_sight_table(gates), ""]
    parts += map(Text, notes)
    (console or Console(width=WIDTH, soft_wrap=False)).print(Group(*parts))


_COLUMNS = (
    "n for +-: items for the wanted half-width of p; n for it: items for the wanted margin; labels: by people, of so "
    "many judged answers, for that half-width."
)


def _spend_table(spends: Sequence[Spend]) -> Table:
    table = _table("What the run will take (without retries - with all of them)")
    for title in ("requests", "tokens in", "tokens out", "$", "wall time"):
        table.add_column(title, justify="right", no_wrap=True)
    table.columns[0].header = "model"
    for s in spends:
        dollars = "-" if s.usd_low is None or s.usd_high is None else _range(amount(s.usd_low), amount(s.usd_high))
        cells = [s.model, s.domain, f"{s.requests}", amount(s.input_tokens), amount(s.output_tokens), dollars]
        table.add_row(*map(Text, map(printable, [*cells, _range(_time(s.hours_low), _time(s.hours_high))])))
    known = [(s.usd_low, s.usd_high) for s in spends if s.usd_low is not None and s.usd_high is not None]
    if len(spends) > 1 and known:
        low, high = (sum(ends) for ends in zip(*known, strict=True))
        hours = _range(_time(sum(s.hours_low for s in spends)), _time(sum(s.hours_high for s in spends)))
        requests = f"{sum(s.requests for s in spends)}"
        table.add_row("together", "", requests, "", "", _range(amount(low), amount(high)), hours)
    return table


def _sight_table(sights: Sequence[Sight]) -> Table:
    table = Table(title="What it will be able to show", title_justify="left", width=WIDTH, pad_edge=False, box=None)
    titles = ("domain", "n", "clusters", "p +-", "n for +-", "n for p_max", "margin", "n for it", "labels", "people")
    for title in titles:
        table.add_column(title, justify="left" if title == "domain" else "right", no_wrap=True)
    for s in sights:
        launch = "-" if s.items_for_launch is None else f"{s.items_for_launch} (p<={s.p_max:g})"
        people = "-" if s.labels_hours is None else _time(s.labels_hours)
        people += "" if s.labels_usd is None else f", ${amount(s.labels_usd)}"
        row = [s.domain, f"{s.samples}", f"{s.clusters}", f"{s.half_width:.3f}", f"{s.items_for_half_width}", launch]
        row += [
            f"{s.smallest_margin:.3f}",
            f"{s.items_for_margin}",
            "-" if s.labels is None else f"{s.labels}/{s.judged}",
            people,
        ]
        table.add_row(*map(Text, map(printable, row)))
    return table


def _table(title: str) -> Table:
    table = Table(title=title, title_justify="left", width=WIDTH, pad_edge=False, padding=(0, 1, 0, 0), box=None)
    table.add_column("model", overflow="fold", ratio=1)
    table.add_column("domain", no_wrap=True)
    return table


def _range(low: str, high: str) -> str:
    return low if low == high else f"{low} - {high}"


def _time(hours: float) -> str:
    if hours >= 1:
        return f"{hours:.1f} h"
    return f"{hours * 60:.0f} min" if hours >= 1 / 60 else f"{hours * 3600:.0f} s"
