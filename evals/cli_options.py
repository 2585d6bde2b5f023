"""Options and output that several commands share."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ..scoring.estimate import Measurement
from ..scoring.price_check import price_differences
from ..scoring.prices import STANDARD, PriceTable, UnknownTierError, UnpricedError, default_prices, load_prices
from ..scoring.usage import Usage
from .cli_numbers import FiniteRange

if TYPE_CHECKING:
    from .config import Roles, SystemSpec
    from .importers.reading import Reading

F = TypeVar("F", bound=Callable[..., Any])


def output_options(command: F) -> F:
    """--out, --json, --quiet, --seed, --price-tier, --prices."""
    for option in (
        click.option(
            "--prices", type=click.Path(path_type=Path), help="A price table that goes before the bundled one."
        ),
        click.option("--price-tier", metavar="TIER", help="Price tokens at this tier, e.g. batch."),
        click.option("--seed", type=click.IntRange(0), default=None, help="Seed of models and of all draws."),
        click.option("--quiet", is_flag=True, help="No progress and no table."),
        click.option("--json", "as_json", is_flag=True, help="Print estimates as JSON on stdout."),
        click.option("--out", type=click.Path(path_type=Path), help="Run folder [default: runs/<run-id>]."),
    ):
        command = option(command)
    return command


def review_times_option(command: F) -> F:
    """--review-times."""
    return click.option(
        "--review-times",
        type=click.Path(path_type=Path),
        help="Timing log of reviews (CSV: seconds, claims, domain): its mean goes before the pack's seconds per claim.",
    )(command)


def judge_options(command: F) -> F:
    """--verifier, --judge, --grader, --judge-samples, --allow-self-judging."""
    for option in (
        click.option(
            "--allow-self-judging", is_flag=True, help="Let one model judge and grade, or judge its own answers."
        ),
        click.option("--judge-samples", type=click.IntRange(1), help="Calls per judgement and grade [default: 3]."),
        click.option("--grader", metavar="MODEL", help="Grade free text against the gold answers by this model."),
        click.option("--judge", metavar="MODEL", help="Verify claims by this model instead of the default verifier."),
        click.option(
            "--verifier",
            metavar="NAME",
            help="Verify claims by this verifier: lexical [default], embedded, "
            "cross-encoder:NAME, cascade:FILE, ... (see `vcpd verify bench --help`).",
        ),
    ):
        command = option(command)
    return command


def reading_options(command: F) -> F:
    """--map, --scorer, --correct-at, --judged-by: what a file of answers of another tool does not say itself."""
    for option in (
        click.option(
            "--judged-by",
            type=click.Choice(["key", "grader", "human"]),
            help="Who gave the grades in the file: a rule with an answer key, a model, or people.",
        ),
        click.option(
            "--correct-at", type=FiniteRange(0, 1), help="From what value on a score says that an answer is right."
        ),
        click.option("--scorer", metavar="NAME", help="Which score of the file counts, where it holds several."),
        click.option(
            "--map",
            "mapping",
            multiple=True,
            metavar="FIELD=COLUMN,...",
            help="Columns that hold the fields, e.g. answer=response,question=prompt; dots reach into objects.",
        ),
    ):
        command = option(command)
    return command


def system_options(command: F) -> F:
    """--system and what goes with it: an application of the user's own under test."""
    for option in (
        click.option("--system-key-env", metavar="NAME", help="Environment variable with the application's key."),
        click.option(
            "--system-connections", type=click.IntRange(1), help="Questions asked side by side [default: 4 by http, 1]."
        ),
        click.option(
            "--system-timeout", type=FiniteRange(0, min_open=True), help="Seconds for one answer [default: 120]."
        ),
        click.option("--system-model", metavar="NAME", help="The model behind it, by whose prices tokens are counted."),
        click.option("--system-name", metavar="NAME", help="What the application is called in tables."),
        click.option(
            "--system",
            metavar="MODULE:FUNCTION|URL",
            help="Test an application of your own, which returns answers and the sources it used, not a model.",
        ),
    ):
        command = option(command)
    return command


