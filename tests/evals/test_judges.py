"""Models as judge and grader: who may be what, and the road through litellm."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from vcpd.evals.config import JudgeSpec, ModelSpec, Roles, read_config
from vcpd.evals.judge_calls import JudgeRoleError, JudgeUnreachableError, Watched, litellm_complete
from vcpd.evals.judges import role_warnings, same_model
from vcpd.evals.models import ModelCallError
from vcpd.evals.pack_fields import PackError
from vcpd.retrieval.passages import Passage, Span
from vcpd.scoring.records import Outcome
from vcpd.scoring.usage import Usage
from vcpd.verifiers.grader import Grader
from vcpd.verifiers.judge import LLMJudge
from vcpd.verifiers.verdict import Claim, Label, Verdict


def roles(judge: str | None = None, grader: str | None = None, allowed: bool = False) -> Roles:
    return Roles().with_named(judge, grader, None, allowed)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("openai/gpt-4.1", "openai/gpt-4.1", True),
        ("openai/gpt-4.1", "gpt-4.1", True),
        ("litellm/openai/gpt-4.1", "inspect:openai/gpt-4.1", True),
        ("azure/GPT-4.1", "openrouter/openai/gpt-4.1", True),
        ("openai/gpt-4.1-2025-04-14", "gpt-4.1", True),
        ("anthropic/claude-sonnet-4-5-20250929", "anthropic/claude-sonnet-4-5", True),
        ("gemini/gemini-2.5-flash-latest", "gemini/gemini-2.5-flash", True),
        ("openai/gpt-4.1", "openai/gpt-4.1-mini", False),
        ("openai/gpt-4.1", "openai/gpt-4o", False),
        ("anthropic/claude-sonnet-4-5", "anthropic/claude-sonnet-4", False),
    ],
)
def test_one_model_has_many_names(one: str, other: str, same: bool) -> None:
    assert same_model(one, other) is same_model(other, one) is same


@pytest.mark.parametrize(
    ("held", "tested", "message"),
    [
        (roles("a/m", "b/m"), ["x"], "a/m is both the judge in the loop and the grader"),
        (roles("a/m"), ["x", "m"], "a/m is the judge in the loop of its own answers"),
        (roles(None, "a/m"), ["m-2025-01-01"], "a/m is the grader of its own answers"),
    ],
)
def test_a_role_held_twice_is_an_error_unless_allowed(held: Roles, tested: list[str], message: str) -> None:
    with pytest.raises(JudgeRoleError, match=f"{message}.*--allow-self-judging"):
        role_warnings(held, tested)
    [warning] = role_warnings(held.with_named(None, None, None, True), tested)
    assert warning.startswith(message)


def test_other_models_may_judge() -> None:
    assert role_warnings(roles("a/judge", "b/grader"), ["c/tested", "d/tested"]) == ()
    assert role_warnings(Roles(), ["x"]) == ()


def test_roles_in_a_configuration(tmp_path: Path) -> None:
    path = tmp_path / "run.toml"
    path.write_text(
        'allow_self_judging = true\n[judge]\nmodel = "a/j"\nsamples = 5\nlongest_sources = 9\n'
        "config = { temperature = 0 }\n"
        '[grader]\nmodel = "b/g"\nargs = { api_base = "http://localhost" }\n'
    )
    read = read_config(path).roles
    assert read == Roles(
        JudgeSpec(ModelSpec("a/j", {"temperature": 0}), 5, 9),
        JudgeSpec(ModelSpec("b/g", {}, {"api_base": "http://localhost"}), 3),
        True,
    )
    assert read.with_named("a/j", "c/new", None, False) == Roles(read.judge, JudgeSpec(ModelSpec("c/new")), True)
    assert read.names == ["a/j", "b/g"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[judge]\nsamples = 3", r"line 1, \[judge\], field 'model': is missing"),
        ("[judge]\nmodel = 'm'\nsamples = 0", r"line 3, \[judge\], field 'samples'"),
        ("[grader]\nmodel = 'm'\nlongest_sources = 9", "field 'longest_sources': is not known"),
        ("[grader]\nmodel = 'm'\nprompt = 'x'", r"line 3, \[grader\], field 'prompt': is not known"),
        ("[grader]\nmodel = 'm'\nconfig = { temprature = 1 }", "'temprature': is not a generation setting"),
        ("allow_self_judging = 'yes'", "'yes' is neither true nor false"),
        ("[judge]\nmodel = 'm'\nargs = { api_base = 'http://me:pw@x' }", "holds a user name or password"),
    ],
)
def test_mistakes_in_roles_are_named(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "run.toml"
    path.write_text(text)
    with pytest.raises(PackError, match=message):
        read_config(path)


# --- through litellm -----------------------------------------------------------------------------------------------


def mock(reply: str) -> ModelSpec:
    """A model of litellm's own mock: no network."""
    return ModelSpec("openai/mock", {}, {"mock_response": reply, "api_key": "none"})


