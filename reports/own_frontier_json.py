"""The numbers of `vcpd frontier RUN...` as JSON objects (schema 1). What is undefined is null."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from ..scoring.cost_quality import Candidate, Choice, Standing
from ..scoring.estimate import Estimate
from ..scoring.own_frontier import DomainFrontier
from ..scoring.throughput import throughput_json
from .own_frontier_tables import Floats, estimate, verdict

Json = dict[str, Any]


def own_frontier_json(found: Sequence[DomainFrontier], runs: Sequence[str]) -> Json:
    """Every domain with its models, bins, rankings, and the answer to what was asked."""
    return {"schema": 1, "runs": list(runs), "domains": [_domain(domain) for domain in found]}


def _domain(found: DomainFrontier) -> Json:
    limit = found.question.limit
    return {
        "domain": found.domain,
        "quality_axis": str(found.question.quality_axis),
        "cost_axis": str(found.question.cost_axis),
        "limit": None if limit is None else asdict(limit),
        "asked": None if found.asked is None else _choice(found.asked),
        "models": [_model(found, c, s) for c, s in zip(found.candidates, found.standings, strict=True)],
        "cheapest": [_choice(choice) for choice in found.bins],
        "opposite_order": [asdict(d) for d in found.opposite],
        "wages": found.wages,
        "remarks": list(found.remarks),
        "left_out": [{"model": label, "reason": reason} for label, reason in found.left_out],
    }


def _model(found: DomainFrontier, c: Candidate, place: Standing) -> Json:
    joint = c.cell.joint
    return {
        "model": c.label,
        "cost": _number(c.cost, c, "usd"),
        "quality": _number(c.quality, c, ""),
        "within_limit": None if c.within is None else _number(c.within, c, ""),
        "latency_note": c.unmeasured,
        "throughput": None if c.throughput is None else throughput_json(c.throughput),
        "on_frontier": place.frontier,
        "share_of_draws_on_frontier": place.on_share,
        "called": verdict(place),
        "kappa_usd": _number(joint.kappa, c, "usd"),
        "usd_per_verified_answer": _number(joint.usd_per_answer, c, "usd"),
        "vcpd": _number(joint.vcpd, c, "tokens/usd"),
        "verified_answers_per_usd": _number(joint.answers_per_usd, c, "answers/usd"),
        "vcpd_rank": found.vcpd_ranks.get(c.label),
        "verified_answers_per_usd_rank": found.answer_ranks.get(c.label),
        "note": c.cell.token_note,
    }


def _choice(choice: Choice) -> Json:
    return {
        "quality": choice.quality,
        "model": choice.label,
        "share_of_draws_reaching_quality": choice.quality_share,
        "share_of_draws_within_limit": choice.within_share,
        "share_of_draws_cheapest": dict(choice.cheapest_share),
        "share_of_draws_no_model": choice.none_share,
    }


def _number(values: Floats, c: Candidate, unit: str) -> Json | None:
    e: Estimate | None = estimate(values, c)
    return None if e is None else asdict(replace(e, unit=unit))
