"""The passages of an index on disk, by number. Nothing is read but what is asked for."""

import json
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..bm25 import TermScores
from ..dense import DenseRetriever
from ..document_rows import optional_fields
from ..facets import Filter, PolicyFilters
from ..lexical import LexicalRetriever
from ..passages import Document, Passage, Span
from ..places import Place, exact_place
from ..sources import SourcePolicy
from .layout import BrokenIndexError, read_head
from .strings import StringTable, mapped_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from ..encoders import Encoder

_KEPT_DOCUMENTS = 64


class GenerationStore:
    """The passages of one generation. Safe to share between threads."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._texts, self._rows = (mapped_bytes(self.folder / f"{name}.bin") for name in ("texts", "documents"))
        self._text_ends, self._row_ends = self._array("texts.ends"), self._array("documents.ends")
        self._passages: NDArray[np.int64] = self._array("passages")
        self.owners: NDArray[np.int64] = self._array("owners")
        self._ids = StringTable(self.folder, "ids")
        facets = (self.folder / "facets.jsonl").read_text(encoding="ascii").splitlines()
        made = [_document(json.loads(row), "") for row in facets]
        self._filters = PolicyFilters(made, self._array("facet_numbers"), self.owners, self._ids.number_of)
        self._document = lru_cache(maxsize=_KEPT_DOCUMENTS)(self._read_document)

    def _array(self, name: str) -> Any:
        return np.load(self.folder / f"{name}.npy", mmap_mode="r")

    def __len__(self) -> int:
        return len(self._passages)

    def __iter__(self) -> "Iterator[Document]":
        return (self._read_document(number) for number in range(len(self._ids)))

    def passage(self, number: int) -> Passage:
        """The passage of that number."""
        start, end, first, last = (int(value) for value in self._passages[number])
        row = self._row(int(self.owners[number]))
        return Passage(row["doc_id"], Span(start, end), _text(self._texts, first, last))

    def title(self, number: int) -> str:
        """The title of its document."""
        return str(self._row(int(self.owners[number])).get("title", ""))

    def get(self, doc_id: str) -> Document | None:
        """The document of that id, with its whole text."""
        number = self._ids.number_of(doc_id)
        return None if number is None else self._document(number)

    def place(self, doc_id: str, offset: int) -> str:
        """Where an offset of a document stands in its file: "page 3", "character 88"; "" where they are the same."""
        number = self._ids.number_of(doc_id)
        if number is None:
            return ""
        return exact_place([Place(*place) for place in self._row(number).get("places", [])], offset)

    def filter(self, policy: SourcePolicy) -> Filter:
        """Which documents and passages `policy` allows."""
        return self._filters.filter(policy)

    def _row(self, number: int) -> dict[str, Any]:
        row: dict[str, Any] = json.loads(_text(self._rows, self._row_ends[number], self._row_ends[number + 1]))
        return row

    def _read_document(self, number: int) -> Document:
        text = _text(self._texts, self._text_ends[number], self._text_ends[number + 1])
        return _document(self._row(number), text)


class IndexStore(GenerationStore):
    """An opened index: its passages and the way to its retrievers."""

    def __init__(self, folder: Path) -> None:
        """Opens the generation that counts; later ones are not seen. Raises BrokenIndexError."""
        self.head = read_head(folder)
        super().__init__(folder / str(self.head["generation"]))

    def lexical(self) -> LexicalRetriever:
        """BM25 over this index, with the scores that were computed when it was written."""
        data, indices, indptr = (self._array(f"scores.{name}") for name in ("data", "indices", "indptr"))
        terms = TermScores(data, indices, indptr, len(self), StringTable(self.folder, "terms").number_of)
        return LexicalRetriever.over(self, terms, str(self.head["settings"]))

    def dense(self, encoder: "Encoder") -> DenseRetriever:
        """Dense retrieval over this index.

        Raises:
            BrokenIndexError: It holds no vectors, or those of another encoder.
        """
        held = self.head.get("encoder")
        if not held:
            raise BrokenIndexError("this index holds no vectors: index the folder again with --dense")
        if held != encoder.name:
            raise BrokenIndexError(f"this index holds vectors of {held}, not of {encoder.name}: index it again with it")
        return DenseRetriever.over(self, self._array("vectors"), encoder)


def _document(row: dict[str, Any], text: str) -> Document:
    return Document(row["doc_id"], text, sha256=row["sha256"], **optional_fields(row, row["doc_id"]))


def _text(mapped: Any, first: int, last: int) -> str:
    return bytes(mapped[int(first) : int(last)]).decode("utf-8", "surrogatepass")
