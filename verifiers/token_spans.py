"""Claims and answers judged token by token: detectors of the LettuceDetect kind (arXiv:2502.17125)."""

from collections.abc import Sequence
from copy import copy
from dataclasses import replace
from time import perf_counter

from ..retrieval.passages import Passage, Span
from ..scoring.usage import Usage
from .claims import answer_spans
from .model_identity import short_name
from .shared_usage import shared_usage
from .support_labels import Role, roles_of
from .token_places import flagged_spans
from .token_reader import ReadText, SpanSettings, TokenReader
from .transformer_models import ModelSettings, load_token_classifier
from .verdict import Claim, Failure, Label, Verdict

_SPANS = SpanSettings()
_MODEL = ModelSettings()
_USUAL = ("supported", "hallucinated")  # outputs of LettuceDetect, where the configuration names them "LABEL_0"


class SpanVerifier:
    """A verifier over a token classifier that reads sources, question and answer, and marks tokens of the answer.

    Per token the probability of being unsupported is the least over the windows of the sources; a claim's probability
    is one less the largest of its tokens, and it is SUPPORTED where no token is above the threshold, NOT_ENOUGH_INFO
    otherwise: these models do not tell contradiction from absence. Evidence of a supported claim is the window that
    supports it best.

    How places map. `verify` gets claims and not the answer, so it reads each claim's text, which has no citation
    markers, as an answer of its own: the result does not depend on what else is in the call. Offsets of the fast
    tokenizer are code points of that text, and `answer_spans` maps them to the answer, over the markers that were cut
    out. `judge_answer` reads the whole answer at once, as the models were trained; its offsets are places in the
    answer itself, and tokens of citation markers count for no claim. Neither searches for text, so neither can miss.
    """

    def __init__(
        self,
        model: str,
        *,
        labels: Sequence[str] | None = None,
        spans: SpanSettings = _SPANS,
        settings: ModelSettings = _MODEL,
    ) -> None:
        """Load the model, a name or a folder; `labels` name its outputs in order where its configuration does not.

        Raises:
            ValueError: The labels do not say which output means supported; an extra is missing; code of its own.
            ModelUnavailableError: The model cannot be loaded.
        """
        name = short_name(model)
        loaded = load_token_classifier(model, settings)
        usual = _USUAL if "lettuce" in name.casefold() else None
        support = roles_of(loaded.names, given=labels, usual=usual, model=model).index(Role.SUPPORT)
        self._reader = TokenReader(loaded, support, spans)
        self.name = f"spans:{name}"
        self.version = (
            f"1; {loaded.identity}; threshold {spans.threshold:g}, window {spans.window}+{spans.overlap}, "
            f"{settings.dtype}{', labels ' + ','.join(labels) if labels else ''}"
        )

    def asking(self, question: str) -> "SpanVerifier":
        """The same verifier, that puts `question` before the passages; it shares the loaded model."""
        other = copy(self)
        other._reader = replace(self._reader, question=self._reader.model.plain(question))
        return other

    def verify(self, pairs: Sequence[tuple[Claim, Sequence[Passage]]]) -> list[Verdict | Failure]:
        """One result per pair, in order, each claim read by itself; one that cannot be read is a `Failure`."""
        if not pairs:
            return []
        began = perf_counter()
        texts = self._reader.read([(claim.text, passages) for claim, passages in pairs])
        usages = shared_usage(self.name, [t.tokens for t in texts], perf_counter() - began)
        return [
            self._result(claim, text, [Span(0, len(claim.text))], usage)
            for (claim, _), text, usage in zip(pairs, texts, usages, strict=True)
        ]

    def judge_answer(
        self, answer: str, claims: Sequence[Claim], passages: Sequence[Passage]
    ) -> list[Verdict | Failure]:
        """One result per claim of `answer`, which is read as a whole; claims as `split_claims` makes them."""
        if not claims:
            return []
        began = perf_counter()
        (text,) = self._reader.read([(answer, passages)])
        seconds = perf_counter() - began
        shares = [max(1, c.span.end - c.span.start) for c in claims]
        tokens = _parts(text.tokens, shares)
        usages = shared_usage(self.name, tokens, seconds)
        return [
            self._result(claim, text, _without_markers(claim), usage, whole=True)
            for claim, usage in zip(claims, usages, strict=True)
        ]

    def unsupported_spans(self, answer: str, passages: Sequence[Passage]) -> list[Span]:
        """Stretches of `answer` that no source supports; all of its text where no source has any.

        Raises:
            ValueError: The answer cannot be read; the message says why.
        """
        (text,) = self._reader.read([(answer, passages)])
        if text.error:
            raise ValueError(f"the answer cannot be judged: {text.error}")
        if not text.windows:
            body = answer.strip()
            start = len(answer) - len(answer.lstrip())
            return [Span(start, start + len(body))] if body else []
        return flagged_spans(answer, text.least(), self._reader.settings.threshold)

    def _result(
        self, claim: Claim, text: ReadText, stretches: Sequence[Span], usage: Usage, *, whole: bool = False
    ) -> Verdict | Failure:
        """The verdict from the tokens of `text` that touch `stretches`, which are places in it."""
        chosen = [[t for t in window if _touches(t.span, stretches)] for window in text.readings]
        error = text.error or ("" if not text.windows or all(chosen) else "no token of the model lies in it")
        if error:
            return Failure(claim, error, self.name, usage)
        if not text.windows:
            return self._verdict(claim, (0.0, "there is no source with text"), (), (claim.span,), usage)
        least = ReadText(text.text, readings=chosen).least()
        worst = max(t.unsupported for t in least)
        flagged = flagged_spans(text.text, least, self._reader.settings.threshold)
        marked = tuple(_clipped(flagged, claim.span)) if whole else answer_spans(claim, flagged)
        if worst > self._reader.settings.threshold:
            reason = f"{len(flagged)} stretch(es) are unsupported, with probability up to {worst:.2f}"
            return self._verdict(claim, (1 - worst, reason), (), marked or (claim.span,), usage)
        best = min(range(len(chosen)), key=lambda i: max(t.unsupported for t in chosen[i]))
        reason = f"no token is unsupported with probability above {worst:.2f}"
        return self._verdict(claim, (1 - worst, reason), text.windows[best].evidence(), (), usage)

    def _verdict(
        self,
        claim: Claim,
        found: tuple[float, str],
        evidence: tuple[Passage, ...],
        unsupported: tuple[Span, ...],
        usage: Usage,
    ) -> Verdict:
        probability, reason = found
        label = Label.NOT_ENOUGH_INFO if unsupported else Label.SUPPORTED
        return Verdict(claim, label, evidence, probability, unsupported, self.name, self.version, usage, reason)


def _touches(span: Span, stretches: Sequence[Span]) -> bool:
    return any(span.start < s.end and s.start < span.end for s in stretches)


def _clipped(spans: Sequence[Span], to: Span) -> list[Span]:
    cut = [(max(s.start, to.start), min(s.end, to.end)) for s in spans]
    return [Span(start, end) for start, end in cut if start < end]


def _without_markers(claim: Claim) -> list[Span]:
    """The stretches of the claim's place in the answer between its citation markers."""
    stretches, at = [], claim.span.start
    for marker in sorted({c.span for c in claim.citations}):
        if at < marker.end <= claim.span.end or at <= marker.start < claim.span.end:
            stretches.append(Span(at, max(at, min(marker.start, claim.span.end))))
            at = max(at, marker.end)
    stretches.append(Span(at, max(at, claim.span.end)))
    return [s for s in stretches if s.start < s.end]


def _parts(total: int, shares: Sequence[int]) -> list[int]:
    """`total` in whole parts that are as `shares` and sum to it."""
    ends = [round(total * sum(shares[: i + 1]) / sum(shares)) for i in range(len(shares))]
    return [end - start for start, end in zip([0, *ends], ends, strict=False)]
