"""Messages to OpenAI's form and litellm's answers back."""

import json
from typing import Any

import pytest
from inspect_ai.model import (
    ChatMessageAssistant,
    ChatMessageSystem,
    ChatMessageTool,
    ChatMessageUser,
    ContentAudio,
    ContentData,
    ContentDocument,
    ContentImage,
    ContentReasoning,
    ContentText,
)
from inspect_ai.tool import ToolCall, ToolCallError, ToolFunction
from vcpd.evals.messages import to_model_output, to_openai_messages, to_openai_tool_choice
from vcpd.evals.models import load_litellm


def test_roles_and_plain_text() -> None:
    messages = [ChatMessageSystem(content="Be brief."), ChatMessageUser(content="Hi\ud800")]
    assert to_openai_messages(messages) == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hi\ufffd"},
    ]


def test_parts() -> None:
    picture = "data:image/png;base64,AAAA"
    content = [
        ContentText(text="See"),
        ContentImage(image=picture, detail="low"),
        ContentAudio(audio="data:audio/wav;base64,BBBB", format="wav"),
        ContentDocument(document="data:application/pdf;base64,CCCC", filename="a.pdf"),
    ]
    [made] = to_openai_messages([ChatMessageUser(content=content)])
    assert made["content"] == [
        {"type": "text", "text": "See"},
        {"type": "image_url", "image_url": {"url": picture, "detail": "low"}},
        {"type": "input_audio", "input_audio": {"data": "BBBB", "format": "wav"}},
        {"type": "file", "file": {"file_data": "data:application/pdf;base64,CCCC", "filename": "a.pdf"}},
    ]
    [made] = to_openai_messages([ChatMessageUser(content=[ContentText(text="a"), ContentText(text="b")])])
    assert made["content"] == "a\nb"
    with pytest.raises(ValueError, match="'data'"):
        to_openai_messages([ChatMessageUser(content=[ContentText(text="a"), ContentData(data={})])])


def test_a_tool_call_and_its_result() -> None:
    call = ToolCall(id="c1", function="look_up", arguments={"term": "é\ud800"})
    failed = ToolCallError("timeout", "too slow")
    made = to_openai_messages(
        [
            ChatMessageAssistant(content="", tool_calls=[call]),
            ChatMessageTool(content="found", tool_call_id="c1"),
            ChatMessageTool(content="", tool_call_id="c2", error=failed),
        ]
    )
    assert made[0]["content"] is None
    function = made[0]["tool_calls"][0]["function"]
    assert (made[0]["tool_calls"][0]["id"], function["name"]) == ("c1", "look_up")
    assert json.loads(function["arguments"]) == {"term": "é\ud800"}
    assert made[1] == {"role": "tool", "tool_call_id": "c1", "content": "found"}
    assert made[2]["content"] == "Error: too slow"
    json.dumps(made).encode()


def test_reasoning_goes_back_beside_the_text() -> None:
    content = [
        ContentReasoning(reasoning="hmm", signature="sig"),
        ContentReasoning(reasoning="secret", redacted=True),
        ContentText(text="yes"),
    ]
    [made] = to_openai_messages([ChatMessageAssistant(content=content)])
    assert made == {
        "role": "assistant",
        "content": "yes",
        "reasoning_content": "hmm",
        "thinking_blocks": [
            {"type": "thinking", "thinking": "hmm", "signature": "sig"},
            {"type": "redacted_thinking", "data": "secret"},
        ],
    }


def test_tool_choice() -> None:
    assert to_openai_tool_choice("auto") == "auto"
    assert to_openai_tool_choice("none") == "none"
    assert to_openai_tool_choice("any") == "required"
    assert to_openai_tool_choice(ToolFunction("f")) == {"type": "function", "function": {"name": "f"}}


