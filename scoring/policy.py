"""The retry policy, replayed per request over the attempts that were logged.

Attempts at one sample are not independent, so what is reported comes from this replay, never from 1/(1-p).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from .economics import RetryPolicy
from .judge_tables import Mark
from .prices import PriceTable
from .records import ClaimCounts, Outcome, PolicyVerdict, Record
from .usage import Usage

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
        mark: What a judge and a person said of the delivered answer; None where people labelled all or none.
        harm_class: Of a wrong answer that was delivered, where a person gave one.
    """

    cluster_id: str
    end: End
    right: bool | None
    tokens: int | None
    claims: int
    attempts: int
    dollars: Dollars | None
    mark: Mark | None = None
    harm_class: str | None = None


def attempt_key(record: Record) -> AttemptKey:
    """What names one attempt within a run."""
    return record.model, record.domain, record.sample_id, record.epoch, record.attempt


def replay(
    records: Sequence[Record],
    policy: RetryPolicy,
    counts: Mapping[AttemptKey, ClaimCounts],
    prices: PriceTable | None,
    marks: Mapping[AttemptKey, Mark] | None = None,
    *,
    verified: bool = True,
) -> list[Request]:
    """Apply `policy` to the logged attempts of each sample and epoch, in order.

    Args:
        records: Attempts of one model in one domain.
        counts: Claims of each attempt, for the reviewer's work.
        prices: None: dollars stay unknown.
        marks: Of attempts, where people labelled some answers of a judge.
        verified: False: as if no verifier had been in the loop, nor had cost anything.

    Raises:
        UnpricedError: `prices` lacks a model that was used.
    """
    ordered = sorted(records, key=lambda r: (r.sample_id, r.epoch, r.attempt))
    return [
        _request(walk(list(attempts), policy, verified=verified), counts, prices, marks or {}, verified=verified)
        for _, attempts in groupby(ordered, key=lambda r: (r.sample_id, r.epoch))
    ]


def _request(
    walked: tuple[Sequence[Record], End],
    counts: Mapping[AttemptKey, ClaimCounts],
    prices: PriceTable | None,
    marks: Mapping[AttemptKey, Mark],
    *,
    verified: bool,
) -> Request:
    used, end = walked
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
        None if prices is None else _dollars(used, prices, verified=verified),
        marks.get(attempt_key(last)) if delivered else None,
        last.harm_class if delivered and last.outcome is Outcome.INCORRECT else None,
    )


def walk(attempts: Sequence[Record], policy: RetryPolicy, *, verified: bool = True) -> tuple[Sequence[Record], End]:
    """The attempts at one sample and epoch, in order, that the policy makes, and how the request ends."""
    used = attempts[: policy.max_retries + 1]
    end = End.ESCALATED if policy.on_exhausted == "escalate" else End.ABSTAINED
    for i, record in enumerate(used):
        if record.outcome in (Outcome.ABSTAINED, Outcome.REFUSED):
            used, end = used[: i + 1], End.ESCALATED if policy.on_abstain == "escalate" else End.ABSTAINED
            break
        rejected = verified and record.policy_verdict is PolicyVerdict.REJECT
        if record.outcome is not Outcome.INVALID and not rejected:
            used, end = used[: i + 1], End.DELIVERED
            break
    return used, End.ESCALATED if policy.escalates(used[0].risk_tier) else end


def in_production(usage: Sequence[Usage]) -> list[Usage]:
    """What production pays. The evaluator is not part of it: stages "grade:..." are left out, priced or not."""
    return [u for u in usage if not u.stage.startswith("grade")]


def _dollars(used: Sequence[Record], prices: PriceTable, *, verified: bool) -> Dollars:
    def spent(record: Record, verification: bool) -> float:
        return prices.total([u for u in in_production(record.usage) if u.stage.startswith("verify") is verification])

    return Dollars(
        first=spent(used[0], False),
        verification=sum(spent(r, True) for r in used) if verified else 0.0,
        retries=sum(spent(r, False) for r in used[1:]),
    )
