"""Scores of other benchmarks, for comparison with what they publish: all on the first attempts of a model.

None of them is used elsewhere in this package: p and the utilities are. F pays for guessing above about even odds,
Q_t pays for never answering.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from .abstention import ATTEMPTED, first_attempts, share, utilities
from .draws import DrawSettings
from .estimate import Estimate, InsufficientDataError
from .intervals import cluster_numbers, clustered_proportion
from .measures import utility_name
from .records import Outcome, Record

DEFAULT_DRAWS = DrawSettings()
Parts = Callable[[Record], tuple[float, float]]


def correct_given_attempted(records: Sequence[Record], *, confidence_level: float = 0.95) -> Estimate:
    """SimpleQA's correct-given-attempted, c / (c + w) = 1 - p, in [0, 1] (arXiv:2411.04368).

    Raises:
        InsufficientDataError: Nothing was attempted, or an answer is unscored.
    """
    judged = _judged(records)
    return share(judged, lambda r: r.outcome is Outcome.CORRECT, lambda r: r.outcome in ATTEMPTED, confidence_level)


def simpleqa_f(records: Sequence[Record], *, confidence_level: float = 0.95) -> Estimate:
    """SimpleQA's F: harmonic mean of c and c / (c + w), = 2c / (1 + c + w), in [0, 1] (arXiv:2411.04368).

    Abstentions, refusals and invalid answers all count as not attempted. 0 where nothing was attempted.

    Raises:
        InsufficientDataError: No record, or an answer is unscored.
    """

    def parts(r: Record) -> tuple[float, float]:
        return 2.0 * (r.outcome is Outcome.CORRECT), 1.0 + (r.outcome in ATTEMPTED)

    return _ratio(_judged(records), parts, confidence_level)


def omniscience_index(records: Sequence[Record], *, settings: DrawSettings = DEFAULT_DRAWS) -> Estimate:
    """AA-Omniscience index, 100 (c - w), in [-100, 100] points (arXiv:2511.13029): 100 times Kalai's S_t at t = 1/2.

    Raises:
        InsufficientDataError: No record, or an answer is unscored.
    """
    e = utilities(first_attempts(records), settings)[utility_name(0.5)]()
    low, high = (None if end is None else 100 * end for end in (e.low, e.high))
    return replace(e, value=100 * e.value, low=low, high=high)


def wrong_among_not_correct(records: Sequence[Record], *, confidence_level: float = 0.95) -> Estimate:
    """What AA-Omniscience calls "hallucination rate": wrong among all that is not correct, in [0, 1].

    arXiv:2511.13029: w / (w + partial + a). NOT comparable with p = w / (c + w): a model that is right 99 times and
    wrong once scores 1 here and .01 there. Grading here knows no partial answers; refused and invalid ones count
    beside abstentions.

    Raises:
        InsufficientDataError: All is correct, no record, or an answer is unscored.
    """
    judged = _judged(records)
    return share(
        judged,
        lambda r: r.outcome is Outcome.INCORRECT,
        lambda r: r.outcome is not Outcome.CORRECT,
        confidence_level,
    )


def leaderboard_quality(records: Sequence[Record], *, target: float, confidence_level: float = 0.95) -> Estimate:
    """Q_t = c + t * a, in [0, 1]: FOR LEADERBOARDS ONLY, never the Q of a cost: abstaining on all scores t for free.

    Equals (1 - t) S_t + t with Kalai's S_t (arXiv:2509.04664) where every answer is correct, wrong or an abstention;
    refused and invalid answers earn nothing here.

    Raises:
        InsufficientDataError: No record, or an answer is unscored. ValueError: `target` is not in [0, 1).
    """
    if not 0 <= target < 1:
        raise ValueError(f"the confidence target t lies in [0, 1), not {target:g}")
    worth = {Outcome.CORRECT: 1.0, Outcome.ABSTAINED: target}
    return _ratio(_judged(records), lambda r: (worth.get(r.outcome, 0.0), 1.0), confidence_level)


def abstention_f1(records: Sequence[Record], *, confidence_level: float = 0.95) -> Estimate:
    """F1 of abstaining against the should-abstain label, in [0, 1] (AbstentionBench, arXiv:2506.09038).

    2 TP / (2 TP + FP + FN) over records whose label is known; refusing is not abstaining. Read it with
    `over_abstention`: recall alone is had by abstaining on all.

    Raises:
        InsufficientDataError: No labelled record was abstained on or should have been.
    """
    labelled = [r for r in first_attempts(records) if r.answerable is not None]

    def parts(r: Record) -> tuple[float, float]:
        said, should = r.outcome is Outcome.ABSTAINED, r.answerable is False
        return 2.0 * (said and should), float(said) + float(should)

    if not any(parts(r)[1] for r in labelled):
        raise InsufficientDataError("no labelled sample was abstained on or should have been")
    return _ratio(labelled, parts, confidence_level)


def _judged(records: Sequence[Record]) -> list[Record]:
    judged = first_attempts(records)
    if not judged:
        raise InsufficientDataError("there is no sample")
    if any(r.outcome is Outcome.UNSCORED for r in judged):
        raise InsufficientDataError("unscored answers have no score")
    return judged


def _ratio(records: Sequence[Record], parts: Parts, level: float) -> Estimate:
    """Ratio of sums of (numerator, denominator), numerator <= denominator, with the clustered interval of a share."""
    numerator, denominator = np.array([parts(r) for r in records], float).T
    clusters = cluster_numbers([r.cluster_id for r in records])
    return clustered_proportion(numerator, denominator, clusters, confidence_level=level)
