"""Stated confidences beside what became of them: the input of selective prediction and of calibration."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .abstention import ATTEMPTED
from .estimate import InsufficientDataError
from .intervals import cluster_numbers
from .records import Outcome, Record

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Stated:
    """Attempted answers that state a confidence, one row each; made by `stated` or `stated_records`.

    Attributes:
        confidence: In [0, 1]: of the model, or any score of an answer that grows with trust in it.
        right: 1 where the answer is right, 0 where it is wrong.
        clusters: Cluster number of each answer, 0..G-1, without gaps.
    """

    confidence: Floats
    right: Floats
    clusters: Floats

    @property
    def n(self) -> int:
        """Number of answers, at least 1."""
        return len(self.right)

    @property
    def n_clusters(self) -> int:
        """Number of clusters, at least 1."""
        return int(self.clusters.max()) + 1


def stated(confidence: ArrayLike, right: ArrayLike, *, cluster_ids: Sequence[str] | None = None) -> Stated:
    """Arrays, checked. Without `cluster_ids` each answer is its own cluster.

    Raises:
        InsufficientDataError: There is no answer.
        ValueError: Lengths differ, a confidence lies outside [0, 1], or `right` holds other than 0 and 1.
    """
    scores, truth = np.array(confidence, np.float64), np.array(right, np.float64)
    if scores.ndim != 1 or scores.shape != truth.shape:
        raise ValueError(f"one confidence for each answer: got shapes {scores.shape} and {truth.shape}")
    if cluster_ids is not None and len(cluster_ids) != len(truth):
        raise ValueError(f"one cluster for each answer: got {len(cluster_ids)} for {len(truth)} answers")
    if not len(truth):
        raise InsufficientDataError("no attempted sample states a confidence")
    _check(scores, (scores >= 0) & (scores <= 1), "a confidence lies in [0, 1]")
    _check(truth, (truth == 0) | (truth == 1), "an answer is right (1) or wrong (0)")
    clusters = np.arange(len(truth), dtype=np.float64) if cluster_ids is None else cluster_numbers(cluster_ids)
    return Stated(scores, truth, clusters)


def stated_records(records: Sequence[Record]) -> Stated:
    """The attempted (right or wrong) records that state a confidence.

    Raises:
        InsufficientDataError: There is none, or a confidence lies outside [0, 1].
    """
    among = [r for r in records if r.outcome in ATTEMPTED and r.confidence is not None]
    for r in among:
        if not 0 <= (r.confidence or 0.0) <= 1:
            raise InsufficientDataError(f"sample {r.sample_id!r} states the confidence {r.confidence}, outside [0, 1]")
    right = [r.outcome is Outcome.CORRECT for r in among]
    return stated([r.confidence or 0.0 for r in among], right, cluster_ids=[r.cluster_id for r in among])


def _check(values: Floats, good: NDArray[np.bool_], rule: str) -> None:
    if not good.all():
        where = int(np.argmin(good))
        raise ValueError(f"{rule}, not {values[where]:g} (row {where}, counted from 0)")
