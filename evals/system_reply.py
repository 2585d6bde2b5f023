"""What an application under test sends back: an answer, the sources it used, and what it took."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..retrieval.corpus import Corpus
from ..retrieval.passages import Document, Passage, Span
from ..scoring.usage import Usage
from .importers.fields import Fields, kind
from .importers.listed_sources import SourcesError, listed_sources
from .importers.recorded import RecordedAnswerError
from .importers.rows import described
from .pipeline import well_formed

MOST_SOURCES = 500
_JOINT = "\n\n"
_COUNTS = {
    "input_tokens": "prompt_tokens",
    "output_tokens": "completion_tokens",
    "cache_read_tokens": "",
    "cache_write_tokens": "",
    "reasoning_tokens": "",
}


class SystemReplyError(ValueError):
    """A reply that is not of the documented form; the message names the field."""


@dataclass(frozen=True, slots=True)
class SystemReply:
    """One reply, read.

    Attributes:
        passages: The sources as they were returned, in their order: answers cite the first as [1].
        documents: The same by document; several passages of one document are one document.
        served: The model that the application names.
    """

    text: str
    passages: tuple[Passage, ...] = ()
    documents: tuple[Document, ...] = ()
    usage: tuple[Usage, ...] = ()
    confidence: float | None = None
    finish_reason: str | None = None
    served: str | None = None


def read_reply(value: object, corpus: Corpus, priced_as: str | None) -> SystemReply:
    """A reply in one of the documented forms: a text; an object with `answer`; or OpenAI's chat completion.

    What the pack's corpus says of a document of the same id (source, date, jurisdiction, authority) goes before what
    the application says of it; its text is the application's, or the corpus's where it sends none.

    Args:
        priced_as: The model whose price the token counts have, where the reply names none.

    Raises:
        SystemReplyError: Not of that form, or more than 500 sources.
    """
    if isinstance(value, str):
        return SystemReply(value)
    if not isinstance(value, Mapping):
        raise SystemReplyError(f"the reply must be a text or an object with 'answer', it is {kind(value)}")
    reply = Fields("reply", _plain(value), {})
    try:
        text = reply.text("answer")
        if text is None:
            raise reply.error("answer", "missing or null; a text is needed, '' where there is none")
        sources = listed_sources(reply.values.get("sources")) or []
        passages, documents = _shelved(sources, corpus)
        return SystemReply(
            text=text,
            passages=passages,
            documents=documents,
            usage=_usages(reply, priced_as),
            confidence=reply.number("confidence", high=1),
            finish_reason=reply.text("finish_reason"),
            served=reply.text("model"),
        )
    except (RecordedAnswerError, SourcesError) as error:
        raise SystemReplyError(f"malformed reply: {error}") from None


def _plain(value: Mapping[str, Any]) -> Mapping[str, object]:
    """The documented form; of a chat completion its first choice, with sources where such servers put them."""
    choices = value.get("choices")
    if "answer" in value or not isinstance(choices, list):
        return value
    choice = choices[0] if choices and isinstance(choices[0], Mapping) else {}
    message = choice.get("message")
    if not isinstance(message, Mapping):
        raise SystemReplyError("malformed reply: choices[0].message is missing")
    context = message.get("context")
    cited = context.get("citations") if isinstance(context, Mapping) else None
    sources = [value.get("sources"), message.get("sources"), cited, value.get("search_results")]
    return {
        "answer": message.get("content"),
        "sources": next((s for s in sources if s is not None), None),
        "usage": value.get("usage"),
        "finish_reason": choice.get("finish_reason"),
        "model": value.get("model"),
    }


def _shelved(rows: list[dict[str, object]], corpus: Corpus) -> tuple[tuple[Passage, ...], tuple[Document, ...]]:
    if len(rows) > MOST_SOURCES:
        raise SourcesError(f"{len(rows)} sources are more than {MOST_SOURCES}")
    documents: dict[str, Document] = {}
    places: list[tuple[str, Span]] = []
    for number, row in enumerate(rows):
        given = _document(Fields("reply", row, {}, f"sources[{number}]."), corpus)
        known = documents.get(given.doc_id)
        if known is None:
            documents[given.doc_id] = given
            places.append((given.doc_id, Span(0, len(given.text))))
            continue
        joined = f"{known.text}{_JOINT}{given.text}"
        documents[given.doc_id] = replace(known, text=joined)
        places.append((given.doc_id, Span(len(joined) - len(given.text), len(joined))))
    passages = tuple(documents[doc_id].passage(span) for doc_id, span in places)
    return passages, tuple(documents.values())


def _document(row: Fields, corpus: Corpus) -> Document:
    doc_id = row.needed_identifier("doc_id")
    text = well_formed(row.text("text") or "")
    if (known := corpus.get(doc_id)) is not None:
        return replace(known, text=text or known.text, sha256="")
    given: dict[str, Any] = {
        name: well_formed(value) if isinstance(value, str) else value for name, value in described(row).items()
    }
    return Document(doc_id, text, **given)


def _usages(reply: Fields, priced_as: str | None) -> tuple[Usage, ...]:
    """One meter reading for each model that the application reports, none where it reports nothing."""
    value = reply.values.get("usage")
    if value is None:
        return ()
    parts = reply.children("usage") if isinstance(value, list) else filter(None, [reply.child("usage")])
    return tuple(_usage(part, priced_as) for part in parts)


def _usage(part: Fields, priced_as: str | None) -> Usage:
    counts = {name: part.count(name) if name in part.values else part.count(other) for name, other in _COUNTS.items()}
    for name, other in (("input_tokens", "prompt_tokens"), ("output_tokens", "completion_tokens")):
        if counts[name] is None:
            raise part.error(name, f"missing (or {other}); leave usage out where tokens are not known")
    cached, thought = part.child("prompt_tokens_details"), part.child("completion_tokens_details")
    if "prompt_tokens" in part.values and "input_tokens" not in part.values:
        # OpenAI counts cached tokens among the prompt's; here they are counted apart.
        read = cached.count("cached_tokens") or 0 if cached else 0
        counts["cache_read_tokens"] = read
        counts["input_tokens"] = max((counts["input_tokens"] or 0) - read, 0)
        counts["reasoning_tokens"] = thought.count("reasoning_tokens") if thought else 0
    if (counts["reasoning_tokens"] or 0) > (counts["output_tokens"] or 0):
        raise part.error("reasoning_tokens", "more than output_tokens, which must include them")
    tokens = {name: count or 0 for name, count in counts.items()}
    return Usage("generate", part.identifier("model") or priced_as, requests=1, **tokens)
