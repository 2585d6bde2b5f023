"""Judges and graders within an Inspect run: called through Inspect's model API, with its retries, limits and logs."""

from typing import Any

from anyio import from_thread
from inspect_ai.model import ChatMessageUser, Model, ModelOutput

from ..scoring.usage import Usage
from ..verifiers.model_call import Complete
from .config import ModelSpec
from .inspect_tasks import open_model, usage_of_output
from .prompts import encodable


def inspect_complete(spec: ModelSpec) -> Complete:
    """A `Complete` for one of Inspect's models; to be called from a worker thread of a running evaluation.

    The synchronous judge waits in its thread while Inspect's event loop makes the call.

    Raises:
        ModelNameError: There is no such model, or its provider cannot be used here.
    """
    model = open_model(spec.inspect_name, {"max_retries": 5, **spec.config}, dict(spec.args))

    def complete(prompt: str) -> tuple[str, Usage]:
        output: ModelOutput = from_thread.run(_generate, model, prompt)
        usage = usage_of_output(spec.name, "verify", output) or Usage("verify", spec.name, requests=1)
        return output.completion, usage

    return complete


async def _generate(model: Model, prompt: str) -> Any:
    return await model.generate([ChatMessageUser(content=encodable(prompt))])
