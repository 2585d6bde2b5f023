"""Answers from the Hugging Face hub: the only door of `datasets`."""

import os
import re
from collections.abc import Iterator
from typing import Any

from .jsonl import Row
from .recorded import RecordedAnswerError
from .tabular import table_row

PREFIX = "hf:"
_SPLIT = re.compile(r"(.+?)(?::([\w.\-\[\]%]+))?")


class HubError(RecordedAnswerError):
    """A data set could not be fetched: no connection, no such name, or no access."""


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
    for number, values in enumerate(_one_split(name, split, _loaded(name, split)), 1):
        where = f"{address}, row {number}"
        yield where, table_row(where, values)


def _loaded(name: str, split: str | None) -> Any:
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")  # Read when the library is first imported.
    import datasets

    try:
        return datasets.load_dataset(name, split=split)
    except Exception as error:
        # The library lets through errors of a dozen packages, down to sockets and Parquet.
        reason = " ".join(f"{type(error).__name__}: {error}".split())[:300]
        raise HubError(
            f"{PREFIX}{name}: could not be loaded through Hugging Face datasets ({reason}). Check the name, the "
            "split and the connection, or download its files and give their path"
        ) from error


def _one_split(name: str, split: str | None, loaded: Any) -> Any:
    if split is not None:
        return loaded
    names = list(loaded)
    if len(names) != 1 and "test" not in names:
        raise RecordedAnswerError(f"{PREFIX}{name}: name one of its splits, {PREFIX}{name}:SPLIT ({', '.join(names)})")
    return loaded["test" if "test" in names else names[0]]
