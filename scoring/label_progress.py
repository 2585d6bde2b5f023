"""How far the labels of one model in one domain have come, and how many more reach the wanted width."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np

from .abstention import ATTEMPTED
from .corrected import Marks, answered, corrected_rate
from .draws import DrawSettings
from .estimate import InsufficientDataError
from .intervals import cluster_numbers, clustered_proportion
from .power import half_width, items_for_half_width, labels_for_half_width
from .records import Outcome, Record

_EDGE = 1e-4  # p, sensitivity and specificity to plan with stay so far away from 0 and 1


@dataclass(frozen=True, slots=True)
class LabelProgress:
    """Where the labels stand.

    Attributes:
        labelled: Answers whose label counts. pool: Answers that p speaks of.
        half_width: Half the width of p's interval now; None while it has none.
        more: Further labels at which it is expected to be the wanted one; None where that cannot be told or reached.
        why: The reason where `more` is None; "" otherwise.
    """

    labelled: int
    pool: int
    half_width: float | None
    more: int | None
    why: str = ""


def label_progress(
    records: Sequence[Record], marks: Marks | None, wanted: float, settings: DrawSettings
) -> LabelProgress:
    """Progress of one model in one domain towards a half-width `wanted` of p, in (0, 0.5).

    A plan, not a promise: it takes what the labels show so far as the truth, and labels to come as much worth as
    those at hand (by their weights).
    """
    first = [r for r in answered(records) if r.attempt == 1]
    labelled = sum(r.human in ATTEMPTED for r in first)
    if labelled < 2:
        return LabelProgress(labelled, len(first), None, None, "at least two answers must be labelled first")
    try:
        now, needed = _planned(first, marks, labelled, wanted, settings)
    except InsufficientDataError as error:
        return LabelProgress(labelled, len(first), None, None, str(error))
    if now is not None and now <= wanted:
        return LabelProgress(labelled, len(first), now, 0)
    if needed is None or needed > len(first):
        return LabelProgress(labelled, len(first), now, None, _too_few(first, settings))
    groups = len({r.cluster_id for r in first})
    if needed > groups:
        why = f"about {needed} labels would do it, but the run holds {groups} clusters, and one a cluster is labelled"
        return LabelProgress(labelled, len(first), now, None, why)
    return LabelProgress(labelled, len(first), now, max(1, needed - labelled))


def _too_few(first: Sequence[Record], settings: DrawSettings) -> str:
    """What the run could show if people labelled all of it, at the share of wrong answers that they found so far."""
    said = [r.human for r in first if r.human in ATTEMPTED]
    p = (said.count(Outcome.INCORRECT) + 0.5) / (len(said) + 1)
    best = half_width(p, len({r.cluster_id for r in first}), confidence_level=settings.confidence_level)
    return f"the run holds too few answers for that width: all of them labelled would show p to about +-{best:.3f}"


def _planned(
    first: Sequence[Record], marks: Marks | None, labelled: int, wanted: float, settings: DrawSettings
) -> tuple[float | None, int | None]:
    """Half the width now, and labels needed in all; None where the answers are too few."""
    if marks is None:
        return _alone(first, wanted, settings)
    rate = corrected_rate(first, marks, settings)
    estimate = rate.estimate("p")
    now = None if estimate.low is None or estimate.high is None else (estimate.high - estimate.low) / 2
    p, sensitivity, fpr = (
        float(np.clip(np.nanmean(d[1:]), _EDGE, 1 - _EDGE)) for d in (rate.p, rate.sensitivity, rate.fpr)
    )
    try:
        needed = labels_for_half_width(p, sensitivity, 1 - fpr, wanted, judged=len(first))
        expected = labels_for_half_width(p, sensitivity, 1 - fpr, now, judged=len(first)) if now else labelled
    except InsufficientDataError:
        return now, None
    return now, ceil(needed * labelled / max(1, min(expected, labelled)))  # what clusters and weights cost so far


def _alone(first: Sequence[Record], wanted: float, settings: DrawSettings) -> tuple[float | None, int | None]:
    """Without a judge: a plain share."""
    among = [r for r in first if r.human in ATTEMPTED]
    wrong = np.array([r.human is Outcome.INCORRECT for r in among], float)
    e = clustered_proportion(
        wrong,
        np.ones(len(among)),
        cluster_numbers([r.cluster_id for r in among]),
        confidence_level=settings.confidence_level,
    )
    now = None if e.low is None or e.high is None else (e.high - e.low) / 2
    p = (wrong.sum() + 0.5) / (len(among) + 1)
    return now, items_for_half_width(float(p), wanted, confidence_level=settings.confidence_level)
