"""Models that live in this process, behind litellm's provider `local`: no network, no weights, deterministic.

`local/extractive` and `local/extractive-bold` are baselines (see `extractive.py`); `local/recorded` replays a file of
recorded answers (see `recorded_model.py`). They take the same road as any other model, so that a run with them tests
the whole of it.
"""

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .extractive import answer_by_extraction
from .prompts import PromptError, encodable, parse_prompt
from .recorded_model import RecordedModelError, replay

if TYPE_CHECKING:
    from litellm.llms.custom_llm import CustomLLM
    from litellm.types.utils import ModelResponse

LOCAL_MODELS = ("extractive", "extractive-bold", "recorded")

# Words cut at 8 letters, digits in threes, runs of signs: 1.01 times the count of o200k_base over 256 English texts of
# law, medicine and general knowledge (5th to 95th percentile of single texts: 0.92 to 1.18).
_PIECE = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W\d_\u3040-\u9fff\uac00-\ud7af]{1,8}|\d{1,3}|[^\w\s]+|_+"
)


class LocalModelError(ValueError):
    """A local model that does not exist or was called wrongly; calling again would not help."""


@dataclass(frozen=True, slots=True)
class LocalAnswer:
    """What a local model says and what it took.

    Attributes:
        served_model: The name the answer goes by; of a recorded answer the model that gave it.
        input_tokens, output_tokens: None where a recorded answer does not tell them.
        compute_seconds: Seconds of computation on this machine; None for recorded answers.
        latency_s, ttft_s: As recorded; None where not.
    """

    text: str
    served_model: str
    finish_reason: str = "stop"
    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_read_tokens: int = 0
    reasoning_tokens: int = 0
    compute_seconds: float | None = None
    latency_s: float | None = None
    ttft_s: float | None = None


def approximate_tokens(text: str) -> int:
    """About how many tokens `text` has for a common tokenizer; at least 0, linear in the length, needs no data file.

    Words count one piece per 8 letters, numbers one per 3 digits, runs of signs one, CJK characters one each.
    """
    return sum(1 for _ in _PIECE.finditer(text))


def local_answer(model: str, prompt: str, params: Mapping[str, Any] | None = None) -> LocalAnswer:
    """Ask a local model, without litellm.

    Args:
        model: "extractive", "extractive-bold" or "recorded", with or without "local/".
        params: `threshold` (extractive: the confidence above which it answers; default: the prompt's confidence
            target); `file` and `of` (recorded: path, and which model's answers where the file holds several).

    Raises:
        LocalModelError: There is no such model, or a parameter is unusable.
        RecordedModelError: The file of recorded answers cannot be read, or does not hold the question.
    """
    name, given = model.removeprefix("local/"), params or {}
    if name == "recorded":
        return _recorded(prompt, given)
    if name not in LOCAL_MODELS:
        raise LocalModelError(f"there is no local model {name!r}; there are {', '.join(LOCAL_MODELS)}")
    threshold = 0.0 if name == "extractive-bold" else _threshold(given)
    start = time.perf_counter()
    text = _extracted(prompt, threshold, bold=name == "extractive-bold")
    seconds = time.perf_counter() - start
    return LocalAnswer(
        text=text,
        served_model=f"local/{name}",
        input_tokens=approximate_tokens(prompt),
        output_tokens=approximate_tokens(text),
        compute_seconds=seconds,
    )


def local_handler() -> "CustomLLM":
    """The object that litellm calls for models named `local/...`. Imports litellm."""
    from litellm.exceptions import BadRequestError
    from litellm.llms.custom_llm import CustomLLM

    class LocalModels(CustomLLM):
        """litellm's interface to `local_answer`; a wrong call is a BadRequestError, which is not retried."""

        def completion(self, *args: Any, **kwargs: Any) -> "ModelResponse":
            model, messages = kwargs["model"], kwargs["messages"]
            try:
                answer = local_answer(model, last_prompt(messages), kwargs.get("optional_params"))
            except (LocalModelError, RecordedModelError) as error:
                raise BadRequestError(str(error), model=model, llm_provider="local") from error
            return _respond(kwargs["model_response"], answer)

        async def acompletion(self, *args: Any, **kwargs: Any) -> "ModelResponse":
            return self.completion(*args, **kwargs)

    return LocalModels()


def last_prompt(messages: Sequence[Mapping[str, Any]]) -> str:
    """The last user message that is a prompt of the answer protocol, else the last user message, else ""."""
    said = [_text(message.get("content")) for message in messages if message.get("role") == "user"]
    for text in reversed(said):
        try:
            parse_prompt(text)
        except PromptError:
            continue
        return text
    return said[-1] if said else ""


def _extracted(prompt: str, threshold: float | None, *, bold: bool) -> str:
    try:
        asked = parse_prompt(prompt)
    except PromptError:
        asked = None
    if asked is None:  # some other prompt: there is nothing to extract from
        return answer_by_extraction(prompt, (), threshold=threshold or 0.0, bold=bold).text
    at = asked.confidence_target if threshold is None else threshold
    found = answer_by_extraction(
        asked.question, asked.passages, headers=asked.headers, choices=asked.choices, threshold=at, bold=bold
    )
    return found.text


def _threshold(params: Mapping[str, Any]) -> float | None:
    if (value := params.get("threshold")) is None:
        return None
    try:
        threshold = float(value)
    except (TypeError, ValueError):
        threshold = -1.0
    if not 0 <= threshold <= 1:
        raise LocalModelError(f"threshold must be a number from 0 to 1, not {value!r}")
    return threshold


def _recorded(prompt: str, params: Mapping[str, Any]) -> LocalAnswer:
    row = replay(prompt, params)
    return LocalAnswer(
        text=row.answer,
        served_model=row.model,
        finish_reason=row.finish_reason or "stop",
        input_tokens=row.input_tokens,
        output_tokens=row.output_tokens,
        cache_read_tokens=row.cache_read_tokens,
        reasoning_tokens=row.reasoning_tokens,
        latency_s=row.latency_s,
        ttft_s=row.ttft_s,
    )


def _text(content: object) -> str:
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    return "\n".join(str(part.get("text", "")) for part in parts if isinstance(part, Mapping))


def _respond(response: "ModelResponse", answer: LocalAnswer) -> "ModelResponse":
    from litellm.types.utils import Choices, Message, Usage

    names = ("compute_seconds", "latency_s", "ttft_s")
    details = {name: value for name in names if (value := getattr(answer, name)) is not None}
    message = Message(content=encodable(answer.text), provider_specific_fields={"local": details})
    response.choices = [Choices(message=message, finish_reason=answer.finish_reason)]
    response.model = answer.served_model
    if answer.input_tokens is not None and answer.output_tokens is not None:
        prompt_tokens = answer.input_tokens + answer.cache_read_tokens
        usage = Usage(
            prompt_tokens=prompt_tokens,
            completion_tokens=answer.output_tokens,
            total_tokens=prompt_tokens + answer.output_tokens,
            prompt_tokens_details={"cached_tokens": answer.cache_read_tokens},
            completion_tokens_details={"reasoning_tokens": answer.reasoning_tokens},
        )
        response.usage = usage  # type: ignore[attr-defined]
    return response
