"""The lexical verifier: shared words, numbers, units, dates, names and negation; no model, no download."""

from collections.abc import Sequence
from time import perf_counter

from ..retrieval.passages import Passage, Span
from ..retrieval.tokens import token_spans
from ..scoring.usage import Usage
from . import lexical_weights as weights
from .attribution import without_attribution
from .claims import answer_spans
from .facts import Mismatch, MismatchKind
from .labelled import LabelledAnswer
from .lexical_features import Comparison, compare_claim
from .lexical_head import BUNDLED, LexicalHead, fit_head
from .lexical_index import PassageIndex, index_passage
from .verdict import Claim, Failure, Label, Verdict

_LONGEST = 20_000  # characters of a claim; no sentence is longer
_JOINED = 2  # supported words between unsupported ones that still belong to the stretch
_MARKED = 0.5  # recall below which the whole claim is marked


class LexicalVerifier:
    """Judges claims by what they share with the best one or two sentences of their passages.

    The probability is that of a small logistic regression on human labels (`lexical_weights`); a claim is SUPPORTED
    from the threshold on, REFUTED where a sentence that says nearly the same has another number, unit, date,
    medicine, route, frequency or the opposite, and NOT_ENOUGH_INFO otherwise. Without passages, or with empty ones,
    nothing is supported. Paraphrase without shared words is not recognised, and word order is hardly looked at: a
    first check, not the last. Deterministic.
    """

    name = "lexical"
    version = "2"

    def __init__(self, threshold: float = weights.THRESHOLD, head: LexicalHead = BUNDLED) -> None:
        """`threshold`: the probability from which a claim is SUPPORTED, in (0, 1]. Raises ValueError outside."""
        if not 0 < threshold <= 1:
            raise ValueError(f"the threshold is a probability above 0 and at most 1, not {threshold}")
        self.threshold = threshold
        self.head = head

    @property
    def settings(self) -> str:
        """What decides its verdicts beside its version."""
        return f"threshold={self.threshold!r}, head={self.head!r}"

    def fitted(self, answers: Sequence[LabelledAnswer]) -> "LexicalVerifier":
        """The same verifier with its head fitted on `answers` instead (`lexical_head.fit_head`); same threshold.

        Raises:
            InsufficientDataError: Their claims are all supported, or none is.
        """
        return LexicalVerifier(self.threshold, fit_head(answers))

    def verify(self, pairs: Sequence[tuple[Claim, Sequence[Passage]]]) -> list[Verdict | Failure]:
        """One verdict per pair, in order. A claim of more than 20,000 characters is a `Failure`."""
        indexes: dict[Passage, PassageIndex] = {}
        return [self._judge(claim, passages, indexes) for claim, passages in pairs]

    def _judge(
        self, claim: Claim, passages: Sequence[Passage], indexes: dict[Passage, PassageIndex]
    ) -> Verdict | Failure:
        began = perf_counter()
        if len(claim.text) > _LONGEST:
            error = f"claim of {len(claim.text)} characters; the lexical verifier reads at most {_LONGEST}"
            return Failure(claim, error, self.name, self._usage(began))
        for passage in passages:
            if passage not in indexes:
                indexes[passage] = index_passage(passage)
        found = compare_claim(claim.text, [indexes[p] for p in passages])
        label, probability, reason = _decide(found, self.threshold, self.head)
        evidence = () if label is Label.NOT_ENOUGH_INFO else tuple(w.evidence() for w in found.windows[:1])
        unsupported = _unsupported(claim, found, label)
        return Verdict(
            claim, label, evidence, probability, unsupported, self.name, self.version, self._usage(began), reason
        )

    def _usage(self, began: float) -> Usage:
        return Usage(stage=f"verify:{self.name}", seconds=perf_counter() - began)


def _decide(found: Comparison, threshold: float, head: LexicalHead) -> tuple[Label, float, str]:
    """Label, probability and the reason in words."""
    if not found.windows:
        return Label.NOT_ENOUGH_INFO, 0.0, "no source has a word of it"
    probability = head.probability(found.features)
    contradicted = [m for m in found.absent if m.contradicts]
    if contradicted:
        label = Label.REFUTED if found.overlap >= weights.OVERLAP else Label.NOT_ENOUGH_INFO
        reason = f"the source differs on {_listed(contradicted)}"
        return label, _below(threshold, probability, weights.IF_CONTRADICTED), reason
    numbers = [m for m in found.absent if _is_hard(m)]
    if numbers:
        probability = _below(threshold, probability, weights.IF_NUMBER_ABSENT)
        return Label.NOT_ENOUGH_INFO, probability, f"no source has {_listed(numbers)}"
    share = f"the best evidence has {found.windows[0].recall:.0%} of its words"
    return (Label.SUPPORTED if probability >= threshold else Label.NOT_ENOUGH_INFO), probability, share


def _below(threshold: float, probability: float, factor: float) -> float:
    """A probability that agrees with a label other than SUPPORTED."""
    return min(probability * factor, threshold * factor)


def _is_hard(mismatch: Mismatch) -> bool:
    """A number, quantity, date, name or way of giving a medicine: compared in all its forms."""
    return mismatch.kind is not MismatchKind.NEGATION


def _listed(mismatches: Sequence[Mismatch]) -> str:
    return ", ".join(f"{m.kind} {m.text!r}" for m in mismatches[:3])


def _unsupported(claim: Claim, found: Comparison, label: Label) -> tuple[Span, ...]:
    """Places in the answer that the evidence lacks: facts of a supported claim, stretches of words of another."""
    facts = [m.span for m in found.absent]
    if label is Label.SUPPORTED:
        return _merged(answer_spans(claim, facts))
    if not found.windows or found.windows[0].recall < _MARKED:
        return (claim.span,)
    return _merged(answer_spans(claim, _missing_stretches(claim.text, found) + facts)) or (claim.span,)


def _missing_stretches(text: str, found: Comparison) -> list[Span]:
    """Runs of words that the best window lacks, joined over gaps of at most two words."""
    window = found.windows[0]
    there = set(window.index.tokens[window.first]) | set(window.index.tokens[window.last])
    stretches: list[Span] = []
    last = -_JOINED - 2
    for i, (token, span) in enumerate(token_spans(without_attribution(text))):
        if token in there:
            continue
        if i - last <= _JOINED + 1:
            stretches[-1] = Span(stretches[-1].start, span.end)
        else:
            stretches.append(span)
        last = i
    return stretches


def _merged(spans: Sequence[Span]) -> tuple[Span, ...]:
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(span.end, merged[-1].end))
        else:
            merged.append(span)
    return tuple(merged)
