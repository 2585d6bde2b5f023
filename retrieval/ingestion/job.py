"""How a folder is indexed, and what came of it."""

from collections.abc import Callable
from dataclasses import dataclass, field

from ..tokens import TOKENS_VERSION
from .folder import Problem
from .parsed import PARSERS_VERSION, Limits

CHUNKS_VERSION = "1"
"""Changes whenever the same text may be cut otherwise."""
Progress = Callable[[str, int, int], None]
"""Stage, done, total; the total may grow."""


class IndexingError(ValueError):
    """A folder that cannot be indexed; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class IndexSettings:
    """How a folder is indexed.

    Attributes:
        jobs: Processes that read files.
    """

    max_words: int = 120
    jobs: int = 2
    limits: Limits = field(default_factory=Limits)

    @property
    def version(self) -> str:
        """Changes whenever the same file may give other passages or tokens."""
        return f"tokens={TOKENS_VERSION} chunks={CHUNKS_VERSION} parsers={PARSERS_VERSION} max_words={self.max_words}"


@dataclass(frozen=True, slots=True)
class IndexReport:
    """What an indexing did.

    Attributes:
        read: Documents that were parsed now; `kept` were taken over from an earlier indexing.
        encoded: Passages that were encoded now.
        problems: Files and lines that are not in the index, and why.
        duplicates: Documents left out because another has the same text and metadata.
    """

    documents: int
    passages: int
    terms: int
    read: int
    kept: int
    encoded: int
    problems: tuple[Problem, ...]
    duplicates: tuple[Problem, ...]
