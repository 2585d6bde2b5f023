"""Views of answers as they may leave the run folder."""

from collections.abc import Sequence
from dataclasses import replace

from ...reports.desk_views import ClaimView, ItemView, NearestView, SourceView
from .deidentify import WITHHELD, Redacted, Rules


def outgoing(view: ItemView, rules: Rules) -> ItemView | None:
    """The view after redaction; None where the question or the answer itself is privileged and must stay.

    A privileged source is withheld whole, the answer stays.
    """
    if any(map(rules.is_privileged, (view.question, view.answer, *view.choices, *view.targets))):
        return None
    rules = rules.named_in([view.question, view.answer, *(s.text for s in view.sources)])
    answer = rules.apply(view.answer)
    held = [any(map(rules.is_privileged, (s.text, s.label, s.about))) for s in view.sources]
    texts = [Redacted(WITHHELD) if h else rules.apply(s.text) for s, h in zip(view.sources, held, strict=True)]
    return replace(
        view,
        question=rules.apply(view.question).text,
        answer=answer.text,
        claims=tuple(_claim(claim, answer, texts, held) for claim in view.claims),
        sources=tuple(
            _source(n, s, text.text, h, rules)
            for n, (s, text, h) in enumerate(zip(view.sources, texts, held, strict=True))
        ),
        choices=tuple(rules.apply(c).text for c in view.choices),
        targets=tuple(rules.apply(t).text for t in view.targets),
    )


def _source(number: int, source: SourceView, text: str, held: bool, rules: Rules) -> SourceView:
    if held:
        return SourceView(f"[{number + 1}]", "", text)
    return SourceView(rules.apply(source.label).text, rules.apply(source.about).text, text)


def _claim(claim: ClaimView, answer: Redacted, texts: Sequence[Redacted], held: Sequence[bool]) -> ClaimView:
    start, end = answer.moved(claim.start, claim.end)
    near = claim.nearest
    if near is not None:
        near = None if held[near.source] else NearestView(near.source, *texts[near.source].moved(near.start, near.end))
    return replace(claim, start=start, end=end, nearest=near)
