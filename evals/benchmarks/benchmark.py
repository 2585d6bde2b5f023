"""What a published benchmark is: where it lies, on which terms, and how a row of it becomes a sample."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ...retrieval.passages import Document
from ..importers.hub import HubSource
from ..samples import Sample
from .row import BenchmarkRow

Row = tuple[str, Mapping[str, object]]
Folder = Callable[[Path], Iterable[Row]]


@dataclass(frozen=True, slots=True)
class Item:
    """A sample and the documents that it brings to the corpus; none where it is asked without sources."""

    sample: Sample
    documents: tuple[Document, ...] = ()


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One published benchmark.

    Attributes:
        name: As in `bench:NAME`; also the domain of its samples.
        purpose: What it is for, in a line.
        license: As its publisher names it; "none stated" where the publisher names none.
        citation: Authors, year and arXiv id or DOI.
        url: Where it is published.
        read: A row as an item; None for a row that is not part of the benchmark as run here.
        hub: The split to load through `datasets`; None where only local files can be read.
        size: Samples, as far as published; None where unknown.
        noncommercial: Whether the licence forbids commercial use.
        gated: Whether the hub asks for terms to be accepted, and a token.
        confidential: Whether the publisher asks that examples be kept off the web.
        caution: What a reader of its numbers has to know; "" for nothing.
        files: Names (glob patterns) that are looked for in a folder, at any depth.
        wrapped: Field of a JSON file that holds the list of rows.
        keyed: Column that takes the keys of a JSON file that is one object of rows.
        folder: Reads a folder that is more than files of rows; None: by `files`.
        repeats: Whether the same sample may come in several rows; the first one counts.
    """

    name: str
    title: str
    purpose: str
    license: str
    citation: str
    url: str
    read: Callable[[BenchmarkRow], Item | None]
    hub: HubSource | None = None
    size: int | None = None
    noncommercial: bool = False
    gated: bool = False
    confidential: bool = False
    caution: str = ""
    files: tuple[str, ...] = ()
    wrapped: str | None = None
    keyed: str | None = None
    folder: Folder | None = None
    repeats: bool = False

    def items(self, rows: Iterable[Row]) -> Iterator[Item]:
        """The items of published rows, in their order.

        Raises:
            PackError: A column is missing or holds something else; the message names row and column, never a value.
        """
        for where, values in rows:
            item = self.read(BenchmarkRow(where, values, self.name))
            if item is not None:
                yield item

    def samples(self, rows: Iterable[Row]) -> Iterator[Sample]:
        """The samples of published rows, in their order. Raises PackError as `items` does."""
        return (item.sample for item in self.items(rows))
