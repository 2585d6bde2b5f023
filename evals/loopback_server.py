"""The process of the loopback server (`loopback.py`): `python -m vcpd.evals.loopback_server LAW`.

It prints its port, and ends when its standard input is closed: when whoever started it is gone.
"""

import asyncio
import json
import random
import sys
import time
from collections import deque
from typing import Any

from .loopback import ServiceLaw

_WORDS = 997
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
_CUT = b"0\r\n\r\n"
_REASONS = {200: "OK", 400: "Bad Request", 404: "Not Found", 411: "Length Required", 429: "Too Many Requests"}


class _Server:
    """What all connections share: the law, who waits, the log, and the chunks as they go over the wire."""

    def __init__(self, law: ServiceLaw) -> None:
        self.law = law
        self.random = random.Random(law.seed)
        self.began: float | None = None
        self.busy = self.count = 0
        self.waiting: deque[_Stream] = deque()
        self.log: list[dict[str, float]] = []
        self.seen: set[str] = set()
        words = [f"w{i} " for i in range(_WORDS)]
        n = law.tokens_per_chunk
        texts = ["".join(words[(i * n + k) % _WORDS] for k in range(n)) for i in range(_WORDS)]
        self.chunks = {chat: [_framed(_event(chat, text)) for text in texts] for chat in (True, False)}
        self.words = words

    def rest(self) -> float:
        """Seconds that the server still stands still."""
        if self.began is None or not self.law.stall_for_s:
            return 0.0
        into = time.monotonic() - self.began - self.law.stall_at_s
        return self.law.stall_for_s - into if 0 <= into < self.law.stall_for_s else 0.0

    def ask(self, stream: "_Stream") -> None:
        """A request came: serve it, or let it wait."""
        if self.law.slots is not None and self.busy >= self.law.slots:
            self.waiting.append(stream)
        else:
            self.busy += 1
            stream.begin()

    def done(self) -> None:
        """A slot is free."""
        self.busy -= 1
        while self.waiting:
            stream = self.waiting.popleft()
            if not stream.connection.closed:
                self.busy += 1
                stream.begin()
                return


class _Stream:
    """One answer that is being sent, a chunk at a time, each at its due time."""

    def __init__(self, connection: "_Connection", chat: bool, query: dict[str, Any], number: int) -> None:
        self.connection, self.chat, self.query = connection, chat, query
        law = connection.server.law
        asked = query.get("max_completion_tokens") or query.get("max_tokens") or law.tokens
        said = law.answer and not (law.every_invented and number % law.every_invented == 0)
        self.said = law.answer.split() if said else []
        self.left = self.tokens = len(law.answer.split()) or max(int(asked), 1)
        self.sent = 0
        self.scale = connection.server.random.expovariate(1.0) if law.exponential else 1.0
        self.arrived = self.started = time.monotonic()
        self.cut = bool(law.every_cut) and number % law.every_cut == 0
        self.slow = bool(law.every_slow) and number % law.every_slow == 0
        self.prompt = _prompt(query)

    def begin(self) -> None:
        server, law = self.connection.server, self.connection.server.law
        self.started = time.monotonic()
        wait = law.slow_ttft_s if self.slow else law.ttft_s
        if law.cached_ttft_s is not None and self.prompt[:64] in server.seen:
            wait = law.cached_ttft_s
        server.seen.add(self.prompt[:64])
        self.first = self.started + wait * self.scale
        asyncio.get_running_loop().call_at(self.first, self.step)

    def step(self) -> None:
        connection, law = self.connection, self.connection.server.law
        if connection.closed:
            connection.server.done()
            return
        loop = asyncio.get_running_loop()
        if rest := connection.server.rest():
            self.first += rest
            loop.call_at(loop.time() + rest, self.step)
            return
        if self.cut and self.left <= self.tokens // 2:
            connection.transport.close()
            connection.server.done()
            return
        out = connection.server.chunks[self.chat][self.sent % _WORDS]
        if self.said:
            out = _framed(_event(self.chat, f"{self.said[self.sent]} "))
        elif self.left < law.tokens_per_chunk:
            out = _framed(_event(self.chat, "".join(connection.server.words[: self.left])))
        self.left -= law.tokens_per_chunk
        self.sent += 1
        if self.left > 0:
            connection.transport.write(out if self.sent > 1 else _HEAD + out)
            loop.call_at(self.first + self.sent * law.itl_s * self.scale, self.step)
        else:
            connection.transport.write((b"" if self.sent > 1 else _HEAD) + out + self.last())
            self.finish()

    def last(self) -> bytes:
        """Finish reason, usage where it is asked for and given, end of stream."""
        part: dict[str, Any] = {"delta": {}} if self.chat else {"text": ""}
        reason = {"index": 0, "finish_reason": "length", **part}
        out = _framed(json.dumps(_base(self.chat) | {"choices": [reason]}))
        if self.connection.server.law.usage and (self.query.get("stream_options") or {}).get("include_usage"):
            out += _framed(json.dumps(_base(self.chat) | {"choices": [], "usage": self.usage()}))
        return out + _framed("[DONE]") + _CUT

    def usage(self) -> dict[str, int]:
        paid = len(self.prompt.split())
        return {"prompt_tokens": paid, "completion_tokens": self.tokens, "total_tokens": paid + self.tokens}

    def finish(self) -> None:
        server = self.connection.server
        times = {"arrived": self.arrived, "began": self.started, "ended": time.monotonic()}
        server.log.append(times | {"first": self.first, "tokens": self.tokens})
        server.done()
        self.connection.next()


