"""The door of litellm: loading it without surprises, its packaged prices, one call, and what a call took.

litellm takes seconds to import and, left alone, fetches its price map from the network, reads any `.env` file in the
working directory, and repeats failed calls unasked. All of it is switched off here, before its first import.
"""

import json
import logging
import os
import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any, NotRequired, TypedDict

from ..scoring.usage import Usage
from .model_failures import FailureKind, classify_failure
from .prompts import encodable

LOCAL_PROVIDER = "local"
_PREFIX = "litellm/"
_PRICE_MAP = "model_prices_and_context_window_backup.json"


class ModelCallError(RuntimeError):
    """A model could not be called or gave no usable answer; the message names the model and the reason.

    Attributes:
        passing: Whether the same call may succeed later (rate limit, overload, network).
    """

    def __init__(self, message: str, *, passing: bool) -> None:
        super().__init__(message)
        self.passing = passing


class PackagedPrice(TypedDict):
    """Dollars per token from litellm's packaged map: undated.

    Attributes:
        long_context: The same fields with `above_input_tokens`, for prompts above so many tokens; the lowest such step.
        tiers: The same fields by tier: "batch", "flex", "priority".
    """

    input: float
    output: float
    cache_read: NotRequired[float]
    cache_write: NotRequired[float]
    long_context: NotRequired[dict[str, float]]
    tiers: NotRequired[dict[str, dict[str, Any]]]
    source: str
    litellm_version: str


@dataclass(frozen=True, slots=True)
class TokenCounts:
    """Tokens of one call: `input` without cached ones, `output` with `reasoning`."""

    input: int = 0
    cache_read: int = 0
    cache_write: int = 0
    output: int = 0
    reasoning: int = 0


@cache
def load_litellm() -> ModuleType:
    """litellm, imported once: no network at import, no `.env`, no callbacks, no retries, the provider `local` known.

    Takes 2 to 6 seconds and about 170 MB the first time.

    Raises:
        ImportError: litellm is not installed.
    """
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    os.environ["LITELLM_MODE"] = "PRODUCTION"
    import litellm

    from .local_models import local_handler

    logging.getLogger("LiteLLM").setLevel(logging.ERROR)
    litellm.suppress_debug_info = True
    litellm.num_retries = None
    litellm.cache = None
    for name in ("callbacks", "input_callback", "success_callback", "failure_callback"):
        setattr(litellm, name, [])
    others = [item for item in litellm.custom_provider_map if item["provider"] != LOCAL_PROVIDER]
    litellm.custom_provider_map = [*others, {"provider": LOCAL_PROVIDER, "custom_handler": local_handler()}]
    return litellm


def litellm_name(model: str) -> str:
    """The name litellm knows: Inspect's prefix "litellm/" is taken off."""
    return model.removeprefix(_PREFIX)


def packaged_prices(names: Iterable[str]) -> dict[str, PackagedPrice]:
    """Prices in the map that comes with the installed litellm, read without importing it.

    A second opinion beside the dated price table, never a replacement: the map carries no dates and has had wrong
    entries for months.

    Args:
        names: As models are called, e.g. "openai/gpt-4.1", "litellm/openai/gpt-4.1" or "gpt-4.1".

    Returns:
        By the given name. A model is absent where it is unknown, or where its input or output price is missing or 0.
    """
    found = {name: _price(name, _price_map()) for name in names}
    return {name: price for name, price in found.items() if price is not None}


