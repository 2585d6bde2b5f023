"""Whether people who label agree: Krippendorff's alpha for nominal labels, any number of them missing.

alpha = 1 - D_o / D_e (Krippendorff 2004, doi:10.1111/j.1468-2958.2004.tb00738.x): observed over expected
disagreement of two labels. 1 is agreement, 0 is chance, below 0 is worse than chance.
"""

from collections.abc import Hashable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from .draws import DrawSettings, bootstrap_means, estimate_of
from .estimate import Estimate, InsufficientDataError
from .intervals import clopper_pearson_upper, cluster_numbers

Floats = NDArray[np.float64]
Labels = Sequence[Hashable | None]


def krippendorff_alpha(
    labels: Sequence[Labels], clusters: Sequence[str] | None = None, settings: DrawSettings | None = None
) -> Estimate:
    """Krippendorff's alpha of nominal labels, with a cluster-bootstrap interval; at most 1.

    Where nobody disagreed, resampling shows no uncertainty: the lower end is then 1 - u / D_e with u the exact upper
    bound of the share of units in disagreement.

    Args:
        labels: Per unit, the labels that raters gave; None is missing. Units with fewer than two are left out. Which
            rater gave which label does not matter.
        clusters: Of each unit; None: each unit is its own.

    Returns:
        The estimate; `n` counts units with two labels or more.

    Raises:
        InsufficientDataError: No unit with two labels; only one kind of label was used (chance agreement is then
            certain, and alpha undefined); or a single cluster.
    """
    settings = settings or DrawSettings()
    names = [str(i) for i in range(len(labels))] if clusters is None else clusters
    if len(names) != len(labels):
        raise ValueError(f"{len(labels)} units and {len(names)} clusters: one each a unit")
    given = [([x for x in unit if x is not None], g) for unit, g in zip(labels, names, strict=True)]
    paired = [(unit, g) for unit, g in given if len(unit) > 1]
    if not paired:
        raise InsufficientDataError("no unit carries two labels: have some answers labelled twice")
    if len({x for unit, _ in paired for x in unit}) < 2:
        raise InsufficientDataError("only one kind of label was given: agreement by chance is then certain")
    numbers = cluster_numbers([g for _, g in paired])
    groups = int(numbers.max()) + 1
    if groups < 2:
        raise InsufficientDataError("one cluster alone says nothing of the variance between clusters")
    sums = _per_unit([unit for unit, _ in paired])
    draws = _alpha(bootstrap_means(sums, numbers, settings).T * len(paired))
    estimate = replace(estimate_of(draws, settings, len(paired), groups), method="cluster bootstrap")
    if sums[:, 1].any():
        return estimate
    total = sums.sum(0)
    expected = (total[0] ** 2 - float(total[2:] @ total[2:])) / (total[0] * (total[0] - 1))
    unseen = clopper_pearson_upper(0, groups, (1 + settings.confidence_level) / 2)
    return replace(estimate, low=1 - unseen / expected, high=1.0, method="clopper-pearson, no disagreement seen")


def _per_unit(units: Sequence[Sequence[Hashable]]) -> Floats:
    """Per unit: labels m, disagreeing ordered pairs / (m - 1), and labels of each kind."""
    kinds = {kind: i for i, kind in enumerate(dict.fromkeys(x for unit in units for x in unit))}
    counts = np.zeros((len(units), len(kinds)))
    for row, unit in enumerate(units):
        for label in unit:
            counts[row, kinds[label]] += 1
    size = counts.sum(1)
    return np.column_stack([size, (size**2 - (counts**2).sum(1)) / (size - 1), counts])


def _alpha(sums: Floats) -> Floats:
    """alpha from sums over units, one draw a column; NaN where only one kind of label was drawn."""
    n, disagreement, counts = sums[0], sums[1], sums[2:]
    pairs = n**2 - (counts**2).sum(0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(pairs > 1e-9, 1 - disagreement * (n - 1) / pairs, np.nan))
