"""What a domain's pack declared when a run was made, kept in its manifest: title, limits, source policy, notice."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date as Date
from typing import Any

from ..retrieval.sources import SourcePolicy
from .pack_by_name import load_pack
from .packs import BUNDLED, DomainPack

KEY = "declared"


@dataclass(frozen=True, slots=True)
class Declared:
    """The words and limits of a pack; as `DomainPack` has them.

    Attributes:
        source_policy: Fields of `SourcePolicy` as plain values; dates as ISO days.
        limit_sources: Where each number of the pack comes from.
    """

    title: str = ""
    version: str = ""
    license: str = ""
    citation: str = ""
    notice: str = ""
    items_for_launch: int = 0
    confidence_target: float | None = None
    k: int | None = None
    harm_class: str = ""
    limits: Mapping[str, float] = field(default_factory=dict)
    limit_sources: Mapping[str, str] = field(default_factory=dict)
    source_policy: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def declared_of(packs: Sequence[DomainPack]) -> dict[str, Any]:
    """The part of a manifest that says what the packs of a run declare."""
    return {KEY: {p.name: asdict(_declared(p)) for p in packs}}


def declared_in(manifest: Mapping[str, Any], domain: str) -> Declared:
    """What `domain` declared; of a manifest of earlier versions, what the bundled pack of its name does."""
    kept = manifest.get(KEY)
    if not isinstance(kept, Mapping):
        return _declared(load_pack(domain)) if domain in BUNDLED else Declared()
    if domain not in kept:
        return Declared()
    fields = dict(kept[domain])
    return Declared(**{**fields, "warnings": tuple(fields.get("warnings", ()))})


def policy_of(declared: Declared) -> SourcePolicy:
    """Its source policy; one that allows everything where none is declared."""
    fields: dict[str, Any] = {n: _deep_tuple(v) for n, v in declared.source_policy.items() if v is not None}
    days = {n: Date.fromisoformat(v) for n, v in fields.items() if n == "as_of"}
    return SourcePolicy(**{**fields, **days})


def _deep_tuple(value: Any) -> Any:
    return tuple(map(_deep_tuple, value)) if isinstance(value, list | tuple) else value


def _declared(pack: DomainPack) -> Declared:
    rules = asdict(pack.source_policy)
    return Declared(
        title=pack.title,
        version=pack.version,
        license=pack.license,
        citation=pack.citation,
        notice=pack.notice,
        items_for_launch=pack.items_for_launch,
        confidence_target=pack.confidence_target,
        k=pack.k,
        harm_class=pack.harm_class,
        limits=dict(pack.limits),
        limit_sources=dict(pack.sources),
        source_policy={name: value.isoformat() if isinstance(value, Date) else value for name, value in rules.items()},
        warnings=pack.warnings,
    )
