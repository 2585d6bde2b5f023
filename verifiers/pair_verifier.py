"""Claims against sources by a model that reads pairs: windows, batches, the best window, its best sentence."""

from collections.abc import Sequence, Sized
from dataclasses import dataclass, field
from time import perf_counter

from ..retrieval.passages import Passage
from ..scoring.usage import Usage
from .batches import Unread, run_batches, run_inputs
from .pair_reader import PairReader
from .shared_usage import shared_usage
from .source_windows import LONGEST_UNIT, Piece, Unit, Window, units_of, windows_of
from .support_labels import Reading
from .verdict import Claim, Failure, Label, Verdict

Pair = tuple[Claim, Sequence[Passage]]
_Units = dict[tuple[Passage, int], list[Unit]]  # by passage and longest unit
_REFUTED = 0.5  # probability of contradiction from which a claim is REFUTED: more likely than all else together
_LEAST = 8  # tokens of source without which a window says nothing
_SPARE = 8  # tokens by which a window may grow where its text is cut otherwise than the whole passage was
_STEP = 16  # budgets are rounded down to these, so that claims of like length share windows


@dataclass(frozen=True, slots=True)
class PairSettings:
    """How sources are cut and verdicts reached.

    Attributes:
        threshold: Probability from which a claim is SUPPORTED, in (0, 1].
        window: Tokens of source that are read at once; less where the model reads less. overlap: Tokens that
            neighbouring windows share.
        batch_size: Pairs that go through the model at once.
        sentences: Whether the evidence is narrowed down to the best sentence of the best window, which costs another
            look at each of its sentences; else it is the window.
    """

    threshold: float = 0.5
    window: int = 500
    overlap: int = 64
    batch_size: int = 32
    sentences: bool = True

    def __post_init__(self) -> None:
        if not 0 < self.threshold <= 1:
            raise ValueError(f"the threshold is a probability above 0 and at most 1, not {self.threshold}")
        if self.window < _LEAST or self.overlap < 0 or self.batch_size < 1:
            raise ValueError(
                f"a window has at least {_LEAST} tokens, the overlap at least 0 and a batch at least 1 pair, not "
                f"{self.window}, {self.overlap} and {self.batch_size}"
            )


@dataclass(slots=True)
class _Case:
    """One claim on its way to a verdict."""

    claim: Claim
    windows: list[Window] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)
    error: str = ""
    tokens: int = 0
    label: Label = Label.NOT_ENOUGH_INFO
    probability: float = 0.0
    evidence: tuple[Passage, ...] = ()

    @property
    def best(self) -> int:
        """The window that decides: the one that supports most, or contradicts most where the claim is refuted."""
        return max(range(len(self.readings)), key=lambda i: _weight(self.readings[i], self.label))


@dataclass(frozen=True, slots=True)
class _Made:
    """What claims of one call share."""

    units: _Units
    windows: dict[tuple[tuple[Passage, ...], int], list[Window]]  # by sources and budget


