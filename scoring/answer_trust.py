"""From the records of a run to the threshold above which its answers may go out unseen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from .abstention import ATTEMPTED, first_attempts
from .estimate import InsufficientDataError
from .policy import AttemptKey, attempt_key
from .records import Outcome, OutcomeBy, Record
from .stated import Stated, stated
from .thresholds import Threshold, conformal_risk_control, learn_then_test, threshold_grid


class Promise(StrEnum):
    """What is promised of the answers that go out: P(wrong | accepted), or P(accepted and wrong) in expectation."""

    CONDITIONAL = "conditional"
    JOINT = "joint"


@dataclass(frozen=True, slots=True)
class Bargain:
    """The promise asked for: risk at most `alpha`; of the conditional one, with probability 1 - `delta`."""

    alpha: float = 0.05
    delta: float = 0.1
    promise: Promise = Promise.CONDITIONAL


def trusted(
    records: Sequence[Record], trust: Mapping[AttemptKey, float], bargain: Bargain, *, seed: int = 0
) -> Threshold:
    """The loosest threshold of `trust` that keeps the bargain, for one model in one domain.

    Thresholds lie at fixed coverages of all answers that have a trust, labels unseen. Of each cluster one label is
    kept, chosen at random: the procedures need independent labels. A model grader's word is not a label.

    Args:
        records: Attempts; only first ones that were attempted count.
        trust: In [0, 1], of attempts: anything that grows with how much an answer can be trusted.

    Raises:
        InsufficientDataError: No answer has a trust, none of these is labelled, or no threshold keeps the bargain.
    """
    answers = [r for r in first_attempts(records) if attempt_key(r) in trust]
    labelled = _one_a_cluster([r for r in answers if _is_labelled(r)], seed)
    scores = [trust[attempt_key(r)] for r in answers if r.outcome not in (Outcome.ABSTAINED, Outcome.REFUSED)]
    if not labelled:
        raise InsufficientDataError("no answer with a score to be trusted by was judged by a key or by people")
    data = stated([trust[attempt_key(r)] for r in labelled], [r.outcome is Outcome.CORRECT for r in labelled])
    return _threshold(data, scores, bargain)


def _threshold(data: Stated, scores: Sequence[float], bargain: Bargain) -> Threshold:
    if bargain.promise is Promise.JOINT:
        levels = sorted({float(np.quantile(scores, 1 - c, method="lower")) for c in np.arange(0.05, 1, 0.05)} | {0.0})
        return conformal_risk_control(data, levels[::-1], alpha=bargain.alpha)
    grid = threshold_grid(scores, n_labelled=data.n, alpha=bargain.alpha, delta=bargain.delta)
    return learn_then_test(data, grid, alpha=bargain.alpha, delta=bargain.delta)


def _is_labelled(record: Record) -> bool:
    return record.outcome in ATTEMPTED and record.outcome_by is not OutcomeBy.GRADER


def _one_a_cluster(records: Sequence[Record], seed: int) -> list[Record]:
    order = np.random.default_rng(seed).permutation(len(records))
    chosen: dict[str, Record] = {}
    for i in order:
        chosen.setdefault(records[i].cluster_id, records[i])
    return list(chosen.values())
