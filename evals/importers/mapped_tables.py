"""A table of anybody's: columns named by --map are the fields of the recorded form."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from .items import Item, Repeats, question_id
from .jsonl import Row
from .reading import Reading, mapped
from .recorded import RecordedAnswerError
from .rows import FIELDS

Typed = Callable[[str, Mapping[str, object]], dict[str, object]]


def items_of(rows: Iterable[Row], reading: Reading, unknown: dict[str, None], typed: Typed) -> Iterator[Item]:
    """The rows of a table as items; columns that are named like a field of the recorded form need no mapping.

    A row without `sample_id` is named after its question, so that the order of the rows plays no part; the same model
    asked the same question again is its next epoch. Model and domain of a row go before those of `reading`.

    Args:
        unknown: Collects the columns that nobody asked for.
        typed: Makes the fields of the recorded form out of what the cells of such a file hold.
    """
    repeats = Repeats()
    columns = {name: path for name, path in reading.mapping.items() if name != "grade"}
    taken = {path.partition(".")[0] for path in reading.mapping.values()} | set(reading.mapping.values())
    for where, values in rows:
        named = {name: values[name] for name in FIELDS if name in values and name not in reading.mapping}
        for name in values:
            if name not in FIELDS and name not in taken:
                unknown.setdefault(name)
        row = _typed(where, named | dict(mapped(where, values, columns)), typed)
        for name, default in (("model", reading.model), ("domain", reading.domain)):
            if row.get(name) is None:
                row[name] = default
        if row.get("sample_id") is None and isinstance(row.get("question"), str):
            row["sample_id"] = question_id(str(row["question"]))
            if row.get("epoch") is None:
                row["epoch"] = repeats.epoch(str(row["model"]), str(row["domain"]), str(row["sample_id"]))
        if row["domain"] is None:
            raise RecordedAnswerError(f"{where}: no domain; say --domain NAME, or --map domain=COLUMN")
        yield Item(where, row, values)


def _typed(where: str, row: Mapping[str, object], typed: Typed) -> dict[str, object]:
    """Fields as they must be; sources stay as they are, for they come in several forms."""
    sources = {name: value for name, value in row.items() if name == "sources"}
    return typed(where, {name: value for name, value in row.items() if name != "sources"}) | sources
