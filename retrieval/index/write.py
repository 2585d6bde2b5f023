"""A generation of an index, written document by document."""

import json
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from io import BufferedWriter
from pathlib import Path
from typing import Any

import numpy as np

from ..bm25 import term_scores
from ..document_rows import document_row
from ..facets import facet_of
from ..passages import Document
from ..tokens import tokenize
from .strings import write_strings

K1, B = 1.5, 0.75


@dataclass(frozen=True, slots=True)
class Cut:
    """A document with what was made of it.

    Attributes:
        passages: Start and end of each passage in the document's text.
        tokens: Of each passage, apart by spaces.
        places: Offsets of the text and where they stand in the original file.
    """

    document: Document
    passages: Sequence[tuple[int, int]]
    tokens: Sequence[str]
    places: Sequence[tuple[int, str]] = ()


class GenerationWriter:
    """Writes documents into a new folder; nothing there counts before `layout.publish`. A context manager."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self.folder = folder
        self._texts, self._rows = self._open("texts.bin"), self._open("documents.bin")
        self._text_ends, self._row_ends = array("q", [0]), array("q", [0])
        self._places, self._owners = array("q"), array("q")  # start, end, first and last byte of each passage
        self._terms, self._lengths = array("i"), array("q")
        self._vocabulary: dict[str, int] = {}
        self._n_terms = 0
        self._facets: dict[Document, int] = {}
        self._facet_numbers = array("i")
        self._ids: list[str] = []

    def _open(self, name: str) -> BufferedWriter:
        return (self.folder / name).open("wb")

    def __enter__(self) -> "GenerationWriter":
        return self

    def __exit__(self, *_: object) -> None:
        self._texts.close()
        self._rows.close()

    @property
    def counts(self) -> dict[str, int]:
        """Documents, passages and, once finished, different terms."""
        return {"documents": len(self._ids), "passages": len(self._lengths), "terms": self._n_terms}

    def add(self, cut: Cut) -> None:
        """Write one document."""
        document = cut.document
        first = self._text_ends[-1]
        text = document.text.encode("utf-8", "surrogatepass")
        self._texts.write(text)
        self._text_ends.append(first + len(text))
        self._add_passages(cut, first, ascii_only=len(text) == len(document.text))
        row: dict[str, Any] = {**document_row(document), **({"places": cut.places} if cut.places else {})}
        self._row_ends.append(self._row_ends[-1] + self._rows.write(json.dumps(row).encode("ascii")))
        self._facet_numbers.append(self._facets.setdefault(facet_of(document), len(self._facets)))
        self._ids.append(document.doc_id)

    def _add_passages(self, cut: Cut, first: int, *, ascii_only: bool) -> None:
        text, number, title = cut.document.text, len(self._ids), tokenize(cut.document.title)
        known, reached, at = self._vocabulary, 0, first
        for (start, end), tokens in zip(cut.passages, cut.tokens, strict=True):
            if ascii_only:
                self._places.extend((start, end, first + start, first + end))
            else:
                at += _size(text[reached:start])
                begin, at = at, at + _size(text[start:end])
                reached = end
                self._places.extend((start, end, begin, at))
            self._owners.append(number)
            words = title + tokens.split(" ") if tokens else title
            self._terms.extend([known.setdefault(word, len(known)) for word in words])
            self._lengths.append(len(words))

    def finish(self) -> None:
        """Write the arrays and the scores of all terms."""
        self._texts.close()
        self._rows.close()
        for name, ends in (("texts", self._text_ends), ("documents", self._row_ends)):
            np.save(self.folder / f"{name}.ends.npy", np.asarray(ends, np.int64))
        np.save(self.folder / "passages.npy", np.asarray(self._places, np.int64).reshape(-1, 4))
        np.save(self.folder / "owners.npy", np.asarray(self._owners, np.int64))
        np.save(self.folder / "facet_numbers.npy", np.asarray(self._facet_numbers, np.int32))
        rows = [json.dumps(document_row(facet)) for facet in self._facets]
        (self.folder / "facets.jsonl").write_text("".join(row + "\n" for row in rows), encoding="ascii")
        write_strings(self.folder, "ids", self._ids)
        write_strings(self.folder, "terms", self._vocabulary)
        self._n_terms = len(self._vocabulary)
        terms, lengths = np.asarray(self._terms, np.int32), np.asarray(self._lengths, np.int64)
        self._vocabulary.clear()
        data, indices, indptr = term_scores(terms, lengths, self._n_terms, K1, B)
        np.save(self.folder / "scores.data.npy", data)
        np.save(self.folder / "scores.indices.npy", indices)
        np.save(self.folder / "scores.indptr.npy", indptr)


def _size(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))
