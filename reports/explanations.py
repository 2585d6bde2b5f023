"""The pages of `vcpd explain` on the terminal. At most 100 columns."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ..scoring.explanations import Page
from .market_tables import add_row
from .tables import WIDTH


def page_text(page: Page) -> RenderableType:
    """One page: the definition, then a line for each of its parts."""
    table = _table()
    rows = {
        "what it is": page.meaning,
        "unit": page.unit,
        "formula": page.formula,
        "undefined if": page.undefined,
        "interval": page.interval,
        "source": page.source,
        "example": page.example,
    }
    for name, text in rows.items():
        add_row(table, [name, text])
    return Group(Text(page.name, style="bold"), table)


def pages_tables(pages: Sequence[Page]) -> RenderableType:
    """The list of all: measures, then terms, a line each."""
    parts: list[RenderableType] = []
    for title, wanted in (("Measures (as in estimates.json)", True), ("Terms of the cost model", False)):
        table = _table(title)
        for page in pages:
            if page.is_measure is wanted:
                add_row(table, [page.name, page.meaning])
        parts += [table, ""]
    return Group(*parts, Text("vcpd explain NAME shows one with its formula, source and an example."))


def _table(title: str | None = None) -> Table:
    table = Table(title=title, title_justify="left", width=WIDTH, box=None, show_header=False, pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column(ratio=1)
    return table
