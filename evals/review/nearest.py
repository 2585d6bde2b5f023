"""Where in the sources to look first for a claim: the sentence that shares most of its words. No verdict.

It does not come from the verifier: evidence that only supported claims have would tell reviewers what the verifier
thought of them.
"""

from collections.abc import Sequence

from ...reports.desk_views import ClaimView, NearestView, SourceView
from ...retrieval.sentences import split_sentences
from ...retrieval.tokens import token_spans
from ...verifiers.markers import MARKER

_LEAST = 0.2  # share of the claim's words below which no place is shown
_LONGEST = 200_000  # characters of one source that are looked through


def nearest_stretches(
    answer: str, claims: Sequence[ClaimView], sources: Sequence[SourceView]
) -> list[NearestView | None]:
    """For each claim the nearest sentence, of the sources that it cites where it cites any; None where none is near."""
    if not claims:
        return []
    postings: dict[str, set[int]] = {}
    places: list[NearestView] = []
    for number, source in enumerate(sources):
        text = source.text[:_LONGEST]
        for span in split_sentences(text):
            for token, _ in token_spans(span.of(text)):
                postings.setdefault(token, set()).add(len(places))
            places.append(NearestView(number, span.start, span.end))
    return [_nearest(answer[c.start : c.end], c.cited, postings, places) for c in claims]


def _nearest(
    claim: str, cited: Sequence[int], postings: dict[str, set[int]], places: Sequence[NearestView]
) -> NearestView | None:
    words = {token for token, _ in token_spans(MARKER.sub(" ", claim))}
    shared: dict[int, int] = {}
    for word in words:
        for place in postings.get(word, ()):
            if not cited or places[place].source in cited:
                shared[place] = shared.get(place, 0) + 1
    if not shared:
        return None
    best = max(shared, key=lambda place: (shared[place], -place))
    return places[best] if shared[best] >= _LEAST * len(words) else None
