"""Where two price tables disagree. A second table is an opinion to report, never a price to use in silence."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .prices import LongContext, Price, PriceTable

_FIELDS = ("input", "output", "cache_read", "cache_write")
_TOLERANCE = 0.005  # relative; maps round to the cent


@dataclass(frozen=True, slots=True)
class PriceDifference:
    """One price on which two tables differ.

    Attributes:
        field: E.g. "input", "long context output", "batch input".
        ours, theirs: Dollars per million tokens; `ours` None where this table has no price of its own for the field,
            so that `field` is charged otherwise (a long prompt as a short one, a cached token as a fresh one).
    """

    model: str
    field: str
    ours: float | None
    theirs: float
    our_source: str
    their_source: str

    def __str__(self) -> str:
        ours = "no price of its own" if self.ours is None else f"{self.ours:g}"
        return f"{self.model}, {self.field}: {ours} here ({self.our_source}), {self.theirs:g} in {self.their_source}"


def price_differences(
    ours: PriceTable, theirs: PriceTable, models: Iterable[str], *, missing: bool = True
) -> list[PriceDifference]:
    """Every price per token of `models` on which the tables differ by more than half a per cent.

    Models that either table lacks, and those billed by the second, have nothing to differ on. A price that only
    `ours` has is no difference; one that only `theirs` has is, unless `missing` is off.
    """
    found = []
    for model in models:
        a, b = ours.price(model), theirs.price(model)
        if a is None or b is None or a.per_second is not None:
            continue
        said = a.source or "this table", b.source or "the other table"
        unequal = (entry for entry in _unequal(a, b) if missing or entry[1] is not None)
        found += [PriceDifference(model, name, x, y, *said) for name, x, y in unequal]
    return found


def _unequal(a: Price, b: Price, prefix: str = "") -> Iterator[tuple[str, float | None, float]]:
    yield from _fields(a, b, prefix)
    if b.long_context is not None:
        yield from _fields(a.long_context, b.long_context, f"{prefix}long context ")
    for tier in a.tiers.keys() & b.tiers.keys():
        yield from _unequal(a.tiers[tier], b.tiers[tier], f"{tier} ")


def _fields(
    a: Price | LongContext | None, b: Price | LongContext, prefix: str
) -> Iterator[tuple[str, float | None, float]]:
    for name in _FIELDS:
        x, y = (None if side is None else getattr(side, name) for side in (a, b))
        if y is not None and (x is None or abs(x - y) > _TOLERANCE * max(abs(x), abs(y))):
            yield f"{prefix}{name.replace('_', ' ')}", x, y
