"""The provider inside Inspect: found by entry point, run by its command line, loud where an adapter has a bug."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from inspect_ai import Task, eval
from inspect_ai.dataset import Sample
from inspect_ai.model import GenerateConfig, Model, get_model
from inspect_ai.scorer import includes
from inspect_ai.solver import generate
from vcpd.evals import _registry  # noqa: F401
from vcpd.evals.inspect_provider import LiteLLMAPI
from vcpd.evals.models import load_litellm
from vcpd.evals.prompts import build_prompt
from vcpd.retrieval.passages import Passage, Span

_TASK = """
from inspect_ai import Task, task
from inspect_ai.dataset import Sample
from inspect_ai.scorer import includes
from inspect_ai.solver import generate
from vcpd.evals.prompts import build_prompt
from vcpd.retrieval.passages import Passage, Span

TEXTS = ("Paris is the capital of France.", "Berlin is the capital of Germany.")
PASSAGES = [Passage(f"d{i}", Span(0, len(t)), t) for i, t in enumerate(TEXTS)]
ASKED = (("France", "Paris"), ("Germany", "Berlin"), ("Ruritania", "I don't know"))

@task
def capitals():
    prompts = [build_prompt(f"What is the capital of {a}?", PASSAGES, {}, confidence_target=0.6) for a, _ in ASKED]
    samples = [Sample(input=p, target=t) for p, (_, t) in zip(prompts, ASKED)]
    return Task(dataset=samples, solver=generate(), scorer=includes())
