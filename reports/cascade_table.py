"""The terminal table of a tuned cascade. At most 100 columns."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from ..scoring.estimate import Estimate
from .numbers import amount, amount_interval, printable, share_interval
from .tables import WIDTH


@dataclass(frozen=True, slots=True)
class StageLine:
    """One stage: what it decides, and the share of claims on which its word is the last."""

    name: str
    low: float
    high: float
    decided: float


@dataclass(frozen=True, slots=True)
class WorthLine:
    """The cascade, or a verifier alone, on claims that played no part in the tuning; dollars a claim."""

    name: str
    checking_usd: float
    usd: Estimate
    sensitivity: Estimate
    specificity: Estimate


def cascade_tables(stages: Sequence[StageLine], worth: Sequence[WorthLine], remarks: Sequence[str]) -> RenderableType:
    """Stages with their bands; then the cascade beside each verifier alone."""
    bands = _table("Accept from, reject up to, ask the next stage between (calibrated probability of support)")
    for name in ("stage", "reject up to", "accept from", "decides"):
        bands.add_column(name, justify="left" if name == "stage" else "right", no_wrap=name != "stage")
    for s in stages:
        bands.add_row(Text(printable(s.name)), f"{s.low:.3f}", f"{s.high:.3f}", f"{100 * s.decided:.0f} %")
    found = _table("On the half that did not tune: dollars a claim, checking, rejections and losses together")
    for name in ("verifier", "$ checking", "$ in all [95 %]", "unsupported rejected", "supported accepted"):
        found.add_column(name, justify="left" if name == "verifier" else "right", no_wrap=name != "verifier")
    for w in worth:
        found.add_row(Text(printable(w.name)), amount(w.checking_usd, 2), amount_interval(w.usd),
                      share_interval(w.sensitivity), share_interval(w.specificity))  # fmt: skip
    return Group(bands, Text(""), found, Text(""), *(Text(printable(remark)) for remark in remarks))


def print_cascade(
    stages: Sequence[StageLine], worth: Sequence[WorthLine], remarks: Sequence[str], console: Console | None = None
) -> None:
    """Print the tables; 100 columns wide, whatever the terminal."""
    (console or Console(width=WIDTH, soft_wrap=False)).print(cascade_tables(stages, worth, remarks))


def _table(title: str) -> Table:
    return Table(title=Text(title), title_justify="left", width=WIDTH, pad_edge=False, padding=(0, 2, 0, 0), box=None)
