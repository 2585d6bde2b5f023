"""Labelled answers and verifiers whose verdicts are known beforehand."""

from collections.abc import Mapping, Sequence

from vcpd.retrieval.passages import Passage, Span
from vcpd.scoring.usage import Usage
from vcpd.verifiers.labelled import LabelledAnswer, LabelledClaim
from vcpd.verifiers.verdict import Claim, Failure, Label, Verdict

SOURCE = Passage("s", Span(0, 6), "Source")


def marked(text: str, *unsupported: str, cluster: str = "c") -> LabelledAnswer:
    """An answer in which people marked the given words."""
    spans = tuple(Span(text.index(part), text.index(part) + len(part)) for part in unsupported)
    return LabelledAnswer(text, cluster, text, (SOURCE,), (), spans)


def stated(cluster: str, *claims: tuple[str, bool]) -> LabelledAnswer:
    """An answer with claims that people labelled, one after the other."""
    text = " ".join(words for words, _ in claims)
    labelled = tuple(
        LabelledClaim(Claim(words, Span(text.index(words), text.index(words) + len(words))), supported)
        for words, supported in claims
    )
    return LabelledAnswer(text, cluster, text, (SOURCE,), labelled)


class Scripted:
    """Gives each claim the probability written beside its text; None: fails. SUPPORTED from 1/2 on."""

    name = "scripted"
    version = "1"

    def __init__(self, probabilities: Mapping[str, float | None], stretches: Mapping[str, Span] | None = None) -> None:
        self.probabilities = probabilities
        self.stretches = stretches or {}
        self.calls: list[list[str]] = []

    def verify(self, pairs: Sequence[tuple[Claim, Sequence[Passage]]]) -> list[Verdict | Failure]:
        self.calls.append([claim.text for claim, _ in pairs])
        return [self._one(claim) for claim, _ in pairs]

    def _one(self, claim: Claim) -> Verdict | Failure:
        p = self.probabilities[claim.text]
        usage = Usage(f"verify:{self.name}", "m", input_tokens=7, seconds=0.5, requests=1)
        if p is None:
            return Failure(claim, "no reply", self.name, usage)
        label = Label.SUPPORTED if p >= 0.5 else Label.NOT_ENOUGH_INFO
        stretch = self.stretches.get(claim.text, claim.span)
        spans = () if label is Label.SUPPORTED else (stretch,)
        return Verdict(claim, label, (SOURCE,), p, spans, self.name, self.version, usage, "said so")
