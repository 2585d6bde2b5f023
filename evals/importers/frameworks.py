"""Outputs of evaluation frameworks: which one wrote a file, and its answers with their grades."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

from . import deepeval, inspect_log, lm_eval, promptfoo, ragas
from .collected import Recorded, collect
from .items import Item, Notes, answers_of
from .jsonl import Row, json_document, json_rows
from .reading import Reading
from .recorded import RecordedAnswerError
from .tabular import csv_rows, parquet_rows

_Read = Callable[[str, Path, Mapping[str, Any] | None, Reading, Notes], Iterator[Item]]

_READERS: dict[str, _Read] = {
    "inspect": inspect_log.items_of,
    "promptfoo": promptfoo.items_of,
    "lm_eval": lm_eval.items_of,
    "deepeval": deepeval.items_of,
}
FRAMEWORKS = (*_READERS, "ragas")
"""Names of the formats that are read here."""

_DOCUMENTS = {"promptfoo": promptfoo.KEYS, "deepeval": deepeval.KEYS, "inspect": inspect_log.KEYS}
_LINES = {"promptfoo": promptfoo.ROW_KEYS, "lm_eval": lm_eval.KEYS, "ragas": ragas.KEYS}
_SUFFIXES = (".gz", ".zip", ".jsonl", ".json", ".parquet", ".csv", ".tsv")


def plain_rows(path: Path) -> Iterator[Row]:
    """Rows of a JSON Lines, CSV, TSV or Parquet file with their values as they stand there."""
    if path.suffix == ".parquet":
        return parquet_rows(path, typed=False)
    return csv_rows(path, typed=False) if {".csv", ".tsv"} & set(path.suffixes) else json_rows(path)


def read_framework(path: Path, name: str, reading: Reading, wanted: str | None = None) -> Recorded | None:
    """The answers of a framework's output; None where `path` is none that is known here.

    Args:
        wanted: One of `FRAMEWORKS`, where the user names it; None: told from the file.

    Raises:
        RecordedAnswerError: Not readable as what it is, or not as `wanted`; a version that is not known.
    """
    if path.is_dir():
        return _folder(path, name, reading, wanted)
    if not path.is_file():
        return None
    if inspect_log.is_log(path):
        _check(wanted, "inspect", name)
        return _read("inspect", path, name, None, reading)
    document = json_document(path) if ".json" in path.suffixes else None
    kind = wanted or (_told(_DOCUMENTS, document) if document else _told(_LINES, _first(path)))
    if kind is None:
        return None
    if kind in _DOCUMENTS and document is None and kind not in _LINES:
        raise RecordedAnswerError(f"{name}: not a file that {kind} wrote")
    return _read(kind, path, name, document, reading)


def _folder(path: Path, name: str, reading: Reading, wanted: str | None) -> Recorded | None:
    if next(path.glob(lm_eval.SAMPLES), None):
        _check(wanted, "lm_eval", name)
        return _read("lm_eval", path, name, None, reading)
    logs = sorted(p for p in path.glob("*.eval") if inspect_log.is_log(p))
    if not logs:
        return None
    _check(wanted, "inspect", name)
    notes, unknown = Notes(), dict[str, None]()
    items = (_READERS["inspect"](str(log), log, None, reading, notes) for log in logs)
    return _collected(chain.from_iterable(items), name, "inspect", reading, notes, unknown)


def _check(wanted: str | None, found: str, name: str) -> None:
    if wanted not in (None, found):
        raise RecordedAnswerError(f"{name}: not a file that {wanted} wrote; it is of {found}")


def _first(path: Path) -> Mapping[str, object]:
    return next(plain_rows(path), ("", {}))[1]


def _told(known: Mapping[str, frozenset[str]], values: Mapping[str, object] | None) -> str | None:
    return next((kind for kind, keys in known.items() if values and keys <= values.keys()), None)


def _read(kind: str, path: Path, name: str, document: Mapping[str, Any] | None, reading: Reading) -> Recorded:
    notes, unknown = Notes(), dict[str, None]()
    if kind == "ragas":
        items = ragas.items_of(name, file_stem(path), plain_rows(path), reading, notes)
    else:
        items = _READERS[kind](name, path, document, reading, notes)
    return _collected(items, name, kind, reading, notes, unknown)


def _collected(
    items: Iterator[Item], name: str, kind: str, reading: Reading, notes: Notes, unknown: dict[str, None]
) -> Recorded:
    found = collect(answers_of(items, reading, notes, unknown), name, kind, unknown)
    return replace(found, evaluator=notes.evaluator, remarks=tuple(notes.remarks))


def file_stem(path: Path) -> str:
    """The name of a file without the endings that say how it is written: what a model without a name is called."""
    stem = path.name
    while (shorter := Path(stem)).suffix in _SUFFIXES:
        stem = shorter.stem
    return stem
