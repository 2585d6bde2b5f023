"""An answer beside its sources through a token classifier, window by window."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ..retrieval.passages import Passage, Span
from .batches import Unread, run_batches, run_inputs
from .source_windows import LONGEST_UNIT, Unit, Window, readable, units_of, windows_of
from .span_prompts import LABEL_TOKENS, span_prompt
from .support_labels import softmax
from .text_model import TextModel, Tokens
from .token_places import TokenReading

_LEAST = 16  # tokens of source without which a window says nothing
_Units = dict[tuple[Passage, int], list[Unit]]
_SPARE = 8  # tokens by which a window may grow where its text is cut otherwise than the whole passage was


@dataclass(frozen=True, slots=True)
class SpanSettings:
    """How sources are cut and tokens flagged.

    Attributes:
        threshold: Probability above which a token is unsupported, in [0, 1).
        window: Tokens of source that are read at once; less where the model reads less. overlap: Tokens that
            neighbouring windows share.
        batch_size: Inputs that go through the model at once.
    """

    threshold: float = 0.5
    window: int = 3500
    overlap: int = 64
    batch_size: int = 8

    def __post_init__(self) -> None:
        if not 0 <= self.threshold < 1:
            raise ValueError(f"the threshold is a probability of at least 0 and below 1, not {self.threshold}")
        if self.window < _LEAST or self.overlap < 0 or self.batch_size < 1:
            raise ValueError(
                f"a window has at least {_LEAST} tokens, the overlap at least 0 and a batch at least 1 input, not "
                f"{self.window}, {self.overlap} and {self.batch_size}"
            )


@dataclass(slots=True)
class ReadText:
    """A text that was read beside its sources.

    Attributes:
        windows: The stretches of source that it was read beside; none where no source has text.
        readings: Per window, one reading per token of the text.
        error: Why it could not be read; "" where it was.
        tokens: That went through the model for it.
    """

    text: str
    windows: list[Window] = field(default_factory=list)
    readings: list[list[TokenReading]] = field(default_factory=list)
    error: str = ""
    tokens: int = 0

    def least(self) -> list[TokenReading]:
        """Per token the least probability over the windows: what one window supports is supported."""
        return [replace(of[0], unsupported=min(t.unsupported for t in of)) for of in zip(*self.readings, strict=True)]


@dataclass(slots=True)
class TokenReader:
    """Reads texts beside sources; output `support` of the model means that a token is supported."""

    model: TextModel
    support: int
    settings: SpanSettings
    question: str = ""

    def read(self, asked: Sequence[tuple[str, Sequence[Passage]]]) -> list[ReadText]:
        """Each text beside its passages, in batches over all windows of all texts."""
        cut: _Units = {}
        made = run_batches(asked, [0] * len(asked), lambda of: [self._windowed(*one, cut) for one in of], 1)
        texts = [
            one if isinstance(one, ReadText) else ReadText(text, error=one.error)
            for (text, _), one in zip(asked, made, strict=True)
        ]
        owners = [(text, window) for text in texts for window in text.windows]
        found = run_inputs(owners, self._tokens, self._logits, self.settings.batch_size)
        for (owner, _), (length, reading) in zip(owners, found, strict=True):
            owner.tokens += length
            if isinstance(reading, Unread):
                owner.error = owner.error or reading.error
            else:
                owner.readings.append(reading)
        for text in texts:
            text.error = text.error or _flaw(text)
        return texts

    def _windowed(self, text: str, passages: Sequence[Passage], cut: _Units) -> ReadText:
        sources = [p for p in passages if any(map(str.isalnum, p.text))]
        made = ReadText(text)
        if not sources:
            return made
        (around,) = self.model.tokens([span_prompt([""], self.question)], [self.model.plain(text)])
        budget = min(self.settings.window, self.model.longest - len(around) - _SPARE)
        if budget < _LEAST:
            made.error = (
                f"the text and the question take {len(around)} of the {self.model.longest} tokens that the model "
                "reads; no room is left for a source"
            )
            return made
        longest = max(1, min(LONGEST_UNIT, budget // 4, budget - LABEL_TOKENS))
        for passage in sources:
            if (passage, longest) not in cut:
                (tokens,) = self.model.tokens([self.model.plain(passage.text)], bare=True)
                cut[passage, longest] = units_of(passage, tokens.offsets, longest)
        units = [unit for passage in sources for unit in cut[passage, longest]]
        made.windows = windows_of(units, budget, min(self.settings.overlap, budget // 4), LABEL_TOKENS)
        return made

    def _tokens(self, owners: Sequence[tuple[ReadText, Window]]) -> list[Tokens]:
        prompts = [
            span_prompt([self.model.plain(readable(piece.text)) for piece in window.pieces], self.question)
            for _, window in owners
        ]
        return self.model.tokens(prompts, [self.model.plain(owner.text) for owner, _ in owners])

    def _logits(self, batch: Sequence[Tokens]) -> list[list[TokenReading] | None]:
        import numpy as np

        over = max(len(t) for t in batch)
        if over > self.model.longest:
            raise ValueError(f"{over} tokens; the model reads at most {self.model.longest}")
        shares = softmax(self.model.logits(batch).astype(np.float64))
        if shares.ndim != 3 or shares.shape[2] != len(self.model.names) or shares.shape[1] < over:
            raise ValueError(f"the model gave an array of shape {shares.shape} for {len(self.model.names)} labels")
        found: list[list[TokenReading] | None] = []
        for tokens, row in zip(batch, shares, strict=True):
            offsets = tokens.offsets
            rows = [(Span(*offsets[i]), row[i, self.support]) for i, of in enumerate(tokens.texts) if of == 1]
            finite = all(np.isfinite(p) for _, p in rows)
            found.append([TokenReading(span, 1.0 - float(p)) for span, p in rows] if finite else None)
        return found


def _flaw(text: ReadText) -> str:
    """What is wrong with the tokens of a text; "" where nothing is."""
    places = [[t.span for t in window] for window in text.readings]
    if any(of != places[0] for of in places):
        return "the tokenizer of the model reads it otherwise beside another source"
    return "the tokenizer of the model finds no token in it" if text.windows and not any(places) else ""