"""


def _inspect(folder: Path, *arguments: str) -> dict[str, Any]:
    (folder / "capitals.py").write_text(_TASK)
    command = [
        Path(sys.executable).with_name("inspect"),
        "eval",
        "capitals.py",
        "--log-dir",
        "logs",
        "--log-format",
        "json",
    ]
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("INSPECT_", "LITELLM_"))}
    done = subprocess.run(
        [*command, "--display", "none", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    [log] = (folder / "logs").glob("*.json")
    read: dict[str, Any] = json.loads(log.read_text())
    return read


def test_inspect_eval_finds_and_runs_a_local_model(tmp_path: Path) -> None:
    log = _inspect(tmp_path, "--model", "litellm/local/extractive")
    assert log["status"] == "success"
    assert log["results"]["scores"][0]["metrics"]["accuracy"]["value"] == 1.0
    usage = log["stats"]["model_usage"]["litellm/local/extractive"]
    assert usage["input_tokens"] > 300
    assert usage["output_tokens"] > 10
    for sample in log["samples"]:
        assert 0 < sample["output"]["metadata"]["compute_seconds"] < 1
        assert sample["output"]["model"] == "local/extractive"
        assert "Confidence: " in sample["output"]["completion"]


def _prompt(question: str) -> str:
    text = "Paris is the capital of France."
    return build_prompt(question, [Passage("d", Span(0, len(text)), text)], {}, confidence_target=0.6)


def _recorded(path: Path, *answers: str) -> None:
    rows = [
        {
            "sample_id": "1",
            "model": "some-model",
            "domain": "d",
            "question": "Capital?",
            "answer": a,
            "epoch": i,
            "latency_s": 2.5,
        }
        for i, a in enumerate(answers, start=1)
    ]
    path.write_text("".join(json.dumps(r) + "\n" for r in rows))


def test_recorded_answers_through_inspect_in_epochs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _recorded(tmp_path / "answers.jsonl", "London", "Paris", "Rome")
    monkeypatch.chdir(tmp_path)
    task = Task(dataset=[Sample(input=_prompt("Capital?"), target="Paris")], solver=generate(), scorer=includes())
    [log] = eval(
        task,
        model="litellm/local/recorded",
        model_args={"file": "answers.jsonl"},
        epochs=3,
        max_samples=1,
        display="none",
        log_dir=str(tmp_path / "logs"),
    )
    assert log.status == "success", log.error
    assert log.samples is not None
    assert sorted((s.epoch, s.output.completion) for s in log.samples) == [(1, "London"), (2, "Paris"), (3, "Rome")]
    output = log.samples[0].output
    assert output.usage is None
    assert output.model == "some-model"
    assert output.metadata is not None
    assert output.metadata["latency_s"] == 2.5


def test_a_question_that_is_not_recorded_fails_at_once_and_is_named(tmp_path: Path) -> None:
    _recorded(tmp_path / "answers.jsonl", "London")
    model = get_model("litellm/local/recorded", file=str(tmp_path / "answers.jsonl"), memoize=False)
    with pytest.raises(Exception, match="no recorded answer to the question 'Something else"):
        _ask(model, _prompt("Something else?"))


def _ask(model: Model, prompt: str) -> str:
    async def call() -> str:
        async with asyncio.timeout(20):
            return (await model.generate(prompt)).completion

    return asyncio.run(call())


@pytest.fixture
def buggy() -> Iterator[list[str]]:
    """A provider `buggy` whose adapter has a bug; the list holds its calls."""
    litellm = load_litellm()
    from litellm.llms.custom_llm import CustomLLM

    calls: list[str] = []

    class Buggy(CustomLLM):
        async def acompletion(self, *args: Any, **kwargs: Any) -> Any:  # type: ignore[override]
            calls.append(kwargs["model"])
            raise {"import": ImportError, "key": KeyError, "type": TypeError, "assert": AssertionError}[
                kwargs["model"]
            ]("the bug")

    before = litellm.custom_provider_map
    litellm.custom_provider_map = [*before, {"provider": "buggy", "custom_handler": Buggy()}]
    yield calls
    litellm.custom_provider_map = before


@pytest.mark.parametrize("bug", ["import", "key"])
def test_a_bug_in_an_adapter_is_raised_at_once(buggy: list[str], bug: str) -> None:
    start = time.perf_counter()
    with pytest.raises(Exception, match="the bug"):
        _ask(get_model(f"litellm/buggy/{bug}", memoize=False), "hello")
    assert buggy == [bug]
    assert time.perf_counter() - start < 10


@pytest.mark.parametrize("name", ["num_retries", "max_retries", "stream", "fallbacks", "model", "messages"])
def test_arguments_that_would_hide_something_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match=f"'{name}' is not allowed"):
        LiteLLMAPI("openai/x", None, None, GenerateConfig(), **{name: 1})


def test_unknown_local_models_are_refused_before_anything_runs() -> None:
    with pytest.raises(ValueError, match="extractive, extractive-bold, recorded"):
        get_model("litellm/local/none", memoize=False)


def test_pools_and_counts() -> None:
    one = LiteLLMAPI("openai/x", "http://a", "key-1")
    assert one.connection_key() == LiteLLMAPI("openai/y", "http://a", "key-1").connection_key()
    assert one.connection_key() != LiteLLMAPI("openai/x", "http://b", "key-1").connection_key()
    assert one.connection_key() != LiteLLMAPI("openai/x", "http://a", "key-2").connection_key()
    assert "key-1" not in one.connection_key()
    assert one.max_connections() > LiteLLMAPI("local/extractive").max_connections()
    assert asyncio.run(one.count_tokens("Paris is the capital of France.")) == 7
    assert asyncio.run(one.count_text_tokens("")) == 1


def test_timeouts() -> None:
    api = LiteLLMAPI("openai/x")
    assert api._connection(GenerateConfig())["timeout"] == 600
    assert api._connection(GenerateConfig(timeout=30))["timeout"] == 30
    assert api._connection(GenerateConfig(timeout=30, attempt_timeout=5))["timeout"] == 5
    given = LiteLLMAPI("openai/x", timeout=9)
    assert given._request([], [], "none", GenerateConfig())["timeout"] == 9
    assert "timeout" not in given._connection(GenerateConfig())
