"""Chat messages of Inspect to the form of OpenAI's API that litellm speaks, and litellm's answers back.

Inspect's own helpers for this need another major version of the `openai` package than litellm allows, so they are never
imported.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from inspect_ai.model import (
    ChatCompletionChoice,
    ChatMessage,
    ChatMessageAssistant,
    ChatMessageTool,
    Content,
    ContentAudio,
    ContentCitation,
    ContentDocument,
    ContentImage,
    ContentReasoning,
    ContentText,
    DocumentCitation,
    Logprob,
    Logprobs,
    ModelOutput,
    ModelUsage,
    StopReason,
    TopLogprob,
    UrlCitation,
)
from inspect_ai.tool import ToolCall, ToolChoice, ToolFunction, ToolInfo

from .models import token_counts
from .prompts import encodable

_STOP_REASONS: dict[str, StopReason] = {
    "stop": "stop",
    "eos": "stop",
    "length": "max_tokens",
    "max_tokens": "max_tokens",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
    "content_filter": "content_filter",
    "model_length": "model_length",
}
_THINK = ("<think>", "</think>")


def to_openai_messages(messages: Sequence[ChatMessage]) -> list[dict[str, Any]]:
    """The messages as OpenAI dicts, lone surrogates replaced.

    Raises:
        ValueError: A message holds content that the chat interface cannot carry (video, provider-internal data).
    """
    return [_message(message) for message in messages]


def to_openai_tools(tools: Sequence[ToolInfo]) -> list[dict[str, Any]]:
    """The tools as OpenAI function definitions."""
    return [
        {
            "type": "function",
            "function": {
                "name": tool.name,
                "description": tool.description,
                "parameters": tool.parameters.model_dump(exclude_none=True),
            },
        }
        for tool in tools
    ]


def to_openai_tool_choice(choice: ToolChoice) -> str | dict[str, Any]:
    """Inspect's "any" is OpenAI's "required"; a named function is an object."""
    if isinstance(choice, ToolFunction):
        return {"type": "function", "function": {"name": choice.name}}
    return "required" if choice == "any" else choice


def _message(message: ChatMessage) -> dict[str, Any]:
    if isinstance(message, ChatMessageAssistant):
        return _assistant(message)
    if isinstance(message, ChatMessageTool):
        failed = f"Error: {message.error.message}" if message.error else None
        content = encodable(failed) if failed else _content(message.content)
        return {"role": "tool", "tool_call_id": message.tool_call_id or "", "content": content}
    return {"role": message.role, "content": _content(message.content)}


def _assistant(message: ChatMessageAssistant) -> dict[str, Any]:
    """Reasoning goes beside the text; signed blocks go back as they came, as some providers insist."""
    parts = [message.content] if isinstance(message.content, str) else message.content
    texts = [part if isinstance(part, str) else part.text for part in parts if isinstance(part, str | ContentText)]
    reasoning = [part for part in parts if isinstance(part, ContentReasoning)]
    calls = [
        {"id": c.id, "type": "function", "function": {"name": c.function, "arguments": json.dumps(c.arguments)}}
        for c in message.tool_calls or ()
    ]
    text = encodable("".join(texts))
    made: dict[str, Any] = {"role": "assistant", "content": text or (None if calls else "")}
    if calls:
        made["tool_calls"] = calls
    if said := "\n".join(part.reasoning for part in reasoning if not part.redacted):
        made["reasoning_content"] = encodable(said)
    if signed := [_thinking(part) for part in reasoning if part.signature or part.redacted]:
        made["thinking_blocks"] = signed
    return made


def _thinking(part: ContentReasoning) -> dict[str, Any]:
    if part.redacted:
        return {"type": "redacted_thinking", "data": part.reasoning}
    return {"type": "thinking", "thinking": part.reasoning, "signature": part.signature}


def _content(content: str | list[Content]) -> str | list[dict[str, Any]]:
    if isinstance(content, str):
        return encodable(content)
    parts = [_part(part) for part in content if not isinstance(part, ContentReasoning)]
    if all(part["type"] == "text" for part in parts):  # not every server takes a list
        return "\n".join(part["text"] for part in parts)
    return parts


def _part(part: Content) -> dict[str, Any]:
    if isinstance(part, ContentText):
        return {"type": "text", "text": encodable(part.text)}
    if isinstance(part, ContentImage):
        detail = "high" if part.detail == "original" else part.detail
        return {"type": "image_url", "image_url": {"url": part.image, "detail": detail}}
    if isinstance(part, ContentAudio):
        data = part.audio.partition(",")[2] if part.audio.startswith("data:") else part.audio
        return {"type": "input_audio", "input_audio": {"data": data, "format": part.format}}
    if isinstance(part, ContentDocument):
        return {"type": "file", "file": {"file_data": part.document, "filename": part.filename}}
    raise ValueError(f"content of type {part.type!r} cannot be sent to a chat model through litellm")


def to_model_output(model: str, response: Any) -> ModelOutput:
    """litellm's `ModelResponse` as Inspect's `ModelOutput`.

    Args:
        model: The name it was called by, used where the response names none.
    """
    named = getattr(response, "model", None) or model
    identity = str(getattr(response, "id", None) or "call")
    pages = getattr(response, "citations", None)  # a list of addresses, as Perplexity sends it
    choices = [_choice(choice, named, f"{identity}-{i}", pages) for i, choice in enumerate(response.choices or ())]
    usage = to_model_usage(getattr(response, "usage", None))
    return ModelOutput(
        model=named,
        choices=choices,
        usage=usage if usage.total_tokens else None,  # litellm fills in 0 where the server sent none
        response_id=getattr(response, "id", None),
    )


def to_model_usage(usage: object) -> ModelUsage:
    """Token counts as Inspect defines them: `input_tokens` excludes cached ones, `output_tokens` includes reasoning."""
    counts = token_counts(usage)
    return ModelUsage(
        input_tokens=counts.input,
        output_tokens=counts.output,
        total_tokens=counts.input + counts.cache_read + counts.cache_write + counts.output,
        input_tokens_cache_read=counts.cache_read,
        input_tokens_cache_write=counts.cache_write,
        reasoning_tokens=counts.reasoning,
    )


def _choice(choice: Any, model: str, identity: str, pages: object) -> ChatCompletionChoice:
    message = choice.message
    calls = [_tool_call(call, f"{identity}-{i}") for i, call in enumerate(getattr(message, "tool_calls", None) or ())]
    return ChatCompletionChoice(
        message=ChatMessageAssistant(
            content=_answer(message, pages), tool_calls=calls or None, model=model, source="generate"
        ),
        stop_reason=_STOP_REASONS.get(str(getattr(choice, "finish_reason", None)), "unknown"),
        logprobs=_logprobs(getattr(choice, "logprobs", None)),
    )


def _answer(message: Any, pages: object) -> str | list[Content]:
    fields = getattr(message, "provider_specific_fields", None)
    refusal = _get(fields, "refusal") or getattr(message, "refusal", None)
    text, inline = _split_thinking(encodable(getattr(message, "content", None) or ""))
    reasoning = _reasoning(message) or inline
    citations = [*_url_citations(message, pages), *_document_citations(_get(fields, "citations"))]
    if not (reasoning or citations or refusal):
        return text
    said: list[Content] = [*reasoning]
    if refusal:
        said.append(ContentText(text=encodable(str(refusal)), refusal=True))
    if text or not refusal:
        said.append(ContentText(text=text, citations=citations or None))
    return said


def _split_thinking(text: str) -> tuple[str, list[ContentReasoning]]:
    """Open models write their reasoning into the answer: `<think>...</think>` at its start is not part of it."""
    opening, closing = _THINK
    body = text.lstrip()
    if not body.startswith(opening) or closing not in body:
        return text, []
    thought, _, rest = body[len(opening) :].partition(closing)
    return rest.lstrip(), [ContentReasoning(reasoning=thought.strip())]


def _reasoning(message: Any) -> list[ContentReasoning]:
    blocks = [block for block in getattr(message, "thinking_blocks", None) or () if isinstance(block, Mapping)]
    made = [
        ContentReasoning(reasoning=str(block.get("data") or ""), redacted=True)
        if block.get("type") == "redacted_thinking"
        else ContentReasoning(reasoning=encodable(str(block.get("thinking") or "")), signature=block.get("signature"))
        for block in blocks
    ]
    plain = getattr(message, "reasoning_content", None)
    return made or ([ContentReasoning(reasoning=encodable(str(plain)))] if plain else [])


def _url_citations(message: Any, pages: object) -> Iterable[UrlCitation]:
    notes = [_get(note, "url_citation") for note in getattr(message, "annotations", None) or ()]
    found = [note for note in notes if _get(note, "url")]
    for note in found:
        start, end = _get(note, "start_index"), _get(note, "end_index")
        cited = (start, end) if isinstance(start, int) and isinstance(end, int) else None
        title = _get(note, "title")
        yield UrlCitation(url=str(_get(note, "url")), title=str(title) if title else None, cited_text=cited)
    if not found and isinstance(pages, list):
        yield from (UrlCitation(url=page) for page in pages if isinstance(page, str))


def _document_citations(groups: object) -> Iterable[ContentCitation | DocumentCitation]:
    """Anthropic's: for each block of text a list of citations with the words they cite and the document's number."""
    for group in groups if isinstance(groups, list) else ():
        for cited in group if isinstance(group, list) else [group]:
            if not isinstance(cited, Mapping):
                continue
            words, title = encodable(str(cited.get("cited_text") or "")), cited.get("document_title")
            internal = {"document_index": cited.get("document_index"), "supported_text": cited.get("supported_text")}
            kind = DocumentCitation if "document_index" in cited else ContentCitation
            yield kind(cited_text=words or None, title=str(title) if title else None, internal=internal)


def _tool_call(call: Any, identity: str) -> ToolCall:
    function = _get(call, "function")
    given = _get(function, "arguments")
    arguments: dict[str, Any] = {}
    problem = None
    try:
        parsed = json.loads(given or "{}") if isinstance(given, str | None) else given
        if not isinstance(parsed, dict):
            raise ValueError(f"an object is expected, not {type(parsed).__name__}")
        arguments = parsed
    except (ValueError, RecursionError) as error:
        problem = encodable(f"the arguments of this call are not valid JSON ({error}):\n{given}")
    name = str(_get(function, "name") or "unknown")
    return ToolCall(id=_get(call, "id") or identity, function=name, arguments=arguments, parse_error=problem)


def _logprobs(logprobs: object) -> Logprobs | None:
    tokens = _get(logprobs, "content")
    if not tokens:
        return None
    return Logprobs(content=[_logprob(token) for token in tokens])


def _logprob(token: object) -> Logprob:
    top = [
        TopLogprob(token=encodable(_get(t, "token")), logprob=_get(t, "logprob"), bytes=_get(t, "bytes"))
        for t in _get(token, "top_logprobs") or ()
    ]
    return Logprob(
        token=encodable(_get(token, "token")),
        logprob=_get(token, "logprob"),
        bytes=_get(token, "bytes"),
        top_logprobs=top or None,
    )


def _get(source: object, name: str) -> Any:
    return source.get(name) if isinstance(source, Mapping) else getattr(source, name, None)
