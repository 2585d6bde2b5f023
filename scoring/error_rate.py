"""p = P(wrong | attempted) where a judge saw all answers and people saw some.

Answers are post-stratified on the judge's verdict: p = W t1 + (1 - W) t0 with W the flagged share of the pool and
t1, t0 the wrong shares that people found among flagged and unflagged answers. Each is a Jeffreys Beta(1/2, 1/2)
posterior, so the interval stays sound where no error was found. The judge may be poor, even worse than chance: it
then narrows nothing, and biases nothing. Abstentions, refusals and invalid answers never belong in the pool. Labels
picked with unequal probabilities count by their weights, as so many labels of equal weight (Kish 1965; Korn and
Graubard 1998 for the exact bound).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv

from .draws import DrawSettings, estimate_of, rate_draws
from .estimate import Estimate, InsufficientDataError
from .judge_tables import Estimand, JudgeTable, LabelChoice, Stratum, check_design_effects, check_labels

Floats = NDArray[np.float64]
Rate = Literal["p", "sensitivity", "fpr", "ppv", "escape"]
DEFAULT_DRAWS = DrawSettings(n=20_000)


@dataclass(frozen=True, slots=True)
class ErrorRate:
    """Shares, each an array of the plug-in value followed by its draws. A plug-in that is undefined is NaN.

    Attributes:
        p: Wrong among all. Where a verdict has no label, its wrong share is taken at the prior's mean, 1/2.
        flagged: Flagged by the judge among all; not p.
        sensitivity: Flagged among wrong. Undefined where no error was found.
        fpr: Flagged among right. Undefined where nothing right was found.
        ppv: Wrong among flagged. escape: Wrong among unflagged. Undefined where none of these is labelled; so are
            `sensitivity` and `fpr`.
        n: Human labels. `n_clusters`: clusters that they come from, or their number over the design effect.
        unjudged: Answers left out for want of a verdict.
    """

    p: Floats
    flagged: Floats
    sensitivity: Floats
    fpr: Floats
    ppv: Floats
    escape: Floats
    settings: DrawSettings
    n: int
    n_clusters: int
    unjudged: int = 0

    def estimate(self, rate: Rate) -> Estimate:
        """One of the shares with its interval.

        Raises:
            InsufficientDataError: Its plug-in value is undefined.
        """
        draws: Floats = getattr(self, rate)
        if np.isnan(draws[0]):
            raise InsufficientDataError(f"{rate} is undefined: {_WHY[rate]}")
        estimate = estimate_of(draws, self.settings, self.n, self.n_clusters)
        return replace(estimate, method="post-stratified, jeffreys")

    def upper(self, rate: Rate = "p") -> Estimate:
        """One-sided upper bound of a share at the confidence level; `value` is the bound itself."""
        value = self.estimate(rate).value
        bound = max(value, float(np.quantile(getattr(self, rate)[1:], self.settings.confidence_level)))
        level = self.settings.confidence_level
        return Estimate(bound, 0.0, bound, level, self.n, self.n_clusters, "post-stratified, jeffreys, one-sided")

    @property
    def rho_squared(self) -> Floats:
        """Squared correlation of judge and truth: 1 / (1 - rho^2) is what a label is worth beside this judge."""
        covariance = self.p * self.sensitivity - self.p * self.flagged
        return np.minimum(1.0, _ratio(covariance**2, self.p * (1 - self.p) * self.flagged * (1 - self.flagged)))


_BOTH = "or saw none of one verdict: label flagged and unflagged answers half and half"
_WHY: dict[str, str] = {
    "sensitivity": f"people found no wrong answer, {_BOTH}",
    "fpr": f"people found no right answer, {_BOTH}",
    "ppv": "no flagged answer carries a human label",
    "escape": "no unflagged answer carries a human label, so what the judge lets through is unseen",
}


def post_stratified(
    table: JudgeTable,
    *,
    deff_labels: float = 1.0,
    deff_pool: float = 1.0,
    estimand: Estimand = Estimand.SUPERPOPULATION,
    chosen: LabelChoice = LabelChoice.RANDOM,
    settings: DrawSettings = DEFAULT_DRAWS,
) -> ErrorRate:
    """p and the judge's rates, in one joint set of draws. Draw each domain apart, with a seed of its own.

    W ~ Beta(K1 + 1/2, K0 + 1/2), t_j ~ Beta(x_j + 1/2, m_j - x_j + 1/2), counts divided by their design effects.
    For the finite pool W is known, and only the unlabelled answers are drawn: x_j + Binomial(pool_j - m_j, t_j).
    Efficient for a binary judge (arXiv:2601.05420); covers where normal intervals of PPI++ collapse.

    Args:
        deff_labels, deff_pool: Design effects, at least 1; 1 with one label (one answer) a cluster.
        chosen: How labels were picked. By verdict is sound here; by outcome is not, and is refused.

    Raises:
        InsufficientDataError: No human label (verdicts alone are not p), nothing judged, or labels picked by outcome.
    """
    check_design_effects(deff_labels, deff_pool)
    check_labels(table, chosen)
    rng = np.random.default_rng(settings.seed + 3)
    share_u, flagged_u, unflagged_u = rng.uniform(size=(3, settings.n))
    t1 = _wrong_share(table.flagged, deff_labels, flagged_u)
    t0 = _wrong_share(table.unflagged, deff_labels, unflagged_u)
    if estimand is Estimand.FINITE:
        w = np.full(settings.n + 1, table.flagged.pool / table.pool)
        t1, t0 = _in_pool(table.flagged, t1, deff_pool, rng), _in_pool(table.unflagged, t0, deff_pool, rng)
    else:
        w = rate_draws(table.flagged.pool / deff_pool, table.pool / deff_pool, share_u)
    return _rates(table, w, t1, t0, settings, deff_labels)


def pooled_p(parts: Sequence[tuple[float, ErrorRate]]) -> Estimate:
    """p over domains, each with its declared traffic weight (made to add to 1).

    Raises:
        InsufficientDataError: No domain. ValueError: A weight not above 0, or two domains drawn from one seed, whose
            errors would then move together.
    """
    if not parts:
        raise InsufficientDataError("no domain")
    seeds = {rate.settings.seed for _, rate in parts}
    if len(seeds) < len(parts) or not all(weight > 0 for weight, _ in parts):
        raise ValueError("each domain needs a weight above 0 and draws from a seed of its own")
    total = sum(weight for weight, _ in parts)
    draws = np.sum([weight / total * rate.p for weight, rate in parts], axis=0)
    n, clusters = sum(rate.n for _, rate in parts), sum(rate.n_clusters for _, rate in parts)
    return replace(estimate_of(draws, parts[0][1].settings, n, clusters), method="post-stratified, jeffreys")


def _rates(table: JudgeTable, w: Floats, t1: Floats, t0: Floats, settings: DrawSettings, deff: float) -> ErrorRate:
    caught, escaped = w * t1, (1 - w) * t0
    p = caught + escaped
    blind1, blind0 = (s.pool > 0 and s.labelled == 0 for s in (table.flagged, table.unflagged))
    return ErrorRate(
        p=p,
        flagged=w,
        sensitivity=_unless(blind1 or blind0, _ratio(caught, p)),
        fpr=_unless(blind1 or blind0, _ratio(w * (1 - t1), 1 - p)),
        ppv=_unless(blind1, np.where(w > 0, t1, np.nan)),
        escape=_unless(blind0, np.where(w < 1, t0, np.nan)),
        settings=settings,
        n=table.labelled,
        n_clusters=max(1, round(table.labelled / deff)),
    )


def _unless(unseen: bool, draws: Floats) -> Floats:
    """The draws, without a plug-in value where no label tells it."""
    return np.concatenate([[np.nan], draws[1:]]) if unseen else draws


def _wrong_share(stratum: Stratum, deff: float, uniforms: Floats) -> Floats:
    if stratum.labelled:
        wrong, labelled = stratum.counts
        return rate_draws(wrong / deff, labelled / deff, uniforms)
    return np.concatenate([[0.5], betaincinv(0.5, 0.5, uniforms)])  # the prior alone


def _in_pool(stratum: Stratum, share: Floats, deff: float, rng: np.random.Generator) -> Floats:
    """Wrong share of a stratum whose labelled answers are known; the others are drawn in lots of `deff`."""
    rest = stratum.pool - stratum.labelled
    if not rest:
        return np.full_like(share, stratum.wrong / stratum.pool if stratum.pool else 0.0)
    lots = max(1, round(rest / deff))
    drawn = np.concatenate([share[:1], rng.binomial(lots, share[1:]) / lots])
    return np.asarray((stratum.wrong + rest * drawn) / stratum.pool)


def _ratio(above: Floats, below: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(below > 0, above / below, np.nan))
