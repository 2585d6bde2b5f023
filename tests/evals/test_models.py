"""litellm's door: quiet loading, packaged prices, token counts, one local call."""

import os
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vcpd.evals.models import (
    ModelCallError,
    TokenCounts,
    complete,
    litellm_name,
    load_litellm,
    packaged_prices,
    token_counts,
)
from vcpd.evals.prompts import build_prompt
from vcpd.retrieval.passages import Passage, Span


def test_loading_is_quiet_and_knows_the_local_provider() -> None:
    litellm = load_litellm()
    assert os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] == "True"
    assert litellm.suppress_debug_info is True
    assert litellm.num_retries is None
    assert [item["provider"] for item in litellm.custom_provider_map].count("local") == 1
    assert [litellm.callbacks, litellm.success_callback, litellm.failure_callback] == [[], [], []]
    assert load_litellm() is litellm


def test_loading_reads_no_env_file_and_opens_no_connection(tmp_path: Any) -> None:
    (tmp_path / ".env").write_text("OPENAI_API_KEY=leaked\n")
    code = (
        "import os, socket\n"
        "def refuse(self, address): raise SystemExit(f'connects to {address}')\n"
        "socket.socket.connect = refuse\n"
        "import vcpd.evals.models as m, sys\n"
        "assert 'litellm' not in sys.modules and 'inspect_ai' not in sys.modules\n"
        "prices = m.packaged_prices(['gpt-4.1'])\n"
        "assert prices and 'litellm' not in sys.modules\n"
        "m.load_litellm()\n"
        "assert 'OPENAI_API_KEY' not in os.environ, 'read .env'\n"
    )
    environment = {k: v for k, v in os.environ.items() if k not in {"OPENAI_API_KEY", "LITELLM_MODE"}}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""


def test_packaged_prices_of_known_models() -> None:
    found = packaged_prices(
        ["gpt-4.1", "litellm/openai/gpt-4.1", "openai/gpt-4.1", "no/such-model", "anthropic/gpt-4.1"]
    )
    assert set(found) == {"gpt-4.1", "litellm/openai/gpt-4.1", "openai/gpt-4.1"}
    price = found["openai/gpt-4.1"]
    assert price["input"] == pytest.approx(2e-6)
    assert price["output"] == pytest.approx(8e-6)
    assert price["cache_read"] == pytest.approx(0.5e-6)
    assert price["litellm_version"].startswith("1.")
    assert price["litellm_version"] in price["source"]


@pytest.mark.parametrize(
    "entry",
    [
        {},
        {"input_cost_per_token": 0.0, "output_cost_per_token": 0.0},
        {"input_cost_per_token": 1e-6, "output_cost_per_token": 0.0},
        {"input_cost_per_token": 1e-6},
        {"input_cost_per_token": "1e-6", "output_cost_per_token": 1e-6},
    ],
)
def test_missing_and_zero_prices_are_absent(monkeypatch: pytest.MonkeyPatch, entry: dict[str, Any]) -> None:
    monkeypatch.setattr("vcpd.evals.models._price_map", lambda: {"m": entry})
    assert packaged_prices(["m"]) == {}


@pytest.mark.parametrize("model", ["gpt-4.1", "gpt-4o-mini", "gpt-5.4", "claude-sonnet-4-5"])
def test_packaged_prices_are_those_litellm_charges(model: str) -> None:
    litellm = load_litellm()
    price = packaged_prices([model])[model]
    usage = litellm.Usage(
        prompt_tokens=1000,
        completion_tokens=100,
        total_tokens=1100,
        prompt_tokens_details={"cached_tokens": 400},
    )
    response = litellm.ModelResponse(model=model, usage=usage)
    counts = token_counts(usage)
    ours = counts.input * price["input"] + counts.output * price["output"]
    ours += counts.cache_read * price["cache_read"]
    assert ours == pytest.approx(litellm.completion_cost(response))


