"""litellm's packaged price map as a price table: a second source, named as such beside every price."""

from collections.abc import Mapping
from typing import Any

from ..scoring.prices import LongContext, Price, PriceTable


def as_table(entries: Mapping[str, Mapping[str, Any]]) -> PriceTable:
    """Turn the entries of `models.packaged_prices` (dollars per token) into dollars per million tokens."""
    return PriceTable({name: _price(entry) for name, entry in entries.items()})


def _price(entry: Mapping[str, Any], source: str = "") -> Price:
    source = source or str(entry.get("source", "litellm's packaged price map"))
    long, tiers = entry.get("long_context"), entry.get("tiers") or {}
    return Price(
        **_millions(entry),
        source=source,
        long_context=None if long is None else _long(long, source),
        tiers={tier: _price(at, source) for tier, at in tiers.items()},
    )


def _long(entry: Mapping[str, Any], source: str) -> LongContext:
    return LongContext(int(entry["above_input_tokens"]), **_millions(entry), source=source)


def _millions(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Dollars per million tokens, rounded where a float of dollars per token cannot say it exactly."""
    names = ("input", "output", "cache_read", "cache_write")
    return {name: round(float(entry[name]) * 1e6, 9) for name in names if entry.get(name) is not None}
