"""The embedded verifier: words and facts as the lexical one sees them, and sentence and word vectors beside them."""

from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

from ..retrieval.passages import Passage, Span
from ..retrieval.tokens import token_spans
from ..scoring.usage import Usage
from .alignment import Aligner
from .attribution import without_attribution
from .calibration import Calibration, bundled
from .claims import answer_spans
from .embedded_features import Alignment
from .encoder import Encoder
from .evidence import evidence_of
from .fact_rules import NEVER, absent_numbers, contradictions, fact_factor
from .facts import Mismatch, MismatchKind
from .fitting import fit_calibration
from .labelled import LabelledAnswer
from .labelling import merged
from .minilm import SentenceEncoder
from .vector_cache import CachedEncoder
from .verdict import Claim, Failure, Label, Verdict

_LONGEST = 20_000  # characters of a claim; no sentence is longer
_JOINED = 2  # supported words between unsupported ones that still belong to the stretch
_STRETCHES_FROM = 0.75  # share of words found from which only the missing stretches are marked

Pair = tuple[Claim, Sequence[Passage]]


class EmbeddedVerifier:
    """Judges claims by words, facts and vectors shared with the best sentences of their passages.

    The probability is that of a monotone head fitted on human labels (`calibrated.json`). A claim is SUPPORTED from
    the threshold on, REFUTED where close evidence has another number, unit, date or the opposite, NOT_ENOUGH_INFO
    otherwise; without passages nothing is supported. It sees paraphrase that the lexical verifier misses, but it is no
    entailment model: who did what to whom, and most contradictions without a number or a negation, escape it.
    """

    name = "embedded"

    def __init__(
        self,
        encoder: Encoder | None = None,
        *,
        calibration: Calibration | None = None,
        folder: str | Path | None = None,
        aligner: Aligner | None = None,
    ) -> None:
        """The bundled calibration on the installed encoder, unless others are given.

        Args:
            encoder: By default the weights that `minilm.find_weights` finds; loaded at the first claim.
            folder: Where vectors are kept between processes; only in memory by default.
            aligner: Shared with another verifier, in place of `encoder` and `folder`.

        Raises:
            EncoderMissingError: The extra `neural` or the weights are missing.
        """
        self._aligner = aligner or Aligner(CachedEncoder(encoder or SentenceEncoder(), folder))
        self.calibration = calibration or bundled()

    @property
    def version(self) -> str:
        """Of the rules, of the encoder's weights and of the calibration."""
        return f"3+{self._aligner.encoder.name}+{self.calibration.digest}"

    @property
    def answer_threshold(self) -> float:
        """Below this `answer_probability`, an answer is called unsupported."""
        return self.calibration.answer_threshold

    def fitted(self, answers: Sequence[LabelledAnswer]) -> "EmbeddedVerifier":
        """The same verifier with all that is fitted, thresholds too, fitted on `answers` instead.

        Vectors and features are remembered, labels are not.

        Raises:
            InsufficientDataError: Their claims are all supported, or none is.
        """
        return EmbeddedVerifier(aligner=self._aligner, calibration=fit_calibration(answers, self._aligner))

    def answer_probability(self, verdicts: Sequence[Verdict]) -> float:
        """That no claim of an answer is unsupported, in [0, 1], from the verdicts on its claims; 1 without claims."""
        return self.calibration.answer.probability([v.probability for v in verdicts])

    def verify(self, pairs: Sequence[Pair]) -> list[Verdict | Failure]:
        """One verdict per pair, in order. A claim of more than 20,000 characters is a `Failure`."""
        began = perf_counter()
        read = [(c.text if len(c.text) <= _LONGEST else "", passages) for c, passages in pairs]
        alignments = self._aligner.align(read)
        rows = [a.features for a in alignments if a.features is not None]
        scored = iter(self.calibration.head.probabilities(rows) if rows else ())
        probabilities = [0.0 if a.features is None else float(next(scored)) for a in alignments]
        usage = Usage(stage=f"verify:{self.name}", seconds=(perf_counter() - began) / max(1, len(pairs)))
        version = self.version
        return [
            self._verdict(claim, passages, a, p, (version, usage))
            for (claim, passages), a, p in zip(pairs, alignments, probabilities, strict=True)
        ]

    def _verdict(
        self, claim: Claim, passages: Sequence[Passage], found: Alignment, p: float, stamp: tuple[str, Usage]
    ) -> Verdict | Failure:
        version, usage = stamp
        if len(claim.text) > _LONGEST:
            error = f"claim of {len(claim.text)} characters; the embedded verifier reads at most {_LONGEST}"
            return Failure(claim, error, self.name, usage)
        at = self.calibration
        label, p, reason = _decide(found, p, at.threshold)
        evidence: tuple[Passage, ...] = ()
        if label is not Label.NOT_ENOUGH_INFO and found.window:
            evidence = (evidence_of(passages).window(found.window[0], found.window[-1]),)
        unsupported = _marked(claim, found, label, p < at.span_threshold)
        return Verdict(claim, label, evidence, p, unsupported, self.name, version, usage, reason)


def _decide(found: Alignment, p: float, threshold: float) -> tuple[Label, float, str]:
    """Label, probability after the rules on facts, and the reason in words."""
    if found.features is None:
        return Label.NOT_ENOUGH_INFO, 0.0, "there is no text to compare"
    denied = contradictions(found.comparison)
    p *= fact_factor(found.comparison)
    if denied or absent_numbers(found.comparison):
        p = min(p, threshold * NEVER)
    if denied:
        return Label.REFUTED, p, f"the source differs on {_listed(denied)}"
    lacking = [m for m in found.comparison.absent if m.kind is not MismatchKind.NEGATION]
    lacks = f"; no source has {_listed(lacking)}" if lacking else ""
    share = 1 - sum(found.missing) / len(found.missing)
    reason = f"the best evidence has {share:.0%} of its words{lacks}"
    return (Label.SUPPORTED if p >= threshold else Label.NOT_ENOUGH_INFO), p, reason


def _listed(mismatches: Sequence[Mismatch]) -> str:
    return ", ".join(f"{m.kind} {m.text!r}" for m in mismatches[:3])


def _marked(claim: Claim, found: Alignment, label: Label, unsupported: bool) -> tuple[Span, ...]:
    """Places in the answer: facts that no source has, stretches of words that the evidence lacks, or all of it."""
    facts = [m.span for m in found.comparison.absent]
    if not unsupported and label is not Label.REFUTED:
        return merged(answer_spans(claim, facts)) if label is Label.SUPPORTED else ()
    if not found.missing:  # nothing was there to compare with
        return (claim.span,)
    share = 1 - sum(found.missing) / len(found.missing)
    stretches = _stretches(claim.text, found.missing) + facts
    if share < _STRETCHES_FROM or not stretches:
        return (claim.span,)
    return merged(answer_spans(claim, stretches))


def _stretches(text: str, missing: Sequence[bool]) -> list[Span]:
    """Runs of words that the window lacks, joined over gaps of at most two words."""
    stretches: list[Span] = []
    last = -_JOINED - 2
    for i, ((_, span), gone) in enumerate(zip(token_spans(without_attribution(text)), missing, strict=True)):
        if not gone:
            continue
        if i - last <= _JOINED + 1:
            stretches[-1] = Span(stretches[-1].start, span.end)
        else:
            stretches.append(span)
        last = i
    return stretches
