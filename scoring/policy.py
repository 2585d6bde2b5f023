"""The retry policy, replayed per request over the attempts that were logged.

Attempts at one sample are not independent, so what is reported comes from this replay, never from 1/(1-p).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from .economics import RetryPolicy
from .prices import PriceTable
from .records import ClaimCounts, Outcome, PolicyVerdict, Record

AttemptKey = tuple[str, str, str, int, int]  # model, domain, sample_id, epoch, attempt


class End(StrEnum):
    """How a request ends: an answer of the model, a person's answer, or none."""

    DELIVERED = "delivered"
    ESCALATED = "escalated"
    ABSTAINED = "abstained"


@dataclass(frozen=True, slots=True)
class Dollars:
    """Machine dollars of one request.

    Attributes:
        first: Retrieval and generation of the first attempt (c_g).
        verification: The verifier in the loop, over all attempts.
        retries: Retrieval and generation of later attempts.
    """

    first: float
    verification: float
    retries: float

    @property
    def machine(self) -> float:
        """All machine dollars together."""
        return self.first + self.verification + self.retries


@dataclass(frozen=True, slots=True)
class Request:
    """One request after the policy: how it ended, on which attempt, and what it took.

    Attributes:
        right: Whether the model's answer was right; None where it was not delivered or not scored.
        tokens: Visible tokens of the last attempt; None where not metered.
        claims: Claims that a reviewer has to check.
        dollars: None where a price is missing.
    """

    cluster_id: str
    end: End
    right: bool | None
    tokens: int | None
    claims: int
    attempts: int
    dollars: Dollars | None


def attempt_key(record: Record) -> AttemptKey:
    """What names one attempt within a run."""
    return record.model, record.domain, record.sample_id, record.epoch, record.attempt


def replay(
    records: Sequence[Record],
    policy: RetryPolicy,
    counts: Mapping[AttemptKey, ClaimCounts],
    prices: PriceTable | None,
) -> list[Request]:
    """Apply `policy` to the logged attempts of each sample and epoch, in order.

    Args:
        records: Attempts of one model in one domain.
        counts: Claims of each attempt, for the reviewer's work.
        prices: None: dollars stay unknown.

    Raises:
        UnpricedError: `prices` lacks a model that was used.
    """
    ordered = sorted(records, key=lambda r: (r.sample_id, r.epoch, r.attempt))
    return [
        _request(list(attempts), policy, counts, prices)
        for _, attempts in groupby(ordered, key=lambda r: (r.sample_id, r.epoch))
    ]


def _request(
    attempts: list[Record],
    policy: RetryPolicy,
    counts: Mapping[AttemptKey, ClaimCounts],
    prices: PriceTable | None,
) -> Request:
    used, end = _walk(attempts, policy)
    last = used[-1]
    delivered = end is End.DELIVERED
    claims = max((counts.get(attempt_key(r), ClaimCounts()).claims for r in used), default=0)
    return Request(
        last.cluster_id,
        end,
        {Outcome.CORRECT: True, Outcome.INCORRECT: False}.get(last.outcome) if delivered else None,
        last.delivered_tokens,
        claims,
        len(used),
        None if prices is None else _dollars(used, prices),
    )


def _walk(attempts: list[Record], policy: RetryPolicy) -> tuple[list[Record], End]:
    """The attempts that the policy makes, and how it ends."""
    used = attempts[: policy.max_retries + 1]
    end = End.ESCALATED if policy.on_exhausted == "escalate" else End.ABSTAINED
    for i, record in enumerate(used):
        if record.outcome in (Outcome.ABSTAINED, Outcome.REFUSED):
            used, end = used[: i + 1], End.ESCALATED if policy.on_abstain == "escalate" else End.ABSTAINED
            break
        if record.outcome is not Outcome.INVALID and record.policy_verdict is not PolicyVerdict.REJECT:
            used, end = used[: i + 1], End.DELIVERED
            break
    return used, End.ESCALATED if used[0].risk_tier in policy.escalate_tiers else end


def _dollars(used: list[Record], prices: PriceTable) -> Dollars:
    """What production pays. The evaluator is not part of it: stages "grade:..." are left out, priced or not."""

    def spent(record: Record, verification: bool) -> float:
        metered = [u for u in record.usage if not u.stage.startswith("grade")]
        return prices.total([u for u in metered if u.stage.startswith("verify") is verification])

    return Dollars(
        first=spent(used[0], False),
        verification=sum(spent(r, True) for r in used),
        retries=sum(spent(r, False) for r in used[1:]),
    )
