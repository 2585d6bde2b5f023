"""Why VCpD changed between two measured configurations: factors whose product is the whole ratio, exactly.

    VCpD = Q * answers * length / (first attempt * retries + verification + people)

with Q by tokens, answers the delivered share of requests, and length tokens per delivered answer. One lever after the
other is moved from before to after; its factor is the ratio of VCpD after the move to that before it. Dollars add up,
so the factors of the cost levers depend on the order, which is therefore part of the result; those of Q, answers and
length do not. Both sides are priced with one table: `price` is the list price of another model, never a price cut.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise

import numpy as np
from numpy.typing import NDArray

from .cell import Cell
from .comparison import Arm, joint_cell
from .cost_quality import cell_estimate
from .decomposition import factor_ranges
from .draws import DrawSettings
from .estimate import Estimate, InsufficientDataError
from .prices import Price, PriceTable
from .vcpd import PerRequest

Floats = NDArray[np.float64]
COST_LEVERS = ("price", "usage", "retries", "verification", "people")
ANSWER_LEVERS = ("quality", "answers", "length")
LEVERS = COST_LEVERS + ANSWER_LEVERS
"""All levers in the default order."""


@dataclass(frozen=True, slots=True)
class Factor:
    """One lever: how many times more VCpD its move brings, with its interval.

    Attributes:
        low_order, high_order: Least and greatest value over all orders of the levers.
        before, after: What was moved, in `unit`.
    """

    lever: str
    factor: Estimate
    low_order: float
    high_order: float
    before: float
    after: float
    unit: str


@dataclass(frozen=True, slots=True)
class VcpdChange:
    """The decomposition of one ratio in one domain; `ratio` is the product of the factors, draw by draw.

    Attributes:
        measure: "vcpd" or "verified_answers_per_usd" (in which length plays no part).
        basis: "token", "second" (usage is machine time: throughput), or "mixed" (price and usage moved as one).
        throughput: T of both runs as run, delivered tokens per second; None where answers were recorded. The rate of
            requests is in T and in C alike, so it cancels from VCpD; a slower machine shows as usage.
    """

    domain: str
    measure: str
    before: str
    after: str
    value_before: Estimate
    value_after: Estimate
    ratio: Estimate
    factors: tuple[Factor, ...]
    basis: str
    throughput: tuple[float, float] | None = None

    @property
    def order(self) -> tuple[str, ...]:
        """The levers in the order in which they were moved."""
        return tuple(f.lever for f in self.factors)


class LeverOrderError(ValueError):
    """An order of levers that names an unknown one, or one twice."""


def lever_order(names: Sequence[str]) -> tuple[str, ...]:
    """`names` first, the other levers after them in the default order.

    Raises:
        LeverOrderError: An unknown lever, or one named twice.
    """
    for name in names:
        if name not in LEVERS:
            raise LeverOrderError(f"'{name}' is no lever; the levers are {', '.join(LEVERS)}")
    if len(set(names)) < len(names):
        raise LeverOrderError(f"each lever is moved once, not as in {', '.join(names)}")
    return (*names, *(lever for lever in LEVERS if lever not in names))


@dataclass(frozen=True, slots=True)
class _Sides:
    """Joint draws by (whose usage, at whose prices); False is before, True after."""

    cells: Mapping[tuple[bool, bool], Cell]
    tokens: bool

    def value(self, moved: frozenset[str]) -> Floats:
        """The measure with the levers of `moved` at after, the others at before."""
        answer = self._answer("quality" in moved, "answers" in moved, "length" in moved)
        return np.asarray(_ratio(answer, self.kappa(moved)))

    def kappa(self, moved: frozenset[str]) -> Floats:
        """Dollars per request."""
        at = "price" in moved
        retries, checks, people = ("retries" in moved), ("verification" in moved), ("people" in moved)
        first = self.cells["usage" in moved, at].joint.first
        return np.asarray(
            first * self.attempts(retries, at)
            + self.cells[checks, checks].joint.verification
            + self.cells[people, people].joint.human
        )

    def attempts(self, side: bool, at: bool) -> Floats:
        """Dollars of all attempts over those of the first; 1 without retries."""
        joint = self.cells[side, at].joint
        return np.asarray(_ratio(joint.machine - joint.verification, joint.first))

    def quality(self, side: bool) -> Floats:
        """Share right, by tokens where tokens count."""
        joint = self.cells[side, side].joint
        return joint.q_tokens if self.tokens else joint.q

    def length(self, side: bool) -> Floats:
        """Tokens per delivered answer."""
        joint = self.cells[side, side].joint
        return np.asarray(_ratio(joint.tokens, joint.delivered))

    def _answer(self, quality: bool, answers: bool, length: bool) -> Floats:
        found = self.quality(quality) * self.cells[answers, answers].joint.delivered
        return np.asarray(found * self.length(length) if self.tokens else found)


def vcpd_change(
    before: Arm,
    after: Arm,
    prices: PriceTable,
    draws: DrawSettings,
    *,
    order: Sequence[str] = LEVERS,
    measure: str = "vcpd",
) -> VcpdChange:
    """Decompose the ratio of VCpD (or of verified answers per dollar) after over before.

    Args:
        before, after: The same samples (`comparison.check_same_samples`).
        order: All levers, of `lever_order`.

    Raises:
        InsufficientDataError: A side is unpriced, unjudged, costs nothing or has nothing right: no ratio is defined.
    """
    sides, basis = _sides(before, after, prices, draws, tokens=measure == "vcpd")
    levers = [lever for lever in order if not (lever == "length" and not sides.tokens)]
    states = [frozenset(levers[:n]) for n in range(len(levers) + 1)]
    values = [sides.value(state) for state in states]
    for side, name in ((0, before.label), (-1, after.label)):
        _check(values[side], sides.cells[side == -1, side == -1], name, measure)
    cell = sides.cells[True, True]
    ranges = _ranges(sides, levers, values)
    factors = []
    for lever, (a, b) in zip(levers, pairwise(values), strict=True):
        low, high = ranges[lever]
        was, is_, unit = _moved(sides, lever)
        factors.append(Factor(lever, cell_estimate(_ratio(b, a), cell), low, high, was, is_, unit))
    return VcpdChange(
        before.records[0].domain,
        measure,
        before.label,
        after.label,
        cell_estimate(values[0], sides.cells[False, False]),
        cell_estimate(values[-1], cell),
        cell_estimate(_ratio(values[-1], values[0]), cell),
        tuple(factors),
        basis,
    )


def _sides(before: Arm, after: Arm, prices: PriceTable, draws: DrawSettings, *, tokens: bool) -> tuple[_Sides, str]:
    """The four cells. Prices cross over where each side has one generating model and both are billed alike."""
    models = [_generating(arm) for arm in (before, after)]
    known = [prices.price(m) if m else None for m in models]
    arms = {False: before, True: after}
    cells = {(side, side): joint_cell(arm, prices, draws) for side, arm in arms.items()}
    basis = _basis(known)
    for side in (False, True):
        cells[side, not side] = cells[side, side]
        other = known[not side]
        if basis != "mixed" and other is not None and models[0] != models[1]:
            crossed = replace(prices, prices={**prices.prices, str(models[side]): other})
            cells[side, not side] = joint_cell(arms[side], crossed, draws)
    return _Sides(cells, tokens), basis


def _generating(arm: Arm) -> str | None:
    names = {u.model for r in arm.records for u in r.usage if u.stage == "generate"}
    return next(iter(names)) if len(names) == 1 else None


def _basis(prices: Sequence[Price | None]) -> str:
    kinds = {"none" if p is None else "second" if p.per_second is not None else "token" for p in prices}
    return kinds.pop() if len(kinds) == 1 and "none" not in kinds else "mixed"


def _check(values: Floats, cell: Cell, name: str, measure: str) -> None:
    if not np.isfinite(values[0]):
        raise InsufficientDataError(f"{measure} of {name} is undefined: {cell.price_note or 'nothing judged or spent'}")
    if values[0] <= 0:
        raise InsufficientDataError(f"{measure} of {name} is 0: no answer was right, so no ratio is defined")


def _ranges(sides: _Sides, levers: Sequence[str], values: Sequence[Floats]) -> dict[str, tuple[float, float]]:
    """Over all orders. Levers of the answer multiply, so only those of cost are permuted."""
    costs = {
        frozenset(state): float(sides.kappa(frozenset(state))[0])
        for n in range(len(COST_LEVERS) + 1)
        for state in combinations(COST_LEVERS, n)
    }
    found = factor_ranges(costs)
    for i, lever in enumerate(levers):
        if lever in ANSWER_LEVERS:
            fixed = float(values[i + 1][0] / values[i][0])
            found[lever] = fixed, fixed
    return found


def _moved(sides: _Sides, lever: str) -> tuple[float, float, str]:
    """What a lever is before and after, in its unit."""

    def joint(side: bool) -> PerRequest:
        return sides.cells[side, side].joint

    read: dict[str, tuple[Callable[[bool], Floats], str]] = {
        "price": (lambda at: sides.cells[False, at].joint.first, "$ per attempt, old usage"),
        "usage": (lambda side: sides.cells[side, False].joint.first, "$ per attempt, old prices"),
        "retries": (lambda side: sides.attempts(side, side), "all attempts / first, in $"),
        "verification": (lambda side: joint(side).verification, "$ per request"),
        "people": (lambda side: joint(side).human, "$ per request"),
        "quality": (sides.quality, "Q by tokens" if sides.tokens else "Q"),
        "answers": (lambda side: joint(side).delivered, "answers per request"),
        "length": (sides.length, "tokens per answer"),
    }
    values, unit = read[lever]
    return float(values(False)[0]), float(values(True)[0]), unit


def _ratio(above: Floats, below: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(below > 0, above / below, np.where(above > 0, np.inf, np.nan)))
