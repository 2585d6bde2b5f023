"""When does the next, dearer check of a claim pay? In closed form, from dollars and the next check's own errors.

A claim is supported with probability s. Accepting it costs (1 - s) L in expectation, L the loss of an unsupported
claim that goes out. Rejecting it costs J, a retry or a person's look, whatever the claim is worth. Asking the next
stage costs its dollars c, then J where it rejects and L where an unsupported claim passes it. Comparing the three gives
a band of s in which asking is cheapest; it widens with L and closes where c, or the next stage's errors, eat the gain.
"""

from dataclasses import dataclass
from math import isfinite

from .estimate import InsufficientDataError


@dataclass(frozen=True, slots=True)
class ClaimCosts:
    """Dollars of the two ways to end. A rejection must cost less than the loss, or nothing would ever be rejected.

    Attributes:
        loss: Of an unsupported claim that is accepted. rejection: Of a claim that is rejected, supported or not.
    """

    loss: float
    rejection: float

    def __post_init__(self) -> None:
        if not (isfinite(self.loss) and 0 < self.rejection < self.loss):
            raise InsufficientDataError(
                f"a rejection must cost more than 0 and less than the loss of an unsupported claim, "
                f"not {self.rejection:g} beside {self.loss:g} dollars: else no check can pay"
            )

    @property
    def accept_from(self) -> float:
        """Without a further stage: accept from this probability of support on, 1 - J / L, in (0, 1)."""
        return 1 - self.rejection / self.loss


@dataclass(frozen=True, slots=True)
class Band:
    """Reject up to `low`, accept from `high` on, ask the next stage between; nothing lies between where they meet."""

    low: float
    high: float

    @property
    def asks(self) -> bool:
        """Whether any claim goes on."""
        return self.low < self.high


def undecided(costs: ClaimCosts, *, next_usd: float, sensitivity: float, false_positive_rate: float) -> Band:
    """The band in which asking the next stage is the cheapest of the three.

    high = (Se (L - J) - c) / (Se (L - J) + phi J);  low = (c + (1 - Se) (L - J)) / (J (Se - phi) + L (1 - Se)).

    Args:
        next_usd: c, dollars of the next stage a claim, and of all that it asks in turn; 0 or more.
        sensitivity: Se, share of unsupported claims that it rejects. false_positive_rate: phi, of supported ones.
    """
    for name, value in (("sensitivity", sensitivity), ("false_positive_rate", false_positive_rate)):
        if not 0 <= value <= 1:
            raise ValueError(f"{name} lies in [0, 1], not {value:g}")
    if not 0 <= next_usd < float("inf"):
        raise ValueError(f"dollars of a stage are 0 or more, not {next_usd:g}")
    here, gain = costs.accept_from, costs.loss - costs.rejection
    above = sensitivity * gain + false_positive_rate * costs.rejection
    below = costs.rejection * (sensitivity - false_positive_rate) + costs.loss * (1 - sensitivity)
    if above <= 0 or below <= 0:
        return Band(here, here)  # a stage that rejects nothing, or no better than at random: never worth a cent
    high = (sensitivity * gain - next_usd) / above
    low = (next_usd + (1 - sensitivity) * gain) / below
    return Band(max(0.0, low), min(1.0, high)) if low < here < high else Band(here, here)


def expected_usd(costs: ClaimCosts, supported: float, *, ask: tuple[float, float, float] | None = None) -> float:
    """Dollars of a claim that is supported with probability `supported` under the best decision.

    Args:
        ask: Dollars, sensitivity and false positive rate of the next stage; None: there is none.
    """
    options = [(1 - supported) * costs.loss, costs.rejection]
    if ask is not None:
        usd, se, phi = ask
        rejected = (1 - supported) * se + supported * phi
        options.append(usd + rejected * costs.rejection + (1 - supported) * (1 - se) * costs.loss)
    return min(options)
