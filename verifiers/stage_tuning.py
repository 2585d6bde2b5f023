"""The bands of a cascade from labelled claims and dollars, and what the cascade is worth on claims it was not tuned on.

Half of the clusters tune: each stage's probability is calibrated, then bands are found from the last stage backwards,
each from the sensitivity, false alarms and dollars of all that stands behind it (`scoring.stage_costs`). The other half
measures, and certifies the floor where one is asked for (Learn-then-Test needs labels that played no part before).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..scoring.estimate import Estimate, InsufficientDataError
from ..scoring.intervals import cluster_numbers, clustered_mean, clustered_proportion
from ..scoring.stage_costs import Band, ClaimCosts, undecided
from ..scoring.stated import stated
from ..scoring.thresholds import Threshold, learn_then_test, threshold_grid
from .recalibration import LogitLine, fit_line
from .staged import Stage, accepted, calibrated, goes_on
from .verdict import Failure, Verdict, Verifier

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class StageRows:
    """What one verifier said of the labelled claims, in their order, and what each claim cost it in dollars."""

    verifier: Verifier
    results: tuple[Verdict | Failure, ...]
    usd: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Promise:
    """At most `alpha` of what is accepted is unsupported, with probability 1 - `delta`."""

    alpha: float
    delta: float = 0.1


@dataclass(frozen=True, slots=True)
class Worth:
    """A cascade, or one verifier alone, on the measuring half.

    Attributes:
        decided: Share of claims that each stage decides.
        usd: Dollars a claim: checking, rejections and losses together; `checking_usd` the first of these.
        sensitivity: Share of unsupported claims that are rejected. specificity: Of supported ones accepted.
    """

    name: str
    decided: tuple[float, ...]
    checking_usd: float
    usd: Estimate
    sensitivity: Estimate
    specificity: Estimate


@dataclass(frozen=True, slots=True)
class Tuned:
    """The stages with their bands, what they are worth beside each stage alone, and the promise where one was asked.

    Attributes:
        floor: Certified; None where no promise was asked, or none can be kept (`why`).
    """

    stages: tuple[Stage, ...]
    worth: tuple[Worth, ...]
    floor: Threshold | None
    why: str
    n_tuning: int
    n_measuring: int


def tune(
    rows: Sequence[StageRows],
    supported: Sequence[bool],
    cluster_ids: Sequence[str],
    costs: ClaimCosts,
    promise: Promise | None = None,
    *,
    seed: int = 0,
) -> Tuned:
    """Bands for the verifiers of `rows`, cheapest first.

    Raises:
        InsufficientDataError: Either half lacks supported or unsupported claims, or has a single cluster.
        ValueError: Lengths differ.
    """
    labels = np.array(supported, bool)
    if any(len(r.results) != len(labels) or len(r.usd) != len(labels) for r in rows) or len(cluster_ids) != len(labels):
        raise ValueError("one result and one cost for each labelled claim, and a cluster, are needed")
    tuning = _half(cluster_ids, seed)
    for half in (tuning, ~tuning):
        if len({labels[i] for i in np.flatnonzero(half)}) < 2:
            raise InsufficientDataError(
                f"tuning and measuring take a half of the {len(set(cluster_ids))} clusters each, and each half needs "
                "supported and unsupported claims; label more"
            )
    stages = _banded(rows, labels, tuning, costs)
    at = np.flatnonzero(~tuning)
    trust = _trust(stages, rows)
    floor, why = _certified(trust, labels, cluster_ids, tuning, promise)
    least = floor.threshold if floor else 0.0
    names = [cluster_ids[int(i)] for i in at]
    worth = [_worth(stages, rows, labels, at, (costs, names), least)]
    if len(rows) > 1:
        alone = [Stage(s.verifier, Band(costs.accept_from, costs.accept_from), s.line) for s in stages]
        worth += [_worth([a], [r], labels, at, (costs, names), 0.0) for a, r in zip(alone, rows, strict=True)]
    return Tuned(tuple(stages), tuple(worth), floor, why, int(tuning.sum()), len(at))


def _half(cluster_ids: Sequence[str], seed: int) -> Flags:
    names = sorted(set(cluster_ids))
    order = np.random.default_rng(seed).permutation(len(names))
    first = {names[i] for i in order[: len(names) // 2]}
    return np.array([c in first for c in cluster_ids], bool)


def _banded(rows: Sequence[StageRows], labels: Flags, tuning: Flags, costs: ClaimCosts) -> list[Stage]:
    """From the last stage backwards; what stands behind a stage is measured as one check."""
    stages = [Stage(r.verifier, Band(costs.accept_from, costs.accept_from), _line(r, labels, tuning)) for r in rows]
    at = np.flatnonzero(tuning)
    wrong = ~labels[at]
    for k in range(len(rows) - 2, -1, -1):
        accepts, usd, _ = _replayed(stages[k + 1 :], rows[k + 1 :], at, 0.0)
        se = (float((~accepts)[wrong].sum()) + 0.5) / (int(wrong.sum()) + 1)
        phi = (float((~accepts)[~wrong].sum()) + 0.5) / (int((~wrong).sum()) + 1)
        band = undecided(costs, next_usd=float(usd.mean()), sensitivity=se, false_positive_rate=phi)
        stages[k] = replace(stages[k], band=band)
    return stages


def _line(row: StageRows, labels: Flags, tuning: Flags) -> LogitLine:
    """Calibrates on the tuning half; as it is where that has too few labels."""
    at = [i for i in np.flatnonzero(tuning) if isinstance(row.results[i], Verdict)]
    pairs = [(r.probability, bool(labels[i])) for i in at if isinstance(r := row.results[i], Verdict) and r.probability]
    try:
        return fit_line([p for p, _ in pairs], [y for _, y in pairs])
    except InsufficientDataError:
        return LogitLine()


def _replayed(
    stages: Sequence[Stage], rows: Sequence[StageRows], at: NDArray[np.intp], floor: float
) -> tuple[Flags, Floats, NDArray[np.intp]]:
    """Of the claims `at`: whether each is accepted, its dollars, and the number of the stage that decided."""
    accepts, usd, decided = np.zeros(len(at), bool), np.zeros(len(at)), np.zeros(len(at), np.intp)
    for j, i in enumerate(at):
        for k, (stage, row) in enumerate(zip(stages, rows, strict=True)):
            result = row.results[i]
            usd[j] += row.usd[i]
            if k + 1 == len(stages) or not goes_on(result, stage):
                accepts[j] = isinstance(result, Verdict) and accepted(result, stage, floor)
                decided[j] = k
                break
    return accepts, usd, decided


def _trust(stages: Sequence[Stage], rows: Sequence[StageRows]) -> Floats:
    """Of every claim the probability with which the cascade accepts it; 0 where it does not."""
    every = np.arange(len(rows[0].results))
    accepts, _, decided = _replayed(stages, rows, every, 0.0)
    trust = np.zeros(len(every))
    for i in every[accepts]:
        result = rows[decided[i]].results[i]
        if isinstance(result, Verdict):
            trust[i] = calibrated(result, stages[decided[i]].line)
    return trust


def _certified(
    trust: Floats, labels: Flags, cluster_ids: Sequence[str], tuning: Flags, promise: Promise | None
) -> tuple[Threshold | None, str]:
    """Thresholds at fixed coverages of what the tuning half accepts, tested on one label a cluster of the other."""
    if promise is None:
        return None, ""
    chosen: dict[str, int] = {}
    for i in np.random.default_rng(len(trust)).permutation(np.flatnonzero(~tuning)):
        chosen.setdefault(cluster_ids[i], int(i))
    at = list(chosen.values())
    among = trust[tuning & (trust > 0)]
    try:
        grid = threshold_grid(among, n_labelled=int((trust[at] > 0).sum()), alpha=promise.alpha, delta=promise.delta)
        grid = tuple(dict.fromkeys(max(t, float(among.min())) for t in grid))  # 0 would accept what was rejected
        return learn_then_test(stated(trust[at], labels[at]), grid, alpha=promise.alpha, delta=promise.delta), ""
    except InsufficientDataError as error:
        return None, str(error)


def _worth(
    stages: Sequence[Stage],
    rows: Sequence[StageRows],
    labels: Flags,
    at: NDArray[np.intp],
    terms: tuple[ClaimCosts, Sequence[str]],
    floor: float,
) -> Worth:
    costs, names = terms
    accepts, usd, decided = _replayed(stages, rows, at, floor)
    right, clusters = labels[at], cluster_numbers(names)
    total = usd + np.where(accepts, np.where(right, 0.0, costs.loss), costs.rejection)
    return Worth(
        name=">".join(s.verifier.name for s in stages),
        decided=tuple(float((decided == k).mean()) for k in range(len(stages))),
        checking_usd=float(usd.mean()),
        usd=clustered_mean(total, clusters),
        sensitivity=clustered_proportion((~accepts & ~right).astype(float), (~right).astype(float), clusters),
        specificity=clustered_proportion((accepts & right).astype(float), right.astype(float), clusters),
    )
