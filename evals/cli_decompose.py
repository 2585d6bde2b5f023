"""`vcpd decompose`."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .cli_figures import json_option
from .cli_options import comparison_options

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ..scoring.measured_pairs import MeasuredPair


@click.command()
@click.option(
    "--before", type=click.Path(path_type=Path), metavar="RUN", help="Run folder of the configuration before."
)
@click.option("--after", type=click.Path(path_type=Path), metavar="RUN", help="Run folder of the configuration after.")
@click.option("--model-before", metavar="NAME", help="Model of --before, where it holds several.")
@click.option("--model-after", metavar="NAME", help="Model of --after, where it holds several.")
@click.option("--order", metavar="LEVER,...", help="Levers to move first, in this order; the others follow.")
@click.option(
    "--measure",
    type=click.Choice(["vcpd", "verified_answers_per_usd"]),
    default="vcpd",
    help="What is decomposed [default: vcpd].",
)
@click.option(
    "--pairs",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE.toml",
    help="Your own measured pairs of configurations: eta_q, eta_r, eta_d, eta_h.",
)
@click.option(
    "--pair",
    "variants",
    multiple=True,
    metavar="ETA=BEFORE,AFTER",
    help="Two throughput files between which one lever moved, e.g. eta_q=fp16.json,awq.json; may be repeated.",
)
@comparison_options
@json_option
def decompose(before: Path | None, after: Path | None, pairs: Path | None, as_json: bool, **options: Any) -> None:
    """Why VCpD changed from one run to another, or what four factors explain of a fall in price (section 2.4).

    Two runs of the same samples (--before, --after): factors of price, usage, retries, verification, people, quality,
    answers and length, whose product is the ratio exactly. Your pairs (--pairs): the efficiency factors, with a
    warning where they do not compose. Without either: the field note's figures and checked ones. No model is called.
    """
    if pairs is not None or options["variants"]:
        if before or after or (pairs and options["variants"]):
            raise click.UsageError("--pairs stands alone, as does --pair: decompose two runs in a command of their own")
        data, tables = _pairs(pairs, options["variants"])
    elif before is not None and after is not None:
        data, tables = _runs(before, after, options)
    elif before or after:
        raise click.UsageError("give both --before RUN and --after RUN")
    else:
        data, tables = _literature()
    if as_json:
        click.echo(json.dumps(data, allow_nan=False))
        return
    from ..reports.market_tables import print_market

    print_market(tables)


def _literature() -> "tuple[dict[str, Any], RenderableType]":
    from ..reports.market_json import decompose_json
    from ..reports.market_tables import decompose_tables
    from ..scoring.literature import literature

    return decompose_json(literature()), decompose_tables(literature())


def _pairs(path: Path | None, variants: Sequence[str]) -> "tuple[dict[str, Any], RenderableType]":
    from ..reports.vcpd_factors_json import pairs_json
    from ..reports.vcpd_factors_tables import pairs_tables
    from ..scoring.measured_pairs import multiply_pairs, read_pairs

    found = multiply_pairs(read_pairs(path) if path else [_variant(text) for text in variants])
    return pairs_json(found), pairs_tables(found)


def _variant(text: str) -> "MeasuredPair":
    from ..scoring.variant_pairs import variant_pair
    from .throughput_files import throughput_file

    factor, _, files = text.partition("=")
    names = files.split(",")
    if len(names) != 2:
        raise click.UsageError(f"--pair {text}: write it as ETA=BEFORE.json,AFTER.json")
    return variant_pair(factor, *(throughput_file(Path(name)) for name in names))


def _runs(before: Path, after: Path, options: dict[str, Any]) -> "tuple[dict[str, Any], RenderableType]":
    from ..reports.vcpd_factors_json import change_json
    from ..reports.vcpd_factors_tables import change_tables
    from ..scoring.vcpd_factors import lever_order
    from .run_sets import changes

    named = [name.strip() for name in (options["order"] or "").split(",") if name.strip()]
    found = changes(before, after, lever_order(named), options)
    return change_json(found), change_tables(found)
