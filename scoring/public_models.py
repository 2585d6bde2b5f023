"""Public models: list prices and GPQA-Diamond scores, from `public_models.csv`.

One row a model, list prices at launch, each figure with its source; GPQA-Diamond scores
measured by Epoch AI (Benchmarking Hub, CC-BY 4.0) or reported by vendors (partly llm-stats, CC-BY 4.0). The two kinds
differ by up to 23 points on one model: a score never travels without its kind.
"""

import csv
from dataclasses import dataclass
from datetime import date as Date
from enum import StrEnum
from functools import cache
from math import inf
from pathlib import Path

from .estimate import InsufficientDataError

GPQA_QUESTIONS = 198  # GPQA-Diamond, arXiv:2311.12022


class Kind(StrEnum):
    """Who says so: an independent run, or the vendor."""

    MEASURED = "measured"
    VENDOR = "vendor-reported"


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicModel:
    """A model as it was launched.

    Attributes:
        input_usd, output_usd: List price at launch, dollars per million tokens.
        gpqa: GPQA-Diamond in [0, 1], None where no source was found; `kind` says whose, `stderr` its standard error.
        vendor: What the vendor reported, also where `gpqa` was measured.
        input_tokens, output_tokens, epochs: Tokens of the whole GPQA run; None where unknown.
        in_table1: Whether the field note's Table 1 lists it.
        sources: Of date, price, score, vendor's score and tokens, in this order.
    """

    model: str
    api_id: str
    released: Date
    input_usd: float
    output_usd: float
    gpqa: float | None = None
    kind: Kind | None = None
    stderr: float | None = None
    vendor: float | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    epochs: int | None = None
    in_table1: bool = False
    sources: tuple[str, ...] = ()
    note: str = ""

    @property
    def name(self) -> str:
        """The model without the setting in parentheses under which it was scored."""
        return self.model.partition(" (")[0]

    @property
    def cpm(self) -> float:
        """CPM of the field note's Table 1: input and output price 1:1, dollars per million tokens."""
        return blend(self.input_usd, self.output_usd, 1)

    @property
    def price(self) -> float:
        """The price of Figure 2: input and output 3:1 (Epoch AI's convention), dollars per million tokens."""
        return blend(self.input_usd, self.output_usd, 3)

    @property
    def usd_per_pass(self) -> float | None:
        """Dollars for the benchmark once through; None where tokens are unknown."""
        if self.input_tokens is None or self.output_tokens is None or self.epochs is None:
            return None
        return usd_per_pass(self.input_tokens, self.output_tokens, self.epochs, self.input_usd, self.output_usd)

    @property
    def answers_per_usd(self) -> float | None:
        """Right answers per dollar, the reciprocal of cost-of-pass; None where tokens are unknown."""
        dollars = self.usd_per_pass
        return None if not dollars or self.gpqa is None else GPQA_QUESTIONS * self.gpqa / dollars

    @property
    def vcpd(self) -> float | None:
        """VCpD on GPQA-Diamond at list price: Q times output tokens per dollar; None where tokens are unknown.

        Rewards verbosity: every output token counts as output. Read it beside `answers_per_usd`.
        """
        dollars = self.usd_per_pass
        if not dollars or self.gpqa is None or self.output_tokens is None or self.epochs is None:
            return None
        return self.gpqa * self.output_tokens / self.epochs / dollars


def blend(input_usd: float, output_usd: float, input_parts: float) -> float:
    """Price of a mix of so many input tokens to one output token, dollars per million tokens."""
    return (input_parts * input_usd + output_usd) / (input_parts + 1)


def usd_per_pass(
    input_tokens: float, output_tokens: float, epochs: float, input_usd: float, output_usd: float
) -> float:
    """Dollars for a benchmark once through, from the tokens of all its epochs (Price of Progress, arXiv:2511.23455).

    Reasoning that is counted apart belongs in `output_tokens`. Prices are dollars per million tokens.
    """
    if epochs <= 0:
        raise InsufficientDataError("the price of a pass is undefined: the benchmark was not run")
    return (input_tokens * input_usd + output_tokens * output_usd) / 1e6 / epochs


def load_public_models(path: Path) -> tuple[PublicModel, ...]:
    """Read a table of the columns of `public_models.csv`, oldest model first.

    Raises:
        ValueError: A cell that cannot be read; the message names file, line and model.
    """
    models = []
    with path.open(encoding="utf-8", newline="") as lines:
        for n, row in enumerate(csv.DictReader(lines), 2):
            try:
                models.append(_model(row))
            except (KeyError, TypeError, ValueError) as error:
                raise ValueError(f"{path}, line {n} ({row.get('model', '?')}): cannot be read ({error})") from error
    return tuple(sorted(models, key=lambda m: (m.released, m.model)))


@cache
def public_models() -> tuple[PublicModel, ...]:
    """The table that ships with this package."""
    return load_public_models(Path(__file__).with_name("public_models.csv"))


def _model(row: dict[str, str]) -> PublicModel:
    prices = float(row["input_usd_per_mtok"]), float(row["output_usd_per_mtok"])
    if not all(0 < price < inf for price in prices):
        raise ValueError(f"a list price is above 0, not {prices}")
    gpqa, kind = _share(row["gpqa_pct"]), Kind(row["kind"]) if row["kind"] else None
    if (gpqa is None) != (kind is None):
        raise ValueError("a score needs its kind, measured or vendor-reported")
    return PublicModel(
        model=row["model"],
        api_id=row["api_id"],
        released=Date.fromisoformat(row["released"]),
        input_usd=prices[0],
        output_usd=prices[1],
        gpqa=gpqa,
        kind=kind,
        stderr=_share(row["stderr_pct"]),
        vendor=_share(row["vendor_pct"]),
        input_tokens=_count(row["input_tokens"]),
        output_tokens=_count(row["output_tokens"]),
        epochs=_count(row["epochs"]),
        in_table1=row["table1"] == "yes",
        sources=tuple(row[f"{name}_source"] for name in ("released", "price", "gpqa", "vendor", "tokens")),
        note=row["note"],
    )


def _share(text: str) -> float | None:
    if not text:
        return None
    value = round(float(text) / 100, 6)
    if not 0 <= value <= 1:
        raise ValueError(f"{text} is not a percentage")
    return value


def _count(text: str) -> int | None:
    return int(text) if text else None
