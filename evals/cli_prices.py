"""`vcpd prices`."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .cli_figures import json_option, out_option, write_figure

if TYPE_CHECKING:
    from ..scoring.price_check import PriceDifference
    from ..scoring.public_models import PublicModel


@click.command()
@json_option
@out_option
def prices(as_json: bool, out: Path | None) -> None:
    """Public API prices and CPM: Table 1 and Figure 1 of the field note. No model is called.

    Where the price map that litellm packages disagrees with the tables here, stderr says so (JSON: a field).
    """
    from ..reports.frontier_figures import prices_figure
    from ..reports.market_json import differences_json, prices_json
    from ..reports.market_tables import prices_tables, print_market
    from ..scoring.literature import literature
    from ..scoring.public_models import public_models

    models, findings = public_models(), literature().about("prices")
    differences = _differences(models)
    if out:
        write_figure(prices_figure(models), out)
    if as_json:
        click.echo(json.dumps(prices_json(models, findings) | differences_json(differences), allow_nan=False))
        return
    print_market(prices_tables(models, findings))
    if differences:
        click.echo("\nWhere litellm's packaged map disagrees (undated; never used in place of these):", err=True)
    for difference in differences:
        click.echo(f"  {difference}", err=True)


def _differences(models: "Sequence[PublicModel]") -> "list[PriceDifference]":
    """Of the bundled price table all prices; of the public models input and output, which may have fallen since."""
    from ..scoring.price_check import price_differences
    from ..scoring.prices import Price, PriceTable, default_prices
    from .models import packaged_prices
    from .packaged import as_table

    table = default_prices()
    launch = {
        m.api_id: Price(m.input_usd, m.output_usd, source=f"list price at launch, {m.released}")
        for m in models
        if table.price(m.api_id) is None
    }
    packaged = as_table(packaged_prices([*table.prices, *launch]))
    found = price_differences(table, packaged, table.prices)
    return found + price_differences(PriceTable(launch), packaged, launch, missing=False)