class _Connection(asyncio.Protocol):
    """One connection: requests one after the other."""

    def __init__(self, server: _Server) -> None:
        self.server = server
        self.held = b""
        self.closed = self.busy = False

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed = True

    def data_received(self, data: bytes) -> None:
        self.held += data
        if not self.busy:
            self.next()

    def next(self) -> None:
        """Take the next request that is whole."""
        self.busy = False
        head, found, rest = self.held.partition(b"\r\n\r\n")
        if not found:
            return
        lines = head.decode("latin-1").split("\r\n")
        fields = dict(line.lower().split(": ", 1) for line in lines[1:] if ": " in line)
        if "chunked" in fields.get("transfer-encoding", ""):
            self.say(411, {"error": {"message": "send a Content-Length"}})
            self.transport.close()
            return
        size = int(fields.get("content-length", 0))
        if len(rest) < size:
            return
        self.held, self.busy = rest[size:], True
        self.route(lines[0].split(" ")[1], rest[:size])

    def route(self, path: str, body: bytes) -> None:
        server, law = self.server, self.server.law
        if "completions" not in path:
            log = {"log": server.log} if path.endswith("/stats") else {}
            model = {"id": "loopback", "object": "model", "created": 1, "owned_by": "loopback"}
            self.answer(200, {"object": "list", "data": [model], **log})
            return
        server.count += 1
        server.began = server.began or time.monotonic()
        for every, status in ((law.every_429, 429), (law.every_500, 500)):
            if every and server.count % every == 0:
                self.answer(status, {"error": {"message": f"every {every}th request fails", "type": "loopback"}})
                return
        if law.every_hang and server.count % law.every_hang == 0:
            return
        server.ask(_Stream(self, "chat" in path, json.loads(body), server.count))

    def answer(self, status: int, content: dict[str, Any]) -> None:
        self.say(status, content)
        self.next()

    def say(self, status: int, content: dict[str, Any]) -> None:
        body = json.dumps(content).encode()
        head = f"HTTP/1.1 {status} {_REASONS.get(status, 'Error')}\r\nContent-Type: application/json\r\n"
        self.transport.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)


def _prompt(query: dict[str, Any]) -> str:
    if "messages" in query:
        return " ".join(str(m.get("content", "")) for m in query["messages"])
    return str(query.get("prompt", ""))


def _base(chat: bool) -> dict[str, Any]:
    kind = "chat.completion.chunk" if chat else "text_completion"
    return {"id": "loopback", "object": kind, "created": 1, "model": "loopback"}


def _event(chat: bool, text: str) -> str:
    part = {"delta": {"content": text}} if chat else {"text": text}
    return json.dumps(_base(chat) | {"choices": [{"index": 0, **part, "finish_reason": None}]})


def _framed(data: str) -> bytes:
    event = f"data: {data}\n\n".encode()
    return f"{len(event):x}\r\n".encode() + event + b"\r\n"


async def serve(law: ServiceLaw) -> None:
    """Serve until standard input is closed."""
    loop = asyncio.get_running_loop()
    server = _Server(law)
    listening = await loop.create_server(lambda: _Connection(server), "127.0.0.1", 0, backlog=4096)
    print(listening.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    listening.close()


if __name__ == "__main__":
    asyncio.run(serve(ServiceLaw(**json.loads(sys.argv[1]))))
