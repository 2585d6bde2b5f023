"""The provider over real HTTP against a server on loopback: requests are counted, so that no retry is hidden."""

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from inspect_ai.model import ChatMessageUser, ContentText, GenerateConfig, Model, ModelOutput, get_model
from inspect_ai.tool import ToolFunction, ToolInfo, ToolParam, ToolParams
from tenacity import RetryError
from vcpd.evals import _registry  # noqa: F401
from vcpd.evals.models import ModelCallError, complete

_USAGE = {
    "prompt_tokens": 100,
    "completion_tokens": 20,
    "total_tokens": 120,
    "prompt_tokens_details": {"cached_tokens": 40},
    "completion_tokens_details": {"reasoning_tokens": 5},
}


@dataclass
class Reply:
    """What the server says to one request."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    drop: bool = False


def answer(content: str | None = "hi", finish: str = "stop", **more: Any) -> dict[str, Any]:
    choice = {"index": 0, "message": {"role": "assistant", "content": content}, "finish_reason": finish}
    choice["message"].update(more.pop("message", {}))
    choice.update(more.pop("choice", {}))
    base = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "served-1"}
    return {**base, "choices": [choice], "usage": _USAGE, **more}


class Server(ThreadingHTTPServer):
    """Gives the next reply of the script of the model that is asked for; the last one again and again."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.scripts: dict[str, list[Reply]] = {}
        self.requests: dict[str, list[dict[str, Any]]] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"

    def handle_error(self, *_: Any) -> None:
        """A client that hung up is part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        pass

    def do_POST(self) -> None:
        server: Server = self.server  # type: ignore[assignment]
        request = json.loads(self.rfile.read(int(self.headers["content-length"])))
        request["_authorization"] = self.headers.get("authorization")
        seen = server.requests.setdefault(request["model"], [])
        script = server.scripts[request["model"]]
        reply = script[min(len(seen), len(script) - 1)]
        seen.append(request)
        time.sleep(reply.delay)
        if reply.drop:
            self.connection.shutdown(2)
            return
        body = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
        self.send_response(reply.status)
        for name, value in {"Content-Type": "application/json", **reply.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    made = Server()
    thread = threading.Thread(target=made.serve_forever, daemon=True)
    thread.start()
    yield made
    made.shutdown()
    made.server_close()


def _model(server: Server, script: list[Reply], name: str, **args: Any) -> Model:
    server.scripts[name] = script
    server.requests.pop(name, None)
    config = args.pop("config", GenerateConfig())
    return get_model(
        f"litellm/openai/{name}", base_url=server.url, api_key="secret-key", config=config, memoize=False, **args
    )


def _ask(model: Model, text: str = "hello", **how: Any) -> ModelOutput:
    async def call() -> ModelOutput:
        async with asyncio.timeout(30):
            return await model.generate(text, **how)

    return asyncio.run(call())


def test_usage_is_split_and_the_request_is_what_was_asked(server: Server) -> None:
    config = GenerateConfig(temperature=0.5, max_tokens=77, seed=3, stop_seqs=["END"], top_p=0.9)
    output = _ask(_model(server, [Reply(body=answer())], "usage", config=config), "What?")
    assert output.completion == "hi"
    assert output.model == "served-1"
    assert output.stop_reason == "stop"
    usage = output.usage
    assert usage is not None
    assert (usage.input_tokens, usage.input_tokens_cache_read, usage.output_tokens) == (60, 40, 20)
    assert (usage.reasoning_tokens, usage.total_tokens) == (5, 120)
    assert output.time is not None
    assert 0 < output.time < 20
    assert output.metadata is not None
    assert output.metadata["requested_model"] == "openai/usage"
    [request] = server.requests["usage"]
    assert request["messages"] == [{"role": "user", "content": "What?"}]
    assert {k: request[k] for k in ("temperature", "max_tokens", "seed", "stop", "top_p")} == {
        "temperature": 0.5,
        "max_tokens": 77,
        "seed": 3,
        "stop": ["END"],
        "top_p": 0.9,
    }
    assert request["_authorization"] == "Bearer secret-key"


def test_a_server_that_meters_nothing_gives_no_usage_rather_than_zero(server: Server) -> None:
    assert _ask(_model(server, [Reply(body={**answer(), "usage": None})], "unmetered")).usage is None


def test_rate_limit_waits_as_told_and_is_retried_by_inspect_alone(server: Server) -> None:
    slow = Reply(429, {"error": {"message": "slow down"}}, {"Retry-After": "0.3"})
    start = time.perf_counter()
    output = _ask(_model(server, [slow, slow, Reply(body=answer("done"))], "limited"))
    assert output.completion == "done"
    assert len(server.requests["limited"]) == 3
    assert 0.6 <= time.perf_counter() - start < 10


@pytest.mark.parametrize("status", [429, 503])
def test_a_passing_failure_without_retries_is_one_request(server: Server, status: int) -> None:
    model = _model(server, [Reply(status, {"error": {"message": "no"}})], "once", config=GenerateConfig(max_retries=0))
    with pytest.raises(RetryError, match="RateLimit" if status == 429 else "Internal|Unavailable"):
        _ask(model)
    assert len(server.requests["once"]) == 1


def test_server_error_then_success_is_two_requests(server: Server) -> None:
    output = _ask(_model(server, [Reply(500, {"error": {"message": "boom"}}), Reply(body=answer())], "recovers"))
    assert output.completion == "hi"
    assert len(server.requests["recovers"]) == 2


def test_a_dropped_connection_is_retried(server: Server) -> None:
    output = _ask(_model(server, [Reply(drop=True), Reply(body=answer())], "drops"))
    assert output.completion == "hi"
    assert len(server.requests["drops"]) == 2


def test_a_hanging_server_is_given_up_after_the_timeout(server: Server) -> None:
    config = GenerateConfig(timeout=1, max_retries=0)
    model = _model(server, [Reply(delay=5, body=answer())], "hangs", config=config)
    start = time.perf_counter()
    with pytest.raises(RetryError, match="Timeout"):
        _ask(model)
    assert time.perf_counter() - start < 4
    assert len(server.requests["hangs"]) == 1


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        (Reply(body=b'{"id": "c", "choi'), "Unterminated"),
        (Reply(body=b"<html>gateway</html>"), "Expecting value"),
        (Reply(body={"id": "c", "object": "chat.completion"}), "choices"),
        (Reply(401, {"error": {"message": "bad key"}}), "bad key"),
        (Reply(400, {"error": {"message": "no such parameter"}}), "no such parameter"),
        (Reply(429, {"error": {"message": "quota", "code": "insufficient_quota"}}), "quota"),
    ],
    ids=["cut off", "html", "no choices", "key", "bad request", "quota"],
)
def test_what_would_fail_again_is_not_retried(server: Server, reply: Reply, message: str) -> None:
    with pytest.raises(Exception, match=message):
        _ask(_model(server, [reply], "fatal"))
    assert len(server.requests["fatal"]) == 1


def test_a_filtered_answer_and_a_filtered_prompt_are_answers(server: Server) -> None:
    output = _ask(_model(server, [Reply(body=answer("", "content_filter"))], "filtered"))
    assert output.stop_reason == "content_filter"
    blocked = Reply(400, {"error": {"message": "filtered by content management policy", "code": "content_filter"}})
    output = _ask(_model(server, [blocked], "blocked"))
    assert output.stop_reason == "content_filter"
    assert output.completion == ""
    assert output.error is not None
    assert len(server.requests["blocked"]) == 1


def test_lengths(server: Server) -> None:
    assert _ask(_model(server, [Reply(body=answer("cut", "length"))], "cut")).stop_reason == "max_tokens"
    error = {"message": "This model's maximum context length is 10 tokens", "code": "context_length_exceeded"}
    output = _ask(_model(server, [Reply(400, {"error": error})], "context"))
    assert output.stop_reason == "model_length"


def test_tools_and_their_arguments(server: Server) -> None:
    calls = [
        {"id": "a", "type": "function", "function": {"name": "look_up", "arguments": '{"term": "x"}'}},
        {"id": "b", "type": "function", "function": {"name": "look_up", "arguments": '{"term": '}},
        {"id": "c", "type": "function", "function": {"name": "look_up", "arguments": "[1]"}},
    ]
    body = answer(None, "tool_calls", message={"tool_calls": calls})
    parameters = ToolParams(properties={"term": ToolParam(type="string", description="what")}, required=["term"])
    tool = ToolInfo(name="look_up", description="Looks up.", parameters=parameters)
    model = _model(server, [Reply(body=body)], "tools")
    output = _ask(model, tools=[tool], tool_choice=ToolFunction("look_up"))
    assert output.stop_reason == "tool_calls"
    made = output.message.tool_calls or []
    assert [(c.id, c.function, c.arguments) for c in made] == [
        ("a", "look_up", {"term": "x"}),
        ("b", "look_up", {}),
        ("c", "look_up", {}),
    ]
    assert made[0].parse_error is None
    assert "not valid JSON" in (made[1].parse_error or "")
    assert "object is expected" in (made[2].parse_error or "")
    [request] = server.requests["tools"]
    assert request["tools"][0]["function"]["name"] == "look_up"
    assert request["tools"][0]["function"]["parameters"]["required"] == ["term"]
    assert request["tool_choice"] == {"type": "function", "function": {"name": "look_up"}}


def test_logprobs(server: Server) -> None:
    token = {"token": "hi", "logprob": -0.1, "bytes": [104, 105], "top_logprobs": []}
    token["top_logprobs"] = [{"token": "ho", "logprob": -2.5, "bytes": None}]
    body = answer(choice={"logprobs": {"content": [token]}})
    output = _ask(_model(server, [Reply(body=body)], "logprobs", config=GenerateConfig(logprobs=True, top_logprobs=1)))
    assert output.choices[0].logprobs is not None
    [first] = output.choices[0].logprobs.content
    assert (first.token, first.logprob) == ("hi", -0.1)
    assert first.top_logprobs is not None
    assert (first.top_logprobs[0].token, first.top_logprobs[0].logprob) == ("ho", -2.5)
    [request] = server.requests["logprobs"]
    assert request["logprobs"] is True
    assert request["top_logprobs"] == 1


def test_hostile_text_travels_both_ways(server: Server) -> None:
    body = json.dumps(answer("PLACE")).replace("PLACE", "a\\ud800\\u0000\\u202e").encode()
    output = _ask(_model(server, [Reply(body=body)], "hostile"), "x\ud800\x00\u202e" + "y" * 300_000)
    assert output.completion == "a\ufffd\x00\u202e"
    assert server.requests["hostile"][0]["messages"][0]["content"].startswith("x\ufffd\x00\u202eyyy")


def test_reasoning_is_kept_out_of_the_answer(server: Server) -> None:
    output = _ask(_model(server, [Reply(body=answer("yes", message={"reasoning_content": "hmm"}))], "reasons"))
    assert output.completion == "yes"
    content = output.message.content
    assert isinstance(content, list)
    assert [part.type for part in content] == ["reasoning", "text"]
    output = _ask(_model(server, [Reply(body=answer("<think>hmm</think>yes"))], "thinks"))
    assert output.completion == "yes"


def test_the_key_is_not_logged(server: Server) -> None:
    model = _model(server, [Reply(body=answer())], "private")
    request = [ChatMessageUser(content=[ContentText(text="hello")])]
    _, call = asyncio.run(model.api.generate(request, [], "none", GenerateConfig()))  # type: ignore[misc]
    assert "secret-key" not in call.model_dump_json()
    assert call.request["model"] == "openai/private"


def test_complete_makes_one_request(server: Server) -> None:
    server.scripts["judge"] = [Reply(body=answer("verdict"))]
    text, usage = complete(
        "litellm/openai/judge", "Is it?", stage="verify:judge", base_url=server.url, api_key="k", params={"seed": 1}
    )
    assert text == "verdict"
    assert (usage.stage, usage.model, usage.requests) == ("verify:judge", "litellm/openai/judge", 1)
    assert (usage.input_tokens, usage.cache_read_tokens, usage.output_tokens, usage.reasoning_tokens) == (60, 40, 20, 5)
    assert usage.seconds > 0
    assert server.requests["judge"][0]["seed"] == 1


@pytest.mark.parametrize(("status", "passing"), [(500, True), (429, True), (401, False), (400, False)])
def test_complete_says_whether_to_try_again(server: Server, status: int, passing: bool) -> None:
    name = f"fails-{status}"
    server.scripts[name] = [Reply(status, {"error": {"message": "no"}})]
    with pytest.raises(ModelCallError, match=f"the call to openai/{name} failed") as caught:
        complete(f"openai/{name}", "?", base_url=server.url, api_key="k")
    assert caught.value.passing is passing
    assert len(server.requests[name]) == 1


def test_complete_without_a_server_fails_at_once() -> None:
    start = time.perf_counter()
    with pytest.raises(ModelCallError) as caught:
        complete("openai/x", "?", base_url="http://127.0.0.1:1/v1", api_key="k")
    assert caught.value.passing
    assert time.perf_counter() - start < 5