def test_a_judge_and_a_grader_through_litellm() -> None:
    text = "The bridge was opened in 1937."
    entry = {"claim": 1, "label": "supported", "quotes": ["opened in 1937"], "reason": "it says so"}
    judge = LLMJudge(litellm_complete(mock(json.dumps({"claims": [entry]}))), "openai/mock")
    [result] = judge.verify([(Claim("It opened in 1937.", Span(0, 18)), [Passage("d", Span(0, len(text)), text)])])
    assert isinstance(result, Verdict)
    assert (result.label, result.evidence[0].span) == (Label.SUPPORTED, Span(15, 29))
    assert (result.usage.stage, result.usage.model, result.usage.requests) == (
        "verify:judge:openai/mock",
        "openai/mock",
        3,
    )
    assert result.usage.input_tokens > 0
    grader = Grader(litellm_complete(mock('{"grade": "incorrect"}')), "openai/mock")
    assert grader.grade("When?", "In 1973.", ["1937"]).outcome is Outcome.INCORRECT


def test_passing_failures_are_tried_again_and_others_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    waits: list[float] = []

    def failing(passing: bool) -> Callable[..., tuple[str, Usage]]:
        def complete(model: str, prompt: str, **_: Any) -> tuple[str, Usage]:
            calls.append(model)
            if len(calls) < 3:
                raise ModelCallError("overloaded", passing=passing)
            return "fine", Usage("x")

        return complete

    monkeypatch.setattr("vcpd.evals.judge_calls.time.sleep", waits.append)
    monkeypatch.setattr("vcpd.evals.models.complete", failing(True))
    assert litellm_complete(ModelSpec("m"))("hello")[0] == "fine"
    assert (len(calls), waits) == (3, [0.5, 1.0])
    calls.clear()
    with pytest.raises(ModelCallError):
        litellm_complete(ModelSpec("m", {"max_retries": 1}))("hello")
    assert len(calls) == 2
    calls.clear()
    monkeypatch.setattr("vcpd.evals.models.complete", failing(False))
    with pytest.raises(ModelCallError):
        litellm_complete(ModelSpec("m"))("hello")
    assert len(calls) == 1


def test_settings_reach_the_call(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, Any] = {}

    def complete(model: str, prompt: str, **options: Any) -> tuple[str, Usage]:
        seen.update(options, model=model)
        return "", Usage("x")

    monkeypatch.setattr("vcpd.evals.models.complete", complete)
    spec = ModelSpec("m", {"temperature": 0, "stop_seqs": ["x"], "timeout": 9}, {"api_base": "http://here"})
    litellm_complete(spec)("hello")
    params = {"temperature": 0, "stop": ["x"], "api_base": "http://here"}
    assert seen == {"model": "m", "timeout_s": 9.0, "params": params}
    for wrong in (ModelSpec("m", {"system_message": "x"}), ModelSpec("inspect:openai/m")):
        with pytest.raises(JudgeRoleError, match="m"):
            litellm_complete(wrong)


def test_a_dead_model_is_noticed_a_failing_call_is_not() -> None:
    def dead(prompt: str) -> tuple[str, Usage]:
        raise RuntimeError("no route to host")

    def now_and_then(prompt: str) -> tuple[str, Usage]:
        if prompt:
            raise RuntimeError("refused")
        return "", Usage("x")

    model = Watched(dead, "m")
    for _ in range(6):
        model.raise_if_unreachable()
        with pytest.raises(RuntimeError):
            model("hello")
    with pytest.raises(JudgeUnreachableError, match="no call of m, which is to judge, got through: no route to host"):
        model.raise_if_unreachable()
    living = Watched(now_and_then, "m")
    for prompt in ("", *"aaaaaaaa"):
        if prompt:
            with pytest.raises(RuntimeError):
                living(prompt)
        else:
            living(prompt)
    living.raise_if_unreachable()
