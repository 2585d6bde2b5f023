"""Why a task failed, in words: what the last retry met, not the object that counted retries."""

from types import SimpleNamespace
from typing import Any

import pytest
from vcpd.evals.inspect_tasks import failure_of

TRACE = """Traceback (most recent call last):
openai.APIConnectionError: Connection error.
During handling of the above exception, another exception occurred:
  File "x.py", line 1, in f
litellm.exceptions.InternalServerError: OpenAIException - no link
tenacity.RetryError: RetryError[<Future at 0x7ff7 state=finished raised InternalServerError>]
"""


def log(message: str, trace: str = "") -> Any:
    return SimpleNamespace(status="error", error=SimpleNamespace(message=message, traceback=trace))


@pytest.mark.parametrize(
    ("message", "trace", "said"),
    [
        ("the key is wrong ", "", "the key is wrong"),
        (
            "RetryError(<Future at 0x7ff7>)",
            TRACE,
            "every retry failed; the last with litellm.exceptions.InternalServerError: OpenAIException - no link",
        ),
        ("RetryError(<Future at 0x7ff7>)", "", "RetryError(<Future at 0x7ff7>)"),
    ],
)
def test_the_reason_of_a_failed_task(message: str, trace: str, said: str) -> None:
    assert failure_of(log(message, trace)) == said


def test_a_task_without_an_error_names_its_status() -> None:
    assert failure_of(SimpleNamespace(status="cancelled", error=None)) == "cancelled"  # type: ignore[arg-type]


def test_long_lines_of_a_trace_are_no_trouble() -> None:
    assert failure_of(log("RetryError()", "a." * 500_000 + "\n" + "x" * 10**6)) == "RetryError()"
