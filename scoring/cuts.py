"""Choosing the probability below which something is flagged, on labelled data; to be used on other data only.

A threshold chosen on the very data that it is then measured on flatters: choose on training folds.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .estimate import InsufficientDataError
from .stated import Stated

Floats = NDArray[np.float64]
Objective = Callable[[Floats, Floats, float, float], Floats]


@dataclass(frozen=True, slots=True)
class Cut:
    """Flag what is less probable than `below`; `value` is what that reaches on the data it was chosen on."""

    below: float
    value: float


def best_f1_cut(data: Stated) -> Cut:
    """The cut of highest F1 of flagging the wrong. Raises InsufficientDataError where nothing is wrong."""
    return _best(data, lambda tp, fp, wrong, _: 2 * tp / (tp + fp + wrong))


def best_balanced_cut(data: Stated) -> Cut:
    """The cut of highest balanced accuracy. Raises InsufficientDataError where all are right, or all wrong."""
    if data.right.min() == 1 or data.right.max() == 0:
        raise InsufficientDataError("a threshold needs both right and wrong items to be chosen on")
    return _best(data, lambda tp, fp, wrong, right: (tp / wrong + 1 - fp / right) / 2)


def best_overlap_cut(probability: ArrayLike, shared: ArrayLike, flagged: ArrayLike, marked: float) -> Cut:
    """The cut of highest pooled overlap F1 (`detection.overlap_f1`) where each unit below it flags its stretches.

    Args:
        probability: Of each unit. shared, flagged: Size of what it would flag, and of that what people marked.
        marked: Size of all that people marked.

    Raises:
        InsufficientDataError: Nobody marked anything, or there is no unit.
    """
    p, both, said = (np.array(part, np.float64) for part in (probability, shared, flagged))
    if marked <= 0 or not len(p):
        raise InsufficientDataError("no stretch is marked by people")
    edges, sums = _cumulative(p, np.column_stack([both, said]))
    return _highest(edges, 2 * sums[:, 0] / (sums[:, 1] + marked))


def _best(data: Stated, objective: Objective) -> Cut:
    wrong = 1 - data.right
    if not wrong.any():
        raise InsufficientDataError("a threshold needs wrong items to be chosen on")
    edges, sums = _cumulative(data.confidence, np.column_stack([wrong, data.right]))
    return _highest(edges, objective(sums[:, 0], sums[:, 1], float(wrong.sum()), float(data.right.sum())))


def _cumulative(p: Floats, columns: Floats) -> tuple[Floats, Floats]:
    """Every cut that differs on the data, half way between neighbours, and the sums of what lies below it."""
    order = np.argsort(p, kind="stable")
    ranked = p[order]
    last = np.flatnonzero(np.concatenate([ranked[1:] != ranked[:-1], [True]]))
    edges = np.concatenate([[0.0], (ranked[last[:-1]] + ranked[last[:-1] + 1]) / 2, [np.nextafter(1.0, 2.0)]])
    sums = np.vstack([np.zeros(columns.shape[1]), np.cumsum(columns[order], 0)[last]])
    return edges, sums


def _highest(edges: Floats, values: Floats) -> Cut:
    best = int(np.argmax(values))  # of equal ones the lowest: it flags least
    return Cut(float(edges[best]), float(values[best]))
