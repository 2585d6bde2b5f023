"""What a retriever is and what it returns."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ..scoring.usage import Usage
from .passages import Passage
from .sources import SourcePolicy


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage and the ranker's score; higher is better, scores of one search only compare."""

    passage: Passage
    score: float


@dataclass(frozen=True, slots=True)
class BlockedHit:
    """A passage that would have ranked among the first k, and the policy rule that kept it out."""

    passage: Passage
    score: float
    rule: str


@dataclass(frozen=True, slots=True)
class SearchResult:
    """At most k allowed hits, best first; what the policy blocked; what finding them took."""

    hits: Sequence[Hit]
    blocked: Sequence[BlockedHit]
    usage: Usage


class Retriever(Protocol):
    """Finds passages. Applies the policy before ranking; the pipeline audits it again afterwards."""

    @property
    def name(self) -> str:
        """Short name, e.g. "bm25"."""
        ...

    def search(self, query: str, k: int, source_policy: SourcePolicy) -> SearchResult:
        """At most k allowed passages, best first, and what the policy kept out of the first k."""
        ...
