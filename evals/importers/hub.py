"""Rows from the Hugging Face hub: the only door of `datasets`."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .jsonl import Row
from .recorded import RecordedAnswerError
from .tabular import table_row

PREFIX = "hf:"
_SPLIT = re.compile(r"(.+?)(?::([\w.\-\[\]%]+))?")
_SHOWN_REASON = 300


class HubError(RuntimeError):
    """A data set could not be fetched: no connection, no such name, or no access."""


@dataclass(frozen=True, slots=True)
class HubSource:
    """One split of a data set, as `datasets.load_dataset` finds it.

    Attributes:
        name: Of the data set on the hub, or of a local folder; with `files`, of their format, e.g. "parquet".
        config: Subset, where the data set has several.
        files: Address of the one file to read, where the data set cannot be loaded as a whole.
        field: Field of a JSON file that holds the list of rows.
        shown: What messages call it; `name` where empty.
    """

    name: str
    split: str
    config: str | None = None
    files: str | None = None
    field: str | None = None
    shown: str = ""

    @property
    def address(self) -> str:
        """What messages call it."""
        return f"{PREFIX}{self.shown or self.name}{f', {self.config}' if self.config else ''}:{self.split}"


def hub_rows(address: str) -> Iterator[Row]:
    """Rows of `hf:NAME` or `hf:NAME:SPLIT`; without a split, "test", or the only one there is.

    This opens a connection to the hub unless the data set is in its cache. A local folder of Parquet or JSON
    files may stand for NAME.

    Raises:
        HubError: `datasets` could not load it.
        RecordedAnswerError: The address is none, or the split has to be named.
    """
    match = _SPLIT.fullmatch(address.removeprefix(PREFIX))
    if match is None:
        raise RecordedAnswerError(f"{address!r}: an address of the form hf:NAME or hf:NAME:SPLIT is needed")
    name, split = match.groups()
    yield from _rows(address, _one_split(name, split, _loaded(f"{PREFIX}{name}", (name,), {"split": split})))


def dataset_rows(source: HubSource) -> Iterator[Row]:
    """Rows of one split of a data set. This opens a connection unless it is in the cache.

    Raises:
        HubError: `datasets` could not load it; for a gated data set the message says how to get access.
    """
    options: dict[str, Any] = {"split": source.split}
    if source.files is not None:
        options["data_files"] = {source.split: source.files}
    if source.field is not None:
        options["field"] = source.field
    names = (source.name,) if source.config is None else (source.name, source.config)
    yield from _rows(source.address, _loaded(source.address, names, options))


def _rows(address: str, loaded: Any) -> Iterator[Row]:
    for number, values in enumerate(loaded, 1):
        where = f"{address}, row {number}"
        yield where, table_row(where, values)


def _loaded(address: str, names: tuple[str, ...], options: dict[str, Any]) -> Any:
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")  # Read when the library is first imported.
    import datasets

    try:
        return datasets.load_dataset(*names, **options)
    except Exception as error:
        # The library lets through errors of a dozen packages, down to sockets and Parquet.
        reason = " ".join(f"{type(error).__name__}: {error}".split())[:_SHOWN_REASON]
        gated = "gated" in reason.casefold() or "401" in reason or "403" in reason
        access = " It asks for access: accept its terms on its page, then set HF_TOKEN." if gated else ""
        raise HubError(
            f"{address}: could not be loaded through Hugging Face datasets ({reason}).{access} Check the name, the "
            "split and the connection, or download its files and give their path"
        ) from error


def _one_split(name: str, split: str | None, loaded: Any) -> Any:
    if split is not None:
        return loaded
    names = list(loaded)
    if len(names) != 1 and "test" not in names:
        raise RecordedAnswerError(f"{PREFIX}{name}: name one of its splits, {PREFIX}{name}:SPLIT ({', '.join(names)})")
    return loaded["test" if "test" in names else names[0]]
