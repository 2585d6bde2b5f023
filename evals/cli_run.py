"""`vcpd run`."""

from pathlib import Path
from typing import Any

import click

from .cli_options import new_run_folder, output_options, price_table, show


@click.command()
@click.argument("config", type=click.Path(path_type=Path), required=False)
@click.option("--model", "models", multiple=True, metavar="NAME", help="A model as litellm names it; may be repeated.")
@click.option("--domain", "domains", multiple=True, metavar="PACK", help="A bundled pack or a folder; may be repeated.")
@click.option("--limit", type=click.IntRange(1), help="Only the first N samples of each pack.")
@click.option("--epochs", type=click.IntRange(1), help="Ask each question N times.")
@click.option("--resume", is_flag=True, help="Go on with the run in --out; starts afresh where there is none.")
@click.option("--require-cost", is_flag=True, help="Refuse to start where a model's price is unknown.")
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
    **numbers: Any,
) -> None:
    """Benchmark models on domain packs: p, C_v, Q and VCpD with intervals.

    Without arguments: the bundled packs (legal, medical, general) and the bundled local models, offline, no key.
    """
    from ..scoring.prices import UnpricedError
    from .cli_progress import run_progress
    from .config import RunConfig, override, read_config
    from .run import load_packs
    from .run import run as run_models

    tier = numbers.pop("price_tier")
    settings = override(read_config(config) if config else RunConfig(), models=models, packs=domains, **numbers)
    packs = load_packs(settings)
    table = price_table(settings.prices, [m.name for m in settings.models], tier)
    unpriced = [m.name for m in settings.models if table.price(m.name) is None]
    if require_cost and unpriced:
        raise UnpricedError(unpriced[0], "token")
    if resume and out is None:
        raise click.UsageError("--resume needs --out: the run folder to go on with")
    folder = out or new_run_folder()

    def on_kept(samples: int) -> None:
        click.echo(f"kept {samples} finished samples", err=True)

    total = len(settings.models) * sum(len(p.samples) for p in packs) * settings.epochs
    with run_progress(total, quiet=quiet or as_json) as progress:
        rows = run_models(settings, folder, table, resume=resume, progress=progress, on_kept=on_kept)
    if not quiet:
        for pack in packs:
            n = f"{pack.items_for_launch} items without an error would show p <= {pack.limits.get('p_max', 0):g}"
            click.echo(f"{pack.name}: {pack.notice} ({len(pack.samples)} samples; {n})", err=True)
    show(rows, folder, as_json=as_json, quiet=quiet)
