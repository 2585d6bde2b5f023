"""Two models on the same samples where people labelled some answers of an automatic judge: the loss, corrected.

Samples are post-stratified on what the judge said of both arms (attempted or not, flagged or not). In each stratum the
shares of wrong answers are Jeffreys posteriors of people's labels: of pairs where people labelled the same samples in
both arms, so that what is common cancels; else of each arm alone. Answers that are the same text in both arms are
equally right, so they are never counted as a difference. What was not seen to differ gets Jeffreys' half item each way.
"""

from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from .draws import DrawSettings
from .estimate import InsufficientDataError
from .gate import Evidence, Margin
from .judge_tables import LabelChoice
from .judge_value import mean_cluster_size
from .outcome_columns import OutcomeColumns
from .paired import PairedTable
from .paired_shares import GOOD, Pair, table_of
from .power import PairedTest
from .records import Outcome

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]
_ABSENT, _PASSED, _FLAGGED, _SILENT = range(4)  # not attempted; not flagged; flagged; attempted without a verdict
_DRAWS = DrawSettings(n=20_000)


@dataclass(frozen=True, slots=True)
class _Arm:
    """What was said of an arm, sample by sample. `wrong`: 1, 0, or -1 where no person looked."""

    said: Whole
    wrong: Whole

    @property
    def labelled(self) -> Flags:
        return np.asarray((self.wrong >= 0) & (self.said != _ABSENT))

    @property
    def labels(self) -> int:
        return int(self.labelled.sum())


def _arm(side: OutcomeColumns) -> _Arm:
    auto, human = side.automatic.astype(str), side.human.astype(str)
    said = np.where(auto == Outcome.INCORRECT.value, _FLAGGED, _SILENT)
    said = np.where(auto == Outcome.CORRECT.value, _PASSED, said)
    wrong = np.where(human == Outcome.INCORRECT.value, 1, np.where(human == Outcome.CORRECT.value, 0, -1))
    return _Arm(np.where(side.attempted, said, _ABSENT), wrong)


def needs_correction(pair: Pair) -> bool:
    """Whether people labelled some attempted answers of an arm, but not all."""
    return any(0 < _arm(side).labels < int(side.attempted.sum()) for side in (pair.old, pair.new))


def corrected_evidence(pair: Pair, measure: str, margin: Margin, test: PairedTest) -> Evidence:
    """Evidence for "p" or "correct" by paired post-stratification.

    Raises:
        InsufficientDataError: People labelled answers of one arm alone, or picked them by outcome.
    """
    old, new = _arm(pair.old), _arm(pair.new)
    if pair.chosen is LabelChoice.BY_OUTCOME:
        raise InsufficientDataError(
            "the labelled answers were picked by how they looked: label answers picked at random, or within verdicts"
        )
    for arm, name in ((old, pair.against), (new, "candidate")):
        if not arm.labels:
            raise InsufficientDataError(
                f"people labelled answers of one arm alone, none of the {name}: label some of it too, or compare "
                "by the automatic evaluator alone with --ignore-labels"
            )
    # as the automatic evaluator saw it: shows the clustering, which labels are too few to show
    table = table_of(pair.by_automatic(), "wrong", 1 - test.alpha)
    bad, of = _Strata(old, new, _unchanged(pair, old, new), _Effects(*_effects(table, pair, old, new))).draws()
    if measure in GOOD:
        return _evidence(1 - (of - bad), old.labels + new.labels, margin, test, table, good=True)
    return _evidence(bad / of, old.labels + new.labels, margin, test, table, good=False)


def _unchanged(pair: Pair, old: _Arm, new: _Arm) -> Flags:
    if pair.same is None:
        return np.zeros(len(old.said), bool)
    return np.asarray(pair.same & (old.said == new.said) & (old.said != _ABSENT))


def _effects(table: PairedTable, pair: Pair, old: _Arm, new: _Arm) -> tuple[float, float]:
    """Design effects of the pool and of the labels, at least 1."""
    size = mean_cluster_size(pair.clusters)
    if size <= 1:
        return 1.0, 1.0
    pool = max(1.0, table.items / table.n)
    labelled = pair.clusters[old.labelled | new.labelled]
    return pool, 1 + (mean_cluster_size(labelled) - 1) * min(1.0, (pool - 1) / (size - 1))


@dataclass(frozen=True, slots=True)
class _Effects:
    pool: float
    labels: float


