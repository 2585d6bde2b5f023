"""What a load test shows at one load: throughput, goodput, latencies, whether the SLO held, and what to think of it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from scipy.special import ndtri

from .estimate import Estimate, InsufficientDataError
from .intervals import wilson
from .served_requests import Latencies, ServedRequest, at_percentile, keeps, latencies
from .serving import Slo
from .steady import grows, steady_window, token_rate

CLIENT_SHARE = 0.5
"""Above so much of the client's own ceiling a measurement is marked client-limited."""
_COUNTS_AGREE = 0.02


@dataclass(frozen=True, slots=True)
class TokenCheck:
    """Who counted the output tokens, and whether the counts agree.

    Attributes:
        by: "server" (its usage), "chunks" (one a chunk, where it sent none), or "server and chunks".
        uncounted: Good requests without the server's count.
        per_chunk: The server's tokens per chunk: above 1 with speculative decoding, or where a server batches chunks.
        per_tokenizer: The server's tokens per token of a tokenizer; None: not compared.
    """

    by: str
    uncounted: int
    per_chunk: float | None
    per_tokenizer: float | None = None

    @property
    def disagreement(self) -> str:
        """What a reader must know; "" where all agree."""
        said = []
        if self.by != "server":
            said.append(f"{self.uncounted} answers came without a token count: one token a chunk was assumed")
        if self.per_chunk is not None and abs(self.per_chunk - 1) > _COUNTS_AGREE:
            said.append(f"the server counts {self.per_chunk:.3g} tokens a chunk: ITL is the gap between chunks")
        if self.per_tokenizer is not None and abs(self.per_tokenizer - 1) > _COUNTS_AGREE:
            said.append(f"the server counts {self.per_tokenizer:.3g} tokens for one of the tokenizer's")
        return "; ".join(said)


@dataclass(frozen=True, slots=True)
class LoadSummary:
    """One load.

    Attributes:
        tokens_per_s: T: output tokens per second of delivered answers in the steady window; None where too little was
            answered (`why` says so).
        raw_tokens_per_s: The same with the tokens of rejected attempts: what the server made.
        requests_per_s: Answers per second. offered_per_s: Requests due per second.
        goodput_requests_per_s, goodput_tokens_per_s: Of requests that each kept the SLO.
        attained: Share of requests that kept it, failures among those that did not; Wilson's interval.
        at_percentile: TTFT, ITL, end-to-end at the SLO's percentile, seconds; infinite where failures reach it.
        kept: Whether the SLO held and the load was steady. why: What did not hold.
        endings: Requests due in the window by ending.
        window: The steady window, seconds.
        chunks_per_s: What the client had to read.
    """

    tokens_per_s: Estimate | None
    raw_tokens_per_s: float
    requests_per_s: float
    offered_per_s: float
    goodput_requests_per_s: float
    goodput_tokens_per_s: float
    attained: Estimate | None
    at_percentile: Mapping[str, float]
    kept: bool
    why: str
    endings: Mapping[str, int]
    latencies: Latencies
    check: TokenCheck
    window: tuple[float, float]
    chunks_per_s: float


def summarise_load(
    requests: Sequence[ServedRequest], slo: Slo, warm_s: float, stopped_s: float, confidence_level: float = 0.95
) -> LoadSummary:
    """Measure one load in its steady window.

    Latencies, goodput and endings are of requests that were due in the window, whenever they ended; tokens count when
    they arrived.

    Raises:
        InsufficientDataError: The load ended within its warm-up.
    """
    window = steady_window(requests, warm_s, stopped_s)
    start, end = window
    due = [r for r in requests if start <= r.scheduled < end]
    rate, note = None, ""
    try:
        rate = token_rate(requests, window, confidence_level)
    except InsufficientDataError as error:
        note = str(error)
    inside = [keeps(r, slo) for r in due]
    seconds = end - start
    levels = at_percentile(due, slo)
    why = [*_missed(levels, slo, due), *([note] if note else []), *_unsteady(due)]
    value = rate.value if rate else 0.0
    wasted = _wasted(due)
    return LoadSummary(
        tokens_per_s=rate,
        raw_tokens_per_s=value * (1 + wasted),
        requests_per_s=sum(r.ok and r.delivered and start <= r.end < end for r in requests) / seconds,
        offered_per_s=len(due) / seconds,
        goodput_requests_per_s=sum(inside) / seconds,
        goodput_tokens_per_s=sum(r.tokens for r, good in zip(due, inside, strict=True) if good) / seconds,
        attained=attainment(sum(inside), len(due), confidence_level) if due else None,
        at_percentile=levels,
        kept=not why,
        why="; ".join(why),
        endings=dict(Counter(r.ending.value for r in due)),
        latencies=latencies(due),
        check=check_tokens(due),
        window=window,
        chunks_per_s=sum(int(np.sum((a >= start) & (a < end))) for a in _arrivals(requests)) / seconds,
    )


