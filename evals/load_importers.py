"""Throughput that another tool measured, as a throughput of ours: guidellm, aiperf and vLLM `bench serve`."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ..scoring.estimate import Estimate, InsufficientDataError
from ..scoring.hardware import HardwareCost
from ..scoring.serving import ServingCondition, Slo
from ..scoring.steady import FEWEST_WINDOWS, rate_estimate
from ..scoring.throughput import Throughput, ThroughputFileError
from .load_tools import ToolRun, tool_runs

_LEVEL = 0.95


def import_throughput(
    paths: Sequence[Path], model: str | None, slo: Slo, hardware: HardwareCost | None = None
) -> Throughput:
    """Read result files of one tool; of several loads the highest throughput that keeps the SLO counts.

    Five or more files of one load are runs that give T an interval; a single one gives none.

    Args:
        model: How the model is called here; None: as the file says.

    Raises:
        ThroughputFileError: No file of a known tool, an unknown schema version, a field that is missing or no number,
            different tools or models, or no load that keeps the SLO.
    """
    runs = [run for path in paths for run in tool_runs(path)]
    names = {(run.tool, run.model) for run in runs}
    if len(names) > 1:
        said = ", ".join(sorted(f"{m} by {tool}" for tool, m in names))
        raise ThroughputFileError(f"the files are not of one model and tool ({said}): import them one at a time")
    kept = [run for run in runs if _kept(run, slo) is not False]
    if not kept:
        missed = "; ".join(f"{run.batch}: {', '.join(_missed(run, slo))}" for run in runs)
        raise ThroughputFileError(f"no load in {paths[0]} keeps the SLO ({slo}): {missed}")
    best = max(kept, key=lambda run: run.tokens_per_s)
    return _throughput([run for run in kept if run.batch == best.batch], model, slo, hardware)


def _throughput(runs: Sequence[ToolRun], model: str | None, slo: Slo, hardware: HardwareCost | None) -> Throughput:
    one, rates = runs[0], [run.tokens_per_s for run in runs]
    n = sum(sum(run.endings.values()) for run in runs)
    mean = sum(rates) / len(rates)
    single = Estimate(mean, None, None, _LEVEL, n, len(runs), f"as {one.tool} reports it, no interval", "tokens/s")
    said = list(dict.fromkeys(text for run in runs for text in run.warnings))
    try:
        rate = replace(rate_estimate(rates, _LEVEL, n), method=f"{len(rates)} runs of {one.tool}, t")
    except InsufficientDataError:
        rate = single
        said.append(f"T has no interval: {len(rates)} of the {FEWEST_WINDOWS} runs that one needs")
    judged = [_kept(run, slo) for run in runs]
    if slo.limits and None in judged:
        said.append("the file does not tell every latency of the SLO: whether it was kept is not known")
    return Throughput(
        model=model or one.model,
        tool=one.tool,
        measured_at=one.day,
        condition=ServingCondition(batch=one.batch, slo=slo),
        tokens_per_s=rate,
        raw_tokens_per_s=mean,
        requests_per_s=sum(run.requests_per_s for run in runs) / len(runs),
        slo_kept=None if not slo.limits or None in judged else True,
        workload=one.workload,
        latencies=one.latencies,
        endings=one.endings,
        hardware=hardware,
        details={"runs": len(runs), "unique_prompts": None},
        warnings=(*said, "the client's own ceiling is not known: the tool does not measure it"),
    )


def _missed(run: ToolRun, slo: Slo) -> list[str]:
    key = f"p{slo.percentile * 100:g}"
    found = []
    for name, limit in slo.limits.items():
        value = run.latencies.get(name, {}).get(key)
        if value is not None and value > limit:
            found.append(f"{key} {name.upper()} {value * 1000:.4g} ms above {limit * 1000:g} ms")
    failed = sum(n for ending, n in run.endings.items() if ending != "ok")
    if failed > (1 - slo.percentile) * max(sum(run.endings.values()), 1):
        found.append(f"{failed} requests failed")
    return found


def _kept(run: ToolRun, slo: Slo) -> bool | None:
    """Whether the SLO held; None where the file does not tell."""
    if _missed(run, slo):
        return False
    key = f"p{slo.percentile * 100:g}"
    return True if all(key in run.latencies.get(name, {}) for name in slo.limits) else None
