"""What a run's dollars rest on, kept in its manifest: the economics of its domains and the prices that were used.

With them a run is priced again later, beside others, without its packs and its price file.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from ..scoring.cell import DomainTerms
from ..scoring.economics import Economics, RetryPolicy
from ..scoring.prices import MACHINE, STANDARD, Price, PriceTable, price_row, read_price
from .declared import declared_of
from .pack_by_name import load_pack
from .packs import BUNDLED, DomainPack

Row = dict[str, Any]


def accounts_of(
    packs: Sequence[DomainPack], prices: PriceTable, entries: Iterable[Mapping[str, Any]], token_note: str = ""
) -> Row:
    """The part of a manifest that says how its records become dollars.

    `prices` holds what `entries` used: null for a model without a price.
    """
    used = {u["model"] or MACHINE for e in entries for a in e["attempts"] for u in a["record"]["usage"]}
    known = {model: prices.price(model) for model in sorted(used)}
    return declared_of(packs) | {
        "terms": {p.name: _terms(p) for p in packs},
        "prices": {model: None if price is None else price_row(price) for model, price in known.items()},
        "price_tier": prices.tier,
        "token_note": token_note,
    }


def _terms(pack: DomainPack) -> Row:
    economics = None if pack.economics is None else asdict(pack.economics)
    return {
        "economics": economics,
        "retry_policy": asdict(pack.retry_policy),
        "limits": dict(pack.limits),
        "gate": dict(pack.gate),
        "sources": {name: pack.sources[name] for name in (*pack.limits, *pack.gate) if name in pack.sources},
    }


def terms_in(manifest: Mapping[str, Any], domain: str) -> DomainTerms:
    """Economics and retry policy that a run had in `domain`; of a manifest without them, the bundled pack's."""
    kept = manifest.get("terms")
    if not isinstance(kept, Mapping):
        pack = load_pack(domain) if domain in BUNDLED else None
        return DomainTerms(pack.economics, pack.retry_policy) if pack else DomainTerms()
    if domain not in kept:
        return DomainTerms()
    policy = dict(kept[domain]["retry_policy"])
    policy["escalate_tiers"] = tuple(policy["escalate_tiers"])
    economics = kept[domain]["economics"]
    if economics is not None:
        economics = Economics(**{**economics, "review_log": tuple(economics.get("review_log", ()))})
    return DomainTerms(economics, RetryPolicy(**policy))


@dataclass(frozen=True, slots=True)
class GateTerms:
    """What a pack declares for a gate: launch limits, margins, and where each number comes from."""

    limits: Mapping[str, float] = field(default_factory=dict)
    gate: Mapping[str, float] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)


def gate_terms_in(manifest: Mapping[str, Any], domain: str) -> GateTerms:
    """Limits and margins that a run had in `domain`; of a manifest without them, the bundled pack's."""
    kept = manifest.get("terms")
    mine = kept.get(domain) if isinstance(kept, Mapping) else None
    if isinstance(mine, Mapping) and "limits" in mine:
        return GateTerms(mine["limits"], mine.get("gate", {}), mine.get("sources", {}))
    return gate_terms_of(load_pack(domain)) if domain in BUNDLED else GateTerms()


def gate_terms_of(pack: DomainPack) -> GateTerms:
    """Limits and margins of a pack."""
    return GateTerms(pack.limits, pack.gate, pack.sources)


def prices_in(manifest: Mapping[str, Any]) -> dict[str, Price]:
    """The prices that a run was priced with, by model; empty in a manifest that does not keep them."""
    kept = manifest.get("prices") or {}
    return {model: read_price(f"manifest.json, prices of '{model}'", row) for model, row in kept.items() if row}


def tier_in(manifest: Mapping[str, Any]) -> str:
    """The tier that a run was priced at."""
    return str(manifest.get("price_tier", STANDARD))
