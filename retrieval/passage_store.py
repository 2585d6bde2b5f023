"""Where the passages of a collection are kept: in memory here, on disk in `index/`. Rankers know them by number."""

from typing import TYPE_CHECKING, Protocol

from .chunking import chunk
from .corpus import Corpus
from .facets import Filter, PolicyFilters, facet_of
from .passages import Document, Passage
from .sources import SourcePolicy

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class PassageStore(Protocol):
    """Passages by number, in a fixed order; those of one document follow each other."""

    def __len__(self) -> int:
        """How many passages there are."""
        ...

    @property
    def owners(self) -> "NDArray[np.int64]":
        """The number of the document of each passage."""
        ...

    def passage(self, number: int) -> Passage:
        """The passage of that number."""
        ...

    def title(self, number: int) -> str:
        """The title of the document of the passage of that number."""
        ...

    def get(self, doc_id: str) -> Document | None:
        """The document of that id, whole; None if there is none."""
        ...

    def filter(self, policy: SourcePolicy) -> Filter:
        """Which documents and passages `policy` allows."""
        ...


class CorpusPassages:
    """The passages of a corpus, in memory."""

    def __init__(self, corpus: Corpus, max_words: int = 120) -> None:
        """Cuts every document into passages of at most `max_words` words."""
        import numpy as np

        self._corpus = corpus
        self._passages: list[Passage] = []
        owners: list[int] = []
        for number, document in enumerate(corpus.documents):
            passages = chunk(document, max_words)
            self._passages += passages
            owners += [number] * len(passages)
        self.owners: NDArray[np.int64] = np.array(owners, dtype=np.int64)
        facets: dict[Document, int] = {}
        of = [facets.setdefault(facet_of(document), len(facets)) for document in corpus.documents]
        numbers = {document.doc_id: i for i, document in enumerate(corpus.documents)}
        self._filters = PolicyFilters(list(facets), np.array(of, dtype=np.int32), self.owners, numbers.get)

    def __len__(self) -> int:
        return len(self._passages)

    def passage(self, number: int) -> Passage:
        """The passage of that number."""
        return self._passages[number]

    def title(self, number: int) -> str:
        """The title of its document."""
        return self._corpus.documents[int(self.owners[number])].title

    def get(self, doc_id: str) -> Document | None:
        """The document of that id."""
        return self._corpus.get(doc_id)

    def filter(self, policy: SourcePolicy) -> Filter:
        """Which documents and passages `policy` allows."""
        return self._filters.filter(policy)
