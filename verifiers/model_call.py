"""The model behind a judge or grader, as a plain function, and one call of it that cannot raise."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from time import perf_counter

from ..scoring.usage import Usage
from .strict_json import plain_reason

Complete = Callable[[str], tuple[str, Usage]]
"""Asks a model once and waits: the prompt goes in, its text and the meter reading come out. May raise anything."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back of one call.

    Attributes:
        text: None where the call failed; `error` then says why.
        usage: Metered whether the call succeeded or not: a failed one is paid for, too.
    """

    text: str | None
    usage: Usage
    error: str = ""


def ask(complete: Complete, prompt: str, stage: str, model: str) -> Reply:
    """Call `complete` once. Whatever it raises becomes `Reply.error`; only interrupts pass.

    Of a failed call the reading is the `usage` of the exception where it has one, else one request and the time it
    took. Every reading bears `stage` and `model`, so that those of one judge add up to one.
    """
    began = perf_counter()
    try:
        text, usage = complete(prompt)
        usage = replace(usage, stage=stage, model=model)
    except Exception as error:
        spent = getattr(error, "usage", None)
        if not isinstance(spent, Usage):
            spent = Usage(stage, seconds=perf_counter() - began, requests=1)
        failed = f"the call of {model} failed: {_short(error)}"
        return Reply(None, replace(spent, stage=stage, model=model), failed)
    if not isinstance(text, str):
        return Reply(None, usage, f"{model} returned no text")
    return Reply(text, usage)


def _short(error: Exception) -> str:
    return plain_reason(str(error)) or type(error).__name__
