"""What the user's own models cost for what quality, in one domain: frontier, cheapest choice, rankings.

Everything is a functional of one set of joint draws. A share of draws in which a model is on the frontier is the
analogue of a one-sided p-value, not a probability of truth: of two tied models each is best in about half the
draws. It therefore decides only this: above .05 a model may be on the frontier, below it is off.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from .cell import Cell
from .draws import bootstrap_means, estimate_of, rate_draws, rate_order
from .estimate import Estimate, InsufficientDataError
from .intervals import cluster_numbers, posterior_size
from .throughput import Throughput

Floats = NDArray[np.float64]
OFF_BELOW = 0.05
"""The share of draws on the frontier below which a model is called off it."""


class Quality(StrEnum):
    """The quality axis: Q of delivered answers, the same by tokens, or 1 - p of first attempts."""

    Q = "q"
    Q_TOKENS = "q_tokens"
    RIGHT_ATTEMPTS = "1-p"


class Cost(StrEnum):
    """The cost axis: dollars per request (kappa), or per verified answer."""

    REQUEST = "request"
    VERIFIED_ANSWER = "verified-answer"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model that may be chosen: arrays of a plug-in value followed by joint draws.

    Attributes:
        cost, quality: On the chosen axes; quality is -inf in a draw in which nothing was delivered.
        within: Share of requests within the latency limit; None where none was set.
        unmeasured: Why the share is not known; "" where it is, or no limit was set.
        throughput: Measured T at the SLO; None: not measured.
    """

    label: str
    cell: Cell
    cost: Floats
    quality: Floats
    within: Floats | None = None
    unmeasured: str = ""
    throughput: Throughput | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """A model's place: `frontier` and `on_share` say whether no other is as cheap and as good or better in one.

    Attributes:
        frontier: By the plug-in values. on_share: Share of joint draws. off: `on_share` is below .05.
    """

    label: str
    frontier: bool
    on_share: float

    @property
    def off(self) -> bool:
        """Whether the model is called off the frontier."""
        return self.on_share < OFF_BELOW


@dataclass(frozen=True, slots=True)
class Choice:
    """The cheapest model at or above a quality, under a latency limit if one was set.

    Attributes:
        label: None where no model qualifies by its plug-in values.
        cheapest_share: By model, the share of draws in which it is the cheapest that qualifies; `none_share` that in
            which no model does.
        quality_share, within_share: Of the chosen model: draws that reach the quality; that keep the limit.
    """

    quality: float
    label: str | None
    cheapest_share: Mapping[str, float]
    none_share: float
    quality_share: float | None = None
    within_share: float | None = None


def quality_of(cell: Cell, axis: Quality) -> Floats:
    """The quality axis of a cell.

    Raises:
        InsufficientDataError: Nothing was delivered (or attempted), or nobody judged it.
    """
    if axis is Quality.RIGHT_ATTEMPTS:
        if cell.error is None:
            raise InsufficientDataError("p is undefined: nothing was attempted and judged")
        return np.asarray(1 - cell.error)
    values = cell.joint.q if axis is Quality.Q else cell.joint.q_tokens
    if not np.isfinite(values[0]):
        raise InsufficientDataError(f"{axis} is undefined: no delivered answer was judged, or its tokens are unknown")
    return np.asarray(np.where(np.isnan(values), -np.inf, values))


def cost_of(cell: Cell, axis: Cost) -> Floats:
    """The cost axis of a cell, dollars; +inf in draws without a verified answer.

    Raises:
        InsufficientDataError: A price is unknown, or no answer was right.
    """
    values = cell.joint.kappa if axis is Cost.REQUEST else cell.joint.usd_per_answer
    if not np.isfinite(values[0]):
        raise InsufficientDataError(
            cell.price_note or "no answer was right, so dollars per verified answer are undefined"
        )
    return np.asarray(np.where(np.isnan(values), np.inf, values))


def share_within(latencies: Sequence[float], clusters: Sequence[str], limit: float, cell: Cell) -> Floats:
    """Share of requests that took at most `limit` seconds, with its posterior draws."""
    inside = np.array([seconds <= limit for seconds in latencies], float)
    numbers, level = cluster_numbers(clusters), cell.settings.confidence_level
    p, n, _ = posterior_size(inside, np.ones(len(inside)), numbers, confidence_level=level)
    counts = len(inside) * bootstrap_means(inside[:, None], numbers, cell.settings)[:, 0]
    [order] = rate_order(cell.settings, (counts, np.full_like(counts, len(inside))))
    return rate_draws(p * n, n, order)


