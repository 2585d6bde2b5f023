"""Writing a figure where the user asked for it."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ..reports.frontier_figures import Scatter

json_option = click.option("--json", "as_json", is_flag=True, help="Print the numbers as JSON on stdout.")
out_option = click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE.svg", help="Write the figure here."
)


def write_figure(figure: "Scatter", out: Path) -> None:
    """Write `figure` as SVG to `out`, replacing what is there, and say so on stderr.

    Raises:
        click.UsageError: Not a name that ends in .svg, or a place that cannot be written to.
    """
    from ..reports.frontier_figures import render

    if out.suffix.lower() != ".svg":
        raise click.UsageError(f"--out {out}: the figure is SVG; give a file name that ends in .svg")
    try:
        out.write_text(render(figure), encoding="utf-8")
    except OSError as error:
        raise click.UsageError(f"--out {out}: cannot be written ({error.strerror})") from error
    click.echo(f"written to {out}", err=True)
