"""What was spent, in physical units. Dollars appear only in `prices.py`."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Usage:
    """One meter reading, so that a run can be priced again later; of a trajectory each model call is one, in order.

    Attributes:
        stage: "retrieve", "generate", "verify:<verifier>" or "grade:<grader>".
        model: Name as it was called; None where only this machine worked (priced per machine-second).
        input_tokens: Prompt tokens, without cached ones.
        cache_read_tokens, cache_write_tokens: Prompt tokens read from or written to the provider's cache.
        output_tokens: Generated tokens, reasoning included.
        reasoning_tokens: The hidden part of `output_tokens`.
        seconds: Wall seconds of the call, or of the computation where `model` is local or None.
        requests: Calls made.
    """

    stage: str
    model: str | None = None
    input_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    output_tokens: int = 0
    reasoning_tokens: int = 0
    seconds: float = 0.0
    requests: int = 0
