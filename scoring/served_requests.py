"""Requests of a load test as they were timed, and their latencies.

All times are seconds on one clock that starts with the load. Latency counts from when a request was *due*, not from
when the client got round to sending it: otherwise a server that stops for five seconds looks well (coordinated
omission, G. Tene). TTFT is prefill with queueing; TPOT and ITL are decode. TPOT is (last token - first token) /
(tokens - 1), one number an answer, as vLLM's `bench serve` has it (guidellm calls that ITL, and latency / tokens
TPOT); ITL is the gap between two consecutive chunks, one number a gap.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from .serving import Slo

Floats = NDArray[np.float64]


class Ending(StrEnum):
    """How a request ended; all but `OK` are failures, counted and never averaged with good requests."""

    OK = "ok"
    RATE_LIMITED = "rate_limited"  # 429
    SERVER_ERROR = "server_error"  # 5xx, or an error within the stream
    REJECTED = "rejected"  # any other status than 200
    TIMEOUT = "timeout"
    CONNECTION = "connection"  # refused, reset
    CUT_OFF = "cut_off"  # the stream ended without a finish reason
    EMPTY = "empty"  # no token came


@dataclass(frozen=True, slots=True)
class ServedRequest:
    """One request.

    Attributes:
        scheduled: When it was due. sent: When the client sent it; later where the client fell behind.
        end: Last byte, failure, or (with a verification policy) the verdict on the last attempt.
        arrivals: When each chunk with text arrived, of the last attempt; ascending.
        output_tokens, input_tokens, cached_tokens: As the server counted them; None where it said nothing. Output
            includes reasoning.
        attempts: 1, or more where a verification policy asked again. wasted_tokens: Tokens of rejected attempts.
        delivered: Whether the answer was accepted; always true without a policy.
        verify_s: Seconds that verification took, all attempts together.
        tokenizer_tokens: What a tokenizer makes of the text; None: not counted.
    """

    scheduled: float
    sent: float
    end: float
    ending: Ending
    arrivals: Sequence[float] = ()
    output_tokens: int | None = None
    input_tokens: int | None = None
    cached_tokens: int | None = None
    attempts: int = 1
    wasted_tokens: int = 0
    delivered: bool = True
    verify_s: float = 0.0
    tokenizer_tokens: int | None = None

    @property
    def ok(self) -> bool:
        """Whether it was answered in full."""
        return self.ending is Ending.OK

    @property
    def chunks(self) -> int:
        """Chunks that carried text."""
        return len(self.arrivals)

    @property
    def tokens(self) -> int:
        """Output tokens: the server's count, else one a chunk."""
        return self.chunks if self.output_tokens is None else self.output_tokens

    @property
    def e2e_s(self) -> float:
        """End-to-end latency, seconds."""
        return self.end - self.scheduled

    @property
    def ttft_s(self) -> float:
        """Time to first token, seconds; infinite where none came."""
        return self.arrivals[0] - self.scheduled if len(self.arrivals) else float("inf")

    @property
    def tpot_s(self) -> float | None:
        """Seconds per output token after the first; None for fewer than two chunks."""
        if len(self.arrivals) < 2 or self.tokens < 2:
            return None
        return (self.arrivals[-1] - self.arrivals[0]) / (self.tokens - 1)

    @property
    def gaps_s(self) -> Floats:
        """Inter-token latencies: seconds between consecutive chunks."""
        return np.diff(np.asarray(self.arrivals, float))


@dataclass(frozen=True, slots=True)
class Spread:
    """A latency over requests or gaps: mean and percentiles in seconds, of `n` values."""

    n: int
    mean: float
    p50: float
    p90: float
    p99: float


def spread(values: Sequence[float] | Floats) -> Spread | None:
    """Mean and percentiles (the smallest value that so many do not exceed); None of nothing."""
    array = np.asarray(values, float)
    if not array.size:
        return None
    p50, p90, p99 = np.quantile(array, [0.5, 0.9, 0.99], method="inverted_cdf")
    return Spread(array.size, float(array.mean()), float(p50), float(p90), float(p99))


@dataclass(frozen=True, slots=True)
class Latencies:
    """Latencies of the good requests; None where no request tells.

    Attributes:
        client_delay: From due to sent: the client's own queue. ttft: Prefill, with queueing on both sides.
        tpot, itl: Decode, of answers and of gaps. e2e: Until the last token, or acceptance. verify: Verification alone.
    """

    client_delay: Spread | None
    ttft: Spread | None
    tpot: Spread | None
    itl: Spread | None
    e2e: Spread | None
    verify: Spread | None = None


def latencies(requests: Sequence[ServedRequest]) -> Latencies:
    """Latencies of those requests that were answered in full."""
    good = [r for r in requests if r.ok]
    return Latencies(
        spread([r.sent - r.scheduled for r in good]),
        spread([r.ttft_s for r in good]),
        spread([t for r in good if (t := r.tpot_s) is not None]),
        spread(_gaps(good)),
        spread([r.e2e_s for r in good]),
        spread([r.verify_s for r in good if r.verify_s > 0]),
    )


def _gaps(requests: Sequence[ServedRequest]) -> Floats:
    return np.concatenate([r.gaps_s for r in requests] or [np.zeros(0)])


def at_percentile(requests: Sequence[ServedRequest], slo: Slo) -> dict[str, float]:
    """TTFT, ITL and end-to-end at the SLO's percentile, seconds. A failed request counts as infinitely late.

    Without requests every latency is infinite: nothing was kept.
    """

    def level(values: Sequence[float] | Floats) -> float:
        return float(np.quantile(values, slo.percentile, method="inverted_cdf")) if len(values) else float("inf")

    def late(value: float, request: ServedRequest) -> float:
        return value if request.ok else float("inf")

    gaps = _gaps([r for r in requests if r.ok])
    return {
        "ttft": level([late(r.ttft_s, r) for r in requests]),
        "itl": level(gaps) if len(gaps) else (0.0 if any(r.ok for r in requests) else float("inf")),
        "e2e": level([late(r.e2e_s, r) for r in requests]),
    }


def keeps(request: ServedRequest, slo: Slo) -> bool:
    """Whether one request stayed inside the SLO: what goodput counts. Of its gaps, their own percentile is compared."""
    if not request.ok or not request.delivered:
        return False
    own = 0.0
    if slo.itl_s is not None and (gaps := request.gaps_s).size:
        own = float(np.quantile(gaps, slo.percentile, method="inverted_cdf"))
    seen = {"ttft": request.ttft_s, "itl": own, "e2e": request.e2e_s}
    return all(seen[name] <= limit for name, limit in slo.limits.items())
