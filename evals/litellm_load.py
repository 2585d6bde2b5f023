"""A load through litellm, for providers that speak no OpenAI-compatible stream: a few streams, and flagged.

Streaming through litellm loses 8 to 16 % of the throughput at eight streams, more than half at 64, and adds 34 to 49 ms
to the time to first token; so it is refused above four streams, and what it measures carries a warning.
"""

import random
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from ..scoring.served_requests import Ending, ServedRequest
from .load_client import Verification
from .load_types import Endpoint, Load, LoadError, LoadKind, LoadPlan, LoadPrompt
from .model_failures import FailureKind
from .models import StreamedAnswer, stream_answer

MOST_STREAMS = 4
WARNING = "measured through litellm, whose streaming adds 34 to 49 ms to TTFT and loses part of the throughput"


def offer_litellm(
    endpoint: Endpoint, prompts: Sequence[LoadPrompt], plan: LoadPlan, verification: Verification | None = None
) -> Load:
    """Offer a closed load through litellm, one thread a stream.

    Raises:
        LoadError: More than four streams, an open loop, several processes or a verification policy.
    """
    if plan.kind is not LoadKind.CLOSED or plan.level > MOST_STREAMS or plan.processes > 1 or verification:
        raise LoadError(
            f"through litellm at most {MOST_STREAMS} streams in closed loop, without a policy, can be measured "
            f"(--streams); give --base-url for an OpenAI-compatible endpoint"
        )
    order = random.Random(plan.seed)
    waiting, lock = list(prompts), threading.Lock()
    order.shuffle(waiting)
    done: list[ServedRequest] = []
    failures: list[str] = []

    def next_prompt() -> tuple[LoadPrompt, str]:
        with lock:
            prompt = waiting.pop(0)
            waiting.append(prompt)
            return prompt, f"Request {order.getrandbits(64):016x}.\n{prompt.text}" if plan.unique else prompt.text

    def stream(start: float) -> None:
        time.sleep(start)
        while (due := time.monotonic() - zero) < plan.duration_s:
            prompt, text = next_prompt()
            found = stream_answer(
                endpoint.model, text, max_tokens=prompt.max_tokens, timeout_s=endpoint.timeout_s,
                base_url=endpoint.base_url or None, api_key=endpoint.api_key or None,
            )  # fmt: skip
            done.append(_request(found, due, zero))
            failures.extend([found.said] if found.said else [])
            if found.failure:
                time.sleep(0.05)

    from .models import load_litellm

    load_litellm()
    zero = time.monotonic()
    spent = time.process_time()
    with ThreadPoolExecutor(MOST_STREAMS) as pool:
        list(pool.map(stream, [plan.ramp_s * i / plan.level for i in range(int(plan.level))]))
    share = (time.process_time() - spent) / max(time.monotonic() - zero, 1e-9)
    requests = tuple(sorted(done, key=lambda r: r.scheduled))
    return Load(requests, plan.duration_s, 0.0, share, failure=next(iter(failures), ""))


def _request(found: StreamedAnswer, due: float, zero: float) -> ServedRequest:
    counts = found.counts
    return ServedRequest(
        due,
        due,
        time.monotonic() - zero,
        _ending(found),
        tuple(t - zero for t in found.arrivals),
        counts.output if counts else None,
        counts.input + counts.cache_read + counts.cache_write if counts else None,
        counts.cache_read if counts else None,
    )


def _ending(found: StreamedAnswer) -> Ending:
    if found.failure is not None:
        known = {FailureKind.RATE_LIMIT: Ending.RATE_LIMITED, FailureKind.TRANSIENT: Ending.SERVER_ERROR}
        return known.get(found.failure, Ending.REJECTED)
    if not found.finished:
        return Ending.CUT_OFF
    return Ending.OK if found.arrivals else Ending.EMPTY
