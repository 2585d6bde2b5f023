"""Thresholds with a guarantee: from which confidence on may answers go out unseen.

Two risks, two procedures. P(wrong | accepted) need not grow as the threshold falls: Learn-then-Test (Angelopoulos et
al., arXiv:2110.01052) holds it at alpha with probability 1 - delta. P(accepted and wrong) always grows: conformal risk
control (Angelopoulos et al., arXiv:2208.02814) holds it at alpha in expectation only.

Both hold for later answers exchangeable with the labelled ones: one domain, one model, one prompt at a time. Labels
come from people or answer keys, one for each cluster; use 200 or more. Thresholds are laid down before the labels are
seen (`threshold_grid`). Choosing the loosest one whose observed risk is at most alpha breaks the promise in 41 to 56 %
of calibrations (tests/benchmarks/ltt_violations.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, log

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import bdtr

from .estimate import InsufficientDataError
from .stated import Stated

Floats = NDArray[np.float64]
COVERAGES = tuple(round(0.05 * i, 2) for i in range(2, 21))  # .10, .15, ..., 1


@dataclass(frozen=True, slots=True)
class Threshold:
    """Accept an answer where its confidence is at least `threshold`.

    Attributes:
        accepted, errors: Labelled answers that it accepts, and wrong ones among them; `n`: all labelled answers.
        tested: Thresholds looked at, this one included. guarantee: What holds, in words.
    """

    threshold: float
    accepted: int
    errors: int
    n: int
    tested: int
    guarantee: str

    @property
    def coverage(self) -> float:
        """Share of the labelled answers that it accepts, in [0, 1]."""
        return self.accepted / self.n


def fewest_accepted(*, alpha: float, delta: float) -> int:
    """Accepted answers, all right, that certify a risk of alpha: least n with (1 - alpha)^n <= delta.

    ln(delta) / ln(1 - alpha) rounded up: 45 at .05/.1, 59 at .05/.05, 299 at .01/.05.
    """
    _check(alpha=alpha, delta=delta)
    return ceil(log(delta) / log(1 - alpha) - 1e-9)


def least_abstention(*, base_risk: float, alpha: float) -> float:
    """Share of answers that ANY rule must withhold to bring a risk of `base_risk` to alpha, in [0, 1).

    (base_risk - alpha) / (1 - alpha) where that is positive: attained where all that is withheld is wrong
    (arXiv:2606.29054).
    """
    _check(alpha=alpha)
    if not 0 <= base_risk <= 1:
        raise ValueError(f"a risk lies in [0, 1], not {base_risk:g}")
    return max(0.0, (base_risk - alpha) / (1 - alpha))


def binomial_p_value(errors: int, accepted: int, *, alpha: float) -> float:
    """P(Bin(accepted, alpha) <= errors): exact p-value of "the risk exceeds alpha"; 1 where nothing was accepted."""
    _check(alpha=alpha)
    if not 0 <= errors <= accepted:
        raise ValueError(f"0 <= errors <= accepted does not hold: {errors} of {accepted}")
    return float(bdtr(errors, accepted, alpha)) if accepted else 1.0


def threshold_grid(
    scores: ArrayLike, *, n_labelled: int, alpha: float, delta: float, coverages: Sequence[float] = COVERAGES
) -> tuple[float, ...]:
    """Thresholds for `learn_then_test`, strict to loose, at fixed coverages of unlabelled scores; 0 at coverage 1.

    The first is expected to accept at least twice `fewest_accepted` of the labelled answers, so that one error does
    not end the sequence; where none does, only the loosest is left.

    Args:
        scores: Confidences, in [0, 1], of answers like those that will be labelled; their labels play no part.
        n_labelled: How many answers will be labelled.

    Raises:
        InsufficientDataError: No scores, or `n_labelled` below `fewest_accepted`: no outcome could certify anything.
        ValueError: A coverage is not in (0, 1], or a score not in [0, 1].
    """
    values = np.array(scores, np.float64)
    if not len(values):
        raise InsufficientDataError("thresholds at fixed coverages need scores")
    if not ((values >= 0) & (values <= 1)).all():
        raise ValueError("a score lies in [0, 1]")
    if not coverages or not all(0 < c <= 1 for c in coverages):
        raise ValueError(f"coverages lie in (0, 1], not {list(coverages)}")
    least = fewest_accepted(alpha=alpha, delta=delta)
    if n_labelled < least:
        raise InsufficientDataError(
            f"{n_labelled} labels cannot certify a risk of {alpha:g} at confidence {1 - delta:g}; label {least} or more"
        )
    wide = sorted(c for c in coverages if c * n_labelled >= 2 * least) or [max(coverages)]
    cut = [0.0 if c == 1 else float(np.quantile(values, 1 - c, method="lower")) for c in wide]
    return tuple(dict.fromkeys(cut))


def learn_then_test(data: Stated, thresholds: Sequence[float], *, alpha: float, delta: float) -> Threshold:
    """The loosest threshold certified to keep P(wrong | accepted) at most alpha, with probability at least 1 - delta.

    Fixed sequence: test strict to loose with the exact binomial p-value, each at level delta, and stop at the first
    that fails. No correction for the number of thresholds is needed.

    Args:
        data: Labelled answers, one a cluster. thresholds: Falling, laid down before the labels were seen.

    Raises:
        InsufficientDataError: Not even the strictest is certified (withhold all answers, or label more), or answers
            share clusters, for which the binomial is not exact.
        ValueError: Thresholds do not fall.
    """
    _check(alpha=alpha, delta=delta)
    accepted, errors = _counts(data, thresholds)
    p_values = [binomial_p_value(e, a, alpha=alpha) for e, a in zip(errors, accepted, strict=True)]
    passed = next((i for i, p in enumerate(p_values) if p > delta), len(p_values))
    if not passed:
        raise InsufficientDataError(
            f"no threshold is certified: {errors[0]} wrong of {accepted[0]} accepted by the strictest give p = "
            f"{p_values[0]:.3g}, above delta = {delta:g}; withhold all answers, or label more"
        )
    i = passed - 1
    said = f"P(wrong | accepted) <= {alpha:g} with probability {1 - delta:g}"
    return Threshold(thresholds[i], accepted[i], errors[i], data.n, min(passed + 1, len(thresholds)), said)


def conformal_risk_control(data: Stated, thresholds: Sequence[float], *, alpha: float) -> Threshold:
    """The loosest threshold that keeps P(accepted and wrong) at most alpha, in expectation over the labels.

    Loosest with n/(n+1) R + 1/(n+1) <= alpha, R the share of ALL labelled answers that is accepted and wrong. Not a
    high-probability statement: a single calibration often ends above alpha.

    Args:
        data: Labelled answers, one a cluster. thresholds: Falling, laid down before the labels were seen.

    Raises:
        InsufficientDataError: Not even the strictest threshold keeps to it, or answers share clusters.
        ValueError: Thresholds do not fall.
    """
    _check(alpha=alpha)
    accepted, errors = _counts(data, thresholds)
    bounds = [(e + 1) / (data.n + 1) for e in errors]
    kept = sum(bound <= alpha + 1e-12 for bound in bounds)
    if not kept:
        raise InsufficientDataError(
            f"{errors[0]} wrong answers accepted of {data.n} bound the risk at {bounds[0]:.3g}, above {alpha:g}, even "
            "at the strictest threshold; withhold all answers, or label more"
        )
    i = kept - 1
    said = f"P(accepted and wrong) <= {alpha:g} in expectation"
    return Threshold(thresholds[i], accepted[i], errors[i], data.n, min(kept + 1, len(thresholds)), said)


def _counts(data: Stated, thresholds: Sequence[float]) -> tuple[list[int], list[int]]:
    if data.n_clusters < data.n:
        raise InsufficientDataError(
            f"{data.n} labels lie in {data.n_clusters} clusters; keep one label a cluster, chosen at random"
        )
    if not thresholds or any(b >= a for a, b in pairwise(thresholds)):
        raise ValueError("thresholds run from strict to loose, each below the one before")
    taken = data.confidence[None, :] >= np.array(thresholds)[:, None]
    return [int(a) for a in taken.sum(1)], [int(e) for e in (taken & (data.right == 0)).sum(1)]


def _check(**levels: float) -> None:
    for name, level in levels.items():
        if not 0 < level < 1:
            raise ValueError(f"{name} lies in (0, 1), not {level:g}")
