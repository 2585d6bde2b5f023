"""Result files of guidellm, aiperf and vLLM `bench serve`, told apart by content and read into our own terms.

What the tools call by one name is not one thing, so each name is mapped to ours: guidellm's ITL is one number an
answer, our TPOT, and its TPOT is latency / tokens, which is not kept; vLLM's and aiperf's gaps are our ITL. A schema
that is not known is refused, never guessed.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..scoring.served_requests import spread
from ..scoring.throughput import ThroughputFileError, WorkloadUsed

GUIDELLM_SCHEMA = 2
AIPERF_SCHEMAS = ("1.4",)


@dataclass(frozen=True, slots=True)
class ToolRun:
    """One load of another tool.

    Attributes:
        latencies: Seconds by our names. unit of rates: a second.
        open_loop: Whether arrivals did not wait for answers. warnings: What the tool's numbers leave out.
    """

    tool: str
    model: str
    day: str
    batch: str
    tokens_per_s: float
    requests_per_s: float
    endings: Mapping[str, int]
    workload: WorkloadUsed
    latencies: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def tool_runs(path: Path) -> list[ToolRun]:
    """The loads of one result file. Raises ThroughputFileError: no known tool or schema, or a field that is wrong."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ThroughputFileError(f"{path} cannot be read as JSON: {error}") from error
    if isinstance(data, dict):
        fields = _Fields(str(path), data)
        if "benchmarks" in data and "metadata" in data:
            return _guidellm(fields)
        if "schema_version" in data and "aiperf_version" in data:
            return [_aiperf(fields)]
        if "output_throughput" in data and "request_throughput" in data:
            return [_vllm(fields)]
    raise ThroughputFileError(f"{path} is no result of guidellm (JSON), aiperf (profile_export) or vLLM bench serve")


@dataclass(frozen=True, slots=True)
class _Fields:
    """An object of a file, read with messages that name the place."""

    where: str
    data: Mapping[str, Any]

    def at(self, *names: str | int) -> Any:
        value: Any = self.data
        for name in names:
            try:
                value = value[name]
            except (KeyError, IndexError, TypeError):
                raise self.error(".".join(map(str, names)), "is missing") from None
        return value

    def number(self, *names: str | int, least: float = 0.0) -> float:
        value = self.at(*names)
        good = isinstance(value, int | float) and not isinstance(value, bool)
        if not good or not least <= value < float("inf"):
            raise self.error(".".join(map(str, names)), f"{str(value)[:40]!r} is no number of {least:g} or more")
        return float(value)

    def within(self, *names: str | int) -> "_Fields":
        value = self.at(*names)
        if not isinstance(value, dict):
            raise self.error(".".join(map(str, names)), "is no object")
        return _Fields(f"{self.where}, {'.'.join(map(str, names))}", value)

    def error(self, name: str, what: str) -> ThroughputFileError:
        return ThroughputFileError(f"{self.where}, field '{name}': {what}")


def _guidellm(f: _Fields) -> list[ToolRun]:
    version = f.at("metadata", "version")
    if version != GUIDELLM_SCHEMA:
        raise f.error("metadata.version", f"is {version!r}; this version reads {GUIDELLM_SCHEMA}")
    tool = f"guidellm {f.at('metadata', 'guidellm_version')}"
    return [_guidellm_load(f, f.within("benchmarks", i), tool) for i in range(len(f.at("benchmarks")))]


def _guidellm_load(top: _Fields, f: _Fields, tool: str) -> ToolRun:
    metrics = f.within("metrics")
    strategy = f.within("config", "strategy").data
    totals = metrics.within("request_totals")
    streams = strategy.get("streams") or strategy.get("max_concurrency")
    closed = strategy.get("type_") in ("concurrent", "synchronous", "throughput")
    batch = f"{streams or 1:g} streams" if closed else f"{strategy.get('rate')} requests/s, {strategy.get('type_')}"
    names = {
        "ttft": ("time_to_first_token_ms", 1e-3),
        "tpot": ("inter_token_latency_ms", 1e-3),
        "e2e": ("request_latency", 1.0),
    }
    found = {ours: _spread(metrics.within(theirs, "successful"), scale) for ours, (theirs, scale) in names.items()}
    means = [metrics.number(name, "successful", "mean") for name in ("prompt_token_count", "output_token_count")]
    said = ["guidellm times no gaps between tokens: its ITL is one number an answer and is kept as TPOT"]
    if not closed:
        said.append("guidellm's latencies count from sending, not from when a request was due")
    said += [str(w)[:200] for w in f.data.get("warnings") or ()]
    requests = int(totals.number("successful"))
    return ToolRun(
        tool,
        _guidellm_model(top),
        _day(f.data.get("start_time")),
        batch,
        metrics.number("output_tokens_per_second", "total", "mean"),
        metrics.number("requests_per_second", "successful", "mean"),
        {"ok": requests, "server_error": int(totals.number("errored"))},
        WorkloadUsed("guidellm's own", "", requests, *means),
        found,
        tuple(said),
    )


def _guidellm_model(f: _Fields) -> str:
    for place in (("config", "spec", "backend", "model"), ("benchmarks", 0, "config", "backend", "model")):
        try:
            model = f.at(*place)
        except ThroughputFileError:
            continue
        if isinstance(model, str) and model:
            return model
    return "unnamed"


