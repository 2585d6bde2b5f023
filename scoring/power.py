"""How many samples and labels a claim or a gate needs, before anything is spent.

These numbers plan, they do not claim. All counts are of items; `deff` is the design effect of
clusters, 1 with one item a cluster.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, isfinite, log, sqrt

import numpy as np
from scipy.special import ndtr, ndtri

from .draws import rate_draws
from .estimate import InsufficientDataError
from .intervals import wilson
from .judge_value import split_labels

_MOST = 100_000_000
_DRAWS = 4000


def _unit(name: str, value: float) -> None:
    if not 0 <= value <= 1:
        raise ValueError(f"{name} lies in [0, 1], not {value:g}")


def _open_unit(name: str, value: float) -> None:
    if not 0 < value < 1:
        raise ValueError(f"{name} lies in (0, 1), not {value:g}")


@dataclass(frozen=True, slots=True)
class PairedTest:
    """A one-sided paired test: its level alpha and its power, both in (0, 1)."""

    alpha: float = 0.05
    power: float = 0.8

    def __post_init__(self) -> None:
        for name in ("alpha", "power"):
            _open_unit(name, getattr(self, name))

    @property
    def z(self) -> float:
        """z of alpha plus z of power."""
        return float(ndtri(1 - self.alpha) + ndtri(self.power))


DEFAULT_TEST = PairedTest()


def items_without_error(p_max: float, *, confidence_level: float = 0.95) -> int:
    """Items that, all right, show p <= p_max: the least n with (1 - p_max)^n <= 1 - level; 59 at .05, 299 at .01."""
    _open_unit("p_max", p_max)
    _open_unit("confidence_level", confidence_level)
    return ceil(log(1 - confidence_level) / log(1 - p_max) - 1e-9)


def half_width(p: float, items: int, *, deff: float = 1.0, confidence_level: float = 0.95) -> float:
    """Half the width of Wilson's interval of a share near `p` on so many attempted items.

    Raises:
        InsufficientDataError: No item. ValueError: p is not in [0, 1], or deff below 1.
    """
    _unit("p", p)
    if items < 1:
        raise InsufficientDataError("no item shows no share")
    n = items / _deff(deff)
    low, high = wilson(p * n, n, float(ndtri(1 - (1 - confidence_level) / 2)))
    return (high - low) / 2


def items_for_half_width(p: float, wanted: float, *, deff: float = 1.0, confidence_level: float = 0.95) -> int:
    """Attempted items at which `half_width` is at most `wanted`.

    Raises:
        ValueError: p is not in [0, 1], `wanted` not in (0, 1/2), or deff below 1.
    """
    if not 0 < wanted < 0.5:
        raise ValueError(f"a half-width lies in (0, 0.5), not {wanted:g}")

    def holds(n: int) -> bool:
        return half_width(p, n, confidence_level=confidence_level) <= wanted

    if not holds(_MOST):
        raise ValueError(f"a half-width of {wanted:g} needs more than {_MOST:,} items")
    return ceil(least(holds, 1, _MOST) * _deff(deff) - 1e-9)


def paired_items(
    margin: float, discordance: float, *, difference: float = 0.0, deff: float = 1.0, test: PairedTest = DEFAULT_TEST
) -> int:
    """Items that both models answer so that a gate with this non-inferiority margin passes an equal model.

    n = (z_alpha + z_power)^2 (discordance - difference^2) / (margin + difference)^2, times deff (STATISTICS: 149, 413
    and 928 at margins of .05, .03 and .02 with a discordance of .06).

    Args:
        margin: Loss of rightness that is accepted, in (0, 1).
        discordance: Share of items that one model gets right and the other wrong, in (0, 1].
        difference: True gain of the candidate (a loss is negative), within +-discordance and above -margin.

    Raises:
        ValueError: An argument outside its range.
    """
    _open_unit("margin", margin)
    if not 0 < discordance <= 1 or abs(difference) > discordance:
        raise ValueError(f"discordance lies in (0, 1] and bounds the difference; got {discordance:g}, {difference:g}")
    if margin + difference <= 0:
        raise ValueError(f"a candidate that is worse by {-difference:g} never passes a margin of {margin:g}")
    n = test.z**2 * (discordance - difference**2) / (margin + difference) ** 2
    return ceil(n * _deff(deff) - 1e-9)


def paired_power(
    items: int, margin: float, discordance: float, *, difference: float = 0.0, deff: float = 1.0, alpha: float = 0.05
) -> tuple[float, float]:
    """P(PASS) and P(FAIL) of a gate on so many items, by the normal approximation that `paired_items` inverts.

    Args:
        margin, discordance, difference: As in `paired_items`; a true loss may reach or exceed the margin.

    Raises:
        InsufficientDataError: No item. ValueError: An argument outside its range.
    """
    if items < 1:
        raise InsufficientDataError("a gate without items sees nothing")
    _open_unit("margin", margin)
    _open_unit("alpha", alpha)
    if not 0 < discordance <= 1 or abs(difference) > discordance:
        raise ValueError(f"discordance lies in (0, 1] and bounds the difference; got {discordance:g}, {difference:g}")
    error = sqrt((discordance - difference**2) * _deff(deff) / items)
    z = float(ndtri(1 - alpha))
    if error == 0:
        return float(difference > -margin), float(difference < 0)
    passes = float(ndtr((margin + difference) / error - z))
    return passes, min(float(ndtr(-difference / error - z)), 1 - passes)


def smallest_margin(items: int, discordance: float, *, deff: float = 1.0, test: PairedTest = DEFAULT_TEST) -> float:
    """The smallest margin that a gate on so many items can work with: what it can tell from no loss (its MDE).

    Raises:
        InsufficientDataError: No item. ValueError: discordance outside (0, 1].
    """
    if items < 1:
        raise InsufficientDataError("a gate without items sees nothing")
    if not 0 < discordance <= 1:
        raise ValueError(f"discordance lies in (0, 1], not {discordance:g}")
    return min(1.0, test.z * sqrt(discordance * _deff(deff) / items))


def labels_for_half_width(
    p: float, sensitivity: float, specificity: float, half_width: float, *, judged: int, confidence_level: float = 0.95
) -> int:
    """Human labels, half on flagged and half on unflagged answers, at which the corrected p is +- half_width.

    By the posterior that `error_rate.post_stratified` would print at the counts to be expected.

    Args:
        p: Expected error rate, in (0, 1). sensitivity, specificity: Of the judge, in [0, 1].
        judged: Answers that the judge sees, labelled ones included, above 0.

    Raises:
        InsufficientDataError: So many labels that the pool does not hold them, or the pool alone is too small.
    """
    _open_unit("p", p)
    _unit("sensitivity", sensitivity)
    _unit("specificity", specificity)
    if judged < 1 or not 0 < half_width < 0.5:
        raise ValueError(f"judged is above 0 and a half-width in (0, 0.5); got {judged} and {half_width:g}")
    judge = _Judge(p, sensitivity, specificity, judged, confidence_level)
    if judge.half_width(judged) > half_width:
        raise InsufficientDataError(
            f"{judged} answers are too few for p +- {half_width:g} with this judge: label all of more answers"
        )
    return least(lambda labels: judge.half_width(labels) <= half_width, 2, judged)


def least(holds: Callable[[int], bool], low: int, high: int) -> int:
    """The least whole number from `low` on at which `holds`, which is known to hold at `high` and beyond."""
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return high


@dataclass(frozen=True, slots=True)
class _Judge:
    """The post-stratified posterior at expected counts, labels split half and half as far as there are that many."""

    p: float
    sensitivity: float
    specificity: float
    judged: int
    confidence_level: float

    def half_width(self, labels: int) -> float:
        w = self.p * self.sensitivity + (1 - self.p) * (1 - self.specificity)
        flagged = self.p * self.sensitivity / w if w > 0 else 0.0
        unflagged = self.p * (1 - self.sensitivity) / (1 - w) if w < 1 else 0.0
        pool = round(self.judged * w)
        on_flagged, on_unflagged = split_labels(labels, pool, self.judged - pool)
        share_u, flagged_u, unflagged_u = np.random.default_rng(0).uniform(size=(3, _DRAWS))
        share = rate_draws(pool, self.judged, share_u)[1:]
        t1, t0 = (
            rate_draws(n * t, n, u)[1:] if n else u
            for n, t, u in ((on_flagged, flagged, flagged_u), (on_unflagged, unflagged, unflagged_u))
        )
        tail = (1 - self.confidence_level) / 2
        low, high = np.quantile(share * t1 + (1 - share) * t0, [tail, 1 - tail])
        return float(high - low) / 2


def margin_from_money(rise: float, c_g_usd: float, c_v_usd: float) -> float:
    """The margin of p that raises the effective cost of an answer by the share `rise`: rise * c_g / C_v.

    Raises:
        ValueError: `rise` or a cost is not above 0.
    """
    if not all(isfinite(x) and x > 0 for x in (rise, c_g_usd, c_v_usd)):
        raise ValueError("the accepted rise, c_g and C_v are above 0")
    return min(1.0, rise * c_g_usd / c_v_usd)


def best_epochs(between: float, within: float, item_usd: float, run_usd: float) -> int:
    """Epochs per item that buy the most precision per dollar: sqrt((within / between) (item / run)), at least 1.

    Args:
        between, within: Variance of rightness between items, and between epochs of one item.
        item_usd, run_usd: Dollars of one more item, and of one more epoch of it.
    """
    if between <= 0 or run_usd <= 0 or within < 0 or item_usd < 0:
        raise ValueError("variances and costs are 0 or more, those between items and of a run above 0")
    return max(1, round(sqrt(within / between * item_usd / run_usd)))


def _deff(deff: float) -> float:
    if not (isfinite(deff) and deff >= 1):
        raise ValueError(f"a design effect is at least 1, not {deff:g}")
    return deff
