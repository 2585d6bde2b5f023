"""`vcpd explain`."""

import json
from dataclasses import asdict

import click

from .cli_figures import json_option


@click.command()
@click.argument("measure", required=False)
@json_option
def explain(measure: str | None, as_json: bool) -> None:
    """How a MEASURE or a term of the cost model is defined: formula, when undefined, interval, source, an example.

    Without a name: the list of all.
    """
    from ..scoring.explanations import page, pages

    found = [page(measure)] if measure else list(pages().values())
    if as_json:
        click.echo(json.dumps(asdict(found[0]) if measure else [asdict(p) for p in found], allow_nan=False))
        return
    from ..reports.explanations import page_text, pages_tables
    from ..reports.market_tables import print_market

    print_market(page_text(found[0]) if measure else pages_tables(found))
