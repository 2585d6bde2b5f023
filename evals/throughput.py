"""`vcpd throughput`: T at the SLO of an OpenAI-compatible endpoint, by a search over loads.

In this order: what one request takes alone, what this client can read at all, the highest load whose SLO holds, and a
longer measurement there. If that fails where a shorter one passed, the load is lowered and measured again.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from .. import __version__
from ..scoring.hardware import HardwareCost
from ..scoring.load_summary import LoadSummary, client_limited, compared_with_tokenizer, summarise_load
from ..scoring.saturation import Probe, SearchRange, highest_kept, next_level
from ..scoring.served_requests import Latencies, latencies
from ..scoring.serving import AS_RETRIEVED, ServingCondition, Slo
from ..scoring.throughput import Throughput, WorkloadUsed
from .litellm_load import WARNING, offer_litellm
from .load_client import Verification
from .load_processes import offer
from .load_self_test import Ceiling, client_ceiling
from .load_types import Endpoint, EndpointError, Load, LoadKind, LoadPlan
from .load_workload import LoadWorkload, judge, judging_pool

_LOWER = 0.93
_TRIES = 4


@dataclass(frozen=True, slots=True)
class ThroughputPlan:
    """What to measure.

    Attributes:
        kind: Closed loop or Poisson. level: Streams or requests per second; None: search for the highest.
        duration_s: Of the measurement. probe_s: Of each step of the search; None: half of that.
        verifier: Named verification policy inside the latency; "" for none.
        tokenizer: Counts tokens of some answers beside the server; None: not compared.
        self_test: Whether the client's ceiling is measured first.
        through_litellm: For a provider that has no OpenAI-compatible stream; a few streams, and flagged.
        largest: Most streams that the search tries; of requests per second as many as these streams would ask alone.
    """

    endpoint: Endpoint
    workload: LoadWorkload
    slo: Slo = field(default_factory=Slo)
    kind: LoadKind = LoadKind.POISSON
    level: float | None = None
    duration_s: float = 60.0
    probe_s: float | None = None
    warm_s: float | None = None
    processes: int = 1
    seed: int = 0
    unique: bool = True
    verifier: str = ""
    tokenizer: Callable[[str], int] | None = None
    self_test: bool = True
    largest: int = 2048
    tolerance: float = 0.05
    hardware: HardwareCost | None = None
    through_litellm: bool = False


Say = Callable[[str], None]


def measure_throughput(plan: ThroughputPlan, say: Say = lambda _: None) -> Throughput:
    """Measure T.

    Raises:
        EndpointError: The endpoint answers nothing, or keeps the SLO at no load.
        InsufficientDataError: Too few answers in the time given.
    """
    ceiling = client_ceiling(plan.processes) if plan.self_test and not plan.through_litellm else None
    if ceiling:
        say(f"this client reads up to {ceiling.chunks_per_s:.0f} chunks/s (self-test)")
    pool: AbstractContextManager[Any] = nullcontext()
    if plan.verifier:
        pool = judging_pool(plan.workload, plan.verifier)
    with pool as judges:
        policy = Verification(judge, judges, plan.workload.max_retries) if plan.verifier else None
        bench = _Bench(plan, policy, say)
        found = bench.find()
    return _throughput(bench, found, ceiling)


@dataclass(frozen=True, slots=True)
class _Found:
    """The measurement that counts, and the load that gave it."""

    plan: LoadPlan
    load: Load
    summary: LoadSummary


class _Bench:
    """Loads one endpoint, one load after the other."""

    def __init__(self, plan: ThroughputPlan, policy: Verification | None, say: Say) -> None:
        self.plan, self.policy, self.say = plan, policy, say
        self.probes: list[Probe] = []
        self.offer = offer_litellm if plan.through_litellm else offer
        self.alone = self._alone()

    def _alone(self) -> Latencies:
        """Latencies of one stream: what a request takes without a queue."""
        plan = LoadPlan(LoadKind.CLOSED, 1, 1.0, seed=self.plan.seed, unique=self.plan.unique)
        load = self.offer(self.plan.endpoint, self.plan.workload.prompts, plan, self.policy)
        found = latencies(load.requests)
        if found.e2e is None or found.ttft is None:
            endings = ", ".join(sorted({r.ending.value for r in load.requests}))
            name = self.plan.endpoint.base_url or self.plan.endpoint.model
            raise EndpointError(f"{name} answers no request ({endings}): {load.failure or 'no token came'}")
        self.request_s = found.e2e.mean
        self.say(f"alone: TTFT {found.ttft.p50 * 1000:.4g} ms, end-to-end {self.request_s:.4g} s")
        return found

    def find(self) -> _Found:
        """At the level that was asked for, or at the highest that keeps the SLO."""
        if self.plan.level is not None:
            return self.measure(self.plan.level, self.plan.duration_s)
        self.search()
        level = highest_kept(self.probes)
        for _ in range(_TRIES):
            if level is None:
                break
            found = self.measure(level, self.plan.duration_s)
            if found.summary.kept:
                return found
            self.probes.append(_probe(level, found.summary))
            lower = level * _LOWER
            level = float(int(lower)) if self.plan.kind is LoadKind.CLOSED else lower
            level = level if level > 0 else None
        tried = "; ".join(f"{p.level:g}: {p.why}" for p in sorted(self.probes, key=lambda p: p.level)[:3])
        raise EndpointError(f"the SLO ({self.plan.slo}) holds at no load that was tried ({tried})")

    def search(self) -> None:
        """Double, then bisect."""
        where = self.range()
        while (level := next_level(self.probes, where)) is not None:
            seconds = self.plan.probe_s or max(self.plan.duration_s / 2, 6 * self.request_s)
            summary = self.measure(level, seconds).summary
            self.probes.append(_probe(level, summary))

    def range(self) -> SearchRange:
        """Streams from 1; requests per second from what one stream asks."""
        if self.plan.kind is LoadKind.CLOSED:
            return SearchRange(1, 1, self.plan.largest, self.plan.tolerance, whole=True)
        one = 1 / self.request_s
        return SearchRange(one, one / 64, one * self.plan.largest, self.plan.tolerance)

    def measure(self, level: float, seconds: float) -> _Found:
        """One load: warm-up and so many seconds after it."""
        plan, ramp = self.plan, self.request_s
        warm = plan.warm_s if plan.warm_s is not None else 2 * ramp
        load_plan = LoadPlan(
            plan.kind, level, warm + seconds, ramp, plan.seed + len(self.probes), plan.unique,
            32 if plan.tokenizer else 0, plan.processes,
        )  # fmt: skip
        load = self.offer(plan.endpoint, plan.workload.prompts, load_plan, self.policy)
        summary = summarise_load(load.requests, plan.slo, warm, load.stopped)
        if plan.tokenizer:
            pairs = [(count, plan.tokenizer(text)) for count, text in load.texts]
            summary = replace(summary, check=compared_with_tokenizer(summary.check, pairs))
        rate = f"{summary.tokens_per_s.value:.4g} tokens/s" if summary.tokens_per_s else "too few answers"
        self.say(f"{load_plan.named}: {rate}; {summary.why or 'kept'}")
        return _Found(load_plan, load, summary)


def _probe(level: float, summary: LoadSummary) -> Probe:
    rate = summary.tokens_per_s.value if summary.tokens_per_s else None
    return Probe(level, summary.kept, summary.attained, summary.why, rate)


def _throughput(bench: _Bench, found: _Found, ceiling: Ceiling | None) -> Throughput:
    plan, summary = bench.plan, found.summary
    if summary.tokens_per_s is None:
        raise EndpointError(f"T is undefined at {found.plan.named}: {summary.why}. {found.load.failure}".strip())
    used = plan.workload.used
    return Throughput(
        model=plan.workload.model or plan.endpoint.model,
        tool=f"vcpd {__version__}",
        measured_at=datetime.now(UTC).date().isoformat(),
        condition=condition_of(plan, found.plan.named),
        tokens_per_s=summary.tokens_per_s,
        raw_tokens_per_s=summary.raw_tokens_per_s,
        requests_per_s=summary.requests_per_s,
        goodput_per_s=summary.goodput_requests_per_s,
        slo_kept=summary.kept if plan.slo.limits else None,
        workload=_with_means(used, found.load),
        latencies={name: value for name, value in asdict(summary.latencies).items() if value},
        endings=summary.endings,
        hardware=plan.hardware,
        details=_details(bench, found, ceiling),
        warnings=tuple(_warnings(bench, found, ceiling)),
    )


def condition_of(plan: ThroughputPlan, batch: str) -> ServingCondition:
    """The serving condition of a measurement at one load."""
    retries = f", {plan.workload.max_retries} retries" if plan.workload.max_retries else ""
    verification = f"{plan.verifier}{retries}" if plan.verifier else "none"
    return ServingCondition(batch, plan.workload.context or AS_RETRIEVED, plan.slo, verification)


def _with_means(used: WorkloadUsed, load: Load) -> WorkloadUsed:
    good = [r for r in load.requests if r.ok]
    paid = [r.input_tokens for r in good if r.input_tokens is not None]
    made = [r.tokens for r in good]
    return replace(
        used,
        input_tokens=sum(paid) / len(paid) if paid else None,
        output_tokens=sum(made) / len(made) if made else None,
    )


def _details(bench: _Bench, found: _Found, ceiling: Ceiling | None) -> dict[str, Any]:
    summary, alone = found.summary, bench.alone
    queueing = None
    if summary.latencies.ttft and alone.ttft:
        queueing = max(summary.latencies.ttft.p50 - alone.ttft.p50, 0.0)
    cached = [r.cached_tokens for r in found.load.requests if r.ok and r.cached_tokens is not None]
    return {
        "offered_per_s": summary.offered_per_s,
        "goodput_tokens_per_s": summary.goodput_tokens_per_s,
        "attained": None if summary.attained is None else asdict(summary.attained),
        "at_percentile": {k: v if v < float("inf") else None for k, v in summary.at_percentile.items()},
        "queueing_s": queueing,
        "alone": {name: value for name, value in asdict(alone).items() if value},
        "window_s": list(summary.window),
        "tokens": asdict(summary.check),
        "cached_tokens": sum(cached) / len(cached) if cached else None,
        "unique_prompts": bench.plan.unique,
        "saturation": [asdict(p) for p in bench.probes],
        "client": {
            "ceiling": None if ceiling is None else asdict(ceiling),
            "chunks_per_s": summary.chunks_per_s,
            "lag_p99_s": found.load.lag_p99_s,
            "cpu_share": found.load.cpu_share,
            "processes": bench.plan.processes,
        },
        "seed": bench.plan.seed,
    }


def _warnings(bench: _Bench, found: _Found, ceiling: Ceiling | None) -> list[str]:
    summary, plan = found.summary, bench.plan
    itl = summary.latencies.itl.p50 if summary.latencies.itl else None
    limit = client_limited(summary.chunks_per_s, ceiling.chunks_per_s if ceiling else None, found.load, itl)
    said = [WARNING if plan.through_litellm else "", limit, summary.check.disagreement]
    if not summary.kept:
        said.append(f"not at the SLO: {summary.why}" if plan.slo.limits else summary.why)
    if not plan.slo.limits:
        said.append("no SLO was given: T is free-running")
    if ceiling is None:
        said.append("the client's own ceiling was not measured")
    if plan.kind is LoadKind.CLOSED:
        said.append("closed loop: a server that stops is asked less, so percentiles look better than users see them")
    inside, share = summary.attained, plan.slo.percentile
    if plan.slo.limits and summary.kept and inside is not None and inside.low is not None and inside.low < share:
        said.append(
            f"the SLO held, but {inside.n} requests do not show it: {inside.value:.1%} were inside, "
            f"[{inside.low:.1%}, {inside.high:.1%}], against {share:.1%}; measure for longer (--duration)"
        )
    failed = {name: n for name, n in summary.endings.items() if name != "ok"}
    if failed:
        said.append("failed and left out of T and latencies: " + ", ".join(f"{n} {name}" for name, n in failed.items()))
    if not plan.unique:
        said.append("prompts were sent as they are: a prefix cache may have answered part of them")
    if plan.level is None and bench.probes and all(p.kept for p in bench.probes):
        said.append("the search ended at its largest load, which was kept: the server takes more")
    return [text for text in said if text]