def attainment(inside: int, n: int, confidence_level: float = 0.95) -> Estimate:
    """The share of `n` requests inside the SLO with Wilson's interval; n is 1 or more."""
    low, high = wilson(inside, n, float(ndtri(1 - (1 - confidence_level) / 2)))
    share = inside / n
    return Estimate(share, min(low, share), max(high, share), confidence_level, n, n, "wilson")


def _arrivals(requests: Sequence[ServedRequest]) -> list[np.ndarray[tuple[int, ...], np.dtype[np.float64]]]:
    return [np.asarray(r.arrivals, float) for r in requests if r.chunks]


def _missed(levels: Mapping[str, float], slo: Slo, due: Sequence[ServedRequest]) -> list[str]:
    """The limits that were not kept; without limits, that more failed than the percentile leaves room for."""
    said = []
    for name, limit in slo.limits.items():
        if levels[name] > limit:
            seen = "a failure" if levels[name] == float("inf") else f"{levels[name] * 1000:.4g} ms"
            said.append(f"p{slo.percentile * 100:g} {name.upper()} is {seen}, above {limit * 1000:g} ms")
    failed = sum(not r.ok for r in due)
    if not due:
        said.append("no request was due in the steady window")
    elif failed > (1 - slo.percentile) * len(due) and not any("failure" in text for text in said):
        said.append(f"{failed} of {len(due)} requests failed")
    return said


def _unsteady(due: Sequence[ServedRequest]) -> list[str]:
    return ["latency grew throughout: a queue builds up"] if grows([r.e2e_s for r in due if r.ok]) else []


def _wasted(due: Sequence[ServedRequest]) -> float:
    """Tokens made for nothing, for each delivered one: rejected attempts and answers that were never accepted."""
    made = sum(r.tokens + r.wasted_tokens for r in due if r.ok)
    delivered = sum(r.tokens for r in due if r.ok and r.delivered)
    return made / delivered - 1 if delivered else 0.0


def check_tokens(requests: Sequence[ServedRequest]) -> TokenCheck:
    """Compare the server's token counts with the chunks of the same answers."""
    good = [r for r in requests if r.ok]
    counted = [r for r in good if r.output_tokens is not None]
    by = "server" if len(counted) == len(good) else "server and chunks" if counted else "chunks"
    chunks = sum(r.chunks for r in counted)
    return TokenCheck(by, len(good) - len(counted), sum(r.tokens for r in counted) / chunks if chunks else None)


def compared_with_tokenizer(check: TokenCheck, pairs: Sequence[tuple[int, int]]) -> TokenCheck:
    """The check with pairs of (server's count, tokenizer's count) of the same answers."""
    own = sum(counted for _, counted in pairs)
    return replace(check, per_tokenizer=sum(server for server, _ in pairs) / own) if own else check


class ClientClock(Protocol):
    """What the client found of itself: `load_types.Load`."""

    @property
    def lag_p99_s(self) -> float:
        """99th percentile of how late its clock ticked."""

    @property
    def cpu_share(self) -> float:
        """Share of one core that its busiest process used; it can use no more than one."""


def client_limited(
    chunks_per_s: float, ceiling_per_s: float | None, client: ClientClock, itl_s: float | None = None
) -> str:
    """Why a measurement may be the client's and not the server's; "" where it is the server's.

    Args:
        ceiling_per_s: Chunks per second that this client read from a server that was surely faster; None: not known.
        itl_s: Median gap that it measured.
    """
    if ceiling_per_s is not None and chunks_per_s > CLIENT_SHARE * ceiling_per_s:
        share = chunks_per_s / ceiling_per_s
        return f"client-limited: {share:.0%} of the {ceiling_per_s:.0f} chunks/s that this client can read at all"
    if client.cpu_share > CLIENT_SHARE:
        return f"client-limited: a client process used {client.cpu_share:.0%} of a core (try --processes)"
    if itl_s and client.lag_p99_s > max(itl_s, 0.05):
        return f"client-limited: the client itself was {client.lag_p99_s * 1000:.0f} ms late at its 99th percentile"
    return ""
