"""Labels that come back in a file: from the offline page (`labels.jsonl`), CSV, or Label Studio's export."""

import csv
import json
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from .exchange import uncell
from .labels import LabelError, reviewer_name
from .trail import digest

Row = tuple[str, dict[str, Any]]  # where it stands, and the fields of a label
_LARGEST = 200_000_000  # bytes


class IncomingError(ValueError):
    """A file of labels that cannot be taken in; the message names file, line and field."""


def read_file(path: Path) -> tuple[str, list[Row]]:
    """How the labels came ("offline", "csv" or "label-studio"), and each with its place in the file.

    Raises:
        IncomingError: There is no such file, or it is none of these.
    """
    try:
        if path.stat().st_size > _LARGEST:
            raise IncomingError(f"{path}: is larger than {_LARGEST:,} bytes")
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise IncomingError(f"{path}: cannot be read ({error})") from error
    if path.suffix.lower() == ".csv":
        return "csv", list(_csv_rows(path, text))
    if text.lstrip().startswith("["):
        return "label-studio", list(_studio_rows(path, text))
    return "offline", list(_lines(path, text))


def _lines(path: Path, text: str) -> Iterator[Row]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        where = f"{path}, line {number}"
        try:
            values = json.loads(line)
            kind = values["kind"]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise IncomingError(f"{where}: is no line of a labels.jsonl") from error
        if kind == "label":
            yield where, values


def _csv_rows(path: Path, text: str) -> Iterator[Row]:
    rows = csv.DictReader(text.splitlines(keepends=True), restkey="", restval="")
    missing = {"item", "reviewer", "outcome"} - set(rows.fieldnames or ())
    if missing:
        raise IncomingError(f"{path}, line 1: has no column '{min(missing)}'; export a CSV file first and fill it in")
    try:
        for row in rows:
            values = {name: uncell(value or "").strip() for name, value in row.items() if isinstance(value, str)}
            where = f"{path}, line {rows.line_num}"
            if values.get("outcome"):
                yield where, _csv_label(where, values)
    except csv.Error as error:
        raise IncomingError(f"{path}, line {rows.line_num}: is no CSV ({error})") from error


def _csv_label(where: str, values: dict[str, str]) -> dict[str, Any]:
    try:
        pairs = [part.split("=") for part in values.get("claims", "").split(";") if part.strip()]
        claims = {str(int(n) - 1): said.strip() for n, said in pairs}
        seconds = float(values.get("seconds") or 0)
    except ValueError as error:
        raise IncomingError(
            f"{where}: 'claims' is written as 1=supported; 2=not_supported, 'seconds' as a number"
        ) from error
    found: dict[str, Any] = {
        k: values.get(k, "") for k in ("item", "reviewer", "outcome", "harm", "note", "shown", "id")
    }
    return found | {"claims": claims, "seconds": seconds}


def _studio_rows(path: Path, text: str) -> Iterator[Row]:
    try:
        tasks = json.loads(text)
        for number, task in enumerate(tasks, 1):
            for annotation in task.get("annotations") or ():
                if not annotation.get("was_cancelled"):
                    yield f"{path}, task {number}", _studio_label(task["data"], annotation)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        raise IncomingError(f"{path}: is no export of Label Studio (JSON): {type(error).__name__} {error}") from error


def _studio_label(data: Mapping[str, Any], annotation: Mapping[str, Any]) -> dict[str, Any]:
    by: dict[str, list[Mapping[str, Any]]] = {}
    for result in annotation["result"]:
        by.setdefault(result["from_name"], []).append(result["value"])
    known = data.get("labelled_by") or {}
    own = str(annotation["result"][0].get("id", "")).rpartition(".")[0] if annotation["result"] else ""
    who = annotation.get("completed_by")
    name = who.get("email") or who.get("id") if isinstance(who, dict) else who
    if own in known:  # one that this review sent out
        name = known[own]
    claims: dict[str, str] = {}
    for value in by.get("support", []):
        place = _nearest(data.get("claim_spans") or (), int(value["start"]), int(value["end"]))
        if place is not None:
            claims[str(place)] = value["labels"][0]
    return {
        "item": data["item"],
        "shown": data.get("shown", ""),
        "reviewer": f"label-studio {name}" if isinstance(name, int) else str(name or "label-studio"),
        "outcome": by["outcome"][0]["choices"][0] if "outcome" in by else None,
        "harm": by["harm"][0]["choices"][0] if "harm" in by else None,
        "claims": claims,
        "note": "\n".join(text for value in by.get("note", []) for text in value["text"]),
        "seconds": annotation.get("lead_time") or 0,
        "id": own if own in known else "",
    }


def _nearest(spans: Any, start: int, end: int) -> int | None:
    """The claim that a marked stretch covers most of."""
    shared = [(min(end, int(b)) - max(start, int(a)), -n) for n, (a, b) in enumerate(spans)]
    most, n = max(shared, default=(0, 0))
    return -n if most > 0 else None


def complete(where: str, values: Mapping[str, Any], via: str) -> dict[str, Any]:
    """The fields with a name of the label's own, made of what it says where the file has none.

    Raises:
        IncomingError: It has no reviewer.
    """
    try:
        reviewer = reviewer_name(values.get("reviewer"))
    except LabelError as error:
        raise IncomingError(f"{where}: {error}") from error
    whole = dict(values) | {"reviewer": reviewer, "role": "reviewer"}
    return whole | {"id": values.get("id") or own_name(whole, via)}


def own_name(values: Mapping[str, Any], via: str) -> str:
    """A name made of what the label says."""
    return digest([via, *(values.get(name) for name in ("reviewer", "item", "outcome", "harm", "claims", "note"))])[:32]


def file_digest(path: Path) -> str:
    """SHA-256 of the file."""
    return sha256(path.read_bytes()).hexdigest()
