"""Whether a failed model call is worth another try.

litellm wraps nearly everything, its own bugs and those of adapters included, in an APIConnectionError or an
InternalServerError. Without a limit on retries such a bug is retried for ever and the evaluation hangs silently. So
a failure counts as passing only with evidence: a status code that came over HTTP, a network error, or a timeout
somewhere in its chain of causes. Everything else is a defect that must be seen.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum

_TRANSIENT_STATUS = frozenset({408, 409, 425, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529})
_NETWORK = frozenset(
    {
        ("httpx", "TransportError"),
        ("openai", "APIConnectionError"),
        ("aiohttp", "ClientError"),
        ("httpcore", "NetworkError"),
        ("httpcore", "TimeoutException"),
        ("anyio", "BrokenResourceError"),
    }
)
_SERVER = frozenset({"InternalServerError", "ServiceUnavailableError", "BadGatewayError"})


class FailureKind(StrEnum):
    """RATE_LIMIT and TRANSIENT may be retried, FATAL may not: the same call would fail again."""

    RATE_LIMIT = "rate_limit"
    TRANSIENT = "transient"
    FATAL = "fatal"


@dataclass(frozen=True, slots=True)
class Failure:
    """What kind of failure, and how many seconds the server asked to wait (None if it did not say)."""

    kind: FailureKind
    retry_after_s: float | None = None


def classify_failure(error: BaseException) -> Failure:
    """Judge an exception of a model call by what caused it, not by its name alone. Needs neither litellm nor openai."""
    chain = list(_chain(error))
    name = type(error).__name__
    statuses = [status for link in chain if (status := _http_status(link)) is not None]
    if name == "RateLimitError" or 429 in statuses:
        # An exhausted quota is reported as 429 as well, but waiting does not refill it.
        said = " ".join(said_by(link) for link in chain)
        exhausted = "insufficient_quota" in said or "exceeded your current quota" in said
        return Failure(FailureKind.FATAL if exhausted else FailureKind.RATE_LIMIT, _retry_after(chain))
    if statuses:
        passing = any(status in _TRANSIENT_STATUS for status in statuses)
        return Failure(FailureKind.TRANSIENT if passing else FailureKind.FATAL, _retry_after(chain))
    if any(_is_network(link) for link in chain):
        return Failure(FailureKind.TRANSIENT, _retry_after(chain))
    if name in _SERVER and len(chain) == 1:
        return Failure(FailureKind.TRANSIENT)  # raised as such by an adapter, nothing underneath
    return Failure(FailureKind.FATAL)


def said_by(link: BaseException) -> str:
    """The message, and the body of the reply where the client keeps it apart (the code may stand only there)."""
    return f"{link} {getattr(link, 'body', '')}"[:20_000]


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The exception and everything that it was raised from or while handling, each once."""
    pending: list[BaseException | None] = [error]
    seen: set[int] = set()
    while pending:
        link = pending.pop()
        if link is None or id(link) in seen:
            continue
        seen.add(id(link))
        yield link
        pending += [link.__context__, link.__cause__]


def _http_status(link: BaseException) -> int | None:
    """The status of a real HTTP response: litellm's own exceptions carry made-up ones."""
    if not any(_origin(kind) in {("httpx", "HTTPStatusError"), ("openai", "APIStatusError")} for kind in _own(link)):
        return None
    status = getattr(getattr(link, "response", None), "status_code", None)
    return status if isinstance(status, int) else None


def _is_network(link: BaseException) -> bool:
    if isinstance(link, ConnectionError | TimeoutError):
        return True
    return any(_origin(kind) in _NETWORK for kind in _own(link))


def _own(link: BaseException) -> tuple[type, ...]:
    """The classes of `link`; none for litellm's but Timeout: they inherit from openai's and would pass for them."""
    module = type(link).__module__.partition(".")[0]
    if module == "litellm" and type(link).__name__ != "Timeout":
        return ()
    return type(link).__mro__


def _origin(kind: type) -> tuple[str, str]:
    return kind.__module__.partition(".")[0], kind.__name__


def _retry_after(chain: list[BaseException]) -> float | None:
    """Seconds that a Retry-After header (RFC 9110 10.2.3: a number or a date) asks for; None where none can be read."""
    for link in chain:
        response = getattr(link, "response", None)
        for headers in (getattr(link, "litellm_response_headers", None), getattr(response, "headers", None)):
            value = _header(headers, "retry-after")
            seconds = _seconds(value) if value else None
            if seconds is not None:
                return seconds
    return None


def _header(headers: object, name: str) -> str | None:
    items = getattr(headers, "items", None)
    if items is None:
        return None
    return next((str(value) for key, value in items() if str(key).lower() == name), None)


def _seconds(value: str) -> float | None:
    try:
        seconds = float(value)
    except ValueError:
        try:
            then = parsedate_to_datetime(value)
        except (TypeError, ValueError):
            return None
        then = then if then.tzinfo else then.replace(tzinfo=UTC)
        seconds = (then - datetime.now(UTC)).total_seconds()
    return seconds if seconds >= 0 and math.isfinite(seconds) else None
