"""What is right and wrong of the first attempts, and how good the verifier in the loop is at telling.

Where people labelled some answers of an automatic judge, p is the corrected one and correct, wrong and the utilities
follow from the same draws; a model grader that nobody checked gives no p at all.
"""

from collections.abc import Callable, Sequence
from functools import cache, partial

import numpy as np
from numpy.typing import NDArray

from .abstention import ATTEMPTED, error_rates, first_attempts, outcome_shares, share, utilities
from .abstention_scores import correct_given_attempted, omniscience_index, simpleqa_f, wrong_among_not_correct
from .corrected import UNCHECKED, Marks, corrected_rate, corrected_upper, unchecked_grader, verifier_rate
from .draws import DrawSettings, estimate_of, rate_draws
from .error_rate import ErrorRate
from .estimate import Estimate, InsufficientDataError
from .intervals import cluster_numbers, posterior_size
from .judge_tables import LabelChoice
from .judge_value import label_value
from .measures import UTILITY_TARGETS, utility_name
from .records import Outcome, OutcomeBy, Record
from .vcpd import ratio

Floats = NDArray[np.float64]
Estimates = dict[str, Callable[[], Estimate]]


def quality_measures(records: Sequence[Record], marks: Marks | None, settings: DrawSettings) -> Estimates:
    """Shares of the endings, p with its bounds, and the utilities, of first attempts."""
    first, level = first_attempts(records), settings.confidence_level
    plain = {**outcome_shares(first, level), **error_rates(first, level), **utilities(first, settings)}
    plain |= {
        "correct_given_attempted": lambda: correct_given_attempted(first, confidence_level=level),
        "simpleqa_f": lambda: simpleqa_f(first, confidence_level=level),
        "omniscience_index": lambda: omniscience_index(first, settings=settings),
        "wrong_among_not_correct": lambda: wrong_among_not_correct(first, confidence_level=level),
    }
    plain["judged_wrong"] = partial(_judged_wrong, first, level)
    if marks is not None:
        return {**plain, **_corrected(first, marks, settings)}
    if unchecked_grader(first):
        return {**plain, **dict.fromkeys(("p", "p_best", "p_worst", "p_upper_exact"), _refuse)}
    return plain


def verifier_measures(
    records: Sequence[Record], marks: Marks | None, settings: DrawSettings, chosen: LabelChoice
) -> Estimates:
    """Sensitivity and specificity of the verifier in the loop; what a label is worth beside the judge of p."""

    @cache  # both of the same draws
    def rate() -> ErrorRate:
        return verifier_rate(records, settings, chosen)

    def specificity() -> Estimate:
        fpr = rate().estimate("fpr")
        low, high = (None if end is None else 1 - end for end in (fpr.high, fpr.low))
        return Estimate(1 - fpr.value, low, high, level, fpr.n, fpr.n_clusters, fpr.method)

    def worth() -> Estimate:
        if marks is None:
            raise InsufficientDataError("people labelled all attempted answers, or none, or no judge spoke")
        return _label_value(corrected_rate(records, marks, settings))

    level = settings.confidence_level
    return {
        "sensitivity": lambda: rate().estimate("sensitivity"),
        "specificity": specificity,
        "label_value": worth,
    }


def _refuse() -> Estimate:
    raise InsufficientDataError(UNCHECKED)


def _judged_wrong(first: Sequence[Record], level: float) -> Estimate:
    """What the automatic evaluator alone would call p."""

    def automatic(r: Record) -> Outcome | None:
        return r.graded if r.outcome_by is OutcomeBy.HUMAN else r.outcome

    return share(first, lambda r: automatic(r) is Outcome.INCORRECT, lambda r: automatic(r) in ATTEMPTED, level)


def _corrected(first: Sequence[Record], marks: Marks, settings: DrawSettings) -> Estimates:
    """p and all that follows from it, over the draws of p times those of the share attempted."""
    try:
        rate = corrected_rate(first, marks, settings)
    except InsufficientDataError as error:
        return dict.fromkeys(_NAMES, partial(_raise, error))
    answered = np.array([r.outcome in (*ATTEMPTED, Outcome.UNSCORED) for r in first], float)
    invalid = sum(r.outcome is Outcome.INVALID for r in first) / max(1.0, float(answered.sum()))
    attempted = _share_draws(answered, first, settings)
    right, wrong = attempted * (1 - rate.p), attempted * rate.p
    draws = {"correct": right, "wrong": wrong, "p_worst": (rate.p + invalid) / (1 + invalid)}
    draws |= {"correct_given_attempted": 1 - rate.p, "simpleqa_f": 2 * right / (1 + attempted)}
    draws |= {"omniscience_index": 100 * (right - wrong), "wrong_among_not_correct": ratio(wrong, 1 - right)}
    draws |= {utility_name(t): right - t / (1 - t) * wrong for t in UTILITY_TARGETS}
    n, groups = len(first), len({r.cluster_id for r in first})
    found: Estimates = {name: partial(estimate_of, values, settings, n, groups) for name, values in draws.items()}
    return found | {
        "p": lambda: rate.estimate("p"),
        "p_best": lambda: rate.estimate("p"),
        "p_upper_exact": lambda: corrected_upper(first, marks, settings.confidence_level),
    }


_NAMES = (
    "correct",
    "wrong",
    "p",
    "p_best",
    "p_worst",
    "p_upper_exact",
    "correct_given_attempted",
    "simpleqa_f",
    "omniscience_index",
    "wrong_among_not_correct",
    *map(utility_name, UTILITY_TARGETS),
)


def _raise(error: InsufficientDataError) -> Estimate:
    raise error


def _share_draws(hits: Floats, records: Sequence[Record], settings: DrawSettings) -> Floats:
    clusters = cluster_numbers([r.cluster_id for r in records])
    p, n, _ = posterior_size(hits, np.ones(len(hits)), clusters, confidence_level=settings.confidence_level)
    return rate_draws(p * n, n, np.random.default_rng(settings.seed + 5).uniform(size=settings.n))


def _label_value(rate: ErrorRate) -> Estimate:
    """1 / (1 - rho^2) over the joint draws."""
    rho2 = rate.rho_squared
    if not np.isfinite(rho2[0]):
        raise InsufficientDataError("rho is undefined: people found no error, or only errors, or the judge is constant")
    worth = np.concatenate([[label_value(float(rho2[0]))], 1 / np.maximum(1 - rho2[1:], 1e-12)])
    return estimate_of(worth, rate.settings, rate.n, rate.n_clusters)
