"""`vcpd decompose`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .cli_figures import json_option
from .cli_options import comparison_options

if TYPE_CHECKING:
    from rich.console import RenderableType


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
@comparison_options
@json_option
def decompose(before: Path | None, after: Path | None, pairs: Path | None, as_json: bool, **options: Any) -> None:
    """Why VCpD changed from one run to another, or what four factors explain of a fall in price (section 2.4).

    Two runs of the same samples (--before, --after): factors of price, usage, retries, verification, people, quality,
    answers and length, whose product is the ratio exactly. Your pairs (--pairs): the efficiency factors, with a
    warning where they do not compose. Without either: the field note's figures and checked ones. No model is called.
    """
    if pairs is not None:
        if before or after:
            raise click.UsageError("--pairs stands alone: decompose two runs in a command of their own")
        data, tables = _pairs(pairs)
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


def _pairs(path: Path) -> "tuple[dict[str, Any], RenderableType]":
    from ..reports.vcpd_factors_json import pairs_json
    from ..reports.vcpd_factors_tables import pairs_tables
    from ..scoring.measured_pairs import multiply_pairs, read_pairs

    found = multiply_pairs(read_pairs(path))
    return pairs_json(found), pairs_tables(found)


def _runs(before: Path, after: Path, options: dict[str, Any]) -> "tuple[dict[str, Any], RenderableType]":
    from ..reports.vcpd_factors_json import change_json
    from ..reports.vcpd_factors_tables import change_tables
    from ..scoring.vcpd_factors import lever_order
    from .run_sets import changes

    named = [name.strip() for name in (options["order"] or "").split(",") if name.strip()]
    found = changes(before, after, lever_order(named), options)
    return change_json(found), change_tables(found)
