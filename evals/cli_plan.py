"""`vcpd plan`."""

import json
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import click

from .cli_numbers import FiniteRange
from .cli_options import price_table

_SHARE = FiniteRange(0, 1, min_open=True, max_open=True)


@click.command()
@click.argument("config", type=click.Path(path_type=Path), required=False)
@click.option("--model", "models", multiple=True, metavar="NAME", help="A model as litellm names it; may be repeated.")
@click.option("--domain", "domains", multiple=True, metavar="PACK", help="A bundled pack or a folder; may be repeated.")
@click.option("--limit", type=click.IntRange(1), help="Only the first N samples of each pack.")
@click.option("--epochs", type=click.IntRange(1), help="Ask each question N times.")
@click.option("--prices", type=click.Path(path_type=Path), help="A price table that goes before the bundled one.")
@click.option("--pilot", type=click.Path(path_type=Path), metavar="RUN", help="Take p, tokens and latency from a run.")
@click.option("--half-width", type=FiniteRange(0, 0.5, min_open=True, max_open=True), help="Wanted of p [0.05].")
@click.option("--margin", type=_SHARE, help="Wanted of the gate: loss of rightness that it accepts [0.03].")
@click.option("--p", type=_SHARE, help="Error rate to expect [0.2].")
@click.option("--discordance", type=_SHARE, help="Share of items on which two models differ [0.06].")
@click.option("--icc", type=FiniteRange(0, 1), help="Correlation of errors within clusters [0.2].")
@click.option("--sensitivity", type=_SHARE, help="Of the automatic judge [0.8].")
@click.option("--specificity", type=_SHARE, help="Of the automatic judge [0.9].")
@click.option("--output-tokens", type=FiniteRange(1), help="Tokens of an answer, reasoning included [300].")
@click.option("--latency-s", type=FiniteRange(0, min_open=True), help="Seconds of an attempt [5].")
@click.option("--connections", type=click.IntRange(1), help="Attempts under way at a time [20].")
@click.option("--json", "as_json", is_flag=True, help="Print the plan as JSON on stdout.")
def plan(
    config: Path | None,
    models: tuple[str, ...],
    domains: tuple[str, ...],
    pilot: Path | None,
    as_json: bool,
    **rest: Any,
) -> None:
    """Before spending: dollars, time, samples and labels; the smallest difference that a gate could see.

    Takes what `vcpd run` takes, builds every prompt and calls no model.
    """
    from ..reports.plan_tables import print_plan
    from .config import RunConfig, override, read_config
    from .plan import Assumptions, as_rows, learn
    from .plan import plan as make_plan

    names = {f.name for f in fields(Assumptions)}
    assumed = replace(
        learn(Assumptions(), pilot) if pilot else Assumptions(),
        **{name: value for name, value in rest.items() if name in names and value is not None},
    )
    numbers = {name: value for name, value in rest.items() if name not in names}
    settings = override(read_config(config) if config else RunConfig(), models=models, packs=domains, **numbers)
    found = make_plan(settings, price_table(settings.prices, [m.name for m in settings.models]), assumed)
    if as_json:
        click.echo(json.dumps({"schema": 1, "assumed": str(assumed), "plan": as_rows(found)}, allow_nan=False))
    else:
        print_plan(found.spends, found.sights, found.gates, str(assumed))
