"""`vcpd plan`: what a run will take and what its samples can show, from the prompts it would send; calls nothing."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import fmean

from ..reports.plan_gate_table import GateSight
from ..reports.plan_tables import Sight, Spend
from ..retrieval.lexical import LexicalRetriever
from ..scoring.abstention import ATTEMPTED, first_attempts
from ..scoring.estimate import InsufficientDataError
from ..scoring.intervals import cluster_numbers
from ..scoring.judge_value import design_effect, mean_cluster_size
from ..scoring.power import (
    half_width,
    items_for_half_width,
    items_without_error,
    labels_for_half_width,
    paired_items,
    paired_power,
    smallest_margin,
)
from ..scoring.prices import PriceTable, UnpricedError
from ..scoring.record_files import read_records
from ..scoring.records import Outcome
from ..scoring.usage import Usage
from .config import ModelSpec, RunConfig
from .local_names import is_deterministic
from .packs import DomainPack
from .pipeline import prepare
from .run import load_packs
from .token_counts import token_counter


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What is not known before a run.

    Attributes:
        p: Error rate. icc: Correlation of errors within clusters. discordance: Items on which two models differ.
        half_width, margin: What is wanted of p and of the gate.
        sensitivity, specificity: Of the automatic judge that people's labels correct.
        output_tokens, latency_s: Of one attempt. connections: Attempts under way at a time.
    """

    p: float = 0.2
    half_width: float = 0.05
    margin: float = 0.03
    discordance: float = 0.06
    icc: float = 0.2
    sensitivity: float = 0.8
    specificity: float = 0.9
    output_tokens: float = 300.0
    latency_s: float = 5.0
    connections: int = 20

    def __str__(self) -> str:
        return (
            f"p {self.p:.3g}, ICC within clusters {self.icc:g}, models differ on {self.discordance:g} of the items, "
            f"wanted p +- {self.half_width:g} and a margin of {self.margin:g}, judge with sensitivity "
            f"{self.sensitivity:g} and specificity {self.specificity:g}, {self.output_tokens:.0f} output tokens and "
            f"{self.latency_s:.2g} s an attempt, {self.connections} at a time; prompts counted at 4 characters a token"
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """A row for each model and domain, and two for each domain."""

    spends: tuple[Spend, ...]
    sights: tuple[Sight, ...]
    gates: tuple[GateSight, ...]


def learn(assumed: Assumptions, pilot: Path) -> Assumptions:
    """The assumptions with p, tokens and latency as a pilot run found them, over all its models and domains.

    Raises:
        NoRecordsError: The folder holds no finished run.
    """
    first = first_attempts(read_records(pilot))
    judged = [r.outcome is Outcome.INCORRECT for r in first if r.outcome in ATTEMPTED]
    tokens = [r.output_tokens for r in first if r.output_tokens is not None]
    latency = [r.latency_s for r in first if r.latency_s is not None]
    return replace(
        assumed,
        p=(sum(judged) + 0.5) / (len(judged) + 1) if judged else assumed.p,
        output_tokens=fmean(tokens) if tokens else assumed.output_tokens,
        latency_s=fmean(latency) if latency else assumed.latency_s,
    )


def plan(config: RunConfig, prices: PriceTable, assumed: Assumptions) -> Plan:
    """Build every prompt, count its tokens, price them.

    Raises:
        PackError: As `run.load_packs`. ValueError: An assumption outside its range.
    """
    packs = load_packs(config)
    tokens = {pack.name: _prompt_tokens(pack) for pack in packs}
    spends = [_spend(m, p, tokens[p.name], config, prices, assumed) for m in config.models for p in packs]
    return Plan(tuple(spends), tuple(_sight(p, assumed) for p in packs), tuple(_gate(p, assumed) for p in packs))


def _prompt_tokens(pack: DomainPack) -> float:
    count, retriever = token_counter("chars4"), LexicalRetriever(pack.corpus)
    return fmean(count(prepare(s, pack, retriever, pack.source_policy).prompt) for s in pack.samples)


def _spend(
    model: ModelSpec, pack: DomainPack, tokens: float, config: RunConfig, prices: PriceTable, assumed: Assumptions
) -> Spend:
    requests = len(pack.samples) * config.epochs
    attempts = 1 if is_deterministic(model.name) else 1 + pack.retry_policy.max_retries
    hours = requests * assumed.latency_s / assumed.connections / 3600
    usd, why = None, ""
    try:
        usage = Usage("generate", model.name, round(tokens), output_tokens=round(assumed.output_tokens))
        usd = requests * prices.dollars(replace(usage, seconds=assumed.latency_s, requests=1))
    except UnpricedError as error:
        why = str(error)
    high = None if usd is None else usd * attempts
    out = assumed.output_tokens
    return Spend(model.name, pack.name, requests, attempts, tokens, out, usd, high, hours, hours * attempts, why)


def _sight(pack: DomainPack, assumed: Assumptions) -> Sight:
    clusters = cluster_numbers([s.cluster_id for s in pack.samples])
    n, deff = len(pack.samples), _deff(pack, assumed)
    p_max = pack.limits.get("p_max")
    labels, judged = _labels(n, assumed)
    money = pack.economics
    hours = None if labels is None or money is None else labels * money.review_seconds_per_claim / 3600
    return Sight(
        pack.name,
        n,
        len(set(clusters.tolist())),
        deff,
        half_width(assumed.p, n, deff=deff),
        items_for_half_width(assumed.p, assumed.half_width, deff=deff),
        p_max,
        None if not p_max else items_without_error(p_max),
        smallest_margin(n, assumed.discordance, deff=deff),
        paired_items(assumed.margin, assumed.discordance, deff=deff),
        labels,
        judged,
        hours,
        None if hours is None or money is None else hours * money.wage_base,
    )


def _gate(pack: DomainPack, assumed: Assumptions) -> GateSight:
    """A gate on this pack: an equal model, and one that loses twice the margin on what then differs at least."""
    n, deff = len(pack.samples), _deff(pack, assumed)
    margin, lost = assumed.margin, min(1.0, 2 * assumed.margin)
    passes, _ = paired_power(n, margin, assumed.discordance, deff=deff)
    _, fails = paired_power(n, margin, max(assumed.discordance, lost), difference=-lost, deff=deff)
    return GateSight(pack.name, n, margin, passes, fails, paired_items(margin, assumed.discordance, deff=deff))


def _deff(pack: DomainPack, assumed: Assumptions) -> float:
    clusters = cluster_numbers([s.cluster_id for s in pack.samples])
    return design_effect(mean_cluster_size(clusters), assumed.icc)


def _labels(n: int, assumed: Assumptions) -> tuple[int | None, int]:
    """Labels for the wanted half-width and the judged answers beside them: more than `n` where these are too few."""
    judge, needed = (assumed.sensitivity, assumed.specificity), items_for_half_width(assumed.p, assumed.half_width)
    for judged in (n, 2 * needed, 8 * needed):
        try:
            return labels_for_half_width(assumed.p, *judge, assumed.half_width, judged=judged), judged
        except InsufficientDataError:
            continue
    return None, n


def as_rows(found: Plan) -> Sequence[dict[str, object]]:
    """Every number of the plan, for JSON: one object for each row of its three tables."""
    spends = [{"kind": "spend", **asdict(s)} for s in found.spends]
    sights = [{"kind": "sight", **asdict(s)} for s in found.sights]
    return spends + sights + [{"kind": "gate", **asdict(s)} for s in found.gates]
