"""The numbers of `vcpd decompose` on the user's own measurements as JSON objects (schema 1)."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from ..scoring.measured_pairs import PairsProduct
from ..scoring.vcpd_factors import VcpdChange

Json = dict[str, Any]


def change_json(found: Sequence[VcpdChange]) -> Json:
    """Each decomposition with its order, its factors and its ratio."""
    return {"schema": 1, "changes": [asdict(change) | {"order": list(change.order)} for change in found]}


def pairs_json(found: PairsProduct) -> Json:
    """The pairs, each with its factor, and their product with its warnings."""
    pairs = [asdict(p) | {"eta": asdict(p.estimate)} for p in found.pairs]
    return {
        "schema": 1,
        "pairs": pairs,
        "product": asdict(found.product),
        "exact": found.exact,
        "warnings": list(found.warnings),
    }
