"""The ledger of a run as rows: where each request's dollars went, in metered units."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from ..scoring.ledger import ledger
from ..scoring.policy import AttemptKey
from ..scoring.prices import PriceTable
from ..scoring.records import ClaimCounts, Record
from ..scoring.steps import StepCost, has_trajectories, step_costs
from ..scoring.summary import Scoring, records_by_cell, terms_of
from .run_folder import write_table


def ledger_rows(
    records: Sequence[Record], counts: Mapping[AttemptKey, ClaimCounts], scoring: Scoring
) -> list[dict[str, Any]]:
    """One row for each model, domain, stage and unit; `usd` is of the stage, None where a price is unknown."""
    rows = []
    for (model, domain), mine in records_by_cell(records).items():
        terms = terms_of(mine[0], scoring)
        for line in ledger(mine, terms.retry_policy, counts, scoring.prices, terms.economics):
            common: dict[str, Any] = {"model": model, "domain": domain, "stage": line.stage, "priced_as": line.model}
            common |= {"share_of_requests": line.share_of_requests, "usd_per_request": line.usd}
            rows += [{**common, "unit": unit, "per_request": amount} for unit, amount in line.units.items() if amount]
    return rows


def ledger_schema() -> Any:
    """The Arrow schema of `ledger.parquet`."""
    import pyarrow as pa

    text, real = pa.string(), pa.float64()
    texts = [(name, text) for name in ("model", "domain", "stage", "priced_as")]
    return pa.schema(
        [*texts, ("share_of_requests", real), ("usd_per_request", real), ("unit", text), ("per_request", real)]
    )


def step_rows(records: Sequence[Record], prices: PriceTable) -> list[dict[str, Any]]:
    """One row for each model, domain and step, where some answer took several; the fields of `StepCost`."""
    rows = []
    for (model, domain), mine in records_by_cell(records).items():
        found = step_costs(mine, prices) if has_trajectories(mine) else []
        rows += [{"model": model, "domain": domain, **asdict(step), "models": list(step.models)} for step in found]
    return rows


def step_schema() -> Any:
    """The Arrow schema of `steps.parquet`."""
    import pyarrow as pa

    reals = [f.name for f in fields(StepCost) if f.name not in ("step", "models")]
    texts = [("model", pa.string()), ("domain", pa.string())]
    return pa.schema(
        [*texts, ("step", pa.int64()), ("models", pa.list_(pa.string())), *((name, pa.float64()) for name in reals)]
    )


def write_spending(
    out: Path, records: Sequence[Record], counts: Mapping[AttemptKey, ClaimCounts], scoring: Scoring
) -> None:
    """Write `ledger.parquet` and, where some answer took several model calls, `steps.parquet`."""
    write_table(out / "ledger.parquet", ledger_rows(records, counts, scoring), ledger_schema())
    if steps := step_rows(records, scoring.prices):
        write_table(out / "steps.parquet", steps, step_schema())
