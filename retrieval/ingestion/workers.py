"""Files read in other processes, with limits on time and memory: one that hangs or crashes costs itself alone."""

import json
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any, cast

from .parsed import Limits

_MODULE = f"{__package__}.worker"
_AHEAD = 3  # requests waiting for each worker
_CRASHED = "the process that read it crashed (a damaged file, or too little memory)"


@dataclass(frozen=True, slots=True)
class Item:
    """What one answer is about: a file below a folder, or a line of JSONL with its place.

    Attributes:
        shown: Its name in messages.
    """

    shown: str
    request: dict[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of an item: its content key and unit as JSON, or the problem."""

    item: Item
    key: str
    unit: bytes
    problem: str = ""


class Workers:
    """A pool of reading processes; a context manager that ends them."""

    def __init__(self, jobs: int, max_words: int, limits: Limits) -> None:
        self._jobs, self._max_words, self._limits = max(1, jobs), max_words, limits
        self._threads = ThreadPoolExecutor(self._jobs)
        self._mine = threading.local()
        self._started: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> "Workers":
        return self

    def __exit__(self, *_: object) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        for process in self._started:
            process.kill()
        for process in self._started:
            process.wait()

    def read(self, batches: Iterable[list[Item]]) -> Iterator[list[Answer]]:
        """The answers to each batch, in order; `batches` is drawn from as the workers get on."""
        waiting: deque[Future[list[Answer]]] = deque()
        for batch in batches:
            waiting.append(self._threads.submit(self._batch, batch))
            if len(waiting) >= _AHEAD * self._jobs:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()

    def _batch(self, batch: list[Item]) -> list[Answer]:
        """A batch that fails as a whole is asked again item by item, so that one file takes no other with it."""
        answers = self._asked(batch)
        if answers is not None:
            return answers
        if len(batch) == 1:
            return [Answer(batch[0], "", b"", self._mine.reason)]
        return [answer for item in batch for answer in self._batch([item])]

    def _asked(self, batch: list[Item]) -> list[Answer] | None:
        """None where the process died; `reason` then says of what."""
        process = self._process()
        request = {"items": [item.request for item in batch], "max_words": self._max_words}
        late = threading.Event()
        timer = threading.Timer(self._limits.seconds, _stop, (process, late))
        timer.start()
        try:
            stdin, stdout = cast(Any, process.stdin), cast(Any, process.stdout)
            stdin.write(json.dumps({**request, "limits": asdict(self._limits)}).encode() + b"\n")
            stdin.flush()
            heads = json.loads(stdout.readline() or b"null")
            bodies = [stdout.read(head["size"]) for head in heads] if heads else []
        except (OSError, ValueError):
            heads, bodies = None, []
        finally:
            timer.cancel()
        if not heads or any(len(b) != h["size"] for b, h in zip(bodies, heads, strict=True)):
            self._end(process)
            self._mine.reason = f"takes more than {self._limits.seconds:g} s to read" if late.is_set() else _CRASHED
            return None
        made = zip(batch, heads, bodies, strict=True)
        return [Answer(item, head["key"], body, head["problem"]) for item, head, body in made]

    def _process(self) -> "subprocess.Popen[bytes]":
        process = getattr(self._mine, "process", None)
        if process is None or process.poll() is not None:
            process = subprocess.Popen(
                [sys.executable, "-m", _MODULE],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
            self._started.append(process)
            self._mine.process = process
        return cast("subprocess.Popen[bytes]", process)

    def _end(self, process: "subprocess.Popen[bytes]") -> None:
        process.kill()
        process.wait()
        self._mine.process = None


def _stop(process: "subprocess.Popen[bytes]", late: threading.Event) -> None:
    late.set()
    process.kill()
