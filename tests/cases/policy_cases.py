"""Random corpora and policies, an encoder and a re-ranker without a model: shared by the tests of retrieval."""

import zlib
from collections.abc import Sequence
from datetime import date

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray
from vcpd.retrieval.corpus import Corpus
from vcpd.retrieval.passages import Document
from vcpd.retrieval.sources import SourcePolicy

PLACES = ("US", "US-CA", "9th Cir.", "N.D. Cal.", "2d Cir.", "UK", "")
DAYS = (None, date(2019, 1, 1), date(2020, 1, 1), date(2021, 1, 1))
LICENSES = ("CC-BY-4.0", "MIT", "")
WORDS = ("court", "held", "statute", "dose", "tablet", "appeal", "limit", "notice", "the", "of", "café", "§", "\ud800")
_places, _days = st.sampled_from(PLACES), st.sampled_from(DAYS)
_texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=12).map(lambda words: " ".join(words).capitalize() + ".")


@st.composite
def corpora(draw: st.DrawFn) -> Corpus:
    """Corpora of up to eight documents, with metadata that every rule of a policy may meet."""
    n = draw(st.integers(0, 8))
    return Corpus(
        tuple(
            Document(
                f"d{i}",
                " ".join(draw(st.lists(_texts, min_size=1, max_size=3))),
                draw(st.sampled_from(("", "Court rules"))),
                draw(st.sampled_from(("A", "B", "C", ""))),
                draw(_days),
                draw(_places),
                draw(st.integers(0, 5)),
                valid_from=draw(st.sampled_from(DAYS[:3])),
                valid_to=draw(st.sampled_from((None, None, date(2020, 6, 1)))),
                superseded_by=draw(st.sampled_from(("", "", "d0"))),
                license=draw(st.sampled_from(LICENSES)),
                safety_tier=draw(st.integers(0, 3)),
            )
            for i in range(n)
        )
    )


def policies(depth: int = 1) -> st.SearchStrategy[SourcePolicy]:
    """Policies, some within another."""
    outer: st.SearchStrategy[SourcePolicy | None] = st.none()
    if depth:
        outer = st.none() | policies(depth - 1)
    return st.builds(
        SourcePolicy,
        allow=st.sampled_from([(), (), ("A", "B"), ("d0", "d2", "C")]),
        deny=st.sampled_from([(), (), ("A",), ("d1", ""), ("d0", "d3")]),
        jurisdictions=st.sampled_from([(), (), ("US",), ("9th Cir.",), ("UK", "US-CA"), ("Nowhere",)]),
        as_of=_days,
        min_authority=st.sampled_from([0, 0, 2, 5]),
        binding_in=st.sampled_from(["", "", "N.D. Cal.", "US"]),
        licenses=st.sampled_from([(), (), ("MIT",), ("MIT", "CC-BY-4.0")]),
        min_safety_tier=st.sampled_from([0, 0, 1, 3]),
        current_only=st.booleans(),
        parents=st.sampled_from([(), (("Nowhere", "US"),)]),
        within=outer,
    )


class WordEncoder:
    """Vectors of hashed words: as deterministic as a model, and as blind to policies."""

    name = "words@1"

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self.encode_passages(texts)

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        rows = np.zeros((len(texts), 16), np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in text.casefold().split():
                row[zlib.crc32(word.encode("utf-8", "surrogatepass")) % 16] += 1
            row /= max(1.0, float(np.linalg.norm(row)))
        return rows


class LengthReranker:
    """Prefers long passages, whatever the question."""

    name = "length"

    def scores(self, query: str, passages: Sequence[str]) -> list[float]:
        del query
        return [float(len(passage)) for passage in passages]
