"""The run folder: written whole and atomically, refused where it would mix two runs."""

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..scoring.estimate import Measurement, as_json
from ..scoring.record_files import record_schema

SCHEMA = 1
FINISHED = "estimates.json"


class RunFolderError(ValueError):
    """A run folder that cannot be used as asked; the message says why and what to do."""


def write_text(path: Path, text: str) -> None:
    """Write aside, fsync, rename: the file is the old one or the new one, never half of it."""
    aside = path.with_name(path.name + ".tmp")
    with aside.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(aside, path)


def write_json(path: Path, data: object) -> None:
    """Write JSON atomically, indented, keys in the order given."""
    write_text(path, json.dumps(data, indent=1, allow_nan=False) + "\n")


def write_table(path: Path, rows: Sequence[Mapping[str, Any]], schema: Any = None) -> None:
    """Write rows as Parquet, atomically. Without rows or schema the file holds an empty table."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    aside = path.with_name(path.name + ".tmp")
    table = pa.Table.from_pylist(list(rows), schema=schema)
    with aside.open("wb") as file:
        pq.write_table(table, file, compression="zstd")
        file.flush()
        os.fsync(file.fileno())
    os.replace(aside, path)


def check_folder(out: Path, *, resume: bool, identity: Mapping[str, Any]) -> None:
    """Whether `out` may hold a run whose inputs are `identity`; nothing is written.

    Raises:
        RunFolderError: It holds a finished run (without `resume`), files that are not a run, or a run of
            other inputs; the message names what differs.
    """
    manifest = out / "manifest.json"
    if out.exists() and not out.is_dir():
        raise RunFolderError(f"{out} is a file; --out needs a folder")
    if out.exists() and any(p.suffix != ".tmp" for p in out.iterdir()):
        if not manifest.exists():
            raise RunFolderError(f"{out} holds files but no run (no manifest.json); choose another --out")
        if not resume:
            raise RunFolderError(f"{out} already holds a run; choose another --out (or go on: vcpd run --resume)")
        try:
            old = dict(json.loads(manifest.read_text(encoding="utf-8"))["identity"])
        except (ValueError, KeyError, TypeError) as error:
            raise RunFolderError(f"{manifest} is damaged; choose another --out") from error
        _same(old, identity, out)


def _same(old: Mapping[str, Any], identity: Mapping[str, Any], out: Path) -> None:
    differ = sorted(k for k in {*old, *identity} if old.get(k) != identity.get(k))
    if differ:
        raise RunFolderError(
            f"{out} was started with other inputs ({', '.join(differ)} differ): its samples cannot be mixed with "
            f"these; choose another --out"
        )


def write_results(
    out: Path,
    entries: Iterable[Mapping[str, Any]],
    samples: Sequence[Mapping[str, Any]],
    documents: Sequence[Mapping[str, Any]],
) -> None:
    """Write the Parquet files of a run from its finished samples."""
    attempts = [attempt for entry in entries for attempt in entry["attempts"]]
    write_table(out / "records.parquet", [a["record"] for a in attempts], record_schema())
    write_table(out / "answers.parquet", [a["answer"] for a in attempts], answer_schema())
    write_table(out / "verdicts.parquet", [v for a in attempts for v in a["verdicts"]], verdict_schema())
    write_table(out / "samples.parquet", samples)
    write_table(out / "sources.parquet", documents)


def write_estimates(out: Path, rows: Sequence[Measurement]) -> None:
    """Write `estimates.json`: the last file, whose presence says that the run is finished."""
    write_json(out / FINISHED, as_json(list(rows)))


def empty_folder(out: Path) -> Path:
    """`out`, if it is empty or not there yet.

    Raises:
        RunFolderError: It holds something already.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise RunFolderError(f"{out} holds something already; choose another --out")
    return out


def answer_schema() -> Any:
    """The Arrow schema of `answers.parquet`."""
    import pyarrow as pa

    text, whole, real = pa.string(), pa.int64(), pa.float64()
    place = [("doc_id", text), ("start", whole), ("end", whole), ("score", real)]
    return pa.schema(
        [
            *_key_columns(),
            ("text", text),
            ("confidence", real),
            ("finish_reason", text),
            ("served", text),
            ("latency_s", real),
            ("ttft_s", real),
            ("usage", record_schema().field("usage").type),
            ("steps", whole),
            ("reasons", pa.list_(text)),
            ("grade_reason", text),
            ("grade_agreement", real),
            ("hits", pa.list_(pa.struct(place))),
            ("blocked", pa.list_(pa.struct([*place, ("rule", text)]))),
        ]
    )


def verdict_schema() -> Any:
    """The Arrow schema of `verdicts.parquet`, one row a claim."""
    import pyarrow as pa

    text, whole, real = pa.string(), pa.int64(), pa.float64()
    return pa.schema(
        [
            *_key_columns(),
            ("claim", whole),
            ("start", whole),
            ("end", whole),
            ("label", text),
            ("probability", real),
            ("citation_supported", pa.bool_()),
            ("evidence_doc_id", text),
            ("evidence_start", whole),
            ("evidence_end", whole),
            ("unsupported", pa.list_(pa.list_(whole))),
            ("markers", pa.list_(text)),
            ("cited_doc_ids", pa.list_(text)),
            ("findings", pa.list_(text)),
            ("verifier", text),
            ("version", text),
            ("failure", text),
            ("reason", text),
        ]
    )


def _key_columns() -> list[tuple[str, Any]]:
    import pyarrow as pa

    text, whole = pa.string(), pa.int64()
    return [("model", text), ("domain", text), ("sample_id", text), ("epoch", whole), ("attempt", whole)]
