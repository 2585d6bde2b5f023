"""`vcpd frontier`."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .cli_figures import json_option, out_option, write_figure
from .cli_numbers import FiniteRange
from .cli_options import comparison_options, throughput_option

if TYPE_CHECKING:
    from ..scoring.own_frontier import Question


@click.command()
@click.argument("runs", nargs=-1, type=click.Path(path_type=Path), metavar="[RUN...]")
@click.option("--quality", type=FiniteRange(0, 1), help="Name the cheapest model at or above this quality.")
@click.option(
    "--axis",
    type=click.Choice(["q", "q_tokens", "p"]),
    default="q",
    help="Quality: Q, Q by tokens, 1 - p [default: q].",
)
@click.option(
    "--cost",
    type=click.Choice(["request", "verified-answer"]),
    default="request",
    help="Dollars per what [default: request].",
)
@click.option("--slo-latency-s", type=FiniteRange(0, min_open=True), help="Latency limit, seconds per request.")
@click.option(
    "--slo-percentile",
    type=FiniteRange(0, 100, min_open=True, max_open=True),
    default=99.0,
    help="Percentile that must keep the limit [default: 99].",
)
@throughput_option
@comparison_options
@json_option
@out_option
def frontier(runs: tuple[Path, ...], as_json: bool, out: Path | None, **options: Any) -> None:
    """The cheapest model at each quality: of your own RUNs, or without any of public models (Figure 2).

    Own runs: dollars per request (kappa) against Q per domain from joint draws, who is on the frontier, the cheapest
    model at your quality (--quality 0.9) under your latency limit (--slo-latency-s 5), and two rankings. With
    throughput files (--throughput FILE): self-hosted variants and APIs on one axis, and which of them at your quality
    under your SLO. Public models: measured and vendor-reported scores are kept apart. No model is called.
    """
    if runs:
        _own(runs, as_json, out, options)
        return
    if set_ := [
        name for name in ("quality", "slo_latency_s", "domains", "prices", "price_tier", "throughput") if options[name]
    ]:
        name = {"domains": "domain"}.get(set_[0], set_[0]).replace("_", "-")
        raise click.UsageError(f"--{name} is about your own runs: name one or more run folders (vcpd frontier RUN...)")
    _public(as_json, out)


def _public(as_json: bool, out: Path | None) -> None:
    from ..reports.frontier_figures import frontier_figure
    from ..reports.market_json import frontier_json
    from ..reports.market_tables import frontier_tables, print_market
    from ..scoring.literature import literature
    from ..scoring.public_models import public_models

    models, findings = public_models(), literature().about("frontier")
    if out:
        write_figure(frontier_figure(models), out)
    if as_json:
        click.echo(json.dumps(frontier_json(models, findings), allow_nan=False))
    else:
        print_market(frontier_tables(models, findings))


def _own(runs: Sequence[Path], as_json: bool, out: Path | None, options: dict[str, Any]) -> None:
    from ..reports.market_tables import print_market
    from ..reports.own_frontier_figure import own_frontier_figure
    from ..reports.own_frontier_json import own_frontier_json
    from ..reports.own_frontier_tables import own_frontier_tables
    from ..scoring.own_frontier import domain_frontier
    from .run_sets import joint_domains, served_remarks

    question = _question(options)
    found = [domain_frontier(d, arms, cells, question) for d, arms, cells in joint_domains(runs, options)]
    if remarks := served_remarks(runs, options):
        found = [replace(domain, remarks=remarks) for domain in found]
    if out:
        write_figure(own_frontier_figure(found), out)
    if as_json:
        click.echo(json.dumps(own_frontier_json(found, [str(run) for run in runs]), allow_nan=False))
    else:
        print_market(own_frontier_tables(found))


def _question(options: dict[str, Any]) -> "Question":
    from ..scoring.cost_quality import Cost, Quality
    from ..scoring.own_frontier import LatencyLimit, Question

    seconds = options["slo_latency_s"]
    limit = LatencyLimit(seconds, options["slo_percentile"] / 100) if seconds else None
    axis = Quality.RIGHT_ATTEMPTS if options["axis"] == "p" else Quality(options["axis"])
    return Question(options["quality"], axis, Cost(options["cost"]), limit)
