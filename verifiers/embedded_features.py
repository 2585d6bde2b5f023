"""What a claim and its evidence have in common, in words and in vectors: the features of the embedded verifier."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log
from typing import TYPE_CHECKING

from ..retrieval.passages import Passage
from ..retrieval.tokens import token_spans
from .attribution import without_attribution
from .encoder import Encoding
from .evidence import Evidence
from .facts import MismatchKind
from .lexical_features import Comparison, compare_claim
from .metadiscourse import names_answer, names_sources, says_silence
from .negation import polarity

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

# fmt: off
RISING = (
    "window_recall", "window_bigrams", "overlap", "unit_recall", "pair_recall", "triple_recall",
    "pair_recall_peculiar", "recall", "recall_peculiar", "bigrams", "unit_bigrams", "cosine", "cosine_three",
    "cosine_pair", "cosine_window", "aligned_window", "aligned_window_peculiar", "aligned", "aligned_peculiar",
    "least_aligned", "second_least_aligned", "third_least_aligned", "least_aligned_window",
    "second_least_aligned_window", "missing_aligned_window", "missing_aligned", "shared_aligned_window",
)
# fmt: on
"""More of these never speaks against a claim."""

# fmt: off
FALLING = (
    "numbers_missing_window", "numbers_missing", "names_missing_window", "names_missing", "numbers_absent",
    "dates_absent", "names_absent", "negations_absent", "contradictions", "contradictions_close", "missing_words",
    "missing_rarity", "rarest_missing", "missing_rarity_window", "rarest_missing_window", "unaligned",
    "unaligned_window", "negated_one_side",
)
# fmt: on
"""More of these never speaks for a claim."""

# fmt: off
FREE = (
    "words", "units", "cosine_page", "cosine_four", "cosine_spread", "window_share", "negated_claim",
    "negated_window", "hedged", "names_sources", "says_silence", "names_answer",
)
# fmt: on
"""These may speak either way."""

FEATURES = (*RISING, *FALLING, *FREE)
_CANDIDATES = 12  # units whose words are aligned
_FAR = 0.6  # an aligned word below this cosine counts as unaligned
_PAIR_COST = 0.01  # one unit is better evidence than two that say no more


@dataclass(frozen=True, slots=True, eq=False)
class Alignment:
    """A claim beside its evidence.

    Attributes:
        features: Values of `FEATURES`, in that order; None where claim or evidence has no word.
        comparison: Words and facts, as the lexical verifier sees them.
        window: Numbers of the units that bear the claim out best, one or two; empty without features.
        missing: For each token of the claim, whether the window lacks it.
    """

    features: tuple[float, ...] | None
    comparison: Comparison
    window: tuple[int, ...] = ()
    missing: tuple[bool, ...] = ()


def align(whole: str, claim: Encoding, evidence: Evidence, encoded: dict[int, Encoding]) -> Alignment:
    """The features of a claim against the units that are `encoded`, by number.

    Args:
        whole: The claim. claim: Its encoding `without_attribution`.
    """
    text = without_attribution(whole)
    comparison = compare_claim(text, evidence.indexes)
    tokens = [token for token, _ in token_spans(text)]
    if not tokens or not encoded:
        return Alignment(None, comparison)
    work = _Work(tokens, claim, evidence, encoded)
    values = {**_of_facts(comparison), **work.of_words(), **work.of_sentences(), **work.of_alignment()}
    values |= _of_negation(text, work.window_passage())
    values |= {"words": float(len(tokens)), **_of_metadiscourse(whole)}
    missing = tuple(bool(m) for m in ~_any(work.there, work.window))
    return Alignment(tuple(float(values[name]) for name in FEATURES), comparison, work.window, missing)


class _Work:
    """The matrices of one claim, and the groups of features made from them."""

    def __init__(
        self, tokens: Sequence[str], claim: Encoding, evidence: Evidence, encoded: dict[int, Encoding]
    ) -> None:
        import numpy as np

        self.tokens, self.evidence = tokens, evidence
        n = len(evidence)
        self.rarity = claim.rarity.astype(np.float64)
        distinct = {t: min(1.0, max(0.05, evidence.peculiarity(t))) for t in set(tokens)}
        self.peculiar = self.rarity * np.array([distinct[t] for t in tokens])
        self.there = np.zeros((len(tokens), n), bool)
        for row, token in enumerate(tokens):
            self.there[row, evidence.postings.get(token, [])] = True
        self.read = np.array(sorted(encoded), np.intp)
        self.sentences = np.stack([encoded[i].sentence for i in self.read]).astype(np.float64)
        self.claim = claim.sentence.astype(np.float64)
        self.cosines = self.sentences @ self.claim
        self.recall = self.rarity @ self.there / self.rarity.sum()
        self.recall_peculiar = self.peculiar @ self.there / self.peculiar.sum()
        rank = (self.recall + self.recall_peculiar)[self.read] / 2 + 0.7 * self.cosines
        best = np.argsort(-rank, kind="stable")[:_CANDIDATES]
        self.candidates = sorted(int(i) for i in self.read[best])
        self.windows = _windows(evidence, self.candidates)
        self.similar = np.full((len(tokens), n), -1.0)
        for i in self.candidates:
            words = encoded[i].words.astype(np.float32)
            if len(words):
                self.similar[:, i] = (claim.words.astype(np.float32) @ words.T).max(1)
        self.window = self._best_window()

    def _best_window(self) -> tuple[int, ...]:
        ranked = [
            (_mean(self.similar[:, list(w)].max(1), self.peculiar) - _PAIR_COST * len(w), -i)
            for i, w in enumerate(self.windows)
            if len(w) < 3
        ]
        return self.windows[-max(ranked)[1]]

    def window_passage(self) -> Passage:
        return self.evidence.window(self.window[0], self.window[-1])

    def of_words(self) -> dict[str, float]:
        """Words and pairs of words that the evidence has, literally."""
        anywhere = _any(self.there)
        window = _any(self.there, self.window)
        pairs = list(pairwise(self.tokens))
        known = self.evidence.all_bigrams
        unit = max(sum(p in self.evidence.bigrams[i] for p in pairs) for i in self.candidates)
        held: set[str] = set().union(*(self.evidence.sets[i] for i in self.window))
        return {
            "unit_recall": self._best(self.there, self.rarity, 1),
            "pair_recall": self._best(self.there, self.rarity, 2),
            "triple_recall": self._best(self.there, self.rarity, 3),
            "pair_recall_peculiar": self._best(self.there, self.peculiar, 2),
            "recall": _mean(anywhere, self.rarity),
            "recall_peculiar": _mean(anywhere, self.peculiar),
            "bigrams": sum(p in known for p in pairs) / len(pairs) if pairs else 1.0,
            "unit_bigrams": unit / len(pairs) if pairs else 1.0,
            "missing_words": float((~anywhere).sum()),
            "missing_rarity": float(self.rarity @ ~anywhere),
            "rarest_missing": float((self.rarity * ~anywhere).max()),
            "missing_rarity_window": float(self.rarity @ ~window),
            "rarest_missing_window": float((self.rarity * ~window).max()),
            "window_share": len(held & set(self.tokens)) / max(1, len(held)),
            "units": log(1 + len(self.evidence)),
        }

    def of_sentences(self) -> dict[str, float]:
        """Cosines of whole units, and of neighbours taken together."""
        import numpy as np

        order = np.argsort(-self.cosines, kind="stable")
        ranked = self.cosines[order]
        place = {int(i): row for row, i in enumerate(self.read)}
        pairs = [w for w in self.windows if len(w) == 2 and all(i in place for i in w)]
        together = [self._cosine([place[i] for i in w]) for w in pairs]
        return {
            "cosine": float(ranked[0]),
            "cosine_three": float(ranked[:3].mean()),
            "cosine_pair": max([float(ranked[0]), *together]),
            "cosine_window": self._cosine([place[i] for i in self.window if i in place]),
            "cosine_page": self._cosine(list(range(len(self.read)))),
            "cosine_four": self._cosine([int(i) for i in order[:4]]),
            "cosine_spread": float(ranked[0] - ranked[4]) if len(ranked) > 4 else 0.0,
        }

    def of_alignment(self) -> dict[str, float]:
        """Late interaction (Khattab and Zaharia 2020, arXiv:2004.12832): each word with the likest one there."""
        import numpy as np

        anywhere, window = self.similar.max(1), self.similar[:, list(self.window)].max(1)
        lows, lows_window = np.sort(1 - self.rarity * (1 - anywhere)), np.sort(1 - self.rarity * (1 - window))
        shared = _any(self.there, self.window)
        absent = ~_any(self.there)
        return {
            "aligned": _mean(anywhere, self.rarity),
            "aligned_peculiar": _mean(anywhere, self.peculiar),
            "aligned_window": _mean(window, self.rarity),
            "aligned_window_peculiar": _mean(window, self.peculiar),
            "least_aligned": _at(lows, 0),
            "second_least_aligned": _at(lows, 1),
            "third_least_aligned": _at(lows, 2),
            "least_aligned_window": _at(lows_window, 0),
            "second_least_aligned_window": _at(lows_window, 1),
            "missing_aligned": _mean(anywhere[absent], self.rarity[absent], 1.0),
            "missing_aligned_window": _mean(window[~shared], self.rarity[~shared], 1.0),
            "shared_aligned_window": _mean(window[shared], self.rarity[shared]),
            "unaligned": _mean(anywhere < _FAR, self.rarity),
            "unaligned_window": _mean(window < _FAR, self.rarity),
        }

    def _best(self, there: "NDArray[np.bool_]", weights: "Floats", longest: int) -> float:
        return max(_mean(_any(there, w), weights) for w in self.windows if len(w) <= longest)

    def _cosine(self, rows: Sequence[int]) -> float:
        import numpy as np

        together = self.sentences[list(rows)].sum(0)
        return float(together @ self.claim / max(1e-9, float(np.linalg.norm(together))))


def _windows(evidence: Evidence, candidates: Sequence[int]) -> list[tuple[int, ...]]:
    """Runs of one to three units of one passage, each with a candidate in it; the candidates themselves first."""
    found: dict[tuple[int, ...], None] = {(i,): None for i in candidates}
    for length in (2, 3):
        for i in candidates:
            for first in range(max(0, i - length + 1), i + 1):
                if all(evidence.adjoin(j) for j in range(first, first + length - 1)):
                    found[tuple(range(first, first + length))] = None
    return list(found)


def _of_facts(found: Comparison) -> dict[str, float]:
    recall, bigrams, numbers_window, numbers, names_window, names = found.features
    contradictions = float(sum(m.contradicts for m in found.absent))
    kinds = [m.kind for m in found.absent]
    return {
        "window_recall": recall,
        "window_bigrams": bigrams,
        "overlap": found.overlap,
        "numbers_missing_window": numbers_window,
        "numbers_missing": numbers,
        "names_missing_window": names_window,
        "names_missing": names,
        "numbers_absent": float(kinds.count(MismatchKind.NUMBER) + kinds.count(MismatchKind.UNIT)),
        "dates_absent": float(kinds.count(MismatchKind.DATE)),
        "names_absent": float(kinds.count(MismatchKind.NAME)),
        "negations_absent": float(kinds.count(MismatchKind.NEGATION)),
        "contradictions": contradictions,
        "contradictions_close": contradictions * found.overlap,
    }


def _of_negation(text: str, window: Passage) -> dict[str, float]:
    mine, theirs = polarity(text), polarity(window.text)
    return {
        "negated_claim": float(len(mine.negated)),
        "negated_window": float(len(theirs.negated)),
        "negated_one_side": float(bool(mine.negated) != bool(theirs.negated)),
        "hedged": float(bool(theirs.hedges)) - float(bool(mine.hedges)),
    }


def _any(there: "NDArray[np.bool_]", units: Sequence[int] | None = None) -> "NDArray[np.bool_]":
    """For each word, whether one of the units has it; all units by default."""
    import numpy as np

    return np.asarray((there if units is None else there[:, list(units)]).any(axis=1), np.bool_)


def _of_metadiscourse(text: str) -> dict[str, float]:
    return {
        "names_sources": float(names_sources(text)),
        "says_silence": float(says_silence(text)),
        "names_answer": float(names_answer(text)),
    }


def _mean(values: "NDArray[np.float64] | NDArray[np.bool_]", weights: "Floats", otherwise: float = 0.0) -> float:
    return float(weights @ values / weights.sum()) if len(weights) else otherwise


def _at(values: "Floats", i: int) -> float:
    return float(values[i]) if len(values) > i else 1.0
