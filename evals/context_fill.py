"""Long context as a serving condition: the prompt filled up with distractor passages.

What retrieval found stays, in its order, at random places among the distractors. Those are other passages of the pack's
corpus that the source policy allows; none overlaps the gold evidence, so that filling adds length and not answers.
Tokens are estimated at four characters each, as before any tokenizer is known.
"""

import random
import re
from collections.abc import Sequence

from ..retrieval.chunking import chunk
from ..retrieval.corpus import Corpus
from ..retrieval.passages import Passage, Span
from ..retrieval.search import Hit, SearchResult
from ..retrieval.sources import SourcePolicy, blocking_rule
from .samples import Sample

CHARS_PER_TOKEN = 4
_SIZE = re.compile(r"([1-9]\d{0,3})k")
_FRAME = 40  # characters around a passage in the prompt


class ContextError(ValueError):
    """No such context size."""


def context_tokens(size: str) -> int:
    """Tokens of a size such as "4k" (4096), "32k" or "128k".

    Raises:
        ContextError: It reads otherwise.
    """
    found = _SIZE.fullmatch(size)
    if not found:
        raise ContextError(f"'{size}' is no context size; write it like 4k, 32k or 128k")
    return int(found[1]) * 1024


class ContextFill:
    """Fills the prompts of one pack. Deterministic: the same sample gets the same distractors in every run."""

    def __init__(self, corpus: Corpus, size: str, max_words: int = 120) -> None:
        self.size, self.tokens = size, context_tokens(size)
        self._passages = [(document, list(chunk(document, max_words))) for document in corpus.documents]

    def room(self, policy: SourcePolicy) -> int:
        """Tokens of everything in the corpus that `policy` allows: as long as a context can get."""
        return sum(_length(p) for p in self._allowed(policy)) // CHARS_PER_TOKEN

    def fill(self, sample: Sample, found: SearchResult, policy: SourcePolicy) -> SearchResult:
        """`found` with distractors among its hits, up to this size or the end of the corpus. They score 0."""
        kept = [hit.passage for hit in found.hits]
        budget = self.tokens * CHARS_PER_TOKEN - sum(map(_length, kept)) - len(sample.question)
        taken = [(p.doc_id, p.span) for p in kept] + [(e.doc_id, e.span) for e in sample.evidence]
        order = random.Random(f"{sample.domain}/{sample.sample_id}")
        others = [p for p in self._allowed(policy) if not _overlaps(p, taken)]
        order.shuffle(others)
        chosen: list[Hit] = []
        for passage in others:
            if budget < _length(passage):
                break
            budget -= _length(passage)
            chosen.append(Hit(passage, 0.0))
        places = sorted(order.sample(range(len(chosen) + len(kept)), len(kept)))
        for place, hit in zip(places, found.hits, strict=True):
            chosen.insert(place, hit)
        return SearchResult(tuple(chosen), found.blocked, found.usage)

    def _allowed(self, policy: SourcePolicy) -> list[Passage]:
        return [p for d, passages in self._passages if blocking_rule(d, policy) is None for p in passages]


def _length(passage: Passage) -> int:
    return len(passage.text) + _FRAME


def _overlaps(passage: Passage, taken: Sequence[tuple[str, Span]]) -> bool:
    return any(
        doc == passage.doc_id and span.start < passage.span.end and passage.span.start < span.end for doc, span in taken
    )
