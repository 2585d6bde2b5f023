"""`vcpd decompose`."""

import json

import click

from .cli_figures import json_option


@click.command()
@json_option
def decompose(as_json: bool) -> None:
    """What quantization, runtime, decoding and hardware explain of a fall in price: section 2.4 of the field note.

    The field note's figures and checked ones side by side, with their sources. No model is called.
    """
    from ..reports.market_json import decompose_json
    from ..reports.market_tables import decompose_tables, print_market
    from ..scoring.literature import literature

    if as_json:
        click.echo(json.dumps(decompose_json(literature()), allow_nan=False))
    else:
        print_market(decompose_tables(literature()))
