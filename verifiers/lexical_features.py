"""What a claim and its passages have in common, in a handful of numbers."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..retrieval.tokens import token_spans, tokenize
from .attribution import without_attribution
from .facts import Facts, Mismatch, MismatchKind, compare, facts_of
from .lexical_index import PassageIndex, Window, best_windows

FEATURES = (
    "window_recall",
    "window_bigrams",
    "numbers_missing_window",
    "numbers_missing_all",
    "names_missing_window",
    "names_missing_all",
)
_NEARLY = 0.15  # how much worse a window may rank and still be preferred because its facts agree
NUMERIC = (MismatchKind.NUMBER, MismatchKind.UNIT, MismatchKind.DATE)
"""Facts that nobody says in other words."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """A claim against its passages.

    Attributes:
        windows: The best evidence first; empty where no passage shares a word with the claim.
        mismatches: Facts of the claim that the best window lacks.
        absent: Those of them that no passage has at all; a negation that the best window contradicts is one.
        features: Values of `FEATURES`, in that order.
        overlap: Share of the claim's words in the best window, not counting the words that it contradicts, in [0, 1].
    """

    windows: tuple[Window, ...]
    mismatches: tuple[Mismatch, ...]
    absent: tuple[Mismatch, ...]
    features: tuple[float, ...]
    overlap: float = 0.0


def compare_claim(text: str, indexes: Sequence[PassageIndex]) -> Comparison:
    """The best windows for the claim `text` among the passages, and how far they bear it out."""
    text = without_attribution(text)
    tokens = tokenize(text)
    windows = best_windows(tokens, indexes)
    if not windows:
        return Comparison((), (), (), (0.0,) * len(FEATURES))
    facts = facts_of(text)
    windows, mismatches = _least_mismatched(facts, windows)
    absent = _absent(facts, mismatches, indexes)
    numbers = max(1, len(facts.quantities) + len(facts.dates))
    names = max(1, len(facts.names))
    features = (
        windows[0].recall,
        windows[0].bigram_recall,
        _count(mismatches, *NUMERIC) / numbers,
        _count(absent, *NUMERIC) / numbers,
        _count(mismatches, MismatchKind.NAME) / names,
        _count(absent, MismatchKind.NAME) / names,
    )
    return Comparison(tuple(windows), tuple(mismatches), tuple(absent), features, _overlap(text, windows[0], absent))


def _least_mismatched(facts: Facts, windows: list[Window]) -> tuple[list[Window], list[Mismatch]]:
    """The windows with the one first whose facts agree best, among those that are nearly as good; its mismatches."""
    compared = [(w, compare(facts, w.index.facts(w.span))) for w in windows if w.rank >= windows[0].rank - _NEARLY]
    best = min(range(len(compared)), key=lambda i: (_weight(compared[i][1]), i))
    window, mismatches = compared[best]
    return [window] + [w for w in windows if w is not window], mismatches


def _weight(mismatches: Sequence[Mismatch]) -> int:
    return sum(1 if m.kind is MismatchKind.NAME else 2 for m in mismatches)


def _overlap(text: str, window: Window, absent: Sequence[Mismatch]) -> float:
    places = [m.span for m in absent if m.contradicts]
    if not places:
        return window.recall
    left = {t for t, span in token_spans(text) if not any(p.start <= span.start < p.end for p in places)}
    there = set(window.index.tokens[window.first]) | set(window.index.tokens[window.last])
    return len(left & there) / len(left) if left else 0.0


def _absent(facts: Facts, mismatches: Sequence[Mismatch], indexes: Sequence[PassageIndex]) -> list[Mismatch]:
    """The mismatches that every passage has; a negation is a matter of the best window alone."""
    left = list(mismatches)
    for index in indexes:
        if not any(m.kind is not MismatchKind.NEGATION for m in left):
            break
        lacking = {(m.kind in NUMERIC, m.span) for m in compare(facts, index.facts())}
        left = [m for m in left if m.kind is MismatchKind.NEGATION or (m.kind in NUMERIC, m.span) in lacking]
    return left


def _count(mismatches: Sequence[Mismatch], *kinds: MismatchKind) -> int:
    return sum(1 for m in mismatches if m.kind in kinds)
