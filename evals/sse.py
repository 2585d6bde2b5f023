"""Server-sent events of an OpenAI-compatible stream, read cheaply: when text came, and what the server counted.

An event is looked at, not parsed: a measured client that parses JSON for every token measures itself. What a server
sends is hostile: an event without an end is given up at 8 MB.
"""

import json
import re
from array import array
from dataclasses import dataclass
from typing import Any

from ..scoring.served_requests import Ending

_TEXT = re.compile(rb'"(?:content|text|reasoning_content|reasoning|arguments)":[ ]?"(?!")')
_FINISH = re.compile(rb'"finish_reason":[ ]?"')
_USAGE = re.compile(rb'"usage":[ ]?\{')
_LONGEST_EVENT = 8 * 2**20


@dataclass(frozen=True, slots=True)
class ServerCount:
    """Tokens as the server counted them; None: it did not say."""

    input: int | None = None
    output: int | None = None
    cached: int | None = None


class Reader:
    """Reads one answer. `arrivals`: when each chunk with text came."""

    def __init__(self, *, keep_text: bool = False) -> None:
        self.arrivals = array("d")
        self._held = b""
        self._usage = b""
        self._finished = self._failed = False
        self._events: list[bytes] | None = [] if keep_text else None

    def feed(self, data: bytes, now: float) -> None:
        """Take what came at `now`. All events of one reading came then."""
        held = self._held + data if self._held else data
        if b"\r" in held:
            held = held.replace(b"\r\n", b"\n")
        events, found, self._held = held.rpartition(b"\n\n")
        if not found and len(self._held) > _LONGEST_EVENT:
            self._held, self._failed = b"", True
        for event in events.split(b"\n\n") if found else ():
            self._look(event, now)

    def _look(self, event: bytes, now: float) -> None:
        text = _TEXT.search(event)
        if text:
            self.arrivals.append(now)
            if self._events is not None:
                self._events.append(event)
        if b'"usage"' in event and _USAGE.search(event):
            self._usage = event
        if b"[DONE]" in event or _FINISH.search(event):
            self._finished = True
        elif not text and b'"error"' in event:
            self._failed = True

    def ending(self) -> Ending:
        """How the stream ended, once it has."""
        if self._held:
            self._look(self._held, self.arrivals[-1] if self.arrivals else 0.0)
            self._held = b""
        if self._failed:
            return Ending.SERVER_ERROR
        if not self._finished:
            return Ending.CUT_OFF
        return Ending.OK if self.arrivals else Ending.EMPTY

    def usage(self) -> ServerCount:
        """What the server counted, in the last event that had counts."""
        for fields in _data(self._usage):
            used = fields.get("usage")
            if isinstance(used, dict):
                details = used.get("prompt_tokens_details")
                cached = details.get("cached_tokens") if isinstance(details, dict) else None
                names = used.get("prompt_tokens"), used.get("completion_tokens"), cached
                return ServerCount(*(_count(value) for value in names))
        return ServerCount()

    def text(self) -> str:
        """The visible text, where it was kept."""
        parts = []
        for event in self._events or ():
            for fields in _data(event):
                for choice in _dicts(fields.get("choices")):
                    delta = choice.get("delta")
                    said = delta.get("content") if isinstance(delta, dict) else choice.get("text")
                    parts.append(said if isinstance(said, str) else "")
        return "".join(parts)


def _count(value: Any) -> int | None:
    good = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53
    return int(value) if good else None


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [v for v in value if isinstance(v, dict)] if isinstance(value, list) else []


def _data(event: bytes) -> list[dict[str, Any]]:
    """The JSON objects of an event's data lines; what is none is left out."""
    found = []
    for line in event.split(b"\n"):
        if line.startswith(b"data:"):
            try:
                fields = json.loads(line[5:])
            except (ValueError, RecursionError):
                continue
            if isinstance(fields, dict):
                found.append(fields)
    return found
