"""litellm's packaged price map as a price table: a second source, named as such beside every price."""

from collections.abc import Mapping
from typing import Any

from ..scoring.prices import Price, PriceTable


def as_table(entries: Mapping[str, Mapping[str, Any]]) -> PriceTable:
    """Turn the entries of `models.packaged_prices` (dollars per token) into dollars per million tokens."""
    return PriceTable({name: _price(entry) for name, entry in entries.items()})


def _price(entry: Mapping[str, Any]) -> Price:
    def million(name: str) -> float | None:
        value = entry.get(name)
        return None if value is None else float(value) * 1e6

    return Price(
        input=million("input"),
        output=million("output"),
        cache_read=million("cache_read"),
        cache_write=million("cache_write"),
        source=str(entry.get("source", "litellm's packaged price map")),
    )