def standings(candidates: Sequence[Candidate]) -> list[Standing]:
    """Who is on the frontier, in the order given; nobody is left out of the comparison."""
    found = []
    for one in candidates:
        on = np.isfinite(one.quality) & np.isfinite(one.cost)
        for other in candidates:
            as_good = (other.cost <= one.cost) & (other.quality >= one.quality)
            on &= ~(as_good & ((other.cost < one.cost) | (other.quality > one.quality)))
        found.append(Standing(one.label, bool(on[0]), float(on[1:].mean())))
    return found


def choose(candidates: Sequence[Candidate], quality: float, attainment: float) -> Choice:
    """The cheapest model whose quality is at least `quality` and of whose requests `attainment` keep the limit.

    Of equal costs the better one. A model whose latency was not measured never qualifies under a limit.
    """
    names = [c.label for c in candidates]
    if not candidates:
        return Choice(quality, None, {}, 1.0)
    fits = np.array([_fits(c, quality, attainment) for c in candidates])
    costs = np.where(fits, [c.cost for c in candidates], np.inf)
    qualities = np.array([c.quality for c in candidates])
    best = np.array([np.lexsort((-qualities[:, k], costs[:, k]))[0] for k in range(costs.shape[1])])
    any_fits = np.isfinite(costs.min(axis=0))
    shares = {name: float((any_fits & (best == i))[1:].mean()) for i, name in enumerate(names)}
    none = float((~any_fits)[1:].mean())
    if not any_fits[0]:
        return Choice(quality, None, shares, none)
    chosen = candidates[int(best[0])]
    within = None if chosen.within is None else float((chosen.within >= attainment)[1:].mean())
    return Choice(quality, chosen.label, shares, none, float((chosen.quality >= quality)[1:].mean()), within)


def _fits(c: Candidate, quality: float, attainment: float) -> NDArray[np.bool_]:
    good = (c.quality >= quality) & np.isfinite(c.cost)
    if c.unmeasured:
        return np.zeros_like(good)
    return good if c.within is None else good & (c.within >= attainment)


def ranks(values: Mapping[str, Floats], level: float) -> dict[str, tuple[int, int, int]]:
    """Rank of each model, 1 for the highest value: of the plug-in values, and the ends of its interval over draws."""
    table = np.array([np.where(np.isnan(v), -np.inf, v) for v in values.values()])
    above = (table[None, :, :] > table[:, None, :]).sum(axis=1) + 1
    tail = (1 - level) / 2
    ends = np.quantile(above[:, 1:], [tail, 1 - tail], axis=1, method="inverted_cdf").astype(int)
    return {name: (int(above[i, 0]), int(ends[0, i]), int(ends[1, i])) for i, name in enumerate(values)}


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Two models that VCpD and verified answers per dollar put in opposite order.

    `share`: of draws in which they do; low where the order itself is uncertain.
    """

    by_vcpd: str
    by_answers: str
    share: float


def disagreements(vcpd: Mapping[str, Floats], answers: Mapping[str, Floats]) -> list[Disagreement]:
    """Pairs in opposite order by the plug-in values; `by_vcpd` is ahead on VCpD, `by_answers` on answers per dollar."""
    names = [name for name in vcpd if name in answers]
    found = []
    for i, one in enumerate(names):
        for other in names[i + 1 :]:
            opposite = (vcpd[one] - vcpd[other]) * (answers[one] - answers[other]) < 0
            if opposite[0]:
                ahead, behind = (one, other) if vcpd[one][0] > vcpd[other][0] else (other, one)
                found.append(Disagreement(ahead, behind, float(opposite[1:].mean())))
    return found


def cell_estimate(values: Floats, cell: Cell) -> Estimate:
    """A number of a cell with its interval.

    Raises:
        InsufficientDataError: Its plug-in value is undefined.
    """
    return estimate_of(values, cell.settings, len(cell.requests), cell.n_clusters)
