"""One verdict as a file: written whole or not at all, read back only if nothing in it has changed."""

import json
import os
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from ..retrieval.passages import Passage, Span
from ..scoring.usage import Usage
from .verdict import Citation, Claim, Label, Verdict

_SCHEMA = 1


def write_entry(folder: Path, key: str, verdict: Verdict) -> None:
    """Write `verdict` under `key`: aside, then renamed. A full disk or a read-only folder is no error: not kept."""
    row = _row(key, verdict)
    body = json.dumps(row)
    if json.loads(body) != row:
        return  # not a number, or halves of a surrogate pair that JSON would join: it would not come back as it was
    path = _path(folder, key)
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_aside(path, f"{sha256(body.encode()).hexdigest()}\n{body}\n")


def _write_aside(path: Path, text: str) -> None:
    with NamedTemporaryFile("w", dir=path.parent, suffix=".tmp", delete=False, encoding="ascii") as aside:
        name = Path(aside.name)
        try:
            aside.write(text)
            aside.close()
            os.replace(name, path)
        finally:
            name.unlink(missing_ok=True)  # gone already where it was renamed


def read_entry(folder: Path, key: str) -> Verdict | None:
    """The verdict under `key`; None where there is none, or its file is damaged, foreign or of another schema."""
    try:
        digest, _, body = _path(folder, key).read_text(encoding="ascii").partition("\n")
        body = body.removesuffix("\n")
        if digest != sha256(body.encode()).hexdigest():
            return None
        row = json.loads(body)
        return _verdict(row) if (row["schema"], row["key"]) == (_SCHEMA, key) else None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def _path(folder: Path, key: str) -> Path:
    return folder / key[:2] / f"{key}.json"


def _row(key: str, v: Verdict) -> dict[str, Any]:
    claim = v.claim
    return {
        "schema": _SCHEMA,
        "key": key,
        "claim": [claim.text, *_edges(claim.span)],
        "citations": [[c.marker, *_edges(c.span), c.doc_id] for c in claim.citations],
        "label": v.label.value,
        "evidence": [[p.doc_id, *_edges(p.span), p.text] for p in v.evidence],
        "probability": v.probability,
        "unsupported": [_edges(s) for s in v.unsupported],
        "verifier": [v.verifier, v.version],
        "usage": [v.usage.stage, v.usage.model],
        "reason": v.reason,
    }


def _verdict(row: dict[str, Any]) -> Verdict:
    text, start, end = row["claim"]
    citations = tuple(Citation(m, Span(a, b), doc_id) for m, a, b, doc_id in row["citations"])
    stage, model = row["usage"]
    verifier, version = row["verifier"]
    return Verdict(
        Claim(text, Span(start, end), citations),
        Label(row["label"]),
        tuple(Passage(doc_id, Span(a, b), passage) for doc_id, a, b, passage in row["evidence"]),
        float(row["probability"]),
        tuple(Span(a, b) for a, b in row["unsupported"]),
        verifier,
        version,
        Usage(stage, model),
        row["reason"],
    )


def _edges(span: Span) -> list[int]:
    return [span.start, span.end]
