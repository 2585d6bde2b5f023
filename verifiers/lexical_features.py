"""What a claim and its passages have in common, in a handful of numbers."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..retrieval.passages import Span
from ..retrieval.tokens import token_spans, tokenize
from .attribution import without_attribution
from .facts import Facts, Mismatch, MismatchKind, SourceFacts, compare, facts_of
from .lexical_index import PassageIndex, Window, best_windows
from .medication import DOSE_UNITS
from .negation import opposites_of, stem
from .numbers import ORDINAL

FEATURES = (
    "window_recall",
    "window_bigrams",
    "numbers_missing_window",
    "numbers_missing_all",
    "names_missing_window",
    "names_missing_all",
)
_NEARLY = 0.15  # how much worse a window may rank and still be preferred because its facts agree
NUMERIC = (MismatchKind.NUMBER, MismatchKind.UNIT, MismatchKind.DATE, MismatchKind.FREQUENCY)
"""Facts that nobody says in other words."""

_GIVEN = (MismatchKind.DRUG, MismatchKind.ROUTE, MismatchKind.FREQUENCY)
_NAMING = (MismatchKind.NAME, MismatchKind.DRUG, MismatchKind.ROUTE)
_NEAR_COPY, _COPY = 0.75, 0.9
# Share of the claim's words from which the best window is nearly a copy: what it contradicts stays contradicted, though
# the same number may stand elsewhere in the sources, of something else.


@dataclass(frozen=True, slots=True)
class Comparison:
    """A claim against its passages.

    Attributes:
        windows: The best evidence first; empty where no passage shares a word with the claim.
        mismatches: Facts of the claim that the best window lacks.
        absent: Those of them that no passage has at all; a negation that the best window contradicts is one, and so is
            anything that it contradicts where it has nearly all other words of the claim.
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
    windows[0] = _with_agreed(text, facts, windows[0], mismatches)
    absent = _absent(facts, mismatches, indexes)
    rivals = [*_rivals(text, facts, windows[0], mismatches), *_rivals_of_half(text, facts, windows[0])]
    if rivals:
        mismatches = sorted({*mismatches, *rivals}, key=lambda m: m.span)
        absent = [m for m in mismatches if m in rivals or m in absent]
    given = facts.medication
    numbers = max(1, len(facts.quantities) + len(facts.dates) + len(given.frequencies))
    names = max(1, len(facts.names) + len(given.drugs) + len(given.routes))
    features = (
        windows[0].recall,
        windows[0].bigram_recall,
        _count(mismatches, *NUMERIC) / numbers,
        _count(absent, *NUMERIC) / numbers,
        _count(mismatches, *_NAMING) / names,
        _count(absent, *_NAMING) / names,
    )
    return Comparison(tuple(windows), tuple(mismatches), tuple(absent), features, _overlap(text, windows[0], absent))


def _least_mismatched(facts: Facts, windows: list[Window]) -> tuple[list[Window], list[Mismatch]]:
    """The windows with the one first whose facts agree best, among those that are nearly as good; its mismatches."""
    compared = [(w, compare(facts, w.index.facts(w.span))) for w in windows if w.rank >= windows[0].rank - _NEARLY]
    best = min(range(len(compared)), key=lambda i: (_weight(compared[i][1]), i))
    window, mismatches = compared[best]
    return [window] + [w for w in windows if w is not window], mismatches


def _rivals(text: str, facts: Facts, window: Window, mismatches: Sequence[Mismatch]) -> list[Mismatch]:
    """What a window contradicts that has nearly all other words of the claim: found elsewhere it is of other things.

    Of medicines and doses; of other numbers with a unit only where it has all but a tenth. Bare numbers and years are
    not among them: a life has many.
    """
    doses = {q.span for q in facts.quantities if q.dimension.split("/")[0] in (*DOSE_UNITS, "%")}
    kinds = (*_GIVEN, MismatchKind.UNIT, MismatchKind.NEGATION)
    rivals = [m for m in mismatches if m.contradicts and (m.kind in kinds or m.span in doses)]
    measured = [m for m in mismatches if m.contradicts and m.span in _measured(facts)]
    return _of_copy(text, window, rivals) or _of_copy(text, window, measured, _COPY)


def _measured(facts: Facts) -> set[Span]:
    return {q.span for q in facts.quantities if q.dimension not in ("", ORDINAL)}


def _rivals_of_half(text: str, facts: Facts, window: Window) -> list[Mismatch]:
    """The same of one sentence of a window of two: "40 mg" of the sentence before does not bear it out.

    Here any number with a unit counts, and of negations only opposites ("valid", "invalid").
    """
    if window.first == window.last:
        return []
    measured = _measured(facts)
    found: list[Mismatch] = []
    for n in (window.first, window.last):
        half = Window(window.index, n, n, window.recall)
        source = half.index.facts(half.span)
        rivals = [m for m in compare(facts, source) if m.contradicts]
        found += _of_copy(
            text, half, [m for m in rivals if m.kind in _GIVEN or m.span in measured or _turned(m, source)]
        )
    return found


def _turned(mismatch: Mismatch, source: SourceFacts) -> bool:
    opposites = opposites_of(stem(mismatch.text.casefold()))
    return mismatch.kind is MismatchKind.NEGATION and bool(opposites & source.polarity.asserted.keys())


def _of_copy(text: str, window: Window, rivals: list[Mismatch], share: float = _NEAR_COPY) -> list[Mismatch]:
    return rivals if rivals and _overlap(text, window, rivals) >= share else []


def _with_agreed(text: str, facts: Facts, window: Window, mismatches: Sequence[Mismatch]) -> Window:
    """The window with its recall raised by the words of facts that it states in another form ("1 g", "1000 mg")."""
    given = facts.medication
    doses = [q for q in facts.quantities if q.dimension.split("/")[0] in DOSE_UNITS]
    places = [q.span for q in doses] + [d.span for d in given.drugs]
    places += [r.span for r in given.routes] + [f.span for f in given.frequencies]
    places = [p for p in places if not any(m.span == p for m in mismatches)]
    if not places or window.recall == 1:
        return window
    left = {t for t, span in token_spans(text) if any(p.start <= span.start < p.end for p in places)}
    left -= set(window.index.tokens[window.first]) | set(window.index.tokens[window.last])
    held = len(left) / len(set(tokenize(text))) if left else 0.0
    return replace(window, recall=min(1.0, window.recall + held))


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
