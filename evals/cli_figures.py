"""Writing a figure where the user asked for it."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ..reports.frontier_figures import Scatter

json_option = click.option("--json", "as_json", is_flag=True, help="Print the numbers as JSON on stdout.")
out_option = click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE.svg|FILE.png",
    help="Write the figure here.",
)


def write_figure(figures: "Scatter | Sequence[Scatter]", out: Path) -> None:
    """Write figures, one below the other, to `out` as SVG or PNG, replacing what is there; say so on stderr.

    Raises:
        click.UsageError: Not a name that ends in .svg or .png, or a place that cannot be written to.
        RasterError: PNG without the extra that draws it.
    """
    from ..reports.frontier_figures import Scatter, render
    from ..reports.raster import png

    kind = out.suffix.lower()
    if kind not in (".svg", ".png"):
        raise click.UsageError(f"--out {out}: the figure is SVG or PNG; give a file name that ends in .svg or .png")
    svg = render(*([figures] if isinstance(figures, Scatter) else figures))
    data = png(svg) if kind == ".png" else svg.encode("utf-8")
    try:
        out.write_bytes(data)
    except OSError as error:
        raise click.UsageError(f"--out {out}: cannot be written ({error.strerror})") from error
    click.echo(f"written to {out}", err=True)
