"""The numeric files of a run folder: `records.parquet` and the countable columns of `verdicts.parquet`."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from .policy import AttemptKey
from .records import BAD_CITATIONS, ClaimCounts, Outcome, OutcomeBy, PolicyVerdict, Record
from .usage import Usage

_COLUMNS = tuple(f.name for f in fields(Record))
_EVIDENCE = ("evidence_ndcg", "evidence_rr", "evidence_char_precision", "evidence_char_recall")
_LATER = ("harm_class", "inclusion", *_EVIDENCE)
"""Columns that run folders of earlier versions lack."""
_USAGE = tuple(f.name for f in fields(Usage))
_ENUMS = {
    "outcome": Outcome,
    "outcome_by": OutcomeBy,
    "human": Outcome,
    "graded": Outcome,
    "policy_verdict": PolicyVerdict,
}


class NoRecordsError(ValueError):
    """A folder that holds no finished run."""


def record_schema() -> Any:
    """The Arrow schema of `records.parquet` (schema version 1)."""
    import pyarrow as pa

    text, whole, real = pa.string(), pa.int64(), pa.float64()
    usage_kinds = {"stage": text, "model": text, "seconds": real}
    usage = pa.struct([(f.name, usage_kinds.get(f.name, whole)) for f in fields(Usage)])
    kinds = {"epoch": whole, "attempt": whole, "output_tokens": whole, "delivered_tokens": whole}
    kinds |= {"answerable": pa.bool_(), "usage": pa.list_(usage)}
    real_columns = ("confidence", "inclusion", "evidence_retrieved", "latency_s", "ttft_s", *_EVIDENCE)
    kinds |= dict.fromkeys(real_columns, real)
    return pa.schema([(f.name, kinds.get(f.name, text)) for f in fields(Record)])


def record_row(record: Record) -> dict[str, Any]:
    """A record as a plain row, in the columns of `record_schema`."""
    row = {name: getattr(record, name) for name in _COLUMNS}
    row["usage"] = [usage_row(usage) for usage in record.usage]
    return row


def usage_row(usage: Usage) -> dict[str, Any]:
    """A meter reading as a plain row."""
    return {name: getattr(usage, name) for name in _USAGE}


def record_from_row(row: Mapping[str, Any]) -> Record:
    """The inverse of `record_row`. Raises KeyError or ValueError for a foreign row."""
    values: dict[str, Any] = {name: row.get(name) if name in _LATER else row[name] for name in _COLUMNS}
    for name, enum in _ENUMS.items():
        values[name] = None if values[name] is None else enum(values[name])
    values["usage"] = tuple(Usage(**usage) for usage in values["usage"] or ())
    return Record(**values)


def read_records(run: Path) -> list[Record]:
    """The records of a run folder.

    Raises:
        NoRecordsError: The folder has none.
    """
    import pyarrow.parquet as pq

    path = run / "records.parquet"
    if not path.exists():
        raise NoRecordsError(f"{run} holds no records.parquet: it is not a finished run folder")
    rows = pq.ParquetFile(path).read().to_pylist()  # pq.read_table would load pandas
    return [record_from_row(row) for row in rows]


def read_counts(run: Path) -> dict[AttemptKey, ClaimCounts]:
    """Claims and citations of each attempt: sums over the rows of `verdicts.parquet`."""
    import pyarrow.parquet as pq

    columns = ["model", "domain", "sample_id", "epoch", "attempt", "label", "citation_supported", "findings", "failure"]
    return count_claims(pq.ParquetFile(run / "verdicts.parquet").read(columns=columns).to_pylist())


def count_claims(rows: Sequence[Mapping[str, Any]]) -> dict[AttemptKey, ClaimCounts]:
    """Sums over verdict rows (one a claim) by attempt."""
    sums: dict[AttemptKey, dict[str, int]] = {}
    for row in rows:
        key = (row["model"], row["domain"], row["sample_id"], row["epoch"], row["attempt"])
        total = sums.setdefault(key, dict.fromkeys(ClaimCounts.__dataclass_fields__, 0))
        findings = [finding for finding in row["findings"] if finding != "uncheckable"]
        total["claims"] += 1
        total["checkable"] += row["citation_supported"] is not None
        total["supported"] += row["label"] == "supported"
        total["citation_supported"] += bool(row["citation_supported"])
        total["failures"] += row["failure"] is not None
        total["citations"] += len(findings)
        total["citations_good"] += findings.count("resolved")
        for kind in BAD_CITATIONS:
            total[kind] += findings.count(kind)
    return {key: ClaimCounts(**total) for key, total in sums.items()}
