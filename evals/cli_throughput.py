"""`vcpd throughput`."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from .cli_numbers import FiniteRange

if TYPE_CHECKING:
    from ..scoring.hardware import HardwareCost
    from ..scoring.serving import Slo
    from ..scoring.throughput import Throughput
    from .throughput import ThroughputPlan

F = TypeVar("F", bound=Callable[..., Any])
_MS = FiniteRange(0, min_open=True)


def _slo_options(command: F) -> F:
    for option in (
        click.option("--slo-percentile", type=FiniteRange(50, 99.99), default=99.0, help="[default: 99]"),
        click.option("--slo-e2e-ms", type=_MS, help="Limit of end-to-end latency, with retries and verification."),
        click.option("--slo-itl-ms", type=_MS, help="Limit of the time between two chunks of an answer."),
        click.option("--slo-ttft-ms", type=_MS, help="Limit of the time to the first token, from when it was due."),
    ):
        command = option(command)
    return command


def _load_options(command: F) -> F:
    for option in (
        click.option("--seed", type=click.IntRange(0), default=0, help="Seed of arrivals and of the prompts' order."),
        click.option("--processes", type=click.IntRange(1, 64), default=1, help="Client processes [default: 1]."),
        click.option("--no-self-test", is_flag=True, help="Do not measure first what this client can read at all."),
        click.option("--shared-prefix", is_flag=True, help="Send prompts as they are: prefix caches answer too."),
        click.option("--timeout", "timeout_s", type=_MS, default=120.0, help="Seconds after which a request failed."),
        click.option("--warm-up", "warm_s", type=FiniteRange(0), help="Seconds left out at the beginning."),
        click.option("--duration", "duration_s", type=_MS, default=60.0, help="Seconds measured [default: 60]."),
        click.option("--search", type=click.Choice(["rate", "streams"]), default="rate", help="What is searched."),
        click.option("--rate", type=_MS, help="Open loop: so many requests per second, Poisson."),
        click.option("--streams", type=click.IntRange(1), help="Closed loop: so many at once."),
    ):
        command = option(command)
    return command


def _request_options(command: F) -> F:
    for option in (
        click.option("--tokenizer", help="Also count tokens by this: chars4, o200k_base or cl100k_base."),
        click.option("--verifier", default="lexical", help="The policy's verifier [default: lexical]."),
        click.option("--with-policy", is_flag=True, help="Verification and retries inside the latency: delivered T."),
        click.option("--max-tokens-field", default="max_tokens", help="E.g. max_completion_tokens."),
        click.option("--max-tokens", type=click.IntRange(1), help="Limit of every answer, instead of its own length."),
        click.option("--run-model", metavar="NAME", help="The model's name in the run that --prompts names."),
        click.option("--prompts", multiple=True, metavar="RUN|PACK", help="The requests [default: bundled packs]."),
        click.option("--api-key-env", metavar="NAME", help="Environment variable that holds the endpoint's key."),
        click.option("--base-url", metavar="URL", help="OpenAI-compatible endpoint, e.g. http://127.0.0.1:8000/v1."),
    ):
        command = option(command)
    return command


def hardware_options(command: F) -> F:
    """--gpu, --gpus, --gpu-basis, --usd-per-gpu-hour, --utilisation, --kw, --usd-per-kwh, --hardware."""
    for option in (
        click.option("--hardware", type=click.Path(path_type=Path), help="A table of hardware before the bundled."),
        click.option("--usd-per-kwh", type=_MS, help="Price of power, where it is paid apart."),
        click.option("--kw", type=_MS, help="Kilowatts a GPU with its share of host and cooling."),
        click.option("--utilisation", type=FiniteRange(0, 1, min_open=True), default=1.0, help="[default: 1]"),
        click.option("--usd-per-gpu-hour", type=_MS, help="Your price of a GPU hour."),
        click.option("--gpu-basis", default="rental", help="Kind of price in the table [default: rental]."),
        click.option("--gpus", type=FiniteRange(0, min_open=True), default=1.0, help="[default: 1]"),
        click.option("--gpu", metavar="NAME", help="Priced by the table of hardware, e.g. h100."),
    ):
        command = option(command)
    return command


@click.command()
@click.argument("model", required=False)
@_request_options
@_slo_options
@_load_options
@hardware_options
@click.option(
    "--from",
    "sources",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Import a result of guidellm, aiperf or vLLM bench serve; five or more of one load give T an interval.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON on stdout.")
@click.option("--out", type=click.Path(path_type=Path), help="Keep the result in this file.")
@click.option("--quiet", is_flag=True, help="No progress.")
def throughput(
    model: str | None, sources: tuple[Path, ...], as_json: bool, out: Path | None, quiet: bool, **options: Any
) -> None:
    """T at the SLO: output tokens per second of MODEL at the highest load whose latencies hold.

    Without --streams or --rate the load is searched. The requests are those of the evaluation (--prompts RUN), each
    with a beginning of its own so that no prefix cache answers. Give the result to `vcpd frontier --throughput FILE`.
    """
    found = _imported(sources, model, options) if sources else _measured(model, options, quiet=quiet or as_json)
    from ..scoring.throughput import throughput_json

    row = throughput_json(found)
    if out:
        from .run_folder import write_json

        write_json(out, row)
    if as_json:
        click.echo(json.dumps(row, allow_nan=False))
        return
    from ..reports.market_tables import print_market
    from ..reports.throughput_tables import throughput_tables

    print_market(throughput_tables(found))


def _imported(sources: tuple[Path, ...], model: str | None, options: dict[str, Any]) -> "Throughput":
    from .load_importers import import_throughput

    return import_throughput(sources, model, slo_of(options), hardware_of(options))


def _measured(model: str | None, options: dict[str, Any], *, quiet: bool) -> "Throughput":
    from .throughput import measure_throughput

    if model is None:
        raise click.UsageError("name the MODEL as the endpoint knows it, or import a result with --from FILE")
    if not options["base_url"] and not options["streams"]:
        raise click.UsageError(
            "--base-url is needed: an OpenAI-compatible endpoint. Through litellm streaming loses 8 to 77 % of the "
            "throughput and adds 34 to 49 ms to TTFT, so without one at most --streams 4 are measured, and flagged"
        )
    if options["streams"] and options["rate"]:
        raise click.UsageError("--streams and --rate exclude each other: closed or open loop")
    say = (lambda _: None) if quiet else (lambda text: click.echo(text, err=True))
    return measure_throughput(_plan(model, options), say)


def _plan(model: str, o: dict[str, Any]) -> "ThroughputPlan":
    from .load_types import Endpoint, LoadKind
    from .load_workload import workload_of
    from .packs import BUNDLED
    from .throughput import ThroughputPlan
    from .token_counts import token_counter

    closed = o["streams"] or (o["search"] == "streams" and not o["rate"])
    return ThroughputPlan(
        Endpoint(o["base_url"] or "", model, _key(o["api_key_env"]), o["timeout_s"], o["max_tokens_field"]),
        workload_of(o["prompts"] or BUNDLED, o["run_model"] or model, o["max_tokens"]),
        slo_of(o),
        LoadKind.CLOSED if closed else LoadKind.POISSON,
        o["streams"] or o["rate"],
        o["duration_s"],
        warm_s=o["warm_s"],
        processes=o["processes"],
        seed=o["seed"],
        unique=not o["shared_prefix"],
        verifier=o["verifier"] if o["with_policy"] else "",
        tokenizer=token_counter(o["tokenizer"]) if o["tokenizer"] else None,
        self_test=not o["no_self_test"],
        hardware=hardware_of(o),
        through_litellm=not o["base_url"],
    )


def _key(name: str | None) -> str:
    if name and not os.environ.get(name):
        raise click.UsageError(f"--api-key-env: the environment variable {name} is not set")
    return os.environ[name] if name else ""


def slo_of(options: dict[str, Any]) -> "Slo":
    """The SLO of `--slo-*` options."""
    from ..scoring.serving import Slo

    given = {name: options[f"slo_{name}_ms"] for name in ("ttft", "itl", "e2e")}
    limits = {f"{name}_s": ms / 1000 for name, ms in given.items() if ms is not None}
    return Slo(**limits, percentile=options["slo_percentile"] / 100)


def hardware_of(o: dict[str, Any]) -> "HardwareCost | None":
    """The cost of `hardware_options`; None where neither a GPU nor a price is named."""
    from ..scoring.hardware import HardwareCost, default_hardware, hardware_cost, listed_gpu, load_hardware

    if o["usd_per_gpu_hour"] is not None:
        name = o["gpu"] or "GPU"
        return HardwareCost(
            name, o["gpus"], o["usd_per_gpu_hour"], utilisation=o["utilisation"], kw=o["kw"],
            usd_per_kwh=o["usd_per_kwh"],
        )  # fmt: skip
    if not o["gpu"]:
        return None
    table = default_hardware() | (load_hardware(o["hardware"]) if o["hardware"] else {})
    gpu = listed_gpu(o["gpu"], table)
    return hardware_cost(
        gpu, o["gpus"], basis=o["gpu_basis"], utilisation=o["utilisation"], usd_per_kwh=o["usd_per_kwh"]
    )
