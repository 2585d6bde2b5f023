"""Which claims of a labelled answer are supported, wherever people put their labels."""

from collections.abc import Sequence

from ..retrieval.passages import Span
from .claims import split_claims
from .labelled import LabelledAnswer, LabelledClaim
from .verdict import Claim


def labelled_claims(answer: LabelledAnswer) -> tuple[LabelledClaim, ...]:
    """The claims that people labelled; where they marked stretches instead, the sentences of the answer.

    A sentence is unsupported where it shares a letter or digit with a marked stretch. Empty where nobody labelled
    anything, or the answer states nothing.
    """
    if answer.claims or answer.unsupported is None:
        return answer.claims
    claims = split_claims(answer.text, [p.doc_id for p in answer.passages])
    return tuple(LabelledClaim(claim, not _touches(claim, answer.unsupported, answer.text)) for claim in claims)


def is_unsupported(answer: LabelledAnswer) -> bool:
    """Whether people found any stretch or claim of the answer unsupported."""
    return bool(answer.unsupported) or not all(c.supported for c in answer.claims)


def merged(spans: Sequence[Span]) -> tuple[Span, ...]:
    """The same characters as spans that neither overlap nor touch, in order; empty ones left out."""
    found: list[Span] = []
    for span in sorted(s for s in spans if s.end > s.start):
        if found and span.start <= found[-1].end:
            found[-1] = Span(found[-1].start, max(span.end, found[-1].end))
        else:
            found.append(span)
    return tuple(found)


def shared_length(first: Sequence[Span], second: Sequence[Span]) -> int:
    """Characters in both of two lists of spans that are `merged`."""
    i = j = total = 0
    while i < len(first) and j < len(second):
        total += max(0, min(first[i].end, second[j].end) - max(first[i].start, second[j].start))
        if first[i].end <= second[j].end:
            i += 1
        else:
            j += 1
    return total


def _touches(claim: Claim, marked: Sequence[Span], text: str) -> bool:
    shared = (text[max(claim.span.start, m.start) : min(claim.span.end, m.end)] for m in marked)
    return any(c.isalnum() for part in shared for c in part)
