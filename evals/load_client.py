"""The door of aiohttp: one process that offers a load to an OpenAI-compatible endpoint and times every chunk.

litellm's streaming loses 8 to 77 % of the throughput of such a server and adds 34 to 49 ms to its time to first token,
so latency is measured here and not through it. The hot path looks at a chunk's bytes and does not parse it: whether it
carries text is seen by its first text field; token counts are parsed once, from the last chunk that has them.
"""

import asyncio
import gc
import json
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import Any

from ..scoring.served_requests import Ending, ServedRequest
from .load_types import Endpoint, Judge, Judgement, Load, LoadKind, LoadPlan, LoadPrompt
from .sse import Reader

_STATUS = {429: Ending.RATE_LIMITED}
_TICK_S = 0.02
Send = Callable[[LoadPrompt, float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Verification:
    """A verification policy inside the latency. `pool`: where `judge` runs, so that it does not hold up the client."""

    judge: Judge
    pool: Executor
    max_retries: int = 0


def run_load(
    endpoint: Endpoint,
    prompts: Sequence[LoadPrompt],
    plan: LoadPlan,
    *,
    begin_at: float | None = None,
    verification: Verification | None = None,
) -> Load:
    """Offer a load from this process and wait until all of it is answered, failed, or timed out.

    Args:
        begin_at: On `time.monotonic`; several processes that share a load begin together. None: now.
    """
    gc.collect()
    gc.disable()  # a collection over a million timestamps would hold up every stream
    try:
        return asyncio.run(_Client(endpoint, prompts, plan, verification).run(begin_at))
    finally:
        gc.enable()


def load_library() -> Any:
    """aiohttp, imported; once, and before a load begins."""
    import aiohttp

    return aiohttp


class _Client:
    def __init__(
        self, endpoint: Endpoint, prompts: Sequence[LoadPrompt], plan: LoadPlan, verification: Verification | None
    ) -> None:
        self.endpoint, self.plan, self.verification = endpoint, plan, verification
        self.random = random.Random(plan.seed)
        self.order = list(prompts)
        self.random.shuffle(self.order)
        self.url = f"{endpoint.base_url.rstrip('/')}/chat/completions"
        self.requests: list[ServedRequest] = []
        self.texts: list[tuple[int, str]] = []
        self.taken = 0
        self.failure = ""

    async def run(self, begin_at: float | None) -> Load:
        aiohttp = load_library()
        key = self.endpoint.api_key
        headers = {"Accept": "text/event-stream", **({"Authorization": f"Bearer {key}"} if key else {})}
        options: dict[str, Any] = {
            "connector": aiohttp.TCPConnector(limit=0, keepalive_timeout=600),
            "timeout": aiohttp.ClientTimeout(total=None),
            "headers": headers,
            "read_bufsize": 2**20,
        }
        async with aiohttp.ClientSession(**options) as self.session:
            self.failures = (aiohttp.ClientError, ConnectionError, OSError)
            self.zero = time.monotonic() if begin_at is None else begin_at
            await asyncio.sleep(max(self.zero - time.monotonic(), 0))
            lags: list[float] = []
            ticking = asyncio.create_task(self._tick(lags))
            spent, began = time.process_time(), time.monotonic()
            await (self._closed() if self.plan.kind is LoadKind.CLOSED else self._open())
            ticking.cancel()
            share = (time.process_time() - spent) / max(time.monotonic() - began, 1e-9)
        lags.sort()
        lag = lags[int(len(lags) * 0.99)] if lags else 0.0
        done = tuple(sorted(self.requests, key=lambda r: r.scheduled))
        return Load(done, self.plan.duration_s, lag, share, tuple(self.texts), self.failure)

    async def _tick(self, lags: list[float]) -> None:
        while True:
            due = time.monotonic() + _TICK_S
            await asyncio.sleep(_TICK_S)
            lags.append(time.monotonic() - due)

    def _now(self) -> float:
        return time.monotonic() - self.zero

    async def _closed(self) -> None:
        streams = int(self.plan.level)
        await asyncio.gather(*(self._worker(self.plan.ramp_s * i / streams) for i in range(streams)))

    async def _worker(self, start: float) -> None:
        await asyncio.sleep(start)
        while (due := self._now()) < self.plan.duration_s:
            request = await self._ask(self._next_prompt(), due)
            self.requests.append(request)
            if not request.ok:  # a server that refuses at once is not asked a thousand times a second
                await asyncio.sleep(0.05)

    async def _open(self) -> None:
        sent = set()
        due = self.random.expovariate(self.plan.level)
        while due < self.plan.duration_s:
            await asyncio.sleep(max(due - self._now(), 0))
            task = asyncio.create_task(self._keep(self._next_prompt(), due))
            sent.add(task)
            task.add_done_callback(sent.discard)
            due += self.random.expovariate(self.plan.level)
        await asyncio.gather(*sent)

    async def _keep(self, prompt: LoadPrompt, due: float) -> None:
        self.requests.append(await self._ask(prompt, due))

    def _next_prompt(self) -> LoadPrompt:
        prompt = self.order[self.taken % len(self.order)]
        self.taken += 1
        return prompt

    async def _ask(self, prompt: LoadPrompt, due: float) -> ServedRequest:
        """One request to its end."""
        if self.verification is not None:
            return await self._verified(prompt, due, self.verification)
        request, text = await self._attempt(prompt, due, len(self.texts) < self.plan.count_text)
        if text is not None and request.ok:
            self.texts.append((request.tokens, text))
        return request

    async def _verified(self, prompt: LoadPrompt, due: float, policy: Verification) -> ServedRequest:
        """Attempts until an answer is accepted or withheld, or the retries are used up; all of it is latency."""
        loop, wasted, spent = asyncio.get_running_loop(), 0, 0.0
        for attempt in range(1, policy.max_retries + 2):
            request, text = await self._attempt(prompt, due, True)
            request = replace(request, attempts=attempt, wasted_tokens=wasted, delivered=False)
            if not request.ok:
                break
            began = self._now()
            judgement = await loop.run_in_executor(policy.pool, policy.judge, prompt.prompt_id, text or "")
            spent += self._now() - began
            given = judgement is Judgement.DELIVERED
            request = replace(request, end=self._now(), delivered=given, verify_s=spent)
            if judgement is not Judgement.AGAIN:
                break
            wasted += request.tokens
        return request

    async def _attempt(self, prompt: LoadPrompt, due: float, keep: bool) -> tuple[ServedRequest, str | None]:
        reader = Reader(keep_text=keep)
        sent = self._now()
        try:
            async with asyncio.timeout(self.endpoint.timeout_s):
                async with self.session.post(self.url, data=self._body(prompt), headers=_JSON) as reply:
                    if reply.status != 200:
                        self._said(f"status {reply.status}: {(await reply.content.read(400)).decode(errors='replace')}")
                        server = Ending.SERVER_ERROR if reply.status >= 500 else Ending.REJECTED
                        ending = _STATUS.get(reply.status, server)
                    else:
                        read, zero = reply.content.readany, self.zero
                        while data := await read():
                            reader.feed(data, time.monotonic() - zero)
                        ending = reader.ending()
        except TimeoutError:
            ending = Ending.TIMEOUT
            self._said(f"no end after {self.endpoint.timeout_s:g} s")
        except self.failures as error:
            self._said(f"{type(error).__name__}: {error}")
            ending = Ending.CUT_OFF if reader.arrivals else Ending.CONNECTION
        usage = reader.usage()
        request = ServedRequest(
            scheduled=due,
            sent=sent,
            end=self._now(),
            ending=ending,
            arrivals=reader.arrivals,
            output_tokens=usage.output,
            input_tokens=usage.input,
            cached_tokens=usage.cached,
        )
        return request, reader.text() if keep else None

    def _said(self, what: str) -> None:
        self.failure = self.failure or " ".join(what.split())[:400]

    def _body(self, prompt: LoadPrompt) -> bytes:
        text = prompt.text
        if self.plan.unique:
            text = f"Request {self.random.getrandbits(64):016x}.\n{text}"
        body: dict[str, Any] = {
            "model": self.endpoint.model,
            "messages": [{"role": "user", "content": text}],
            "stream": True,
            **dict(self.endpoint.extra),
        }
        if self.endpoint.usage:
            body["stream_options"] = {"include_usage": True}
        if prompt.max_tokens is not None:
            body[self.endpoint.limit_field] = prompt.max_tokens
        return json.dumps(body).encode()


_JSON = {"Content-Type": "application/json"}
