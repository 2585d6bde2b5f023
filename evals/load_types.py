"""What a load test asks, of whom, and how fast; and what came of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from ..scoring.served_requests import ServedRequest


class LoadError(ValueError):
    """A load test that cannot be made as asked; the message says why."""


class EndpointError(RuntimeError):
    """The endpoint cannot be reached, or answers nothing that is a stream of tokens; the message says what it said."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An OpenAI-compatible chat endpoint.

    Attributes:
        base_url: E.g. "http://127.0.0.1:8000/v1".
        timeout_s: After which a request is given up and counted.
        limit_field: How the server wants the limit of output tokens named.
        extra: More fields of the request's body.
        usage: Whether the server is asked to count tokens (`stream_options.include_usage`).
    """

    base_url: str
    model: str
    api_key: str = field(default="", repr=False)
    timeout_s: float = 120.0
    limit_field: str = "max_tokens"
    extra: tuple[tuple[str, object], ...] = ()
    usage: bool = True


@dataclass(frozen=True, slots=True)
class LoadPrompt:
    """One prompt of the workload.

    Attributes:
        prompt_id: Names it to a verification policy.
        max_tokens: Limit of its answer; None: the server's own.
    """

    prompt_id: str
    text: str
    max_tokens: int | None = None


class LoadKind(StrEnum):
    """Closed loop: so many streams, each asking again when it is answered. Poisson: open loop, whatever happens."""

    CLOSED = "closed"
    POISSON = "poisson"


@dataclass(frozen=True, slots=True)
class LoadPlan:
    """One load.

    Attributes:
        level: Streams (closed) or requests per second (Poisson).
        duration_s: For how long requests are offered; those on the way are waited for.
        ramp_s: Over which closed streams start, so that they do not march in step.
        unique: Begin each prompt with a text of its own, so that no prefix cache answers.
        count_text: Keep the text of this many answers, to count it with a tokenizer.
    """

    kind: LoadKind
    level: float
    duration_s: float
    ramp_s: float = 0.0
    seed: int = 0
    unique: bool = True
    count_text: int = 0
    processes: int = 1

    @property
    def named(self) -> str:
        """As a serving condition's batch."""
        return f"{self.level:g} streams" if self.kind is LoadKind.CLOSED else f"{self.level:g} requests/s, Poisson"


@dataclass(frozen=True, slots=True)
class Load:
    """What came of a load.

    Attributes:
        requests: All of them, in the order they were due.
        stopped: When the last could be due, seconds on the load's clock.
        lag_p99_s: 99th percentile of how late the client's own clock ticked: its event loop.
        cpu_share: Share of one core that the busiest client process used while the load was offered.
        texts: Of the answers that were kept, each with the server's count of its tokens.
        failure: What the endpoint said to the first request that failed; "" where none did or it said nothing.
    """

    requests: tuple[ServedRequest, ...]
    stopped: float
    lag_p99_s: float
    cpu_share: float
    texts: tuple[tuple[int, str], ...] = ()
    failure: str = ""


class Judgement(StrEnum):
    """What a verification policy says of an answer: it goes out, is asked for again, or is withheld (an abstention)."""

    DELIVERED = "delivered"
    AGAIN = "again"
    WITHHELD = "withheld"


Judge = Callable[[str, str], Judgement]
"""A verification policy: (prompt_id, answer) -> what becomes of it. Runs in a process of its own."""
