"""Claims set beside their passages, many at once: one call of the encoder for all texts that are new."""

from collections import OrderedDict
from collections.abc import Sequence

from ..retrieval.passages import Passage
from ..retrieval.tokens import tokenize
from .attribution import without_attribution
from .embedded_features import Alignment, align
from .encoder import Encoder
from .evidence import evidence_of

_AT_ONCE = 256  # claims whose vectors are in memory together
_REMEMBERED = 20_000  # alignments

Wanted = tuple[str, tuple[Passage, ...]]


class Aligner:
    """Alignments by an encoder, remembered: to fit a head again costs no second look at a claim."""

    def __init__(self, encoder: Encoder) -> None:
        self.encoder = encoder
        self._known: OrderedDict[Wanted, Alignment] = OrderedDict()

    def align(self, claims: Sequence[tuple[str, Sequence[Passage]]]) -> list[Alignment]:
        """One alignment for each text of a claim and its passages, in order."""
        wanted = [(text, tuple(passages)) for text, passages in claims]
        found: dict[Wanted, Alignment] = {w: self._known[w] for w in wanted if w in self._known}
        new = [w for w in dict.fromkeys(wanted) if w not in found]
        for start in range(0, len(new), _AT_ONCE):
            some = new[start : start + _AT_ONCE]
            found.update(zip(some, self._aligned(some), strict=True))
        self._known.update((w, found[w]) for w in new)
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return [found[w] for w in wanted]

    def _aligned(self, wanted: Sequence[Wanted]) -> list[Alignment]:
        texts = [without_attribution(text) for text, _ in wanted]
        evidence = [evidence_of(passages) for _, passages in wanted]
        read = [e.read_for(tokenize(t)) if len(e) else [] for t, e in zip(texts, evidence, strict=True)]
        needed = dict.fromkeys(texts)
        for e, units in zip(evidence, read, strict=True):
            needed.update(dict.fromkeys(e.texts[i] for i in units))
        encoded = dict(zip(needed, self.encoder.encode(list(needed)), strict=True))
        return [
            align(whole, encoded[t], e, {i: encoded[e.texts[i]] for i in units})
            for (whole, _), t, e, units in zip(wanted, texts, evidence, read, strict=True)
        ]
