"""Where a request's dollars go: one row a stage, in the units that were metered, and priced.

Only what the retry policy would have spent counts: attempts beyond it stand in the records and in no row here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import groupby

from .draws import DrawSettings
from .economics import Economics, RetryPolicy
from .policy import AttemptKey, End, attempt_key, in_production, walk
from .prices import PriceTable, UnpricedError
from .records import ClaimCounts, Record
from .review_time import seconds_per_claim
from .usage import Usage

PEOPLE = "people"
_METERS = tuple(f.name for f in fields(Usage) if f.name not in ("stage", "model"))


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """Means per request of one stage.

    Attributes:
        stage: As in `Usage`, with "retry:" before what later attempts took; "people" for reviews.
        units: Metered means by name (tokens, seconds, requests); of people: reviews, claims, seconds.
        usd: Dollars; None where the price is unknown.
        share_of_requests: Requests that reached this stage, in [0, 1].
    """

    stage: str
    model: str | None
    units: Mapping[str, float]
    usd: float | None
    share_of_requests: float


def ledger(
    records: Sequence[Record],
    policy: RetryPolicy,
    counts: Mapping[AttemptKey, ClaimCounts],
    prices: PriceTable,
    economics: Economics | None,
) -> list[LedgerRow]:
    """The ledger of one model in one domain, in the order in which stages are first met; people last."""
    ordered = sorted(records, key=lambda r: (r.sample_id, r.epoch, r.attempt))
    groups = [list(g) for _, g in groupby(ordered, key=lambda r: (r.sample_id, r.epoch))]
    spent: dict[tuple[str, str | None], list[tuple[int, Usage]]] = {}
    reviewed: list[float] = []
    for i, attempts in enumerate(groups):
        used, end = walk(attempts, policy)
        for record in used:
            for usage in in_production(record.usage):
                spent.setdefault((_stage(record, usage), usage.model), []).append((i, usage))
        if end is End.ESCALATED:
            reviewed.append(max((counts.get(attempt_key(r), ClaimCounts()).claims for r in used), default=0))
    rows = [_row(stage, model, readings, len(groups), prices) for (stage, model), readings in spent.items()]
    return rows + ([_people(reviewed, len(groups), economics)] if reviewed and economics else [])


def _stage(record: Record, usage: Usage) -> str:
    later = record.attempt > 1 and not usage.stage.startswith("verify")
    return f"retry:{usage.stage}" if later else usage.stage


def _row(
    stage: str, model: str | None, readings: Sequence[tuple[int, Usage]], requests: int, prices: PriceTable
) -> LedgerRow:
    try:
        usd = prices.total([usage for _, usage in readings]) / requests
    except UnpricedError:
        usd = None
    units = {name: sum(getattr(u, name) for _, u in readings) / requests for name in _METERS}
    return LedgerRow(stage, model, units, usd, len({i for i, _ in readings}) / requests)


def _people(claims: Sequence[float], requests: int, economics: Economics) -> LedgerRow:
    each = [max(n, 1.0) for n in claims]
    seconds = sum(each) * float(seconds_per_claim(economics, DrawSettings(n=1))[0]) / requests
    units = {"reviews": len(each) / requests, "claims": sum(each) / requests, "seconds": seconds}
    return LedgerRow(PEOPLE, None, units, seconds * economics.wage_base / 3600, len(each) / requests)
