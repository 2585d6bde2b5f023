"""The ledger of a run as rows: where each request's dollars went, in metered units."""

from collections.abc import Mapping, Sequence
from typing import Any

from ..scoring.ledger import ledger
from ..scoring.policy import AttemptKey
from ..scoring.records import ClaimCounts, Record
from ..scoring.summary import Scoring, records_by_cell, terms_of


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
