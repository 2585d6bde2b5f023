"""Inspect's model provider `litellm`: any model that litellm knows, and the local ones, as `litellm/<name>`.

Inspect alone retries, and counts it: litellm's and the client library's own retries are off. A failure that would come
again, a bug in an adapter included, is raised at once (see `model_failures.py`).
"""

import hashlib
import random
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from inspect_ai.model import ChatMessage, GenerateConfig, ModelAPI, ModelCall, ModelOutput, RetryDecision
from inspect_ai.tool import ToolChoice, ToolInfo
from tenacity import RetryCallState
from tenacity.wait import WaitBaseT, wait_base

from .local_models import LOCAL_MODELS, approximate_tokens
from .messages import to_model_output, to_openai_messages, to_openai_tool_choice, to_openai_tools
from .model_failures import FailureKind, classify_failure, said_by
from .models import LOCAL_PROVIDER, litellm_name, load_litellm, local_details, short_reason

_LOCAL = f"{LOCAL_PROVIDER}/"
_DEFAULT_TIMEOUT_S = 600.0
_LONGEST_WAIT_S = 300.0
_SECRET = frozenset({"api_key", "api_base", "base_url", "extra_headers", "headers", "timeout"})
_NOT_ARGUMENTS = {
    "num_retries": "retries are Inspect's: use --max-retries",
    "max_retries": "retries are Inspect's: use --max-retries",
    "stream": "answers are not streamed",
    "model": "the model is named by --model",
    "messages": "the messages come from the evaluation",
    "fallbacks": "another model must not answer in place of the one under test",
}
_SAME_NAME = (
    "temperature top_p top_k max_tokens seed logprobs top_logprobs frequency_penalty presence_penalty logit_bias "
    "parallel_tool_calls reasoning_effort extra_headers extra_body"
)
_PARAMETERS = {name: name for name in _SAME_NAME.split()} | {"stop_seqs": "stop", "num_choices": "n"}


