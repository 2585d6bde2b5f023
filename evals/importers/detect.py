"""Which format a file is in, and its answers."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from . import expertqa, factscore, mapped_tables, mmlu_pro, ragtruth, rows
from .collected import Recorded, collect
from .fields import Fields, shown
from .frameworks import FRAMEWORKS, file_stem, plain_rows, read_framework
from .hub import PREFIX, hub_rows
from .items import Notes, answers_of
from .jsonl import Row, json_rows
from .reading import Reading
from .recorded import RecordedAnswer, RecordedAnswerError
from .tabular import csv_rows, parquet_rows, table_row, typed_row

Answers = Iterator[tuple[str, RecordedAnswer]]


@dataclass(frozen=True, slots=True)
class _Format:
    """How a format is read (rows and a model's name in, answers with their places out), and told.

    Attributes:
        keys: Fields that the first row of such a file has.
        model: Who names the model: the "row", the "caller", or the row and else the caller ("either").
    """

    read: Callable[[Iterable[Fields], str | None], Answers]
    keys: frozenset[str]
    model: str = "row"


def _recorded(fields: Iterable[Fields], model: str | None) -> Answers:
    return ((row.where, rows.answer_of(row, model)) for row in fields)


_READERS = {
    "recorded": _Format(_recorded, frozenset({"sample_id", "answer"}), "either"),
    "ragtruth_processed": _Format(ragtruth.processed_answers, ragtruth.PROCESSED),
    "expertqa": _Format(expertqa.answers_of, expertqa.KEYS),
    "factscore": _Format(factscore.answers_of, factscore.KEYS, "caller"),
    "mmlu_pro": _Format(mmlu_pro.answers_of, mmlu_pro.KEYS, "caller"),
}
FORMATS = (*_READERS, "ragtruth", *FRAMEWORKS)
"""Names that `read_answers` takes, beside "auto"."""


def read_answers(
    path: str | Path, *, format: str = "auto", model: str | None = None, reading: Reading | None = None
) -> Recorded:
    """Read recorded answers in any known format.

    Args:
        path: A file (JSON Lines or a JSON list, either gzipped or zipped; CSV, TSV; Parquet; an output of Inspect,
            promptfoo, lm-evaluation-harness, deepeval or ragas), a folder of the published RAGTruth files, of MMLU-Pro
            results, of Inspect logs or of lm-evaluation-harness samples, or `hf:NAME[:SPLIT]` for a data set of the
            Hugging Face hub.
        format: One of `FORMATS`, or "auto": told by the file names and the fields of the first row.
        model: The model that answered, for rows that do not say it (else taken from the file name).
        reading: What else the user says of the file; `model` goes before the model in it.

    Raises:
        RecordedAnswerError: There is no such file, its format is not known, or a row is wrong.
        HubError: The data set could not be fetched.
    """
    if format != "auto" and format not in FORMATS:
        raise RecordedAnswerError(f"unknown format {shown(format)}; known are auto, {', '.join(FORMATS)}")
    name, file = str(path), Path(path)
    how = reading or Reading()
    how = how if model is None else replace(how, model=model)
    if (adopted := _adopted(name, file, format, how)) is not None:
        return adopted
    model = how.model
    folder = file.parent if file.name == ragtruth.FILES[0] else file
    if format == "ragtruth" or (format == "auto" and ragtruth.is_folder(folder)):
        _refuse_model(model, name)
        return _ragtruth(folder, name)
    found = iter(source_rows(name, file))
    first = next(found, None)
    if first is None:
        raise RecordedAnswerError(f"{name}: there are no answers in it")
    kind = _told(name, first) if format == "auto" else format
    reader, unknown = _READERS[kind], dict[str, None]()
    fields = (Fields(where, values, unknown) for where, values in chain([first], found))
    if reader.model == "row":
        _refuse_model(model, name)
    elif reader.model == "caller" and model is None and "model" not in first[1]:
        model = _model_name(kind, name, file)
    return collect(reader.read(fields, model), name, kind, unknown)


def _adopted(name: str, file: Path, format: str, reading: Reading) -> Recorded | None:
    """The answers of a framework's output, or of a table with named columns; None where it is neither."""
    if format in (*FRAMEWORKS, "auto") and not name.startswith(PREFIX):
        found = read_framework(file, name, reading, None if format == "auto" else format)
        if found is not None:
            return found
        if format != "auto":
            raise RecordedAnswerError(f"{name}: there is no file or folder that {format} wrote")
    if reading.mapping or (reading.domain is not None and format in ("auto", "recorded")):
        return _table(name, file, reading)
    if reading.of_frameworks or reading.domain is not None:
        given = " and ".join((*reading.of_frameworks, *(["--domain"] if reading.domain else [])))
        raise RecordedAnswerError(f"{name}: {given}: this format says it itself; leave it out (or name columns, --map)")
    return None


def _table(name: str, file: Path, reading: Reading) -> Recorded:
    """A table whose columns --map names, or whose rows are of the domain that --domain names."""
    unknown, notes = dict[str, None](), Notes()
    plain = not name.startswith(PREFIX) and file.is_file()
    found = plain_rows(file) if plain else source_rows(name, file)
    cells = plain and bool({".csv", ".tsv"} & set(file.suffixes))
    typed = typed_row if cells else table_row if file.suffix == ".parquet" else lambda _, row: dict(row)
    named = reading if reading.model or not plain else replace(reading, model=file_stem(file))
    items = mapped_tables.items_of(found, named, unknown, typed)
    if "grade" in reading.mapping:
        notes.evaluator = f"column '{reading.mapping['grade']}'"
    left = {name: path for name, path in reading.mapping.items() if name == "grade"}
    answers = answers_of(items, replace(reading, mapping=left, model=None, domain=None), notes, unknown)
    recorded = collect(answers, name, "recorded", unknown)
    return replace(recorded, evaluator=notes.evaluator, remarks=tuple(notes.remarks))


def _refuse_model(model: str | None, name: str) -> None:
    if model is not None:
        raise RecordedAnswerError(f"{name}: its rows name their models; leave model={shown(model)} out")


def _ragtruth(folder: Path, name: str) -> Recorded:
    if not ragtruth.is_folder(folder):
        raise RecordedAnswerError(f"{name}: RAGTruth is a folder with {' and '.join(ragtruth.FILES)}")
    return collect(ragtruth.folder_answers(folder), name, "ragtruth", {})


def source_rows(name: str, path: Path) -> Iterator[Row]:
    """Rows of a file, a folder of MMLU-Pro results, or `hf:NAME[:SPLIT]`, whatever they mean.

    Raises:
        RecordedAnswerError: Nothing there, or not readable as JSON Lines, CSV, TSV or Parquet.
    """
    if name.startswith(PREFIX):
        return hub_rows(name)
    if path.is_dir():
        results = sorted(path.glob(mmlu_pro.RESULTS))
        if not results:
            wanted = f"{' and '.join(ragtruth.FILES)} (RAGTruth) or {mmlu_pro.RESULTS} (MMLU-Pro)"
            logs = "logs of Inspect, samples_*.jsonl of lm-evaluation-harness"
            raise RecordedAnswerError(
                f"{name}: a folder is read where it is a finished run, or holds {logs}, {wanted}; else give a file"
            )
        return chain.from_iterable(json_rows(result) for result in results)
    if not path.exists():
        fetch = "; an address is not read: download it first" if "://" in name else ""
        raise RecordedAnswerError(f"{name}: there is no such file or folder{fetch}")
    if path.suffix == ".parquet":
        return parquet_rows(path)
    return csv_rows(path) if {".csv", ".tsv"} & set(path.suffixes) else json_rows(path)


def _told(name: str, first: Row) -> str:
    where, values = first
    for kind, reader in _READERS.items():
        if reader.keys <= values.keys():
            return kind
    if len(values.keys() & set(rows.REQUIRED)) > 1:
        # Most likely the recorded form with a field missing: its reader says which.
        return "recorded"
    fields = shown(", ".join(str(key) for key in values)) if values else "none"
    raise RecordedAnswerError(
        f"{where}: the format is not known from its fields ({fields}). Say which columns hold what, for example "
        f"--map question=prompt,answer=response, or name the format with --format: {', '.join(FORMATS)}"
    )


def _model_name(kind: str, name: str, path: Path) -> str | None:
    if name.startswith(PREFIX):
        return None
    stem = file_stem(path)
    return mmlu_pro.model_name(path, stem) if kind == "mmlu_pro" else stem