def _response(message: dict[str, Any], finish: str | None = "stop", **more: Any) -> Any:
    litellm = load_litellm()
    choice = {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": finish}
    return litellm.ModelResponse(id="r1", choices=[choice], model="m", **more)


@pytest.mark.parametrize(
    ("finish", "reason"),
    [("stop", "stop"), ("length", "max_tokens"), ("tool_calls", "tool_calls"), ("content_filter", "content_filter")],
)
def test_stop_reasons(finish: str, reason: str) -> None:
    assert to_model_output("x", _response({"content": "a"}, finish)).stop_reason == reason


def test_a_response_without_usage_has_none() -> None:
    output = to_model_output("x", _response({"content": "a"}))
    assert output.usage is None
    assert output.response_id == "r1"


def test_a_refusal_is_marked() -> None:
    output = to_model_output("x", _response({"content": None, "provider_specific_fields": {"refusal": "I can't."}}))
    [part] = output.message.content
    assert isinstance(part, ContentText)
    assert (part.text, part.refusal) == ("I can't.", True)


def test_url_citations() -> None:
    note = {
        "type": "url_citation",
        "url_citation": {"url": "https://a", "title": "A", "start_index": 0, "end_index": 4},
    }
    output = to_model_output("x", _response({"content": "said", "annotations": [note]}))
    [part] = output.message.content
    assert isinstance(part, ContentText)
    [cited] = part.citations or []
    assert (cited.type, cited.url, cited.title, cited.cited_text) == ("url", "https://a", "A", (0, 4))  # type: ignore[union-attr]


def test_addresses_beside_the_answer() -> None:
    output = to_model_output("x", _response({"content": "said"}, citations=["https://a", "https://b"]))
    [part] = output.message.content
    assert isinstance(part, ContentText)
    assert [c.url for c in part.citations or []] == ["https://a", "https://b"]  # type: ignore[union-attr]


def test_document_citations() -> None:
    cited = {"type": "char_location", "cited_text": "green", "document_index": 0, "document_title": "Grass"}
    fields = {"citations": [[{**cited, "supported_text": "It is green."}], "odd", None]}
    output = to_model_output("x", _response({"content": "It is green.", "provider_specific_fields": fields}))
    [part] = output.message.content
    assert isinstance(part, ContentText)
    [made] = part.citations or []
    assert (made.type, made.cited_text, made.title) == ("document", "green", "Grass")
    assert made.internal == {"document_index": 0, "supported_text": "It is green."}


def test_signed_reasoning() -> None:
    blocks = [
        {"type": "thinking", "thinking": "hmm", "signature": "sig"},
        {"type": "redacted_thinking", "data": "zzz"},
    ]
    output = to_model_output("x", _response({"content": "yes", "thinking_blocks": blocks, "reasoning_content": "hmm"}))
    assert output.completion == "yes"
    first, second, _ = output.message.content
    assert isinstance(first, ContentReasoning)
    assert isinstance(second, ContentReasoning)
    assert (first.reasoning, first.signature) == ("hmm", "sig")
    assert second.redacted
    again = to_openai_messages([output.message])
    assert again[0]["thinking_blocks"] == blocks


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("<think>hmm</think>\n\nyes", "yes"),
        ("\n<think></think>yes", "yes"),
        ("yes <think>no</think>", "yes <think>no</think>"),
        ("<think>never closed", "<think>never closed"),
        ("<think>" * 100_000, "<think>" * 100_000),
    ],
)
def test_written_reasoning_is_cut_off_the_front_only(text: str, answer: str) -> None:
    class Plain:
        content = text

    class Choice:
        message = Plain()
        finish_reason = "stop"

    class Response:
        choices = (Choice(),)

    output = to_model_output("x", Response())
    assert output.completion.lstrip() == answer
    assert output.model == "x"


def test_odd_tool_calls() -> None:
    calls = [
        {"id": None, "type": "function", "function": {"name": None, "arguments": None}},
        {"id": "b", "type": "function", "function": {"name": "f", "arguments": "[" * 100_000}},
    ]

    class Odd:
        content = None
        tool_calls = calls

    class Choice:
        message = Odd()
        finish_reason = "tool_calls"

    class Response:
        id = "r"
        choices = (Choice(),)

    made = to_model_output("x", Response()).message.tool_calls or []
    assert [(c.id, c.function, c.arguments) for c in made] == [("r-0-0", "unknown", {}), ("b", "f", {})]
    assert made[0].parse_error is None
    assert made[1].parse_error is not None