class LiteLLMAPI(ModelAPI):
    """Calls models through litellm.

    Model arguments (`-M name=value`) are passed to litellm as parameters of each request, e.g. `drop_params=true`,
    `api_version=...`; for `local/recorded` `file` and `of`, for `local/extractive` `threshold`.
    `ModelOutput.metadata` holds `compute_seconds` (local models: seconds of computation), `latency_s` and `ttft_s`
    (recorded answers), `requested_model`, and `litellm_cost_usd` where litellm believes to know it.

    Raises:
        ValueError: There is no such local model, or a model argument would change what is measured, such as
            hidden retries.
    """

    def __init__(
        self,
        model_name: str,
        base_url: str | None = None,
        api_key: str | None = None,
        config: GenerateConfig = GenerateConfig(),  # noqa: B008
        **model_args: Any,
    ) -> None:
        for name, reason in _NOT_ARGUMENTS.items():
            if name in model_args:
                raise ValueError(f"the model argument {name!r} is not allowed: {reason}")
        self._local = litellm_name(model_name).startswith(_LOCAL)
        if self._local and litellm_name(model_name).removeprefix(_LOCAL) not in LOCAL_MODELS:
            raise ValueError(f"there is no model {model_name!r}; local ones are {', '.join(LOCAL_MODELS)}")
        super().__init__(model_name, base_url, api_key, [], config)
        if isinstance(file := model_args.get("file"), str):
            model_args["file"] = str(Path(file).resolve())  # Inspect changes the directory while a task runs
        self._args = model_args
        self._litellm = load_litellm()  # here, so that its seconds are not part of the first answer's time

    async def generate(
        self,
        input: list[ChatMessage],
        tools: list[ToolInfo],
        tool_choice: ToolChoice,
        config: GenerateConfig,
    ) -> tuple[ModelOutput, ModelCall]:
        """One request. A blocked prompt and a prompt that is too long are answers (`stop_reason`), not errors."""
        litellm = self._litellm
        request = self._request(input, tools, tool_choice, config)
        start = time.perf_counter()
        try:
            response = await litellm.acompletion(**request, **self._connection(config))
        except litellm.BadRequestError as error:
            output = _refused(self.model_name, error, litellm)
            if output is None:
                raise
            return output, ModelCall.create(_loggable(request), {"error": short_reason(error)})
        seconds = time.perf_counter() - start
        output = to_model_output(self.model_name, response)
        output.metadata = _metadata(self.model_name, response)
        if not output.choices:
            raise RuntimeError(f"{self.model_name} sent a response without choices")
        return output, ModelCall.create(_loggable(request), response.model_dump(exclude_none=True), time=seconds)

    def should_retry(self, ex: Exception) -> RetryDecision:
        """Rate limits, overload, timeouts and network errors; never a bug, a bad request or a wrong key."""
        failure = classify_failure(ex)
        if failure.kind is FailureKind.RATE_LIMIT:
            return RetryDecision.rate_limit(failure.retry_after_s)
        if failure.kind is FailureKind.TRANSIENT:
            return RetryDecision.transient(failure.retry_after_s)
        return RetryDecision.no()

    def retry_wait(self) -> WaitBaseT:
        """As long as the server asks for, else 0.5, 1, 2 ... seconds with jitter, at most five minutes."""
        return _Wait()

    def max_connections(self) -> int:
        """Local models compute on this machine, one at a time."""
        return 2 if self._local else 10

    def connection_key(self) -> str:
        """One pool for each server and key; the key itself is not shown."""
        account = hashlib.sha256(f"{self.base_url}\0{self.initial_api_key}".encode()).hexdigest()[:12]
        return f"{litellm_name(self.model_name).partition('/')[0]}:{account}"

    async def count_text_tokens(self, text: str) -> int:
        """An approximation that needs no download; providers' own counts are in the usage of each answer."""
        return max(1, approximate_tokens(text))

    def _request(
        self, input: list[ChatMessage], tools: list[ToolInfo], tool_choice: ToolChoice, config: GenerateConfig
    ) -> dict[str, Any]:
        request: dict[str, Any] = {**self._args, "model": litellm_name(self.model_name)}
        request["messages"] = to_openai_messages(input)
        for name, theirs in _PARAMETERS.items():
            if (value := getattr(config, name)) is not None:
                request[theirs] = value
        if config.reasoning_tokens is not None:
            request["thinking"] = {"type": "enabled", "budget_tokens": config.reasoning_tokens}
        if (schema := config.response_schema) is not None:
            described = {"name": schema.name, "schema": schema.json_schema.model_dump(exclude_none=True)}
            request["response_format"] = {"type": "json_schema", "json_schema": {**described, "strict": schema.strict}}
        if tools:
            request["tools"] = to_openai_tools(tools)
            request["tool_choice"] = to_openai_tool_choice(tool_choice)
        return request

    def _connection(self, config: GenerateConfig) -> dict[str, Any]:
        """Where the request goes and how long it may take: a single attempt at most as long as the whole call."""
        limits = [float(limit) for limit in (config.attempt_timeout, config.timeout) if limit is not None]
        timeout = min(limits) if limits else self._args.get("timeout", _DEFAULT_TIMEOUT_S)
        where: dict[str, Any] = {"num_retries": 0, "max_retries": 0}
        if "timeout" not in self._args or limits:
            where["timeout"] = timeout
        if self.base_url:
            where["api_base"] = self.base_url
        if self.api_key:
            where["api_key"] = self.api_key
        return where


class _Wait(wait_base):
    """Waits as the server asks, else exponentially longer."""

    def __call__(self, retry_state: RetryCallState) -> float:
        error = retry_state.outcome.exception() if retry_state.outcome is not None else None
        asked = classify_failure(error).retry_after_s if error is not None else None
        seconds = (
            0.5 * 2.0 ** min(retry_state.attempt_number - 1, 20) + random.uniform(0, 0.5) if asked is None else asked
        )
        return min(seconds, _LONGEST_WAIT_S)


def _refused(model: str, error: Exception, litellm: Any) -> ModelOutput | None:
    """The output that stands for a prompt the provider would not take; None where the request itself was wrong."""
    said = said_by(error)
    if isinstance(error, litellm.ContextWindowExceededError):
        return ModelOutput.from_content(model, "", "model_length", error=short_reason(error))
    filtered = "content_filter" in said or "content management policy" in said
    if filtered or isinstance(error, litellm.ContentPolicyViolationError):
        return ModelOutput.from_content(model, "", "content_filter", error=short_reason(error))
    return None


def _metadata(model: str, response: Any) -> dict[str, Any]:
    hidden = getattr(response, "_hidden_params", None)
    cost = hidden.get("response_cost") if isinstance(hidden, Mapping) else None
    found = {"requested_model": model, **local_details(response)}
    return {**found, "litellm_cost_usd": cost} if cost is not None else found


def _loggable(request: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in request.items() if name not in _SECRET}
