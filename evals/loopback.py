"""A server of known service law on this machine, in a process of its own: what load tests are checked against.

It speaks as much of the OpenAI chat and completion streams as a load generator needs, invents its tokens, and keeps a
log of what it really did, so that a measured throughput can be compared with the truth. Standard library only; chunks
are rendered beforehand, since it shares the machine with the client that is measured.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any
from urllib.request import urlopen

PACKAGE = __name__.rpartition(".")[0]


class LoopbackError(RuntimeError):
    """The loopback server did not start; the message says why."""


@dataclass(frozen=True, slots=True)
class ServiceLaw:
    """How the server serves.

    Attributes:
        ttft_s: Seconds from the start of service to the first token. itl_s: Between two chunks.
        tokens: Output tokens where the request names no limit. tokens_per_chunk: Tokens in one chunk.
        slots: Requests served at once; others wait in the order they came. None: no limit.
        exponential: Scale each request's times by an exponential variate of mean 1: with `slots` an M/M/c queue.
        usage: Whether it reports token counts when asked to.
        stall_at_s, stall_for_s: It stops once, so long after it was first asked, for so long.
        every_429, every_500, every_cut, every_hang: Every so many requests get that status, end in the middle of the
            stream, or never get a byte; 0: none.
        every_slow, slow_ttft_s: Every so many requests wait so long for the first token instead.
        cached_ttft_s: Time to first token of a prompt whose first 64 characters were seen before; None: as any other.
        answer: Words of every answer, in place of invented ones; `tokens` and the request's limit do not count then.
        every_invented: Every so many answers are invented all the same, as many words.
        seed: Of exponential variates.
    """

    ttft_s: float = 0.2
    itl_s: float = 0.02
    tokens: int = 64
    tokens_per_chunk: int = 1
    slots: int | None = None
    exponential: bool = False
    usage: bool = True
    stall_at_s: float = 0.0
    stall_for_s: float = 0.0
    every_429: int = 0
    every_500: int = 0
    every_cut: int = 0
    every_hang: int = 0
    every_slow: int = 0
    slow_ttft_s: float = 0.0
    cached_ttft_s: float | None = None
    answer: str = ""
    every_invented: int = 0
    seed: int = 0

    @property
    def service_s(self) -> float:
        """Mean seconds of service of a request of `tokens` tokens."""
        chunks = -(-self.tokens // self.tokens_per_chunk)
        return self.ttft_s + (chunks - 1) * self.itl_s


@dataclass(frozen=True, slots=True)
class Loopback:
    """A server that runs. `base_url`: what a client is given, ending in /v1."""

    base_url: str

    def log(self) -> list[dict[str, Any]]:
        """What it served so far, one entry a finished request: arrived, began, ended (seconds), tokens."""
        with urlopen(f"{self.base_url}/stats", timeout=30) as reply:
            entries: list[dict[str, Any]] = json.loads(reply.read())["log"]
        return entries


@contextmanager
def loopback(law: ServiceLaw) -> Iterator[Loopback]:
    """Start the server on a free port of the loopback interface; it ends with the block, or with this process.

    Raises:
        LoopbackError: It did not come up.
    """
    command = [sys.executable, "-m", f"{PACKAGE}.loopback_server", json.dumps(asdict(law))]
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        said = server.stdout.readline().strip() if server.stdout else ""
        if not said.isdigit():
            raise LoopbackError(f"the loopback server did not start (exit code {server.poll()})")
        yield Loopback(f"http://127.0.0.1:{said}/v1")
    finally:
        server.terminate()
        server.wait(timeout=10)
        for pipe in (server.stdin, server.stdout):
            if pipe:
                pipe.close()
