"""Trajectories: how many model calls an answer took, and what each of them cost.

A step is one meter reading of stage "generate"; an answer's readings stand in the order of the calls. All of them are
paid for (c_g), but only the tokens of the last message are delivered (`Record.delivered_tokens`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np

from .abstention import first_attempts
from .estimate import Estimate, InsufficientDataError
from .intervals import cluster_numbers, clustered_mean
from .prices import PriceTable, UnpricedError
from .records import Record
from .usage import Usage

GENERATE = "generate"


def steps_of(usage: Sequence[Usage]) -> int | None:
    """Model calls behind one answer; None where its generation was not metered."""
    calls = [max(u.requests, 1) for u in usage if u.stage == GENERATE]
    return sum(calls) if calls else None


def has_trajectories(records: Sequence[Record]) -> bool:
    """Whether any answer took more than one model call."""
    return any((steps_of(r.usage) or 0) > 1 for r in records)


def mean_steps(records: Sequence[Record], confidence_level: float = 0.95) -> Estimate:
    """Model calls per answer of first attempts, at least 1; t interval on clusters, none where all took as many.

    Raises:
        InsufficientDataError: The generation of no answer was metered.
    """
    counts, clusters = _counts(records)
    try:
        return clustered_mean(counts, cluster_numbers(clusters), confidence_level=confidence_level)
    except InsufficientDataError:
        n, groups = len(counts), len(set(clusters))
        return Estimate(float(counts.mean()), None, None, confidence_level, n, groups, "mean, no interval")


def p95_steps(records: Sequence[Record], confidence_level: float = 0.95) -> Estimate:
    """95th percentile of model calls per answer, first attempts: the smallest number that 95 % of them keep to.

    Raises:
        InsufficientDataError: The generation of no answer was metered.
    """
    counts, clusters = _counts(records)
    value = float(np.sort(counts)[ceil(0.95 * len(counts)) - 1])
    groups = len(set(clusters))
    return Estimate(value, None, None, confidence_level, len(counts), groups, "nearest rank, no interval")


def _counts(records: Sequence[Record]) -> tuple[np.ndarray[tuple[int], np.dtype[np.float64]], list[str]]:
    known = [(n, r.cluster_id) for r in first_attempts(records) if (n := steps_of(r.usage)) is not None]
    if not known:
        raise InsufficientDataError("usage was not recorded, so the steps of the answers are unknown")
    return np.array([n for n, _ in known], dtype=np.float64), [cluster for _, cluster in known]


@dataclass(frozen=True, slots=True)
class StepCost:
    """One step of one model's answers in one domain, first attempts.

    Attributes:
        step: From 1, in the order of the calls.
        models: That made it, in the order of their names.
        share_of_requests: Answers that took it, in (0, 1], of those whose generation was metered.
        input_tokens, cached_tokens, output_tokens: Means of the answers that took it; cached ones are not in the input.
        usd_per_request: Mean over all of these answers, so that the steps add up to their generation; None where a
            price is unknown. share_of_usd: Of that sum; None where it is unknown or 0.
    """

    step: int
    models: tuple[str, ...]
    share_of_requests: float
    input_tokens: float
    cached_tokens: float
    output_tokens: float
    usd_per_request: float | None
    share_of_usd: float | None


def step_costs(records: Sequence[Record], prices: PriceTable) -> list[StepCost]:
    """What each step took; `records` are of one model in one domain. A reading of several calls is one step here."""
    readings = [[u for u in r.usage if u.stage == GENERATE] for r in first_attempts(records)]
    answers = [steps for steps in readings if steps]
    columns = [[steps[k] for steps in answers if len(steps) > k] for k in range(max(map(len, answers), default=0))]
    dollars = [_dollars(column, prices) for column in columns]
    known = [d for d in dollars if d is not None]
    total = sum(known) if len(known) == len(dollars) else 0.0
    return [
        StepCost(
            k,
            tuple(sorted({str(u.model) for u in column})),
            len(column) / len(answers),
            sum(u.input_tokens for u in column) / len(column),
            sum(u.cache_read_tokens + u.cache_write_tokens for u in column) / len(column),
            sum(u.output_tokens for u in column) / len(column),
            None if usd is None else usd / len(answers),
            usd / total if usd is not None and total > 0 else None,
        )
        for k, (column, usd) in enumerate(zip(columns, dollars, strict=True), 1)
    ]


def _dollars(column: Sequence[Usage], prices: PriceTable) -> float | None:
    try:
        return prices.total(column)
    except UnpricedError:
        return None
