"""A source policy over a whole collection at once: each distinct combination of metadata is judged once."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from .passages import Document
from .sources import RULES, SourcePolicy, blocking_rule, chain_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_CACHED_POLICIES = 32
_CODES = {rule: code for code, rule in enumerate(RULES, 1)}


@dataclass(frozen=True, slots=True, eq=False)
class Filter:
    """What a policy makes of a collection.

    Attributes:
        codes: One number a document: 0 where it is allowed, else 1 + the place in `RULES` of the rule it breaks.
        allowed: One truth value a passage.
    """

    codes: "NDArray[np.uint8]"
    allowed: "NDArray[np.bool_]"

    def rule(self, document: int) -> str | None:
        """The rule that forbids the document of that number; None where it is allowed."""
        code = int(self.codes[document])
        return RULES[code - 1] if code else None


def facet_of(document: Document) -> Document:
    """What every rule but the naming of a document by its id depends on: its metadata alone."""
    return replace(document, doc_id="", text="", title="", url="", sha256="")


class PolicyFilters:
    """The filters of a collection, remembered by policy. Deterministic; safe to share between threads."""

    def __init__(
        self,
        facets: Sequence[Document],
        facet_numbers: "NDArray[np.int32]",
        owners: "NDArray[np.int64]",
        find: Callable[[str], int | None],
    ) -> None:
        """
        Args:
            facets: The distinct metadata, as `facet_of` gives them.
            facet_numbers: One place in `facets` a document.
            owners: The document of each passage.
            find: The number of a document by its id; None where there is none.
        """
        self._facets = facets
        self._numbers = facet_numbers
        self._owners = owners
        self._find = find
        self._known: dict[SourcePolicy, Filter] = {}

    def filter(self, policy: SourcePolicy) -> Filter:
        """What `policy` allows."""
        found = self._known.get(policy)
        if found is None:
            found = self._made(policy)
            if len(self._known) >= _CACHED_POLICIES:
                self._known.clear()
            self._known[policy] = found
        return found

    def _made(self, policy: SourcePolicy) -> Filter:
        import numpy as np

        # A document whose id no list names is judged by its metadata: its id is as good as its source's name.
        codes = np.array([_code(replace(f, doc_id=f.source), policy) for f in self._facets], dtype=np.uint8)
        by_document = codes[self._numbers] if len(codes) else np.zeros(0, np.uint8)
        for name in _names(policy):
            number = self._find(name)
            if number is not None:
                by_document[number] = _code(replace(self._facets[int(self._numbers[number])], doc_id=name), policy)
        return Filter(by_document, (by_document == 0)[self._owners])


def _code(document: Document, policy: SourcePolicy) -> int:
    rule = blocking_rule(document, policy)
    return _CODES[rule] if rule else 0


def _names(policy: SourcePolicy) -> Iterable[str]:
    return {name for one in chain_of(policy) for name in (*one.allow, *one.deny)}
