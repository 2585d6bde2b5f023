"""p without a posterior: plain intervals where people judged alone, guaranteed bounds beside a judge."""

import numpy as np

from .estimate import Estimate, InsufficientDataError
from .intervals import Floats, clopper_pearson_upper, clustered_proportion, clustered_upper
from .judge_tables import Estimand, JudgeTable, LabelChoice, Stratum, check_design_effects, check_labels


def human_only(
    wrong: int,
    labelled: int,
    *,
    deff: float = 1.0,
    chosen: LabelChoice = LabelChoice.RANDOM,
    confidence_level: float = 0.95,
) -> Estimate:
    """Share wrong among labelled answers, with Wilson's interval on counts divided by the design effect.

    Raises:
        InsufficientDataError: No label, or labels not picked at random over all answers.
        ValueError: wrong outside [0, labelled], or a design effect below 1.
    """
    hits, units = _units(wrong, labelled, deff, chosen)
    return clustered_proportion(hits, units, np.arange(float(labelled)), confidence_level=confidence_level)


def human_only_upper(
    wrong: int,
    labelled: int,
    *,
    deff: float = 1.0,
    chosen: LabelChoice = LabelChoice.RANDOM,
    confidence_level: float = 0.95,
) -> Estimate:
    """One-sided exact (Clopper-Pearson) upper bound of the same share; raises as `human_only` does."""
    hits, units = _units(wrong, labelled, deff, chosen)
    return clustered_upper(hits, units, np.arange(float(labelled)), confidence_level=confidence_level)


def guaranteed_upper(
    table: JudgeTable,
    *,
    deff_labels: float = 1.0,
    deff_pool: float = 1.0,
    estimand: Estimand = Estimand.SUPERPOPULATION,
    chosen: LabelChoice = LabelChoice.RANDOM,
    confidence_level: float = 0.95,
) -> Estimate:
    """Upper bound of p that holds at least at the confidence level, for claims; wider than the posterior's.

    Exact bounds of the wrong share of each verdict, the error split evenly between them (and, in the
    superpopulation, an exact interval of the flagged share). A verdict without labels counts as all wrong.

    Raises:
        InsufficientDataError: No human label, or labels picked by outcome.
    """
    check_design_effects(deff_labels, deff_pool)
    check_labels(table, chosen)
    finite = estimand is Estimand.FINITE
    error = (1 - confidence_level) / (2 if finite else 3)
    flagged, unflagged = (_stratum_upper(s, deff_labels, 1 - error) for s in (table.flagged, table.unflagged))
    shares = [table.flagged.pool / table.pool]
    if not finite:
        k, n = table.flagged.pool / deff_pool, table.pool / deff_pool
        shares = [1 - clopper_pearson_upper(n - k, n, 1 - error / 2), clopper_pearson_upper(k, n, 1 - error / 2)]
    bound = max(w * flagged + (1 - w) * unflagged for w in shares)
    effective = max(1, round(table.labelled / deff_labels))
    return Estimate(bound, 0.0, bound, confidence_level, table.labelled, effective, "clopper-pearson, by verdict")


def _stratum_upper(stratum: Stratum, deff: float, level: float) -> float:
    if not stratum.labelled:
        return 1.0
    wrong, labelled = stratum.counts
    return clopper_pearson_upper(wrong / deff, labelled / deff, level)


def _units(wrong: int, labelled: int, deff: float, chosen: LabelChoice) -> tuple[Floats, Floats]:
    """Labelled answers as units of 1 / deff each."""
    check_design_effects(deff)
    if not labelled:
        raise InsufficientDataError("no answer carries a human label")
    if chosen is not LabelChoice.RANDOM:
        raise InsufficientDataError(
            f"labels picked {chosen.value} do not show the share of errors among all answers: without a judge's "
            "verdicts they must be picked at random"
        )
    if not 0 <= wrong <= labelled:
        raise ValueError(f"{wrong} wrong answers among {labelled} labelled ones")
    return np.repeat([1 / deff, 0.0], [wrong, labelled - wrong]), np.full(labelled, 1 / deff)
