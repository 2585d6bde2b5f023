"""All that `vcpd frontier RUN...` says of one domain, from joint draws of the models in it.

Domains keep frontiers of their own: a pooled one would need declared traffic, and hides where a model fails.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from .cell import Cell
from .comparison import Arm
from .cost_quality import (
    Candidate,
    Choice,
    Cost,
    Disagreement,
    Quality,
    Standing,
    choose,
    cost_of,
    disagreements,
    quality_of,
    ranks,
    share_within,
    standings,
)
from .estimate import InsufficientDataError

Floats = NDArray[np.float64]
BINS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.97, 0.99)


@dataclass(frozen=True, slots=True)
class LatencyLimit:
    """At most `seconds` for the share `attainment` of requests: 0.99 for a limit on the 99th percentile."""

    seconds: float
    attainment: float = 0.99

    def __post_init__(self) -> None:
        if not (0 < self.seconds < float("inf") and 0 < self.attainment < 1):
            raise ValueError("a latency limit has seconds above 0 and a percentile between 0 and 100")


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a domain's models; `quality` None: every bin, no one level."""

    quality: float | None = None
    quality_axis: Quality = Quality.Q
    cost_axis: Cost = Cost.REQUEST
    limit: LatencyLimit | None = None


@dataclass(frozen=True, slots=True)
class DomainFrontier:
    """The answers for one domain.

    Attributes:
        candidates: Cheapest first. left_out: Models that cannot be placed, and why.
        bins: The cheapest model at or above each quality. asked: At the quality asked for.
        vcpd_ranks, answer_ranks: Rank by VCpD and by verified answers per dollar, with the ends of its interval.
        opposite: Pairs that the two rankings order the other way round.
        remarks: What must be shown in red: where Q and T are not of one serving condition.
        wages: What other wages do to the order by verified answers per dollar; "" where no wage counts.
    """

    domain: str
    question: Question
    candidates: tuple[Candidate, ...]
    left_out: tuple[tuple[str, str], ...]
    standings: tuple[Standing, ...]
    bins: tuple[Choice, ...]
    asked: Choice | None
    vcpd_ranks: Mapping[str, tuple[int, int, int]]
    answer_ranks: Mapping[str, tuple[int, int, int]]
    opposite: tuple[Disagreement, ...]
    wages: str = ""
    remarks: tuple[str, ...] = ()

    @property
    def served(self) -> bool:
        """Whether throughput files stand behind it."""
        return any(c.throughput is not None for c in self.candidates)


def domain_frontier(domain: str, arms: Sequence[Arm], cells: Mapping[str, Cell], question: Question) -> DomainFrontier:
    """Place the models of one domain. A model without a price or without a judged answer is left out, with the reason.

    Args:
        cells: Of `joint_cells`, by label of the arms.
    """
    placed, left_out = [], []
    served = any(arm.throughput is not None for arm in arms)
    for arm in arms:
        try:
            candidate = _candidate(arm, cells[arm.label], question)
            placed.append(_served(candidate, arm) if served else candidate)
        except InsufficientDataError as error:
            left_out.append((arm.label, str(error)))
    placed.sort(key=lambda c: (c.cost[0], -c.quality[0], c.label))
    attainment = question.limit.attainment if question.limit else 0.0
    vcpd = {c.label: c.cell.joint.vcpd for c in placed if np.isfinite(c.cell.joint.vcpd[0])}
    answers = {c.label: c.cell.joint.answers_per_usd for c in placed}
    level = placed[0].cell.settings.confidence_level if placed else 0.95
    return DomainFrontier(
        domain,
        question,
        tuple(placed),
        tuple(left_out),
        tuple(standings(placed)),
        tuple(choose(placed, quality, attainment) for quality in BINS),
        None if question.quality is None else choose(placed, question.quality, attainment),
        ranks(vcpd, level) if vcpd else {},
        ranks(answers, level) if answers else {},
        tuple(disagreements(vcpd, answers)),
        _wages(placed),
    )


def _candidate(arm: Arm, cell: Cell, question: Question) -> Candidate:
    cost, quality = cost_of(cell, question.cost_axis), quality_of(cell, question.quality_axis)
    if question.limit is None:
        return Candidate(arm.label, cell, cost, quality)
    latencies = request_latencies(arm, cell)
    unknown = sum(seconds is None for seconds in latencies)
    if unknown:
        said = f"the latency of {unknown} of {len(latencies)} requests was not recorded"
        return Candidate(arm.label, cell, cost, quality, unmeasured=said)
    known = [seconds for seconds in latencies if seconds is not None]
    clusters = [r.cluster_id for r in cell.requests]
    within = share_within(known, clusters, question.limit.seconds, cell)
    return Candidate(arm.label, cell, cost, quality, within)


def _served(candidate: Candidate, arm: Arm) -> Candidate:
    """The candidate with its throughput; one that was not measured, or not within the SLO, qualifies for no SLO."""
    found, why = arm.throughput, candidate.unmeasured
    if found is None:
        why = why or "its throughput was not measured"
    elif found.slo_kept is not True:
        why = why or "its throughput was not measured within an SLO"
    return replace(candidate, throughput=found, unmeasured=why)


def request_latencies(arm: Arm, cell: Cell) -> list[float | None]:
    """Seconds of each request of the cell: all attempts that its policy made, and their verification.

    None where an attempt's latency was not recorded. A person's time is not part of it.
    """
    ordered = sorted(arm.records, key=lambda r: (r.sample_id, r.epoch, r.attempt))
    grouped = [list(attempts) for _, attempts in groupby(ordered, key=lambda r: (r.sample_id, r.epoch))]
    found: list[float | None] = []
    for attempts, request in zip(grouped, cell.requests, strict=True):
        used = attempts[: request.attempts]
        seconds = [r.latency_s for r in used if r.latency_s is not None]
        checks = sum(u.seconds for r in used for u in r.usage if u.stage.startswith("verify"))
        found.append(sum(seconds) + checks if len(seconds) == len(used) else None)
    return found


def _wages(candidates: Sequence[Candidate]) -> str:
    """Whether the order by verified answers per dollar stands at the low and the high wage of the pack."""
    found = [(c, c.cell.economics) for c in candidates]
    if len(found) < 2 or not any(e and e.wage_base and c.cell.joint.human[0] > 0 for c, e in found):
        return ""
    orders = []
    for name in ("wage_base", "wage_low", "wage_high"):
        rates = {}
        for c, e in found:
            wage = getattr(e, name) / e.wage_base if e and e.wage_base else 1.0
            dollars = float(c.cell.joint.machine[0] + wage * c.cell.joint.human[0])
            rates[c.label] = float(c.cell.joint.right[0]) / dollars if dollars > 0 else 0.0
        orders.append(sorted(rates, key=lambda label: -rates[label]))
    changed = [name for name, order in zip(("low", "high"), orders[1:], strict=True) if order != orders[0]]
    if not changed:
        return "the order by verified answers per dollar is the same at the low and the high wage"
    return f"at the {' and at the '.join(changed)} wage the order by verified answers per dollar is another"