class PairVerifier:
    """Judges claims with a model that reads a claim beside a stretch of source.

    The probability is the largest over overlapping windows of the sources (MiniCheck, arXiv:2404.10774); passages
    follow one another, so a window may hold the end of one and the beginning of the next. SUPPORTED from the threshold
    on; REFUTED where it is below and some window contradicts the claim with at least one half (models that know
    contradiction only); NOT_ENOUGH_INFO otherwise. Without sources, or with blank ones, nothing is supported and the
    model is not called. The probability is the model's own, not calibrated on any domain.
    """

    def __init__(self, name: str, reader: PairReader, settings: PairSettings, note: str = "") -> None:
        self.name = name
        self._reader = reader
        self._settings = settings
        self.version = (
            f"1; {reader.identity}; threshold {settings.threshold:g}, window {settings.window}+{settings.overlap}"
            f"{', ' + note if note else ''}"
        )

    def verify(self, pairs: Sequence[Pair]) -> list[Verdict | Failure]:
        """One result per pair, in order; a claim that the model cannot read, or fails on, is a `Failure`."""
        if not pairs:
            return []
        began = perf_counter()
        cases = self._cases(pairs)
        self._look(cases)
        for case in cases:
            self._decide(case)
        self._narrow([c for c in cases if c.label is not Label.NOT_ENOUGH_INFO])
        return self._results(cases, perf_counter() - began)

    def _cases(self, pairs: Sequence[Pair]) -> list[_Case]:
        """The claims with the windows that each is read against."""
        made = _Made({}, {})
        cases = run_batches(pairs, [0] * len(pairs), lambda of: [self._case(*pair, made) for pair in of], 1)
        return [
            case if isinstance(case, _Case) else _Case(claim, error=case.error)
            for (claim, _), case in zip(pairs, cases, strict=True)
        ]

    def _case(self, claim: Claim, passages: Sequence[Passage], made: _Made) -> _Case:
        sources = tuple(p for p in passages if any(map(str.isalnum, p.text)))
        if not sources:
            return _Case(claim)
        (alone,) = self._reader.tokens([("", claim.text)])
        budget = self._budget(len(alone))
        if budget < _LEAST:
            error = (
                f"the claim takes {len(alone)} of the {self._reader.longest} tokens that the model reads; no room is "
                "left for a source"
            )
            return _Case(claim, error=error)
        if (sources, budget) not in made.windows:
            made.windows[sources, budget] = self._windows(sources, budget, made.units)
        return _Case(claim, made.windows[sources, budget])

    def _budget(self, claim_tokens: int) -> int:
        room = min(self._settings.window, self._reader.longest - claim_tokens - _SPARE)
        return room if room == self._settings.window or room < 2 * _STEP else room - room % _STEP

    def _windows(self, sources: Sequence[Passage], budget: int, units: _Units) -> list[Window]:
        longest = min(LONGEST_UNIT, budget // 4)
        flat: list[Unit] = []
        for passage in sources:
            if (passage, longest) not in units:
                units[passage, longest] = units_of(passage, self._reader.places(passage.text), longest)
            flat += units[passage, longest]
        return windows_of(flat, budget, min(self._settings.overlap, budget // 4))

    def _look(self, cases: Sequence[_Case]) -> None:
        """Read every window of every claim, in batches over all of them."""
        asked = [(case, w.text) for case in cases for w in case.windows]
        for (case, _), found in zip(asked, self._read(asked), strict=True):
            if isinstance(found, Unread):
                case.error = case.error or found.error
            else:
                case.readings.append(found)

    def _narrow(self, cases: Sequence[_Case]) -> None:
        """Evidence: the sentence of the deciding window that decides most by itself."""
        asked: list[tuple[_Case, str]] = []
        pieces: list[Piece] = []
        for case in cases:
            window = case.windows[case.best]
            case.evidence = window.evidence()
            sentences = window.sentences() if self._settings.sentences else []
            if len(sentences) > 1:
                asked += [(case, s.text) for s in sentences]
                pieces += sentences
        best: dict[int, float] = {}
        for (case, _), piece, found in zip(asked, pieces, self._read(asked), strict=True):
            if isinstance(found, Reading) and _weight(found, case.label) > best.get(id(case), -1.0):
                best[id(case)] = _weight(found, case.label)
                case.evidence = (piece.evidence(),)

    def _read(self, asked: Sequence[tuple[_Case, str]]) -> list[Reading | Unread]:
        texts = [(source, case.claim.text) for case, source in asked]
        found = run_inputs(texts, self._reader.tokens, self._fitting, self._settings.batch_size)
        for (case, _), (length, _) in zip(asked, found, strict=True):
            case.tokens += length
        return [reading for _, reading in found]

    def _fitting(self, batch: Sequence[Sized]) -> Sequence[Reading | None]:
        over = max(len(t) for t in batch)
        if over > self._reader.longest:
            raise ValueError(f"{over} tokens; the model reads at most {self._reader.longest}")
        return self._reader.read(batch)

    def _decide(self, case: _Case) -> None:
        if case.error or not case.readings:
            return
        case.probability = max(r.support for r in case.readings)
        if case.probability >= self._settings.threshold:
            case.label = Label.SUPPORTED
        elif max(r.refute for r in case.readings) >= _REFUTED:
            case.label = Label.REFUTED

    def _results(self, cases: Sequence[_Case], seconds: float) -> list[Verdict | Failure]:
        usages = shared_usage(self.name, [case.tokens for case in cases], seconds)
        return [
            Failure(case.claim, case.error, self.name, usage) if case.error else self._verdict(case, usage)
            for case, usage in zip(cases, usages, strict=True)
        ]

    def _verdict(self, case: _Case, usage: Usage) -> Verdict:
        unsupported = () if case.label is Label.SUPPORTED else (case.claim.span,)
        return Verdict(
            case.claim, case.label, case.evidence, case.probability, unsupported, self.name, self.version, usage,
            _reason(case),
        )  # fmt: skip


def _weight(reading: Reading, label: Label) -> float:
    return reading.refute if label is Label.REFUTED else reading.support


def _reason(case: _Case) -> str:
    if not case.windows:
        return "there is no source with text"
    if case.label is Label.REFUTED:
        return f"a source contradicts it with probability {max(r.refute for r in case.readings):.2f}"
    return f"the sources support it with probability {case.probability:.2f}, the best of {len(case.windows)} windows"
