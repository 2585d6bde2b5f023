"""Where the finished samples of a run go: each on disk at once, with the seconds that it took."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .journal import Journal
from .judges import Panel
from .packs import DomainPack
from .pipeline import Attempt
from .rows import attempt_rows
from .samples import Sample

Progress = Callable[[str, str, int, int], None]  # model, domain, done, total


@dataclass(frozen=True, slots=True)
class Sink:
    """Where the finished samples of a run go, who judges them, and whether another may start.

    Attributes:
        admits: Asked before each sample; False leaves it for another session, None lets it wait.
        on_entry: Told of each finished sample, as the journal holds it.
    """

    out: Path
    journal: Journal
    entries: list[dict[str, Any]]
    progress: Progress
    panel: Panel = field(default_factory=Panel)
    admits: Callable[[], bool | None] = lambda: True
    on_entry: Callable[[dict[str, Any]], None] = lambda _: None


class Cell:
    """One model on one pack: what the journal does not hold yet, and the keeping of it."""

    def __init__(self, sink: Sink, model: str, pack: DomainPack, epochs: int) -> None:
        self.sink, self.model, self.pack = sink, model, pack
        mine = (e for e in sink.entries if (e["model"], e["domain"]) == (model, pack.name))
        self._done = {(e["sample_id"], e["epoch"]) for e in mine}
        self._total = len(pack.samples) * epochs
        self._clock: float | None = None  # runs from the first answer: setting things up is not the model's time
        self.pending = [(s, e) for s in pack.samples for e in range(1, epochs + 1) if not self.is_done(s, e)]
        self._show()

    def is_done(self, sample: Sample, epoch: int) -> bool:
        """Whether that sample is kept already."""
        return (sample.sample_id, epoch) in self._done

    def finish(self, sample: Sample, epoch: int, attempts: Sequence[Attempt], **more: Any) -> None:
        """Keep one finished sample; `more` is kept beside its attempts. One that is kept already is left alone."""
        if self.is_done(sample, epoch):
            return
        now = time.monotonic()
        entry = {
            "model": self.model,
            "domain": self.pack.name,
            "sample_id": sample.sample_id,
            "epoch": epoch,
            "wall_s": _seconds(attempts) if self._clock is None else now - self._clock,
            "attempts": [attempt_rows(a) for a in attempts],
            **more,
        }
        self._clock = now
        self.sink.journal.add(entry)
        self.sink.entries.append(entry)
        self.sink.on_entry(entry)
        self._done.add((sample.sample_id, epoch))
        self._show()

    def _show(self) -> None:
        self.sink.progress(self.model, self.pack.name, len(self._done), self._total)


def _seconds(attempts: Sequence[Attempt]) -> float:
    return sum(u.seconds for a in attempts for u in a.record.usage if not u.stage.startswith("grade"))
