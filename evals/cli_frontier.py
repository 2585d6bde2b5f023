"""`vcpd frontier`."""

import json
from pathlib import Path

import click

from .cli_figures import json_option, out_option, write_figure


@click.command()
@json_option
@out_option
def frontier(as_json: bool, out: Path | None) -> None:
    """The cheapest public model at each quality, and how fast that price falls: Figure 2 of the field note.

    Measured and vendor-reported scores are kept apart. No model is called.
    """
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
