"""Published figures of verifiers on public sets, to stand beside one's own, never to be mixed with them."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True, slots=True)
class PublishedFigure:
    """One published number.

    Attributes:
        method: The verifier. data_set: Lower-case name of the set, e.g. "ragtruth".
        measure: A name of `measures.VERIFIER_MEASURES`. value: A share.
        on: Which items and protocol. source: Where it was published.
    """

    method: str
    data_set: str
    measure: str
    value: float
    on: str
    source: str


@cache
def published_figures() -> tuple[PublishedFigure, ...]:
    """The table that ships with this package."""
    data = tomllib.loads(Path(__file__).with_name("published_verifiers.toml").read_text(encoding="utf-8"))
    return tuple(
        PublishedFigure(method, row["data_set"], row["measure"], value, row["on"], data["sources"][row["source"]])
        for row in data["figures"]
        for method, value in row["values"].items()
    )


def published_on(data_set: str) -> list[PublishedFigure]:
    """The figures on one set; none for a set that nobody published on, "" included."""
    return [figure for figure in published_figures() if figure.data_set == data_set]
