"""Verified Capability per Dollar and what it is made of, from replayed requests. Emerging: not peer reviewed.

VCpD = Q * T / C (field note "The Inference Stack in 2026", eq. 1), with Q the token-weighted share of right
answers among delivered ones, T delivered tokens per second and C = requests per second times kappa. Since the
rate cancels, VCpD = E[right delivered tokens per request] / E[dollars per request]: a ratio of means.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class PerRequest:
    """Means per request, each an array of the plug-in value followed by its draws. All are linear, so that
    domains pool by adding them with weights.

    Attributes:
        delivered, right, escaped: Answers delivered; right among them; wrong ones that nobody caught.
        tokens, right_tokens: Visible tokens delivered; those of right answers. NaN where not metered.
        first, verification, retries, human: Dollars of the first attempt; of the verifier over all attempts; of later
            attempts; of people. NaN where unpriced.
    """

    delivered: Floats
    right: Floats
    escaped: Floats
    tokens: Floats
    right_tokens: Floats
    first: Floats
    verification: Floats
    retries: Floats
    human: Floats

    @property
    def machine(self) -> Floats:
        """Dollars of all machine work."""
        return self.first + self.verification + self.retries

    @property
    def kappa(self) -> Floats:
        """Dollars per request under the policy."""
        return self.machine + self.human

    @property
    def overhead(self) -> Floats:
        """H = p * C_v: dollars per request beyond the first attempt's generation (kappa - c_g)."""
        return self.kappa - self.first

    @property
    def q(self) -> Floats:
        """Share right among delivered answers."""
        return ratio(self.right, self.delivered)

    @property
    def q_tokens(self) -> Floats:
        """The same weighted by tokens: the Q of VCpD."""
        return ratio(self.right_tokens, self.tokens)

    @property
    def vcpd(self) -> Floats:
        """Right delivered tokens per dollar."""
        return ratio(self.right_tokens, self.kappa)

    def vcpd_with_loss(self, loss: float | Floats) -> Floats:
        """Right delivered tokens per dollar, each escaped error costing `loss` dollars (with its draws, or certain)."""
        return ratio(self.right_tokens, self.kappa + loss * self.escaped)

    @property
    def answers_per_usd(self) -> Floats:
        """Verified (delivered and right) answers per dollar."""
        return ratio(self.right, self.kappa)

    @property
    def usd_per_answer(self) -> Floats:
        """Dollars per verified answer: Cost-of-Pass (arXiv:2504.13359) with the whole policy's cost."""
        return ratio(self.kappa, self.right)


def ratio(above: Floats, below: Floats) -> Floats:
    """above / below, draw by draw: infinite over 0, NaN for 0 / 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(below > 0, above / below, np.where(above > 0, np.inf, np.nan)))


def pooled(parts: Sequence[tuple[float, PerRequest]]) -> PerRequest:
    """Domains together, each with its declared traffic weight (made to add to 1)."""
    total = sum(weight for weight, _ in parts)
    return PerRequest(
        **{
            field.name: np.asarray(sum(w / total * getattr(part, field.name) for w, part in parts))
            for field in fields(PerRequest)
        }
    )
