"""The terminal table of `vcpd throughput`. At most 100 columns."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ..scoring.cost_quality import Candidate
from ..scoring.throughput import Throughput
from .market_tables import add_row, plain_table
from .numbers import amount, amount_interval, printable

_LATENCIES = {
    "ttft": "TTFT (prefill)",
    "tpot": "TPOT (decode, of answers)",
    "itl": "ITL (decode, of gaps)",
    "e2e": "end to end",
    "verify": "verification",
    "client_delay": "client's own delay",
}


def throughput_tables(found: Throughput) -> RenderableType:
    """T and its dollars, latencies with prefill and decode apart, the search, and what must be read beside them."""
    parts: list[RenderableType] = [*map(Text, _lines(found)), ""]
    if found.latencies:
        parts += [_latencies(found), ""]
    if probes := found.details.get("saturation"):
        parts += [_search(probes), ""]
    parts += [Text(f"* {printable(text)}", style="red") for text in found.warnings]
    return Group(*parts)


def serving_table(candidates: Sequence[Candidate]) -> Table:
    """Variants side by side: T at the SLO, what a second and a token cost, and what kept the SLO."""
    columns = ["T tokens/s", "SLO", "$/h", "$/Mtok out", "tokens/J"]
    table = plain_table("Serving: T at the SLO, and what it costs", ["model"], columns)
    for c in candidates:
        t = c.throughput
        texts = ["-"] * len(columns)
        if t is not None:
            kept = {True: "kept", False: "NOT kept", None: "not shown"}[t.slo_kept]
            texts = [amount_interval(t.tokens_per_s), kept, "-", "by token", "-"]
        if t is not None and t.hardware is not None and t.usd_per_mtok is not None:
            joule = t.hardware.tokens_per_joule(t.raw_tokens_per_s)
            texts[2:] = [amount(t.hardware.usd_per_s * 3600), amount(t.usd_per_mtok), amount(joule) if joule else "-"]
        add_row(table, [printable(c.label), *texts])
    return table


def _lines(found: Throughput) -> list[str]:
    delivered = "delivered " if found.condition.verification != "none" else ""
    goodput = "" if found.goodput_per_s is None else f", goodput {amount(found.goodput_per_s)}"
    lines = [
        f"{printable(found.model)}: T = {amount_interval(found.tokens_per_s)} {delivered}output tokens/s",
        f"  under {found.condition.slo}, at {printable(found.condition.batch)}, context {found.condition.context}, "
        f"verification {printable(found.condition.verification)}",
        f"  requests/s {amount(found.requests_per_s)}{goodput}",
        f"  measured by {printable(found.tool)} {found.measured_at}; prompts: {printable(found.workload.name)}",
    ]
    if found.raw_tokens_per_s > found.tokens_per_s.value * 1.0001:
        lines.insert(2, f"  the server makes {amount(found.raw_tokens_per_s)} tokens/s, rejected attempts included")
    if (queueing := found.details.get("queueing_s")) is not None:
        lines.append(f"  queueing: median TTFT is {queueing * 1000:.4g} ms above that of a request alone")
    if found.hardware is not None and found.usd_per_mtok is not None:
        lines.append(f"  {printable(str(found.hardware))}: ${amount(found.usd_per_mtok)} per million output tokens")
        if (joule := found.hardware.tokens_per_joule(found.raw_tokens_per_s)) is not None:
            lines.append(f"  {amount(joule)} tokens per joule (tokens/s per watt)")
    return lines


def _latencies(found: Throughput) -> Table:
    table = plain_table("Latency in ms, good requests, from when each was due", [""], ["mean", "p50", "p90", "p99"])
    for name, said in _LATENCIES.items():
        if name in found.latencies:
            row = found.latencies[name]
            texts = [f"{row[k] * 1000:.4g}" if k in row else "-" for k in ("mean", "p50", "p90", "p99")]
            add_row(table, [said, *texts])
    return table


def _search(probes: Sequence[Mapping[str, Any]]) -> Table:
    table = plain_table("Search", ["load"], ["tokens/s", "inside SLO", "kept"])
    for p in sorted(probes, key=lambda p: float(p["level"])):
        inside = p["attained"]["value"] if p["attained"] else 0.0
        rate = "-" if p["tokens_per_s"] is None else amount(p["tokens_per_s"])
        add_row(table, [f"{p['level']:.4g}", rate, f"{inside:.3f}", "yes" if p["kept"] else "no"])
    return table
