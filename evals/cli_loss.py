"""`vcpd loss`."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from .cli_figures import json_option
from .cli_numbers import FiniteRange
from .cli_options import comparison_options


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--at", "losses", multiple=True, type=FiniteRange(0), metavar="USD",
              help="A loss per escaped error; may be repeated [default: around the break-even].")  # fmt: skip
@comparison_options
@json_option
def loss(run: Path, losses: tuple[float, ...], as_json: bool, **options: Any) -> None:
    """What must an escaped error cost before verifying in the loop pays?

    VCpD_L, the VCpD that charges each escaped error its loss L, with the verifier in the loop and without, over L, and
    the break-even L* where both deliver as many right answers per dollar. No model is called.
    """
    from .losses import loss_curves

    found = loss_curves(run, losses, options)
    if as_json:
        click.echo(json.dumps({"schema": 1, "curves": [asdict(curve) for curve in found]}, allow_nan=False))
        return
    from ..reports.loss_tables import CurveLines, loss_tables
    from ..reports.market_tables import print_market

    print_market(loss_tables(
        [CurveLines(c.model, c.domain, c.points, c.break_even, c.declared, c.why, c.note) for c in found]
    ))  # fmt: skip
