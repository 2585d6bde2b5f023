"""A page for every measure and every term of the cost model: formula, when undefined, interval, source, example."""

import tomllib
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path

from .measures import MEASURES


class UnknownMeasureError(KeyError):
    """No page bears this name; the message names the nearest."""

    def __init__(self, name: str, nearest: tuple[str, ...]) -> None:
        super().__init__(name)
        self.name = name
        self.nearest = nearest

    def __str__(self) -> str:
        near = f"; did you mean {' or '.join(self.nearest)}?" if self.nearest else ""
        return f"no measure or term is called '{self.name[:60]}'{near} (vcpd explain lists them)"


@dataclass(frozen=True, slots=True)
class Page:
    """One measure (`is_measure`) or term.

    Attributes:
        unit: "share" where it has none. meaning: One line; of a measure that of `measures.MEASURES`.
        undefined: When there is no value. interval: How its interval is made.
        source: Where the definition comes from. example: With numbers; each "sums = value" in it holds.
    """

    name: str
    is_measure: bool
    unit: str
    meaning: str
    formula: str
    undefined: str
    interval: str
    source: str
    example: str


@cache
def pages() -> dict[str, Page]:
    """All pages by name: measures in the order of `MEASURES`, then terms in the order of the file."""
    data = tomllib.loads(Path(__file__).with_name("explanations.toml").read_text(encoding="utf-8"))
    found = {}
    for name in [*MEASURES, *(n for n in data["pages"] if n not in MEASURES)]:
        if (fields := data["pages"].get(name)) is None:
            continue  # a test names measures without a page
        measure = MEASURES.get(name)
        unit = measure.unit if measure else fields.pop("unit", "")
        meaning = measure.meaning if measure else fields.pop("meaning")
        fields["interval"] = data["intervals"][fields["interval"]]
        found[name] = Page(name, measure is not None, unit or "share", meaning, **fields)
    return found


def page(name: str) -> Page:
    """The page called `name`; in other letters' case where only one fits.

    Raises:
        UnknownMeasureError: There is none; `nearest` holds up to three names.
    """
    found = pages()
    if name in found:
        return found[name]
    alike = [known for known in found if known.casefold() == name.casefold()]
    if len(alike) == 1:
        return found[alike[0]]
    folded = {known.casefold(): known for known in found}
    close = get_close_matches(name.casefold()[:60], folded, n=3, cutoff=0.5)
    raise UnknownMeasureError(name, tuple(alike or (folded[match] for match in close)))
