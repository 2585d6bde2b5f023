"""`vcpd run`."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from .cli_options import (
    judge_options,
    new_run_folder,
    output_options,
    price_table,
    review_times_option,
    roles_of,
    say_warnings,
    show,
    throughput_option,
)


@click.command()
@click.argument("config", type=click.Path(path_type=Path), required=False)
@click.option("--model", "models", multiple=True, metavar="NAME", help="A model as litellm names it; may be repeated.")
@click.option(
    "--domain",
    "domains",
    multiple=True,
    metavar="PACK",
    help="A bundled pack, a folder, or a benchmark as bench:NAME or bench:NAME=PATH; may be repeated.",
)
@click.option("--limit", type=click.IntRange(1), help="Only the first N samples of each pack.")
@click.option("--epochs", type=click.IntRange(1), help="Ask each question N times.")
@click.option("--resume", is_flag=True, help="Go on with the run in --out; starts afresh where there is none.")
@click.option("--require-cost", is_flag=True, help="Refuse to start where a model's price is unknown.")
@click.option("--context", metavar="SIZE", help="Fill prompts with distractor passages up to 4k, 32k, 128k tokens.")
@throughput_option
@review_times_option
@judge_options
@output_options
def run(
    config: Path | None,
    models: tuple[str, ...],
    domains: tuple[str, ...],
    resume: bool,
    require_cost: bool,
    out: Path | None,
    as_json: bool,
    quiet: bool,
    **others: Any,
) -> None:
    """Benchmark models on domain packs: p, C_v, Q and VCpD with intervals.

    Without arguments: the bundled packs (legal, medical, general) and the bundled local models, offline, no key.
    """
    from ..scoring.prices import UnpricedError
    from ..scoring.served import served_prices
    from .cli_progress import run_progress
    from .config import RunConfig, override, read_config
    from .context_fill import context_tokens
    from .judges import role_models, role_warnings
    from .manifest import serving_of
    from .run import load_packs
    from .run import run as run_models
    from .throughput_files import read_throughputs, throughput_remarks

    if others["context"]:
        context_tokens(others["context"])
    others["throughput"] = others["throughput"] or None
    tier = others.pop("price_tier")
    given = read_config(config) if config else RunConfig()
    roles = roles_of(given.roles, others)
    settings = override(given, models=models, packs=domains, roles=roles, **others)
    tested = [m.name for m in settings.models]
    warnings = role_warnings(roles, tested)
    packs = load_packs(settings)
    serving = serving_of(settings, packs)
    measured = read_throughputs(settings.throughput, tested)
    warnings = (*warnings, *throughput_remarks(measured, dict.fromkeys(tested, serving)))
    table = price_table(settings.prices, [*tested, *role_models(roles)], tier)
    paid = [*tested, *role_models(replace(roles, grader=None))]  # the grader's dollars are in no measure
    unpriced = [name for name in paid if served_prices(measured, table).price(name) is None]
    if require_cost and unpriced:
        raise UnpricedError(unpriced[0], "token")
    if resume and out is None:
        raise click.UsageError("--resume needs --out: the run folder to go on with")
    folder = out or new_run_folder()

    for pack in packs:
        for warning in pack.warnings:
            click.echo(f"{pack.name}: {warning}", err=True)

    def on_kept(samples: int) -> None:
        click.echo(f"kept {samples} finished samples", err=True)

    total = len(settings.models) * sum(len(p.samples) for p in packs) * settings.epochs
    with run_progress(total, quiet=quiet or as_json) as progress:
        rows = run_models(settings, folder, table, resume=resume, progress=progress, on_kept=on_kept)
    say_warnings(warnings)
    if not quiet:
        for pack in packs:
            click.echo(f"{pack.name}: {pack.notice} ({_size(pack)})", err=True)
    show(rows, folder, as_json=as_json, quiet=quiet)


def _size(pack: Any) -> str:
    """Samples, and what would support a launch where the pack says so."""
    if not pack.items_for_launch:
        return f"{len(pack.samples)} samples"
    launch = f"{pack.items_for_launch} items without an error would show p <= {pack.limits.get('p_max', 0):g}"
    return f"{len(pack.samples)} samples; {launch}"
