"""The recorded form as a table: CSV, TSV and Parquet, nested columns as structs or as JSON strings."""

import csv
import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path

from .fields import Fields, shown
from .jsonl import Row, decoded_lines, open_binary
from .recorded import RecordedAnswerError

_NESTED = frozenset({"sources", "choices", "usage", "human", "grade"})
_NUMBERS = frozenset({"epoch", "confidence", "latency_s", "ttft_s"})
_MAY_BE_EMPTY = frozenset({"question", "answer"})
_FLAGS = {"true": True, "false": False, "1": True, "0": False, "yes": True, "no": False}
_BATCH = 256


def csv_rows(path: Path, *, typed: bool = True) -> Iterator[Row]:
    """Rows of a CSV file (a `.tsv` is split at tabs) with a header line; an empty cell is an absent field.

    Args:
        typed: Whether cells are read as the fields of the recorded form that their columns are named after; else they
            are texts.

    Raises:
        RecordedAnswerError: The file is not UTF-8 or not well-formed, or a cell does not hold what its column needs.
    """
    old = csv.field_size_limit(2**31 - 1)  # The limit is global: answers may be long, other readers keep theirs.
    try:
        with open_binary(path) as stream:
            yield from _cells(path, (text for _, text in decoded_lines(path, stream)), typed)
    finally:
        csv.field_size_limit(old)


def _cells(path: Path, lines: Iterator[str], typed: bool) -> Iterator[Row]:
    reader = csv.reader(lines, delimiter="\t" if ".tsv" in path.suffixes else ",", strict=True)
    header: list[str] | None = None
    line = 1
    try:
        for cells in reader:
            where, line = f"{path}, line {line}", reader.line_num + 1
            if header is None:
                header = _header(where, cells)
            elif cells:
                row = _row(where, header, cells)
                yield where, typed_row(where, row) if typed else row
    except csv.Error as error:
        raise RecordedAnswerError(f"{path}, line {line}: not well-formed CSV ({error})") from error


def _header(where: str, cells: list[str]) -> list[str]:
    names = [cell.strip() for cell in cells]
    if twice := [name for name in names if names.count(name) > 1]:
        raise RecordedAnswerError(f"{where}: two columns are named {shown(twice[0])}")
    return names


def _row(where: str, header: list[str], cells: list[str]) -> dict[str, object]:
    if len(cells) != len(header):
        raise RecordedAnswerError(f"{where}: {len(cells)} cells under a header of {len(header)}")
    return dict(zip(header, cells, strict=True))


def typed_row(where: str, values: Mapping[str, object]) -> dict[str, object]:
    """Cells that are texts, as the fields of the recorded form that they are named after.

    Raises:
        RecordedAnswerError: A cell does not hold what its field needs.
    """
    row = Fields(where, values, {})
    return {name: _value(row, name, cell) if isinstance(cell, str) else cell for name, cell in values.items()}


def _value(row: Fields, name: str, cell: str) -> object:
    if name in _MAY_BE_EMPTY:
        return cell
    if not cell:
        return None
    if name in _NUMBERS:
        return _number(row, name, cell)
    if name == "answerable":
        if cell.strip().lower() not in _FLAGS:
            raise row.error(name, f"true or false is needed, found {shown(cell)}")
        return _FLAGS[cell.strip().lower()]
    return unpacked(row, name, cell)


def _number(row: Fields, name: str, cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        raise row.error(name, f"a number is needed, found {shown(cell)}") from None


def unpacked(row: Fields, name: str, text: str) -> object:
    """A nested value that a table holds as a JSON string; any other text as it is."""
    if name == "target" and text.startswith("["):
        # A list of targets, unless it is a target that begins with a bracket.
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return text
    if name not in _NESTED:
        return text
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError) as error:
        raise row.error(name, f"JSON is needed in this column ({error})") from error


def parquet_rows(path: Path, *, typed: bool = True) -> Iterator[Row]:
    """Rows of a Parquet file, some hundred at a time; null, NaN and structs of nulls are absent fields.

    Args:
        typed: Whether texts in nested columns of the recorded form are unpacked; else values stay as they are.

    Raises:
        RecordedAnswerError: The file is not Parquet or is damaged, or a JSON string is not JSON.
    """
    import pyarrow
    from pyarrow import parquet

    number = 0
    try:
        with parquet.ParquetFile(path) as table:
            for batch in table.iter_batches(batch_size=_BATCH):
                for values in batch.to_pylist():
                    number += 1
                    where = f"{path}, row {number}"
                    yield where, table_row(where, values) if typed else values
    except (pyarrow.ArrowException, OSError, UnicodeDecodeError) as error:
        place = f"{path}, after row {number}" if number else str(path)
        raise RecordedAnswerError(f"{place}: cannot be read as Parquet ({error})") from error


def table_row(where: str, values: Mapping[str, object]) -> dict[str, object]:
    """One row of a typed table: absent values taken out, JSON strings of nested columns unpacked."""
    row = Fields(where, values, {})
    present = {name: _present(value) for name, value in values.items()}
    return {n: unpacked(row, n, v) if isinstance(v, str) else v for n, v in present.items() if v is not None}


def _present(value: object) -> object:
    if isinstance(value, dict):
        # A column of structs gives every row all of its fields, null where a row had none.
        return {name: kept for name, inner in value.items() if (kept := _present(inner)) is not None} or None
    if isinstance(value, list):
        return [_present(entry) or {} if isinstance(entry, dict) else _present(entry) for entry in value]
    return None if isinstance(value, float) and math.isnan(value) else value