@pytest.mark.parametrize(
    ("usage", "counts"),
    [
        (None, TokenCounts()),
        ({}, TokenCounts()),
        ({"prompt_tokens": 10, "completion_tokens": 3, "total_tokens": 13}, TokenCounts(10, 0, 0, 3, 0)),
        # OpenAI: cached and reasoning tokens are inside
        (
            {
                "prompt_tokens": 100,
                "completion_tokens": 20,
                "total_tokens": 120,
                "prompt_tokens_details": {"cached_tokens": 40},
                "completion_tokens_details": {"reasoning_tokens": 5},
            },
            TokenCounts(60, 40, 0, 20, 5),
        ),
        # Anthropic through litellm: read and written tokens are inside prompt_tokens
        (
            {
                "prompt_tokens": 100,
                "completion_tokens": 20,
                "total_tokens": 120,
                "cache_read_input_tokens": 30,
                "cache_creation_input_tokens": 50,
            },
            TokenCounts(20, 30, 50, 20, 0),
        ),
        # a server that reports them beside
        (
            {
                "prompt_tokens": 100,
                "completion_tokens": 20,
                "total_tokens": 200,
                "cache_read_input_tokens": 30,
                "cache_creation_input_tokens": 50,
            },
            TokenCounts(100, 30, 50, 20, 0),
        ),
        ({"prompt_tokens": 10, "completion_tokens": 2, "cache_read_input_tokens": 30}, TokenCounts(10, 30, 0, 2, 0)),
        # reasoning beside completion_tokens
        (
            {
                "prompt_tokens": 10,
                "completion_tokens": 2,
                "total_tokens": 62,
                "completion_tokens_details": {"reasoning_tokens": 50},
            },
            TokenCounts(10, 0, 0, 52, 50),
        ),
        ({"prompt_tokens": None, "completion_tokens": -4, "prompt_tokens_details": None}, TokenCounts()),
    ],
)
def test_token_counts(usage: Any, counts: TokenCounts) -> None:
    assert token_counts(usage) == counts


@given(fresh=st.integers(0, 10**6), read=st.integers(0, 10**6), write=st.integers(0, 10**6), out=st.integers(0, 10**5))
def test_anthropic_usage_through_litellms_own_reading(fresh: int, read: int, write: int, out: int) -> None:
    load_litellm()
    from litellm.llms.anthropic.chat.transformation import AnthropicConfig

    raw = {"input_tokens": fresh, "output_tokens": out}
    raw |= {"cache_read_input_tokens": read, "cache_creation_input_tokens": write}
    usage = AnthropicConfig().calculate_usage(usage_object=raw, reasoning_content=None)
    assert token_counts(usage) == TokenCounts(fresh, read, write, out, 0)


def test_complete_with_a_local_model() -> None:
    passages = [Passage("d", Span(0, 31), "Paris is the capital of France.")]
    prompt = build_prompt("What is the capital of France?", passages, {}, confidence_target=0.5)
    text, usage = complete("local/extractive", prompt)
    assert text.startswith("Paris is the capital of France [1].\nConfidence: ")
    assert usage.input_tokens > 100
    assert usage.output_tokens > 5
    assert 0 < usage.seconds < 1
    assert (usage.requests, usage.model) == (1, "local/extractive")


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("local/none", "there is no local model 'none'"),
        ("nowhere/x", "nowhere/x"),
        ("local/recorded", "needs the file"),
    ],
)
def test_complete_names_the_model_that_cannot_be_called(model: str, message: str) -> None:
    with pytest.raises(ModelCallError, match=message) as caught:
        complete(model, "hello")
    assert not caught.value.passing
    assert "Traceback" not in str(caught.value)


def test_names() -> None:
    assert litellm_name("litellm/openai/gpt-4.1") == "openai/gpt-4.1"
    assert litellm_name("openai/gpt-4.1") == "openai/gpt-4.1"