@cache
def _price_map() -> dict[str, dict[str, Any]]:
    spec = find_spec("litellm")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder) / _PRICE_MAP
        if path.is_file():
            entries: dict[str, dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
            return entries
    return {}


def _price(name: str, entries: Mapping[str, dict[str, Any]]) -> PackagedPrice | None:
    entry = _entry(litellm_name(name), entries)
    if entry is None:
        return None
    paid, made = _positive(entry, "input_cost_per_token"), _positive(entry, "output_cost_per_token")
    if paid is None or made is None:
        return None
    release = version("litellm")
    source = f"litellm {release}'s packaged price map, undated"
    price = PackagedPrice(input=paid, output=made, source=source, litellm_version=release)
    price.update(_rates(entry, ""))  # type: ignore[typeddict-item]
    if tiers := {tier: rates for tier, suffix in _TIERS.items() if (rates := _rates(entry, suffix))}:
        price["tiers"] = tiers
    return price


_TIERS = {"batch": "_batches", "flex": "_flex", "priority": "_priority"}
_KINDS = {
    "input": "input_cost_per_token",
    "output": "output_cost_per_token",
    "cache_read": "cache_read_input_token_cost",
    "cache_write": "cache_creation_input_token_cost",
}
_STEP = re.compile(r"input_cost_per_token_above_(\d{1,6})k_tokens")


def _rates(entry: Mapping[str, Any], suffix: str) -> dict[str, Any]:
    """Prices of one tier, long prompts apart; empty where the tier has no price for input and output."""
    rates: dict[str, Any] = _named(entry, "", suffix)
    steps = sorted(int(found[1]) for key in entry if (found := _STEP.fullmatch(key)))
    if rates and steps:
        long = _named(entry, f"_above_{steps[0]}k_tokens", suffix)
        if long:
            rates["long_context"] = {"above_input_tokens": steps[0] * 1000, **long}
    return rates


def _named(entry: Mapping[str, Any], step: str, suffix: str) -> dict[str, float]:
    found = {kind: _positive(entry, f"{key}{step}{suffix}") for kind, key in _KINDS.items()}
    known = {kind: value for kind, value in found.items() if value is not None}
    return known if {"input", "output"} <= set(known) else {}


def _entry(name: str, entries: Mapping[str, dict[str, Any]]) -> dict[str, Any] | None:
    """The entry of `name`; "openai/gpt-4.1" is listed as "gpt-4.1" of the provider "openai"."""
    if name in entries:
        return entries[name]
    provider, _, rest = name.partition("/")
    entry = entries.get(rest)
    return entry if entry is not None and entry.get("litellm_provider") == provider else None


def _positive(entry: Mapping[str, Any], key: str) -> float | None:
    value = entry.get(key)
    return float(value) if isinstance(value, int | float) and value > 0 else None


def complete(
    model: str,
    prompt: str,
    *,
    stage: str = "generate",
    timeout_s: float = 600.0,
    base_url: str | None = None,
    api_key: str | None = None,
    params: Mapping[str, Any] | None = None,
) -> tuple[str, Usage]:
    """Ask a model once and wait: one request, no retries.

    Args:
        model: E.g. "openai/gpt-4.1", "anthropic/claude-sonnet-4-5", "local/extractive"; "litellm/" may stand before it.
        stage: What `Usage.stage` says, e.g. "verify:judge".
        params: Further parameters of the request, e.g. {"temperature": 0, "max_tokens": 200}.

    Returns:
        The answer's text ("" where the model returned none) and what the call took; `Usage.seconds` is the wall time,
        or for local models the seconds of computation. Tokens are 0 where the server did not tell them.

    Raises:
        ModelCallError: The call failed; `passing` says whether trying again may help.
    """
    litellm = load_litellm()
    request: dict[str, Any] = {**(params or {}), "num_retries": 0, "max_retries": 0, "timeout": timeout_s}
    if base_url:
        request["api_base"] = base_url
    if api_key:
        request["api_key"] = api_key
    messages = [{"role": "user", "content": encodable(prompt)}]
    start = time.perf_counter()
    try:
        response = litellm.completion(model=litellm_name(model), messages=messages, **request)
    except Exception as error:
        passing = classify_failure(error).kind is not FailureKind.FATAL
        raise ModelCallError(f"the call to {model} failed: {short_reason(error)}", passing=passing) from error
    seconds = compute_seconds(response)
    seconds = time.perf_counter() - start if seconds is None else seconds
    if not response.choices:
        raise ModelCallError(f"{model} returned no choices", passing=False)
    text = encodable(response.choices[0].message.content or "")
    return text, usage_of(token_counts(getattr(response, "usage", None)), stage, model, seconds)


@dataclass(slots=True)
class StreamedAnswer:
    """One streamed answer while it comes in.

    Attributes:
        arrivals: `time.monotonic` of each chunk with text.
        counts: The server's; None until it says so. finished: Whether a finish reason came.
        failure: Of a call that failed. said: Its reason.
    """

    arrivals: list[float] = field(default_factory=list)
    counts: TokenCounts | None = None
    finished: bool = False
    failure: FailureKind | None = None
    said: str = ""


def stream_answer(
    model: str, prompt: str, *, max_tokens: int | None = None, timeout_s: float = 600.0, base_url: str | None = None,
    api_key: str | None = None,
) -> StreamedAnswer:  # fmt: skip
    """Ask a model once and time what it streams; no retries, and a failure is returned, not raised."""
    litellm, found = load_litellm(), StreamedAnswer()
    request: dict[str, Any] = {"num_retries": 0, "max_retries": 0, "timeout": timeout_s, "stream": True}
    given = {"api_base": base_url, "api_key": api_key, "max_tokens": max_tokens}
    request |= {name: value for name, value in given.items() if value}
    messages = [{"role": "user", "content": encodable(prompt)}]
    try:
        chunks = litellm.completion(
            model=litellm_name(model), messages=messages, stream_options={"include_usage": True}, **request
        )
        for chunk in chunks:
            now = time.monotonic()
            for choice in chunk.choices:
                if choice.delta.content or getattr(choice.delta, "reasoning_content", None):
                    found.arrivals.append(now)
                found.finished = found.finished or choice.finish_reason is not None
            if (usage := getattr(chunk, "usage", None)) is not None:
                found.counts = token_counts(usage)
    except Exception as error:
        found.failure, found.said = classify_failure(error).kind, short_reason(error)
    return found


def usage_of(counts: TokenCounts, stage: str, model: str, seconds: float) -> Usage:
    """One request's meter reading."""
    return Usage(
        stage=stage,
        model=model,
        input_tokens=counts.input,
        cache_read_tokens=counts.cache_read,
        cache_write_tokens=counts.cache_write,
        output_tokens=counts.output,
        reasoning_tokens=counts.reasoning,
        seconds=seconds,
        requests=1,
    )


def token_counts(usage: object) -> TokenCounts:
    """Read litellm's `Usage` (or a dict of its form) into disjoint counts; all 0 where the provider sent none.

    litellm's `prompt_tokens` includes tokens read from and written to the cache. Some servers report them beside it,
    and some report reasoning beside `completion_tokens`; `total_tokens` tells which.
    """
    prompt, completion = _count(usage, "prompt_tokens"), _count(usage, "completion_tokens")
    details = _field(usage, "prompt_tokens_details")
    read = _count(details, "cached_tokens") or _count(usage, "cache_read_input_tokens")
    write = (
        _count(details, "cache_write_tokens")
        or _count(details, "cache_creation_tokens")
        or _count(usage, "cache_creation_input_tokens")
    )
    reasoning = _count(_field(usage, "completion_tokens_details"), "reasoning_tokens")
    total = _count(usage, "total_tokens")
    beside = read + write > prompt or (read + write > 0 and total == prompt + completion + read + write)
    if reasoning and (reasoning > completion or total == prompt + completion + reasoning):
        completion += reasoning
    fresh = prompt if beside else prompt - read - write
    return TokenCounts(fresh, read, write, completion, min(reasoning, completion))


def _field(source: object, name: str) -> Any:
    return source.get(name) if isinstance(source, Mapping) else getattr(source, name, None)


def _count(source: object, name: str) -> int:
    value = _field(source, name)
    return int(value) if isinstance(value, int | float) and value > 0 else 0


def compute_seconds(response: object) -> float | None:
    """Seconds that a local model computed for `response`; None for models behind a network."""
    value = local_details(response).get("compute_seconds")
    return float(value) if isinstance(value, int | float) else None


def local_details(response: object) -> Mapping[str, Any]:
    """What a local model reports beside its answer; empty for others."""
    choices = getattr(response, "choices", None) or []
    fields = getattr(getattr(choices[0], "message", None), "provider_specific_fields", None) if choices else None
    details = fields.get(LOCAL_PROVIDER) if isinstance(fields, Mapping) else None
    return details if isinstance(details, Mapping) else {}


def short_reason(error: BaseException) -> str:
    """The first line of an error, at most 300 characters; litellm appends whole tracebacks to its messages."""
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0][:300]}" if lines else type(error).__name__
