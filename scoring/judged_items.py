"""p from answers one by one: the judge's verdicts, the people's labels where there are any, and the clusters."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isfinite

import numpy as np

from .draws import DrawSettings
from .error_rate import DEFAULT_DRAWS, ErrorRate, post_stratified
from .estimate import Estimate, InsufficientDataError
from .intervals import cluster_numbers, clustered_proportion
from .judge_tables import Estimand, JudgeTable, LabelChoice, Stratum
from .judge_value import design_effect, error_icc, intra_cluster_correlation, mean_cluster_size, rho_squared

Marks = Sequence[bool | None]
Weights = Sequence[float]


@dataclass(frozen=True, slots=True)
class ItemSettings:
    """How answers were labelled and what is asked of them.

    Attributes:
        one_label_per_cluster: Refuse clusters with two labels, instead of dividing counts by the design effect.
        weights: Of each answer, one over the probability with which it was picked for a label; None: equal ones.
    """

    chosen: LabelChoice = LabelChoice.RANDOM
    estimand: Estimand = Estimand.SUPERPOPULATION
    one_label_per_cluster: bool = False
    weights: Weights | None = None


DEFAULT_ITEMS = ItemSettings()


def error_rate(
    wrong_by_judge: Marks,
    wrong_by_human: Marks,
    clusters: Sequence[str],
    items: ItemSettings = DEFAULT_ITEMS,
    draws: DrawSettings = DEFAULT_DRAWS,
) -> Estimate:
    """p of attempted answers by the best means at hand: post-stratified, or Wilson's where no judge spoke.

    Args:
        wrong_by_judge, wrong_by_human: Per attempted answer; None where there is no verdict, or no label.
        clusters: Name of the cluster (document, case, patient) of each answer.

    Raises:
        InsufficientDataError: No human label, labels picked by outcome, one cluster only, or two labels in a cluster
            where that is refused. ValueError: Lengths differ.
    """
    _check(wrong_by_judge, wrong_by_human, clusters, items)
    if any(mark is not None for mark in wrong_by_judge):
        return post_stratified_items(wrong_by_judge, wrong_by_human, clusters, items, draws).estimate("p")
    if items.chosen is not LabelChoice.RANDOM:
        raise InsufficientDataError(f"labels picked {items.chosen.value} give no p without a judge's verdicts")
    labelled = [(float(y), g) for y, g in zip(wrong_by_human, clusters, strict=True) if y is not None]
    if not labelled:
        raise InsufficientDataError("no answer carries a verdict or a human label")
    values = np.array([y for y, _ in labelled])
    numbers = cluster_numbers([g for _, g in labelled])
    return clustered_proportion(values, np.ones(len(values)), numbers, confidence_level=draws.confidence_level)


def post_stratified_items(
    wrong_by_judge: Marks,
    wrong_by_human: Marks,
    clusters: Sequence[str],
    items: ItemSettings = DEFAULT_ITEMS,
    draws: DrawSettings = DEFAULT_DRAWS,
) -> ErrorRate:
    """The joint draws of p and of the judge's rates; raises as `error_rate` does.

    Answers without a verdict are left out and counted in `unjudged`: p is then of judged answers.
    """
    _check(wrong_by_judge, wrong_by_human, clusters, items)
    table, deff_labels, deff_pool = tabled(wrong_by_judge, wrong_by_human, clusters, items.weights)
    rate = post_stratified(
        table,
        deff_labels=deff_labels,
        deff_pool=deff_pool,
        estimand=items.estimand,
        chosen=items.chosen,
        settings=draws,
    )
    triples = list(zip(wrong_by_judge, wrong_by_human, clusters, strict=True))
    groups = len({g for j, y, g in triples if j is not None and y is not None})
    return replace(rate, n_clusters=groups, unjudged=len(wrong_by_judge) - table.pool)


def tabled(
    wrong_by_judge: Marks, wrong_by_human: Marks, clusters: Sequence[str], weights: Weights | None = None
) -> tuple[JudgeTable, float, float]:
    """Counts of judged answers, with the design effects of labels and of the pool.

    Raises:
        InsufficientDataError: Labels of one cluster only.
    """
    each = [1.0] * len(clusters) if weights is None else weights
    fours = [four for four in zip(wrong_by_judge, wrong_by_human, clusters, each, strict=True) if four[0] is not None]
    strata = ([(y, w) for j, y, _, w in fours if bool(j) is verdict] for verdict in (True, False))
    table = JudgeTable(*(_stratum(stratum) for stratum in strata))
    rows = [(bool(j), y, g) for j, y, g, _ in fours]
    return table, *((1.0, 1.0) if not table.labelled else _design_effects(rows, table))


def _stratum(answers: Sequence[tuple[bool | None, float]]) -> Stratum:
    """Labels of unequal weight are worth (sum w)^2 / (sum w^2) equal ones (Kish 1965)."""
    labelled = [(bool(y), w) for y, w in answers if y is not None]
    stratum = Stratum(len(answers), len(labelled), sum(y for y, _ in labelled))
    weights = [w for _, w in labelled]
    if not weights or max(weights) <= min(weights) * (1 + 1e-9):
        return stratum
    if not min(weights) > 0 or not isfinite(sum(weights)):
        raise ValueError("weights of labels are finite and above 0")
    trials = sum(weights) ** 2 / sum(w * w for w in weights)
    share = sum(w for y, w in labelled if y) / sum(weights)
    return replace(stratum, trials=trials, events=min(trials, trials * share))


def _design_effects(rows: Sequence[tuple[bool, bool | None, str]], table: JudgeTable) -> tuple[float, float]:
    """Of labels and of the pool. Flags are plentiful: they show the correlation that labels are too few to show."""
    clusters = cluster_numbers([g for _, _, g in rows])
    pool_size = mean_cluster_size(clusters)
    label_size = mean_cluster_size(clusters[[y is not None for _, y, _ in rows]])
    if pool_size == 1:
        return 1.0, 1.0
    if clusters.max() == 0:
        raise InsufficientDataError("one cluster alone says nothing of the variance between clusters")
    try:
        icc = intra_cluster_correlation(np.array([float(j) for j, _, _ in rows]), clusters)
    except InsufficientDataError:  # all verdicts are alike: count clusters, not answers
        return label_size, pool_size
    return design_effect(label_size, error_icc(icc, _smoothed_rho_squared(table))), design_effect(pool_size, icc)


def _smoothed_rho_squared(table: JudgeTable) -> float:
    """rho^2 at the posterior means, defined also where no error was found."""
    w = (table.flagged.pool + 0.5) / (table.pool + 1)
    t1, t0 = ((wrong + 0.5) / (of + 1) for wrong, of in (table.flagged.counts, table.unflagged.counts))
    p = w * t1 + (1 - w) * t0
    return rho_squared(p, w * t1 / p, 1 - w * (1 - t1) / (1 - p))


def _check(judge: Marks, human: Marks, clusters: Sequence[str], items: ItemSettings) -> None:
    if not len(judge) == len(human) == len(clusters):
        raise ValueError(f"{len(judge)} verdicts, {len(human)} labels and {len(clusters)} clusters: one each an answer")
    if not items.one_label_per_cluster:
        return
    several = [g for g, n in Counter(g for y, g in zip(human, clusters, strict=True) if y is not None).items() if n > 1]
    if several:
        raise InsufficientDataError(
            f"clusters with more than one human label: {len(several)}, the first being {several[0]!r}; label one "
            "answer a cluster, or let counts be divided by the design effect"
        )
