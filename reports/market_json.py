"""The numbers of `vcpd prices`, `vcpd frontier` and `vcpd decompose` as JSON objects (schema 1).

What is undefined is null, with a reason beside it where the reason is not plain.
"""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from ..scoring.estimate import InsufficientDataError
from ..scoring.frontier import QUALITY_BINS, of_kinds, pareto, rate_of_decline, records
from ..scoring.literature import Finding, Literature
from ..scoring.price_check import PriceDifference
from ..scoring.public_models import Kind, PublicModel

Json = dict[str, Any]


def prices_json(models: Sequence[PublicModel], findings: Sequence[Finding]) -> Json:
    """Table 1: dollars per million tokens."""
    rows = [_model(m) for m in models if m.in_table1]
    return {"schema": 1, "unit": "usd per million tokens", "prices": rows, "disagreements": _findings(findings)}


def differences_json(differences: Sequence[PriceDifference]) -> Json:
    """Prices on which another map disagrees with these."""
    return {"price_map_disagreements": [asdict(d) for d in differences]}


def frontier_json(models: Sequence[PublicModel], findings: Sequence[Finding]) -> Json:
    """Every model, the frontier of each kind of score, and record lows with their rate of decline per quality."""
    measured = of_kinds(models, Kind.MEASURED)
    return {
        "schema": 1,
        "models": [_model(m) for m in models],
        "frontier": {
            "measured": [m.model for m in pareto(measured)],
            "vendor-reported": [m.model for m in pareto(of_kinds(models, Kind.VENDOR))],
            "measured and vendor-reported": [m.model for m in pareto(of_kinds(models, *Kind))],
        },
        "decline_of_measured": [_decline(measured, quality) for quality in QUALITY_BINS],
        "disagreements": _findings(findings),
    }


def decompose_json(found: Literature) -> Json:
    """Section 2.4 with the figures of the field note and with checked ones; measured chains; published factors."""
    return {
        "schema": 1,
        "observed": asdict(found.observed) | {"ratio_of_prices": found.observed.ratio_of_prices},
        "headlines": [
            {
                "name": h.name,
                "factors": dict(h.factors),
                "product": h.product.value,
                "left_over": h.residual,
                "warnings": list(h.product.warnings),
            }
            for h in found.headlines
        ],
        "measured": {
            "what": found.measured.what,
            "source": found.measured.source,
            "chains": [
                {
                    "tokens_per_s_per_user": speed,
                    "steps": [asdict(step) | {"factor": step.factor} for step in chain.steps],
                    "ratio": chain.ratio,
                }
                for speed, chain in found.measured.chains.items()
            ],
        },
        "published": [asdict(row) for row in found.rows],
        "disagreements": _findings(found.about("decompose")),
    }


def _model(m: PublicModel) -> Json:
    derived = {
        "released": str(m.released),
        "sources": dict(zip(("released", "price", "gpqa", "vendor", "tokens"), m.sources, strict=True)),
        "cpm": m.cpm,
        "blend_3_1": m.price,
        "usd_per_pass": m.usd_per_pass,
        "answers_per_usd": m.answers_per_usd,
        "vcpd": m.vcpd,
    }
    return asdict(m) | derived


def _decline(models: Sequence[PublicModel], quality: float) -> Json:
    lows = records(models, quality)
    row: Json = {
        "at_or_above": quality,
        "records": [{"model": m.model, "released": str(m.released), "blend_3_1": m.price} for m in lows],
    }
    try:
        return row | asdict(rate_of_decline([(m.released, m.price) for m in lows]))
    except InsufficientDataError as error:
        return row | {"value": None, "low": None, "high": None, "note": f"undefined: {error}"}


def _findings(findings: Sequence[Finding]) -> list[Json]:
    return [{"section": f.section, "text": f.text} for f in findings]
