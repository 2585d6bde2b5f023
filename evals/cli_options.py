"""Options and output that several commands share."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from typing import Any, TypeVar

import click

from ..scoring.estimate import Measurement
from ..scoring.prices import PriceTable, default_prices, load_prices

F = TypeVar("F", bound=Callable[..., Any])


def output_options(command: F) -> F:
    """--out, --json, --quiet, --seed, --prices."""
    for option in (
        click.option(
            "--prices", type=click.Path(path_type=Path), help="A price table that goes before the bundled one."
        ),
        click.option("--seed", type=click.IntRange(0), default=None, help="Seed of models and of all draws."),
        click.option("--quiet", is_flag=True, help="No progress and no table."),
        click.option("--json", "as_json", is_flag=True, help="Print estimates as JSON on stdout."),
        click.option("--out", type=click.Path(path_type=Path), help="Run folder [default: runs/<run-id>]."),
    ):
        command = option(command)
    return command


def comparison_options(command: F) -> F:
    """--domain, --prices, --price-tier, --seed, --common-samples: of commands that compare finished runs."""
    for option in (
        click.option("--common-samples", is_flag=True, help="Compare on the samples that all models answered."),
        click.option("--seed", type=click.IntRange(0), default=None, help="Seed of all draws."),
        click.option("--price-tier", metavar="TIER", help="Price tokens at this tier, e.g. batch."),
        click.option("--prices", metavar="FILE|bundled", help="Price all runs with this table, not with their own."),
        click.option("--domain", "domains", multiple=True, metavar="NAME", help="Only this domain; may be repeated."),
    ):
        command = option(command)
    return command


def new_run_folder() -> Path:
    """runs/<UTC time>-<random>."""
    return Path("runs") / f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{token_hex(3)}"


def price_table(path: Path | None, models: Sequence[str]) -> PriceTable:
    """The user's table before the bundled one before litellm's packaged map. Raises PriceTableError."""
    from .models import packaged_prices
    from .packaged import as_table

    bundled = default_prices()
    own = load_prices(path).over(bundled) if path else bundled
    missing = [m for m in models if own.price(m) is None]
    return own.over(as_table(packaged_prices(missing))) if missing else own


def show(rows: Sequence[Measurement], out: Path, *, as_json: bool, quiet: bool) -> None:
    """Print the numbers as asked, and say on stderr what was written where."""
    if as_json:
        from ..scoring.estimate import as_json as to_json

        click.echo(json.dumps(to_json(list(rows)), allow_nan=False))
    elif not quiet:
        from ..reports.tables import print_tables

        print_tables(rows)
    if not quiet:
        files = "estimates.json, run.svg; records, verdicts, answers, samples, sources (Parquet); manifest.json"
        click.echo(f"\nwritten to {out}: {files}", err=True)
