"""The door of Matplotlib: charts for pages, the same on every machine whatever its settings, without pyplot."""

import logging
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import TYPE_CHECKING, Any

from .inline_svg import inlined
from .numbers import printable

if TYPE_CHECKING:
    from matplotlib.axes import Axes as Axes

WIDTH = 480
"""Pixels: two charts stand side by side on a desk, and on a telephone a chart shrinks by a fifth at most."""

INK, BLUE, ORANGE, PURPLE, GREY = "#1a1a1a", "#0072b2", "#b34700", "#5b2c83", "#767676"
LINES = ((BLUE, "-", "o"), (ORANGE, (0, (6, 3)), "s"), (INK, (0, (2, 2)), "^"), (PURPLE, (0, (8, 3, 2, 3)), "D"),
         (GREY, (0, (1, 1.5)), "v"))  # fmt: skip
"""Colour, dashes and marker of the first lines of a chart: any two differ in all three."""

_SIZE = 15.0  # pixels; 12 where the page is 400 pixels wide
_STYLE = {
    "axes.axisbelow": True,
    "axes.edgecolor": GREY,
    "axes.facecolor": "none",
    "axes.grid": True,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": _SIZE,
    "figure.facecolor": "none",
    "figure.titlesize": _SIZE,
    "figure.titleweight": "bold",
    "font.family": "DejaVu Sans",  # comes with the library: measured alike everywhere, and wider than what is shown
    "font.size": _SIZE,
    "grid.color": "#e4e4e4",
    "hatch.linewidth": 1.2,
    "legend.fontsize": _SIZE,
    "legend.frameon": False,
    "path.simplify": False,
    "svg.fonttype": "none",
    "text.parse_math": False,
    "xtick.color": GREY,
    "xtick.labelcolor": INK,
    "ytick.color": GREY,
    "ytick.labelcolor": INK,
}


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart before it is painted.

    Attributes:
        name: Unlike those of all other charts of a page; letters, digits and hyphens.
        title: Stands above it. alt: Says in words all that it shows. height: Pixels.
    """

    name: str
    title: str
    alt: str
    height: float


def drawn(chart: Chart, paint: "Callable[[Axes], None]") -> str:
    """The chart as SVG for a page; `paint` puts onto its axes what it shows."""
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # that it looks for fonts is no reader's business
    import matplotlib
    from matplotlib.figure import Figure

    file = StringIO()
    with matplotlib.rc_context(), warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # letters that only the reader's fonts have
        matplotlib.rcdefaults()
        settings: Any = matplotlib.rcParams  # whose keys are literals that differ between its releases
        settings.update(_STYLE | {"svg.hashsalt": chart.name})
        figure = Figure(figsize=(WIDTH / 72, chart.height / 72), dpi=72, layout="constrained")
        figure.suptitle(short(chart.title, 56), x=0.01, ha="left")
        paint(figure.add_subplot())
        figure.savefig(file, format="svg", metadata={"Date": None})
    return inlined(file.getvalue(), chart.name, printable(f"{chart.title}. {chart.alt}"))


def key(axes: "Axes", handles: Sequence[Any], labels: Sequence[str], columns: int = 1) -> None:
    """A legend above the axes; a label that begins with "_" would not be shown by the library."""
    shown = [f" {label}" if label.startswith("_") else label for label in labels]
    axes.legend(
        list(handles), shown, loc="lower left", bbox_to_anchor=(0, 1.0), borderaxespad=0.3, ncols=columns,
        columnspacing=1.0, handlelength=3.4 if columns == 1 else 2.2, handletextpad=0.6,
    )  # fmt: skip


def name_rows(axes: "Axes", names: Sequence[str]) -> list[float]:
    """One row for each name, the first on top, its name above what is painted at the height that is returned."""
    axes.set_ylim(len(names) - 0.45, -0.6)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    for i, name in enumerate(names):
        axes.text(0, i - 0.26, short(name), transform=axes.get_yaxis_transform(), va="center")
    return [i + 0.14 for i in range(len(names))]


def short(text: str, most: int = 46) -> str:
    """Words from outside on one line of a chart."""
    plain = printable(text[: 4 * most])
    return plain if len(plain) <= most else plain[: most - 1] + "\u2026"
