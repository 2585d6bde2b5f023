"""`vcpd prices`."""

import json
from pathlib import Path

import click

from .cli_figures import json_option, out_option, write_figure


@click.command()
@json_option
@out_option
def prices(as_json: bool, out: Path | None) -> None:
    """Public API prices and CPM: Table 1 and Figure 1 of the field note. No model is called."""
    from ..reports.frontier_figures import prices_figure
    from ..reports.market_json import prices_json
    from ..reports.market_tables import prices_tables, print_market
    from ..scoring.literature import literature
    from ..scoring.public_models import public_models

    models, findings = public_models(), literature().about("prices")
    if out:
        write_figure(prices_figure(models), out)
    if as_json:
        click.echo(json.dumps(prices_json(models, findings), allow_nan=False))
    else:
        print_market(prices_tables(models, findings))