def _spread(f: _Fields, scale: float) -> dict[str, float]:
    names = {"mean": ("mean",), **{p: ("percentiles", p) for p in ("p50", "p90", "p95", "p99")}}
    return {ours: f.number(*theirs) * scale for ours, theirs in names.items()}


def _day(stamp: Any) -> str:
    """The day of seconds since 1970, or of an ISO time; "" of anything else."""
    from datetime import UTC, datetime

    if isinstance(stamp, int | float) and 0 < stamp < 4e9:
        return datetime.fromtimestamp(stamp, UTC).date().isoformat()
    return stamp[:10] if isinstance(stamp, str) and len(stamp) >= 10 else ""


def _aiperf(f: _Fields) -> ToolRun:
    version = f.at("schema_version")
    if version not in AIPERF_SCHEMAS:
        raise f.error("schema_version", f"is {version!r}; this version reads {', '.join(AIPERF_SCHEMAS)}")
    phases = [p for p in f.at("input_config", "phases") if isinstance(p, dict) and p.get("kind") == "profiling"]
    phase = phases[0] if phases else {}
    rate = phase.get("rate", phase.get("request_rate"))
    batch = f"{rate:g} requests/s, {phase.get('type')}" if rate else f"{phase.get('concurrency', 1):g} streams"
    names = {
        "ttft": "time_to_first_token",
        "tpot": "inter_token_latency",
        "itl": "inter_chunk_latency",
        "e2e": "request_latency",
    }
    found = {ours: _aiperf_spread(f.within(theirs)) for ours, theirs in names.items() if theirs in f.data}
    good = int(f.number("request_count", "avg"))
    failed = round(f.number("error_request_count", "avg")) if "error_request_count" in f.data else 0
    means = [f.number(name, "avg") for name in ("input_sequence_length", "output_sequence_length")]
    said = [] if f.data.get("is_complete", True) and not f.data.get("was_cancelled") else ["the run was broken off"]
    if "effective_latency" in f.data:  # from when the tool meant to send
        found["e2e"] = _aiperf_spread(f.within("effective_latency"))
    return ToolRun(
        f"aiperf {f.at('aiperf_version')}",
        str(f.at("input_config", "models", "items", 0, "name")),
        _day(f.data.get("start_time")),
        batch,
        f.number("output_token_throughput", "avg"),
        f.number("request_throughput", "avg"),
        {"ok": good, **({"server_error": failed} if failed else {})},
        WorkloadUsed("aiperf's own", "", good, *means),
        found,
        (*said, "aiperf divides by the whole run, so its throughput includes the ramp"),
    )


def _aiperf_spread(f: _Fields) -> dict[str, float]:
    if f.at("unit") != "ms":
        raise f.error("unit", f"{f.at('unit')!r} is not milliseconds")
    names = {"mean": "avg", "p50": "p50", "p90": "p90", "p95": "p95", "p99": "p99"}
    return {ours: f.number(theirs) / 1000 for ours, theirs in names.items()}


def _vllm(f: _Fields) -> ToolRun:
    """vLLM's flat result; it carries no schema version, so the fields that are used must all be there."""
    streams, rate = f.data.get("max_concurrency"), f.at("request_rate")
    unlimited = rate in ("inf", float("inf"))
    batch = f"{streams or f.number('num_prompts'):g} streams" if unlimited else f"{float(rate):g} requests/s, Poisson"
    found: dict[str, dict[str, float]] = {}
    for ours, theirs in (("ttft", "ttft"), ("tpot", "tpot"), ("itl", "itl"), ("e2e", "e2el")):
        kept = {"mean": f"mean_{theirs}_ms", "p50": f"median_{theirs}_ms"}
        kept |= {p: f"{p}_{theirs}_ms" for p in ("p50", "p90", "p95", "p99")}
        seen = {key: f.number(name) / 1000 for key, name in kept.items() if name in f.data}
        found |= {ours: seen} if seen else {}
    queued = [q for q in f.data.get("queue_times") or () if isinstance(q, int | float)]
    if (waited := spread(queued)) is not None:
        found["client_delay"] = {"mean": waited.mean, "p50": waited.p50, "p90": waited.p90, "p99": waited.p99}
    good, failed = f.number("completed"), f.number("failed") if "failed" in f.data else 0.0
    said = ["vLLM divides by the whole run, so its throughput includes ramp and drain"]
    if streams and not unlimited:
        said.append("requests waited in the client for a free stream, and vLLM's latencies count from sending")
    lengths = [f.number(name) / max(good, 1) for name in ("total_input_tokens", "total_output_tokens")]
    endings = {"ok": int(good), **({"server_error": int(failed)} if failed else {})}
    tool = f"vllm bench serve ({f.data.get('endpoint_type') or f.data.get('backend') or 'unknown'})"
    used = WorkloadUsed("vLLM's own", "", int(f.number("num_prompts")), *lengths)
    day = str(f.data.get("date", ""))
    return ToolRun(
        tool,
        str(f.at("model_id")),
        f"{day[:4]}-{day[4:6]}-{day[6:8]}" if day[:8].isdigit() else "",
        batch,
        f.number("output_throughput"),
        f.number("request_throughput"),
        endings,
        used,
        found,
        tuple(said),
    )
