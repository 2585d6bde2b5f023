"""The published efficiency factors of `literature.toml`, and section 2.4 of the field note computed from them."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from .decomposition import Chain, Product, Step, multiply


@dataclass(frozen=True, slots=True)
class Row:
    """One published factor, or one that the field note assumes.

    Attributes:
        factor: eta_q, eta_r, eta_d or eta_h. low, high: The range; None where the source gives no such end.
        kind: What the ratio measures, one word: memory, kernel, latency, throughput, capacity, usd_per_token...
        measures: The same in the source's terms. conditions: Where it holds. baseline: What it is a ratio to.
        verdict: What comes of comparing the field note with the source.
    """

    id: str
    factor: str
    technique: str
    kind: str
    measures: str
    conditions: str
    baseline: str
    source: str
    verdict: str
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Headline:
    """One way to fill in section 2.4: the four factors, their product, and what it leaves of the observed ratio."""

    name: str
    factors: Mapping[str, float]
    product: Product
    residual: float


@dataclass(frozen=True, slots=True)
class Observed:
    """The fall in price that the factors are to explain, as quoted (`ratio`) and as two prices."""

    ratio: float
    from_usd_per_mtok: float
    to_usd_per_mtok: float
    months: int
    what: str
    source: str

    @property
    def ratio_of_prices(self) -> float:
        """The ratio of the two prices, unrounded."""
        return self.from_usd_per_mtok / self.to_usd_per_mtok


@dataclass(frozen=True, slots=True)
class Finding:
    """A figure of the field note that differs from its source; `about`: prices, frontier or decompose."""

    about: str
    section: str
    text: str


@dataclass(frozen=True, slots=True)
class Measured:
    """Chains of measured configurations, one at each tokens/s/user."""

    what: str
    source: str
    chains: Mapping[int, Chain]


@dataclass(frozen=True, slots=True)
class Literature:
    """All of `literature.toml`."""

    observed: Observed
    rows: tuple[Row, ...]
    headlines: tuple[Headline, ...]
    measured: Measured
    findings: tuple[Finding, ...]

    def about(self, command: str) -> list[Finding]:
        """The findings that belong to one command's output."""
        return [finding for finding in self.findings if finding.about == command]


@cache
def literature() -> Literature:
    """The table that ships with this package."""
    data = tomllib.loads(Path(__file__).with_name("literature.toml").read_text(encoding="utf-8"))
    rows = tuple(Row(**row) for row in data["row"])
    observed = Observed(**data["observed"])
    by_id = {row.id: row for row in rows}
    return Literature(
        observed=observed,
        rows=rows,
        headlines=tuple(_headline(h, by_id, observed.ratio) for h in data["headline"]),
        measured=_measured(data["measured"], data["measured_at"]),
        findings=tuple(Finding(**finding) for finding in data["finding"]),
    )


def _headline(data: Mapping[str, Any], rows: Mapping[str, Row], observed: float) -> Headline:
    factors = data["factors"]
    product = multiply([(f["value"], rows[f["row"]] if "row" in f else None) for f in factors.values()])
    values = {name: f["value"] for name, f in factors.items()}
    return Headline(data["name"], values, product, product.residual(observed))


def _measured(configurations: list[dict[str, Any]], at: dict[str, Any]) -> Measured:
    chains = {}
    for i, speed in enumerate(at["tokens_per_s_per_user"]):
        steps = []
        for a, b in pairwise(configurations):
            [lever] = [lever for lever in at["levers"] if a[lever] != b[lever]]  # one lever a pair, or no factor
            steps.append(Step(lever, a["name"], b["name"], a["usd_per_mtok"][i], b["usd_per_mtok"][i]))
        chains[speed] = Chain(tuple(steps))
    return Measured(at["what"], at["source"], chains)
