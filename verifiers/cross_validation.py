"""A verifier on answers that it was not fitted on, with thresholds that were not chosen on them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from ..scoring.estimate import InsufficientDataError
from .decisions import choose_cuts
from .judged import JudgedAnswer, judge_answers
from .labelled import LabelledAnswer
from .labelling import labelled_claims
from .measures import Decided
from .verdict import Verifier

FEWEST_FOLDS = 3  # with two, nothing is left to fit on while thresholds are chosen


@dataclass(frozen=True, slots=True)
class Folds:
    """How answers are divided. `n` is at least FEWEST_FOLDS."""

    n: int = 5
    seed: int = 0

    def __post_init__(self) -> None:
        if self.n < FEWEST_FOLDS:
            raise ValueError(f"cross-validation takes {FEWEST_FOLDS} folds or more, not {self.n}")


def fold_numbers(answers: Sequence[LabelledAnswer], folds: Folds) -> list[int]:
    """The fold of each answer, 0..n-1. Clusters stay whole; folds hold about equally many claims.

    Raises:
        InsufficientDataError: There are fewer clusters than folds.
    """
    sizes: dict[str, int] = {}
    for answer in answers:
        sizes[answer.cluster_id] = sizes.get(answer.cluster_id, 0) + max(1, len(labelled_claims(answer)))
    if len(sizes) < folds.n:
        raise InsufficientDataError(f"{folds.n} folds need as many clusters; there are {len(sizes)}")
    names = sorted(sizes)
    order = [names[i] for i in np.random.default_rng(folds.seed).permutation(len(names))]
    load, where = [0] * folds.n, dict[str, int]()
    for name in sorted(order, key=lambda name: -sizes[name]):
        where[name] = int(np.argmin(load))
        load[where[name]] += sizes[name]
    return [where[answer.cluster_id] for answer in answers]


def is_trainable(verifier: Verifier) -> bool:
    """Whether the verifier can be fitted again (`labelled.Trainable`)."""
    return callable(getattr(verifier, "fitted", None))


def cross_judge(
    answers: Sequence[LabelledAnswer],
    verifier: Verifier,
    folds: Folds,
    *,
    others: Sequence[LabelledAnswer] = (),
    progress: Callable[[int, int], None] = lambda *_: None,
) -> list[Decided]:
    """Verdicts and thresholds for each answer, none of which saw its fold.

    A trainable verifier is fitted once without each fold, and judges that fold; thresholds for the fold come from
    verdicts on the other folds by verifiers that saw neither of the two. Any other verifier judges once, and only the
    thresholds are cross-validated.

    Args:
        others: Further answers to fit on. Those that share a cluster or a source with a held-out fold are left out.
        progress: Called with claims judged so far, and in all.

    Raises:
        InsufficientDataError: Fewer clusters than folds. ValueError: The verifier breaks its protocol.
    """
    numbers = fold_numbers(answers, folds)
    work = _Work(answers, numbers, verifier, others, _Counter(progress))
    if is_trainable(verifier):
        return _refitted(work, folds.n)
    work.counter.total = work.size(range(folds.n))
    judged = judge_answers(answers, verifier, progress=work.counter)
    cuts = [choose_cuts([j for j, m in zip(judged, numbers, strict=True) if m != k]) for k in range(folds.n)]
    return [Decided(j, cuts[k]) for j, k in zip(judged, numbers, strict=True)]


class _Counter:
    """Adds up claims for a progress bar."""

    def __init__(self, progress: Callable[[int, int], None]) -> None:
        self.progress, self.done, self.total = progress, 0, 0

    def __call__(self, more: int) -> None:
        self.done += more
        self.progress(self.done, self.total)


@dataclass(frozen=True, slots=True)
class _Work:
    answers: Sequence[LabelledAnswer]
    numbers: Sequence[int]
    verifier: Any  # Verifier or Trainable
    others: Sequence[LabelledAnswer]
    counter: _Counter

    def fold(self, k: int) -> list[LabelledAnswer]:
        return [a for a, m in zip(self.answers, self.numbers, strict=True) if m == k]

    def size(self, folds: Sequence[int]) -> int:
        return sum(len(labelled_claims(a)) for k in folds for a in self.fold(k))

    def without(self, held_out: Sequence[int]) -> Verifier:
        """The verifier fitted on everything that has nothing to do with the folds `held_out`."""
        kept = [a for a, m in zip(self.answers, self.numbers, strict=True) if m not in held_out]
        out = [a for k in held_out for a in self.fold(k)]
        clusters = {a.cluster_id for a in out}
        texts = {p.text for a in out for p in a.passages}
        apart = [
            a for a in self.others if a.cluster_id not in clusters and not any(p.text in texts for p in a.passages)
        ]
        fitted: Verifier = self.verifier.fitted([*kept, *apart])
        return fitted

    def judge(self, verifier: Verifier, k: int) -> list[JudgedAnswer]:
        return judge_answers(self.fold(k), verifier, progress=self.counter)


def _refitted(work: _Work, n: int) -> list[Decided]:
    work.counter.total = n * work.size(range(n))
    training: list[list[JudgedAnswer]] = [[] for _ in range(n)]
    for j, k in combinations(range(n), 2):
        fitted = work.without((j, k))
        training[k] += work.judge(fitted, j)
        training[j] += work.judge(fitted, k)
    found = []
    for k in range(n):
        cuts = choose_cuts(training[k])
        found.append(iter([Decided(j, cuts) for j in work.judge(work.without((k,)), k)]))
    return [next(found[k]) for k in work.numbers]
