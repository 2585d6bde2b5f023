"""The decomposition of cost into factors (field note 2.2): eta_q, eta_r, eta_d, eta_h.

A factor is the ratio of costs of two measured configurations between which one lever moved and the rest was held.
Along a chain of such pairs the product is the whole ratio, exactly. Each factor depends on what was moved before
it: with other levers first it is another number, so a factor without its order means little. Published factors come
from different systems; they form no chain, and their product is a guess that carries warnings.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, permutations
from math import prod
from typing import Protocol

from .estimate import InsufficientDataError


@dataclass(frozen=True, slots=True)
class Step:
    """One lever moved: the configuration before and after, and what each costs per token (any one unit, above 0)."""

    lever: str
    before: str
    after: str
    cost_before: float
    cost_after: float

    def __post_init__(self) -> None:
        if not (0 < self.cost_before < float("inf") and 0 < self.cost_after < float("inf")):
            raise ValueError(f"{self.lever}: costs are above 0, not {self.cost_before} and {self.cost_after}")

    @property
    def factor(self) -> float:
        """eta: how many times cheaper `after` is; below 1 where it is dearer."""
        return self.cost_before / self.cost_after


@dataclass(frozen=True, slots=True)
class Chain:
    """Steps of which each begins with the configuration where the one before it ended."""

    steps: tuple[Step, ...]

    def __post_init__(self) -> None:
        if not self.steps:
            raise InsufficientDataError("a decomposition needs at least one measured pair of configurations")
        for one, next_ in pairwise(self.steps):
            if (one.after, one.cost_after) != (next_.before, next_.cost_before):
                raise ValueError(
                    f"'{next_.lever}' starts from '{next_.before}' at {next_.cost_before:g}, but '{one.lever}' ended "
                    f"at '{one.after}' at {one.cost_after:g}: factors of different baselines do not multiply"
                )

    @property
    def ratio(self) -> float:
        """The whole ratio, first cost over last: equal to the product of the factors."""
        return self.steps[0].cost_before / self.steps[-1].cost_after


Levers = frozenset[str]


def decompose(costs: Mapping[Levers, float], order: Sequence[str]) -> Chain:
    """Factors of the levers moved in `order`, each with the ones before it already moved.

    Args:
        costs: Measured cost of each configuration, by the set of levers moved in it; the empty set is the baseline.

    Raises:
        InsufficientDataError: A configuration on the way was not measured.
        ValueError: A lever comes twice.
    """
    if len(set(order)) < len(order):
        raise ValueError(f"each lever is moved once, not as in {', '.join(order)}")
    sets = [frozenset(order[:n]) for n in range(len(order) + 1)]
    for levers in sets:
        if levers not in costs:
            raise InsufficientDataError(f"the configuration '{_name(levers)}' was not measured")
    return Chain(
        tuple(
            Step(lever, _name(a), _name(b), costs[a], costs[b])
            for lever, (a, b) in zip(order, pairwise(sets), strict=True)
        )
    )


def factor_ranges(costs: Mapping[Levers, float]) -> dict[str, tuple[float, float]]:
    """Smallest and largest factor of each lever over all orders that the measured configurations allow.

    Raises:
        InsufficientDataError: No order is measured throughout.
    """
    levers = sorted(frozenset().union(*costs))
    found: dict[str, list[float]] = {}
    for order in permutations(levers):
        try:
            chain = decompose(costs, order)
        except InsufficientDataError:
            continue
        for step in chain.steps:
            found.setdefault(step.lever, []).append(step.factor)
    if not found:
        raise InsufficientDataError("no order of the levers was measured throughout")
    return {lever: (min(values), max(values)) for lever, values in found.items()}


def _name(levers: Levers) -> str:
    return " + ".join(sorted(levers)) or "baseline"


class Published(Protocol):
    """What of a published factor decides whether it may be multiplied with another."""

    @property
    def technique(self) -> str:
        """What was done."""

    @property
    def kind(self) -> str:
        """What the ratio measures: memory, latency, throughput, dollars per token..."""

    @property
    def baseline(self) -> str:
        """What it is a ratio to."""


@dataclass(frozen=True, slots=True)
class Product:
    """A product of published factors; without `warnings` only where all measure the same, against the same."""

    value: float
    warnings: tuple[str, ...]

    def residual(self, observed: float) -> float:
        """What the factors leave unexplained of an observed ratio (above 0)."""
        if not 0 < observed < float("inf"):
            raise ValueError(f"an observed ratio is above 0, not {observed}")
        return observed / self.value


def multiply(factors: Sequence[tuple[float, Published | None]]) -> Product:
    """Multiply published factors, each with the row it comes from (None: nothing was published).

    Rows that differ in metric kind or in baseline, and values without a row, are multiplied with a warning each.

    Raises:
        InsufficientDataError: No factor. ValueError: A factor of 0 or less.
    """
    if not factors:
        raise InsufficientDataError("there is no factor to multiply")
    if any(not 0 < value < float("inf") for value, _ in factors):
        raise ValueError(f"factors are above 0, not {[value for value, _ in factors]}")
    rows = [row for _, row in factors if row is not None]
    warnings = []
    kinds = list(dict.fromkeys(row.kind for row in rows))
    baselines = list(dict.fromkeys(row.baseline for row in rows))
    if len(kinds) > 1:
        warnings.append(f"multiplies ratios of different kind: {', '.join(kinds)}")
    if len(baselines) > 1:
        warnings.append(f"multiplies ratios to different baselines: {', '.join(baselines)}")
    if missing := len(factors) - len(rows):
        warnings.append(f"{missing} factor{'s' * (missing > 1)} assumed, of no published measurement")
    return Product(prod(value for value, _ in factors), tuple(warnings))
