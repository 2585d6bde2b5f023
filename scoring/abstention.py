"""Outcomes as shares, with abstaining apart from erring: the numbers that need no dollar."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from .draws import DrawSettings, estimate_of
from .estimate import Estimate, InsufficientDataError
from .intervals import cluster_numbers, clustered_mean, clustered_proportion, clustered_upper, posterior_size
from .measures import UTILITY_TARGETS, utility_name
from .records import Outcome, Record

Floats = NDArray[np.float64]
ATTEMPTED = (Outcome.CORRECT, Outcome.INCORRECT)
Rule = Callable[[Record], bool]
_UNJUDGED = "no sample was attempted and judged"


def first_attempts(records: Sequence[Record]) -> list[Record]:
    """The attempts of which p speaks."""
    return [r for r in records if r.attempt == 1]


def evenly_judged(records: Sequence[Record]) -> list[Record]:
    """`records`, or none of them judged where nothing but answers to unanswerable questions could be.

    Such answers are all wrong. Where not one answer to an answerable question was judged, though some were given, a
    share of wrong answers would be 1 by construction and say nothing of the rest.
    """
    answerable = [r for r in records if r.answerable is not False]
    if any(r.outcome in ATTEMPTED for r in answerable) or not any(r.outcome is Outcome.UNSCORED for r in answerable):
        return list(records)
    return [replace(r, outcome=Outcome.UNSCORED, outcome_by=None) if r.outcome in ATTEMPTED else r for r in records]


def share(records: Sequence[Record], numerator: Rule, denominator: Rule, level: float) -> Estimate:
    """Share of the records meeting both rules among those meeting `denominator`, clustered.

    Raises:
        InsufficientDataError: No record meets `denominator`.
    """
    among = [r for r in records if denominator(r)]
    if not among:
        raise InsufficientDataError("no such sample")
    hits = np.array([numerator(r) for r in among], float)
    clusters = cluster_numbers([r.cluster_id for r in among])
    return clustered_proportion(hits, np.ones(len(among)), clusters, confidence_level=level)


def outcome_shares(records: Sequence[Record], level: float) -> dict[str, Callable[[], Estimate]]:
    """correct, wrong, abstained, refused, invalid, unscored as shares of all samples."""
    names = {"correct": Outcome.CORRECT, "wrong": Outcome.INCORRECT} | {
        o.value: o for o in (Outcome.ABSTAINED, Outcome.REFUSED, Outcome.INVALID, Outcome.UNSCORED)
    }
    return {name: partial(_outcome_share, records, outcome, level) for name, outcome in names.items()}


def _outcome_share(records: Sequence[Record], outcome: Outcome, level: float) -> Estimate:
    return share(records, lambda r: r.outcome is outcome, lambda r: True, level)


def error_rates(records: Sequence[Record], level: float) -> dict[str, Callable[[], Estimate]]:
    """p = P(wrong | attempted), its bounds over what nobody could judge, and its exact upper bound.

    p and its upper bound are undefined where records are not `evenly_judged`; the two bounds take them as they are.
    """
    even = evenly_judged(records)
    uneven = any(e is not r for e, r in zip(even, records, strict=True))
    unjudged = "only answers to unanswerable questions could be judged" if uneven else _UNJUDGED

    def rate(
        records: Sequence[Record], wrong: Sequence[Outcome], right: Sequence[Outcome] = (Outcome.CORRECT,)
    ) -> Estimate:
        if not any(r.outcome in (*wrong, *right) for r in records):
            raise InsufficientDataError(unjudged)
        return share(records, lambda r: r.outcome in wrong, lambda r: r.outcome in (*wrong, *right), level)

    incorrect, unscored, invalid = Outcome.INCORRECT, Outcome.UNSCORED, Outcome.INVALID
    return {
        "p": lambda: rate(even, [incorrect]),
        "p_best": lambda: rate(records, [incorrect], [Outcome.CORRECT, unscored]),
        "p_worst": lambda: rate(records, [incorrect, unscored, invalid]),
        "p_upper_exact": lambda: _upper(even, level, unjudged),
    }


def _upper(records: Sequence[Record], level: float, unjudged: str) -> Estimate:
    among = [r for r in records if r.outcome in ATTEMPTED]
    if not among:
        raise InsufficientDataError(unjudged)
    wrong = np.array([r.outcome is Outcome.INCORRECT for r in among], float)
    clusters = cluster_numbers([r.cluster_id for r in among])
    return clustered_upper(wrong, np.ones(len(among)), clusters, confidence_level=level)


def abstention_rates(records: Sequence[Record], level: float) -> dict[str, Callable[[], Estimate]]:
    """Abstention against the should-abstain label (AbstentionBench, arXiv:2506.09038)."""

    def abstained(r: Record) -> bool:
        return r.outcome is Outcome.ABSTAINED

    return {
        "abstention_recall": lambda: share(records, abstained, lambda r: r.answerable is False, level),
        "over_abstention": lambda: share(records, abstained, lambda r: r.answerable is True, level),
        "abstention_precision": lambda: share(
            records, lambda r: r.answerable is False, lambda r: abstained(r) and r.answerable is not None, level
        ),
    }


def utilities(records: Sequence[Record], settings: DrawSettings) -> dict[str, Callable[[], Estimate]]:
    """Kalai's S_t = c - t/(1-t) * w (arXiv:2509.04664), in points, for each target t.

    Intervals from Dirichlet(counts / design effect + 1/2) draws of (correct, wrong, other), which stay sound
    where no error was seen.
    """

    def utility(target: float) -> Estimate:
        counts = Counter(r.outcome for r in records)
        if not records or counts[Outcome.UNSCORED]:
            raise InsufficientDataError("unscored answers have no utility")
        clusters = cluster_numbers([r.cluster_id for r in records])
        wrong = np.array([r.outcome is Outcome.INCORRECT for r in records], float)
        _, n_effective, groups = posterior_size(
            wrong, np.ones(len(records)), clusters, confidence_level=settings.confidence_level
        )
        n = len(records)
        c, w = counts[Outcome.CORRECT], counts[Outcome.INCORRECT]
        weights = np.array([c, w, n - c - w]) * n_effective / n + 0.5
        drawn = np.random.default_rng(settings.seed + 2).dirichlet(weights, settings.n)
        penalty = target / (1 - target)
        draws = np.concatenate([[(c - penalty * w) / n], drawn[:, 0] - penalty * drawn[:, 1]])
        return estimate_of(draws, settings, n, groups, "points")

    return {utility_name(t): partial(utility, t) for t in UTILITY_TARGETS}


def brier(records: Sequence[Record], level: float) -> Estimate:
    """Mean (confidence - right)^2 over attempted samples that state a confidence; t interval, within [0, 1].

    Raises:
        InsufficientDataError: Fewer than two clusters state a confidence.
    """
    among = [r for r in records if r.outcome in ATTEMPTED and r.confidence is not None]
    if not among:
        raise InsufficientDataError("no attempted sample states a confidence")
    squares = np.array([((r.confidence or 0.0) - (r.outcome is Outcome.CORRECT)) ** 2 for r in among])
    e = clustered_mean(squares, cluster_numbers([r.cluster_id for r in among]), confidence_level=level)
    low, high = max(0.0, e.low or 0.0), min(1.0, 1.0 if e.high is None else e.high)
    return Estimate(e.value, low, high, level, e.n, e.n_clusters, e.method)
