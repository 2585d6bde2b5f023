"""How many chunks per second this client can read at all: measured on the loopback server before anything else.

A load generator that is its own bottleneck measures itself, and none says so. Streams are added until the client reads
less than it is sent; what it read at best is its ceiling, and a measurement above half of it is marked client-limited.
The server shares the machine, so the ceiling is rather too low than too high.
"""

from dataclasses import dataclass

from .load_processes import offer
from .load_types import Endpoint, LoadKind, LoadPlan, LoadPrompt
from .loopback import ServiceLaw, loopback

_LAW = ServiceLaw(ttft_s=0.1, itl_s=0.01, tokens=150)
_STREAMS = (32, 128, 320)
_ENOUGH = 0.9


@dataclass(frozen=True, slots=True)
class Ceiling:
    """What the client can do. `sent_per_s`: Chunks per second that it was sent while it read `chunks_per_s`."""

    chunks_per_s: float
    sent_per_s: float
    streams: int
    processes: int


def client_ceiling(processes: int = 1) -> Ceiling:
    """Measure the ceiling; takes five to ten seconds and one loopback server."""
    best = Ceiling(0.0, 0.0, 0, processes)
    prompts = [LoadPrompt("self-test", "self-test", _LAW.tokens)]
    with loopback(_LAW) as server:
        endpoint = Endpoint(server.base_url, "loopback", timeout_s=60)
        for streams in _STREAMS:
            plan = LoadPlan(LoadKind.CLOSED, streams, 0.05, processes=processes)
            load = offer(endpoint, prompts, plan)
            read = sorted(t for r in load.requests for t in r.arrivals)
            seconds = read[-1] - read[0] if len(read) > 1 else 0.0
            rate = len(read) / seconds if seconds else 0.0
            sent = streams / _LAW.itl_s
            if rate > best.chunks_per_s:
                best = Ceiling(rate, sent, streams, processes)
            if rate < _ENOUGH * sent:
                break
    return best