def system_of(configured: "SystemSpec | None", options: dict[str, Any]) -> "SystemSpec | None":
    """The configured application with what `system_options` say; these are taken out of `options`.

    Raises:
        click.UsageError: An option that needs --system, without it.
    """
    from .config import SystemSpec

    names = {"system": "target", "system_name": "name", "system_model": "priced_as", "system_timeout": "timeout_s"}
    names |= {"system_connections": "connections", "system_key_env": "key_env"}
    given = {theirs: value for ours, theirs in names.items() if (value := options.pop(ours)) is not None}
    if "target" not in given and configured is None:
        if given:
            raise click.UsageError("--system-... options need --system (or [system] in the configuration)")
        return None
    if configured is None or given.get("target", configured.target) != configured.target:
        return SystemSpec(**given)
    return replace(configured, **given)


def reading_of(options: dict[str, Any]) -> "Reading":
    """What `reading_options` say, and `model_name` and `domain` where a command has them; taken out of `options`.

    Raises:
        RecordedAnswerError: --map is not FIELD=COLUMN, or names no field.
    """
    from .importers.reading import Reading, parse_mapping

    return Reading(
        model=options.pop("model_name", None),
        domain=options.pop("domain", None),
        mapping=parse_mapping(options.pop("mapping")),
        scorer=options.pop("scorer"),
        correct_at=options.pop("correct_at"),
        judged_by=options.pop("judged_by"),
    )


def throughput_option(command: F) -> F:
    """--throughput."""
    return click.option(
        "--throughput",
        multiple=True,
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="T at the SLO of a model, and its price on hardware (vcpd throughput --out FILE); may be repeated.",
    )(command)


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


def roles_of(configured: "Roles", options: dict[str, Any]) -> "Roles":
    """The configured roles with what `judge_options` say; these are taken out of `options`."""
    names = ("judge", "grader", "judge_samples", "allow_self_judging", "verifier")
    judge, grader, samples, allowed, verifier = (options.pop(name) for name in names)
    return configured.with_named(judge, grader, samples, allowed, verifier)


def say_warnings(warnings: Sequence[str]) -> None:
    """Print what a reader must not miss on stderr, in red where it has colours."""
    for warning in warnings:
        click.secho(f"warning: {warning}", fg="red", err=True)


def new_run_folder() -> Path:
    """runs/<UTC time>-<random>."""
    return Path("runs") / f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{token_hex(3)}"


def price_table(path: Path | None, models: Sequence[str], tier: str | None = None) -> PriceTable:
    """The user's table before the bundled one before litellm's packaged map, at the tier asked for.

    Where the packaged map disagrees with a price that is used, stderr says so.

    Raises:
        PriceTableError: As `load_prices`. UnknownTierError: A model billed by tokens has no price at the tier.
    """
    from .models import packaged_prices
    from .packaged import as_table

    bundled = default_prices()
    own = load_prices(path).over(bundled) if path else bundled
    packaged = as_table(packaged_prices(models))
    for difference in price_differences(own, packaged, models):
        click.echo(f"prices disagree: {difference}; the first is used", err=True)
    missing = {m: p for m, p in packaged.prices.items() if own.price(m) is None}
    for model, price in missing.items():
        click.echo(f"no dated price of {model} is known: priced by {price.source}", err=True)
    table = replace(own.over(PriceTable(missing)), tier=tier or STANDARD)
    for model in models:
        _check_tier(table, model)
    return table


def _check_tier(table: PriceTable, model: str) -> None:
    """A missing price passes, as it leaves dollars unknown; a missing tier, which was asked for, does not."""
    try:
        table.dollars(Usage("generate", model))
    except UnknownTierError:
        raise
    except UnpricedError:
        return


def show(rows: Sequence[Measurement], out: Path, *, as_json: bool, quiet: bool) -> None:
    """Print the numbers as asked, and say on stderr what was written where."""
    if as_json:
        from ..scoring.estimate import as_json as to_json

        click.echo(json.dumps(to_json(list(rows)), allow_nan=False))
    elif not quiet:
        from ..reports.tables import print_tables

        print_tables(rows)
    if not quiet:
        files = "estimates.json, run.svg; records, verdicts, answers, samples, sources, ledger (Parquet); manifest.json"
        click.echo(f"\nwritten to {out}: {files}", err=True)