@dataclass(frozen=True, slots=True)
class _Strata:
    """The strata of two arms. `unchanged`: samples with one answer in both."""

    old: _Arm
    new: _Arm
    unchanged: Flags
    effects: _Effects

    def draws(self) -> tuple[Floats, Floats]:
        """Wrong and attempted shares of all samples, 2 arms x (plug-in and draws)."""
        rng = np.random.default_rng(_DRAWS.seed + 6)
        _, index = np.unique(16 * self.unchanged + 4 * self.old.said + self.new.said, return_inverse=True)
        counts = np.bincount(index) / self.effects.pool
        half = [0.5, 0.5]  # worse and better where the strata hold none
        drawn = rng.gamma(np.concatenate([counts, half])[:, None], size=(len(counts) + 2, _DRAWS.n))
        plug = np.concatenate([counts, [0.0, 0.0]])[:, None]
        weights = np.hstack([plug / plug.sum(), drawn / drawn.sum(0)])
        bad, of = np.stack([weights[-1], weights[-2]]), np.stack([weights[-1] + weights[-2]] * 2)
        for i, weight in enumerate(weights[:-2]):
            tried, wrong = self._stratum(index == i, rng)
            of += weight * tried[:, None]
            bad += weight * tried[:, None] * wrong
        return bad, of

    def _stratum(self, mine: Flags, rng: np.random.Generator) -> tuple[Floats, Floats]:
        """Whether each arm attempted, and its wrong share with draws."""
        said = [int(arm.said[mine][0]) for arm in (self.old, self.new)]
        tried = np.array([float(s != _ABSENT) for s in said])
        if self.unchanged[mine][0]:
            either = np.where(self.old.wrong >= 0, self.old.wrong, self.new.wrong)
            shared = self._share(either[mine], self.old, said[0], rng)
            return tried, np.stack([shared, shared])
        if tried.all() and self._in_pairs:
            return tried, self._pairs(mine, rng)
        arms = zip((self.old, self.new), said, strict=True)
        return tried, np.stack([self._share(arm.wrong[mine], arm, s, rng) for arm, s in arms])

    @property
    def _in_pairs(self) -> bool:
        """Whether most labels are of samples labelled in both arms."""
        both = int((self.old.labelled & self.new.labelled).sum())
        return 2 * both >= min(self.old.labels, self.new.labels)

    def _pairs(self, mine: Flags, rng: np.random.Generator) -> Floats:
        both = mine & self.old.labelled & self.new.labelled
        cells = np.bincount(2 * self.old.wrong[both] + self.new.wrong[both], minlength=4) / self.effects.labels
        drawn = rng.gamma(cells[:, None] + 0.5, size=(4, _DRAWS.n))
        plug = cells if cells.sum() else np.ones(4)
        table = np.hstack([(plug / plug.sum())[:, None], drawn / drawn.sum(0)])
        return np.stack([table[2] + table[3], table[1] + table[3]])

    def _share(self, wrong: Whole, arm: _Arm, said: int, rng: np.random.Generator) -> Floats:
        """The wrong share of one arm in a stratum; of all its answers with this verdict where none is labelled."""
        if said == _ABSENT:
            return np.zeros(_DRAWS.n + 1)
        known = wrong[wrong >= 0]
        if not len(known):
            known = arm.wrong[(arm.said == said) & arm.labelled]
        x, m = float(known.sum()) / self.effects.labels, len(known) / self.effects.labels
        return np.concatenate([[x / m if m else 0.5], rng.beta(x + 0.5, m - x + 0.5, _DRAWS.n)])


def _evidence(
    bad: Floats, labels: int, margin: Margin, test: PairedTest, table: PairedTable, *, good: bool
) -> Evidence:
    loss = bad[1] - bad[0]
    value, drawn = float(loss[0]), loss[1:]
    lower, upper = (float(x) for x in np.quantile(drawn, [test.alpha, 1 - test.alpha]))
    needed = (test.z * float(drawn.std()) / max(margin.value - value, value)) ** 2
    old, new = (1 - bad[:, 0] if good else bad[:, 0]).tolist()
    return Evidence(
        baseline=old,
        candidate=new,
        loss=value,
        lower=min(lower, value),
        upper=max(upper, value),
        p_inferior=(float((drawn >= margin.value).sum()) + 1) / (len(drawn) + 1),
        p_no_loss=(float((drawn <= 0).sum()) + 1) / (len(drawn) + 1),
        n=table.items,
        n_clusters=table.n_clusters,
        method=f"paired post-stratification on the automatic verdicts, {labels} human labels",
        smallest_margin=test.z * float(drawn.std()),
        more_items=max(1, ceil(labels * (needed - 1))),
        more_of="labels",
    )
