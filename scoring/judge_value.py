"""What a judge is worth in human labels, where to spend labels, and what clustered counts amount to."""

from math import sqrt

import numpy as np
from numpy.typing import NDArray

from .estimate import InsufficientDataError

Floats = NDArray[np.float64]
LEAST_ATTENUATION = 0.15  # below, dividing by it would turn noise of the judge's flags into correlation of errors
GREATEST_ICC = 0.9


def rho_squared(p: float, sensitivity: float, specificity: float) -> float:
    """Squared correlation of a binary judge with the truth, in [0, 1].

    rho^2 = p(1-p)(Se+Sp-1)^2 / (q(1-q)), with q = p Se + (1-p)(1-Sp) the share that the judge flags.

    Args:
        p: Share of wrong answers. sensitivity: P(flagged | wrong). specificity: P(not flagged | right).

    Raises:
        InsufficientDataError: p or q is 0 or 1: a constant correlates with nothing.
        ValueError: An argument outside [0, 1].
    """
    if not all(0 <= x <= 1 for x in (p, sensitivity, specificity)):
        raise ValueError(f"p, sensitivity and specificity lie in [0, 1], not {p}, {sensitivity}, {specificity}")
    q = p * sensitivity + (1 - p) * (1 - specificity)
    if not 0 < p < 1 or not 0 < q < 1:
        raise InsufficientDataError("where all answers are alike, or the judge treats all alike, rho is undefined")
    return min(1.0, p * (1 - p) * (sensitivity + specificity - 1) ** 2 / (q * (1 - q)))


def label_value(rho2: float, labelled_share: float = 0.0) -> float:
    """How many human labels without a judge one label beside a judge is worth: 1 / (1 - rho^2), at least 1.

    Args:
        rho2: From `rho_squared`.
        labelled_share: Labelled among all judged answers, in [0, 1]; 0 where the judged ones are many. What is
            labelled already gains nothing from the judge: 1 / (1 - rho^2 (1 - share)) (Tenenbein 1970).

    Raises:
        InsufficientDataError: A perfect judge, whose labels would be worth infinitely many.
    """
    if not (0 <= rho2 <= 1 and 0 <= labelled_share <= 1):
        raise ValueError(f"rho^2 and the labelled share lie in [0, 1], not {rho2} and {labelled_share}")
    left = 1 - rho2 * (1 - labelled_share)
    if left <= 0:
        raise InsufficientDataError("a judge that never errs replaces every label: the factor is infinite")
    return 1 / left


def split_labels(labels: int, flagged: int, unflagged: int) -> tuple[int, int]:
    """Labels to spend on flagged and on unflagged answers: half and half, as far as there are that many.

    Within a few points of the optimal (Neyman) split for p, and it finds more wrong answers, which sensitivity needs.

    Raises:
        InsufficientDataError: Fewer than two labels, or more labels than answers.
    """
    if labels < 2 or labels > flagged + unflagged or min(flagged, unflagged) < 0:
        raise InsufficientDataError(
            f"{labels} labels cannot be spent on {flagged} flagged and {unflagged} unflagged answers: "
            "at least 2 are needed, and one an answer at most"
        )
    on_flagged = max(min(labels // 2, flagged), labels - unflagged)
    return on_flagged, labels - on_flagged


def labelled_share(rho2: float, label_usd: float, judge_usd: float) -> float:
    """Best share of judged answers to label by hand under a fixed budget, in (0, 1].

    sqrt((E var(Y|J) / label_usd) / (var E(Y|J) / judge_usd)); 1 where the judge is not worth its price.
    """
    if not 0 <= rho2 <= 1 or label_usd <= 0 or judge_usd < 0:
        raise ValueError("rho^2 lies in [0, 1], a label has a price above 0, a verdict one of at least 0")
    if rho2 == 0:
        return 1.0
    if rho2 == 1 or judge_usd == 0:
        raise InsufficientDataError("a perfect or free judge: the best share of labels goes to 0")
    return min(1.0, sqrt((1 - rho2) / rho2 * judge_usd / label_usd))


def intra_cluster_correlation(values: Floats, clusters: Floats) -> float:
    """ANOVA estimate of the correlation of two values of one cluster, in [0, 1] (Donner 1986).

    Args:
        values: E.g. the judge's flags, 0 or 1. clusters: Cluster number of each.

    Raises:
        InsufficientDataError: Fewer than two clusters, no cluster with two values, or all values equal.
    """
    _, index = np.unique(clusters, return_inverse=True)
    sizes = np.bincount(index)
    n, groups = len(values), len(sizes)
    if groups < 2 or n == groups:
        raise InsufficientDataError("correlation within clusters needs two clusters, and one with two values")
    means = np.bincount(index, values) / sizes
    between = float(sizes @ (means - values.mean()) ** 2) / (groups - 1)
    within = float(np.sum((values - means[index]) ** 2)) / (n - groups)
    typical = (n - float(sizes @ sizes) / n) / (groups - 1)
    if between + within <= 0:
        raise InsufficientDataError("all values are equal: their correlation within clusters cannot be seen")
    return min(1.0, max(0.0, (between - within) / (between + (typical - 1) * within)))


def error_icc(flag_icc: float, rho2: float) -> float:
    """Correlation of errors within clusters from that of the judge's flags, which the judge's noise attenuates.

    flag_icc / rho^2, with rho^2 at least LEAST_ATTENUATION and the result at most GREATEST_ICC (or `flag_icc`).
    """
    return max(flag_icc, min(GREATEST_ICC, flag_icc / max(rho2, LEAST_ATTENUATION)))


def mean_cluster_size(clusters: Floats) -> float:
    """Size of the cluster of an average unit: sum m^2 / sum m, at least 1 (Kish 1965).

    Raises:
        InsufficientDataError: No unit.
    """
    if not len(clusters):
        raise InsufficientDataError("no unit")
    sizes = np.unique(clusters, return_counts=True)[1].astype(np.float64)
    return float(sizes @ sizes) / float(sizes.sum())


def design_effect(cluster_size: float, icc: float) -> float:
    """1 + (m - 1) ICC: by how much clustering inflates a variance. Counts are divided by it; at least 1."""
    if cluster_size < 1 or not 0 <= icc <= 1:
        raise ValueError(f"a cluster has at least one unit and ICC lies in [0, 1], not {cluster_size} and {icc}")
    return 1 + (cluster_size - 1) * icc
