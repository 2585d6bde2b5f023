"""Rows of a benchmark: of the Hugging Face hub, of a file, or of a folder."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from ..importers.detect import source_rows
from ..importers.hub import HubError, HubSource, dataset_rows
from ..importers.jsonl import json_rows, open_binary
from ..pack_fields import PackError
from .benchmark import Benchmark, Row

_ANY_DATA = ("*.jsonl", "*.json", "*.parquet", "*.csv", "*.tsv", "*.jsonl.gz", "*.csv.gz")


def benchmark_rows(benchmark: Benchmark, path: Path | None) -> Iterable[Row]:
    """Rows as published, each with its place.

    Raises:
        PackError: There is nothing at `path`, or nothing that belongs to this benchmark.
        RecordedAnswerError: A file is not readable as JSON Lines, JSON, CSV, TSV or Parquet.
        HubError: No `path` is given, and the hub cannot be reached, or does not hold it, or asks for a token.
    """
    if path is None:
        return dataset_rows(_on_hub(benchmark))
    if not path.exists():
        raise PackError(f"{path}: there is no such file or folder for bench:{benchmark.name}")
    if benchmark.folder is not None:
        return benchmark.folder(path)
    return (row for file in _files(benchmark, path) for row in _file_rows(benchmark, file))


def _on_hub(benchmark: Benchmark) -> HubSource:
    if benchmark.hub is None:
        raise HubError(
            f"bench:{benchmark.name} cannot be loaded from the hub ({benchmark.caution or 'it is not there'}); get it "
            f"from {benchmark.url} and give its path: bench:{benchmark.name}=PATH"
        )
    return benchmark.hub


def _files(benchmark: Benchmark, path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    named = sorted({found for pattern in benchmark.files for found in path.rglob(pattern) if found.is_file()})
    found = named or sorted({found for pattern in _ANY_DATA for found in path.glob(pattern) if found.is_file()})
    if not found:
        wanted = ", ".join(benchmark.files or _ANY_DATA)
        raise PackError(f"{path}: holds no file of bench:{benchmark.name} ({wanted})")
    return found


def _file_rows(benchmark: Benchmark, path: Path) -> Iterator[Row]:
    if path.suffix == ".json" and (benchmark.wrapped or benchmark.keyed):
        yield from _one_object(benchmark, path)
    else:
        yield from source_rows(str(path), path)


def _one_object(benchmark: Benchmark, path: Path) -> Iterator[Row]:
    """Rows of a file that is one JSON object: a field with the list of them, or each under its key."""
    with open_binary(path) as stream:
        try:
            data = json.loads(stream.read())
        except (ValueError, RecursionError):
            data = None  # JSON Lines perhaps, or a sentence on what is wrong with it
    if isinstance(data, dict) and benchmark.wrapped and isinstance(data.get(benchmark.wrapped), list):
        yield from _numbered(path, data[benchmark.wrapped])
    elif isinstance(data, dict) and benchmark.keyed and data and all(isinstance(v, dict) for v in data.values()):
        for key, values in data.items():
            yield f"{path}, entry {key}", {benchmark.keyed: key, **values}
    else:
        yield from json_rows(path)


def _numbered(path: Path, rows: list[object]) -> Iterator[Row]:
    for number, values in enumerate(rows, 1):
        if not isinstance(values, dict):
            raise PackError(f"{path}, item {number}: a JSON object is needed")
        yield f"{path}, item {number}", values
