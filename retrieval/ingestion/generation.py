"""From what was kept of each document to a generation of the index; it counts once it is complete."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..dense import encoded_text
from ..document_rows import check_interval, document_of, optional_fields
from ..index.layout import BrokenIndexError, publish, read_head
from ..index.store import GenerationStore
from ..index.write import Cut, GenerationWriter
from ..passages import Document
from .file_metadata import FileRule, fields_for
from .folder import METADATA, Problem
from .job import IndexingError, Progress
from .parts import Parts
from .reading import Source
from .units import content_key

if TYPE_CHECKING:
    from ..encoders import Encoder

_BATCH_VECTORS = 256
_REPORT_EVERY = 500
_PREFIX = "generation-"


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: counts of documents, passages and terms, passages encoded now, and what was left out."""

    counts: dict[str, int]
    encoded: int
    problems: tuple[Problem, ...]
    duplicates: tuple[Problem, ...]


def write_generation(
    out: Path,
    sources: Sequence[Source],
    rules: Sequence[FileRule],
    parts: Parts,
    settings: str,
    encoder: "Encoder | None",
    on_progress: Progress,
) -> Written:
    """Write `sources` as a new generation of `out`, make it the one that counts, and remove the others."""
    folder = _next(out)
    seen, vector_keys = _Seen(), list[str]()
    with GenerationWriter(folder) as writer:
        for number, source in enumerate(sources):
            if number % _REPORT_EVERY == 0:
                on_progress("writing", number, len(sources))
            cut = _cut(json.loads(parts.unit(source.key)), source, rules)
            if not seen.takes(cut, source.shown):
                continue
            writer.add(cut)
            if encoder is not None:
                vector_keys += _vector_keys(cut, encoder.name)
        on_progress("scoring", 0, 1)
        writer.finish()
        counts = writer.counts
    if not counts["passages"]:
        shutil.rmtree(folder)
        raise IndexingError("no document holds a word: nothing to index")
    encoded = _vectors(folder, vector_keys, parts, encoder, on_progress) if encoder is not None else 0
    publish(out, folder, {"settings": settings, "encoder": encoder.name if encoder else None, **counts})
    parts.keep_only({source.key for source in sources}, set(vector_keys))
    _remove_others(out, folder)
    return Written(counts, encoded, tuple(seen.problems), tuple(seen.duplicates))


def _next(out: Path) -> Path:
    """A folder that no other generation has; leftovers of a killed run are removed first."""
    try:
        current = str(read_head(out)["generation"])
    except BrokenIndexError:
        current = ""
    for path in out.glob(f"{_PREFIX}*"):
        if path.name != current:
            shutil.rmtree(path)
    number = current.removeprefix(_PREFIX)
    return out / f"{_PREFIX}{int(number) + 1 if number.isdigit() else 1}"


def _remove_others(out: Path, kept: Path) -> None:
    for path in out.glob(f"{_PREFIX}*"):
        if path != kept:
            shutil.rmtree(path, ignore_errors=True)  # a reader that holds it open keeps its mapped files


def _cut(unit: dict[str, Any], source: Source, rules: Sequence[FileRule]) -> Cut:
    row: dict[str, Any] = unit["row"]
    fields = optional_fields(row, source.shown)
    doc_id = row["doc_id"] if source.is_row else source.shown
    if not source.is_row:
        fields |= fields_for(source.shown, rules)
        check_interval(fields, f"{METADATA}, {source.shown}")
    document = document_of(doc_id, unit["text"], **fields)
    passages = [(start, end) for start, end in unit["passages"]]
    return Cut(document, passages, unit["tokens"], [(start, label) for start, label in unit["places"]])


@dataclass(slots=True)
class _Seen:
    """Ids and texts that were written, and what was left out because of them."""

    ids: dict[str, str] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    duplicates: list[Problem] = field(default_factory=list)

    def takes(self, cut: Cut, shown: str) -> bool:
        """Whether the document is to be written; if not, why is noted."""
        document, content = cut.document, _content(cut.document)
        if not cut.passages:
            self.problems.append(Problem(shown, "holds no word"))
        elif document.doc_id in self.ids:
            reason = f"doc_id {document.doc_id!r} is already that of {self.ids[document.doc_id]}"
            self.problems.append(Problem(shown, reason))
        elif content in self.texts:
            self.duplicates.append(Problem(shown, f"is the same as {self.texts[content]}"))
        else:
            self.ids[document.doc_id] = self.texts[content] = shown
            return True
        return False


def _content(document: Document) -> str:
    """Text without regard to white space, and all metadata that decides whether it may be cited."""
    metadata = (document.source, document.date, document.jurisdiction, document.authority, document.valid_from)
    more = (document.valid_to, document.superseded_by, document.license, document.safety_tier)
    return content_key(repr((" ".join(document.text.split()), metadata, more)).encode())


def _vector_keys(cut: Cut, encoder: str) -> list[str]:
    text, title = cut.document.text, cut.document.title
    return [
        content_key(f"{encoder}\0{encoded_text(title, text[a:b])}".encode("utf-8", "surrogatepass"))
        for a, b in cut.passages
    ]


def _vectors(folder: Path, keys: Sequence[str], parts: Parts, encoder: "Encoder", on_progress: Progress) -> int:
    """Encode what has no vector yet, batch by batch, and write the matrix; returns how many were encoded."""
    import numpy as np

    missing, store = parts.missing_vectors(keys), GenerationStore(folder)
    numbers = {key: number for number, key in enumerate(keys)}
    for start in range(0, len(missing), _BATCH_VECTORS):
        on_progress("encoding", start, len(missing))
        batch = missing[start : start + _BATCH_VECTORS]
        texts = [encoded_text(store.title(numbers[key]), store.passage(numbers[key]).text) for key in batch]
        parts.add_vectors(batch, encoder.encode_passages(texts))
    first = next(parts.vectors(keys[:1]))
    matrix = np.lib.format.open_memmap(folder / "vectors.npy", "w+", np.float32, (len(keys), len(first)))
    for row, vector in enumerate(parts.vectors(keys)):
        matrix[row] = vector
    matrix.flush()
    return len(missing)
