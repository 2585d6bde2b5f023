"""What people, errors and policies cost in one domain, as declared by its pack."""

from collections.abc import Mapping
from dataclasses import dataclass, field

RISK_TIERS = ("low", "standard", "high")
HIGHEST_TIER = RISK_TIERS[-1]
"""The risk tier of which every answer goes to a person, whatever a policy says."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """What happens after the verifier in the loop has spoken.

    Attributes:
        max_retries: Further attempts after a rejected or invalid one (k). 0 for a deterministic model.
        on_exhausted: "escalate" to a person or "abstain" when no attempt was accepted.
        on_abstain: The same when the model itself abstained or refused.
        escalate_tiers: Risk tiers of which every answer goes to a person, beside HIGHEST_TIER.
    """

    max_retries: int = 0
    on_exhausted: str = "abstain"
    on_abstain: str = "abstain"
    escalate_tiers: tuple[str, ...] = ()

    def escalates(self, risk_tier: str) -> bool:
        """Whether every answer to a sample of this tier goes to a person."""
        return risk_tier == HIGHEST_TIER or risk_tier in self.escalate_tiers

    @property
    def may_escalate(self) -> bool:
        """Whether requests below HIGHEST_TIER can reach a person under this policy."""
        return "escalate" in (self.on_exhausted, self.on_abstain) or bool(self.escalate_tiers)

    @property
    def escalates_by_tier_alone(self) -> bool:
        """Whether only a sample's risk tier, and nothing a model does, sends a request to a person."""
        return "escalate" not in (self.on_exhausted, self.on_abstain)


@dataclass(frozen=True, slots=True)
class Economics:
    """Dollars of people and of errors. Wages are scenarios: they are never part of an interval.

    Attributes:
        review_seconds_per_claim: Seconds a reviewer needs for one claim.
        wage_low, wage_base, wage_high: Dollars per hour.
        loss_per_escaped_error: Dollars lost for each wrong answer that is delivered, on average.
        loss_by_harm: The same by harm class, all of `records.HarmClass` or none; goes before the average where people
            classed escaped errors.
        traffic_weight: Share of this domain in pooled numbers, relative to the other domains; above 0.
        reviewer_accuracy: Share of escalated requests that end right, in [0, 1].
        q_min: Lowest acceptable Q; None: no floor.
        review_log: Measured seconds per claim, one a review; where there are enough, their mean goes before
            `review_seconds_per_claim`, with its uncertainty.
        sources: Where each number comes from.
    """

    review_seconds_per_claim: float
    wage_low: float
    wage_base: float
    wage_high: float
    loss_per_escaped_error: float
    traffic_weight: float = 1.0
    reviewer_accuracy: float = 1.0
    q_min: float | None = None
    review_log: tuple[float, ...] = ()
    loss_by_harm: Mapping[str, float] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
