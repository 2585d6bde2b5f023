"""What an escaped error may cost before verifying pays: VCpD_L as a function of L, and its break-even L*.

Both arms come from the same records and the same draws: the policy as it is, and the same without a verifier in the
loop (every attempted answer is delivered at once). Without people and retries L* is (c_v + FPR c_g) / (p (Se - FPR)).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .draws import DrawSettings, estimate_of
from .estimate import Estimate
from .vcpd import PerRequest

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LossPoint:
    """VCpD_L at one loss per escaped error, verified and unverified; tokens per dollar."""

    loss_usd: float
    verified: Estimate
    unverified: Estimate


def break_even_loss(verified: PerRequest, plain: PerRequest) -> Floats:
    """L*, dollars: the plug-in value and its draws; 0 where verifying pays at no loss, infinite where at none.

    From good_v (kappa_0 + L esc_0) = good_0 (kappa_v + L esc_v): the loss at which both deliver as many right answers
    per dollar.
    """
    dearer = plain.right * verified.kappa - verified.right * plain.kappa
    saved = verified.right * plain.escaped - plain.right * verified.escaped
    with np.errstate(divide="ignore", invalid="ignore"):
        loss = np.where(saved > 1e-12 * plain.right * plain.escaped, dearer / saved, np.inf)
    known = np.isfinite(dearer) & np.isfinite(saved)
    return np.asarray(np.where(known, np.maximum(loss, 0.0), np.nan))


def loss_curve(
    verified: PerRequest, plain: PerRequest, losses: Sequence[float], settings: DrawSettings, n: int, n_clusters: int
) -> list[LossPoint]:
    """VCpD_L at each of `losses` (dollars per escaped error, 0 or more).

    Raises:
        InsufficientDataError: Quality, tokens or prices are unknown.
    """
    return [
        LossPoint(
            loss,
            *(
                estimate_of(arm.vcpd_with_loss(loss), settings, n, n_clusters, "tokens/usd")
                for arm in (verified, plain)
            ),
        )
        for loss in losses
    ]
