"""What an application sends back, read or refused with a sentence."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vcpd.evals.run_system import asked_question, audited
from vcpd.evals.samples import Sample
from vcpd.evals.system_reply import SystemReplyError, read_reply
from vcpd.retrieval.corpus import Corpus
from vcpd.retrieval.passages import Document
from vcpd.retrieval.sources import SourcePolicy

KNOWN = Document("act", "The act was passed in 1937.", source="Parliament", date=date(1937, 1, 1), authority=5)
CORPUS = Corpus((KNOWN,))
NOTHING = Corpus(())


def test_a_text_is_an_answer_without_sources():
    assert read_reply("It is so.", NOTHING, None).text == "It is so."


def test_the_documented_form():
    reply = read_reply(
        {
            "answer": "In 1937 [1].",
            "sources": [{"doc_id": "a", "text": "Passed in 1937.", "date": "2020-01-02", "jurisdiction": "UK"}],
            "usage": {"input_tokens": 100, "output_tokens": 9, "reasoning_tokens": 4},
            "confidence": 0.8,
            "model": "acme-7b",
        },
        NOTHING,
        "acme",
    )
    assert (reply.text, reply.confidence, reply.served) == ("In 1937 [1].", 0.8, "acme-7b")
    assert (reply.documents[0].date, reply.documents[0].jurisdiction) == (date(2020, 1, 2), "UK")
    usage = reply.usage[0]
    assert (usage.model, usage.input_tokens, usage.output_tokens, usage.reasoning_tokens) == ("acme", 100, 9, 4)


def test_a_chat_completion_with_sources_where_servers_put_them():
    chat = {
        "model": "served",
        "choices": [{"message": {"role": "assistant", "content": "Yes [1]."}, "finish_reason": "stop"}],
        "usage": {
            "prompt_tokens": 100,
            "completion_tokens": 20,
            "prompt_tokens_details": {"cached_tokens": 40},
            "completion_tokens_details": {"reasoning_tokens": 5},
        },
    }
    reply = read_reply(chat | {"sources": ["Yes it is."]}, NOTHING, "m")
    assert (reply.text, reply.passages[0].text, reply.finish_reason) == ("Yes [1].", "Yes it is.", "stop")
    usage = reply.usage[0]
    assert (usage.input_tokens, usage.cache_read_tokens, usage.output_tokens, usage.reasoning_tokens) == (60, 40, 20, 5)
    chat["choices"][0]["message"]["context"] = {"citations": [{"content": "c", "title": "t", "url": "u"}]}
    document = read_reply(chat, NOTHING, "m").documents[0]
    assert (document.text, document.title, document.url) == ("c", "t", "u")


def test_passages_of_one_document_are_one_document_and_keep_their_numbers():
    reply = read_reply(
        {"answer": "x", "sources": [{"doc_id": d, "text": t} for d, t in ("a1", "b2", "a3")]}, NOTHING, None
    )
    assert [(p.doc_id, p.text) for p in reply.passages] == [("a", "1"), ("b", "2"), ("a", "3")]
    texts = {d.doc_id: d.text for d in reply.documents}
    assert texts == {"a": "1\n\n3", "b": "2"}
    assert all(p.text == p.span.of(texts[p.doc_id]) for p in reply.passages)


def test_what_the_pack_knows_of_a_document_goes_before_what_the_application_says():
    sources = [{"doc_id": "act", "text": "Passed in 1937.", "date": "2030-01-01", "authority": 0}, {"doc_id": "act"}]
    document = read_reply({"answer": "x", "sources": sources[:1]}, CORPUS, None).documents[0]
    assert (document.date, document.authority, document.text) == (date(1937, 1, 1), 5, "Passed in 1937.")
    assert read_reply({"answer": "x", "sources": sources[1:]}, CORPUS, None).documents[0].text == KNOWN.text


def test_the_policy_audits_what_came_back():
    sources = [
        {"doc_id": "old", "text": "o", "date": "1990-01-01"},
        {"doc_id": "new", "text": "n", "date": "2024-01-01"},
    ]
    reply = read_reply({"answer": "x", "sources": [*sources, {"doc_id": "undated", "text": "u"}]}, NOTHING, None)
    found = audited(reply, SourcePolicy(as_of=date(2020, 1, 1)))
    assert [h.passage.doc_id for h in found.hits] == ["old"]
    assert [(b.passage.doc_id, b.rule) for b in found.blocked] == [("new", "as_of"), ("undated", "as_of")]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "the reply must be a text or an object with 'answer', it is null"),
        ([], "it is a list"),
        ({}, "field 'answer': missing or null"),
        ({"answer": None}, "field 'answer': missing or null"),
        ({"answer": 4}, "field 'answer': a string is needed"),
        ({"answer": "x", "sources": 3}, "a list of sources is needed"),
        ({"answer": "x", "sources": [{"doc_id": "a", "text": 3}]}, "the text of source 1 is a number"),
        ({"answer": "x", "sources": ["s"] * 501}, "501 sources are more than 500"),
        ({"answer": "x", "usage": {"input_tokens": 1}}, "field 'usage.output_tokens': missing"),
        ({"answer": "x", "usage": {"input_tokens": -1, "output_tokens": 1}}, "-1 is less than 0"),
        ({"answer": "x", "confidence": 80}, "80 is not between 0 and 1"),
        ({"choices": [{}]}, "choices\\[0\\].message is missing"),
        ({"choices": []}, "choices\\[0\\].message is missing"),
    ],
)
def test_other_forms_are_refused_with_the_field(value, words):
    with pytest.raises(SystemReplyError, match=words):
        read_reply(value, NOTHING, None)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["answer", "sources", "usage", "text", "doc_id", "choices", "message", "content", "date"]
                ),
                inner,
                max_size=5,
            )
        ),
        max_leaves=12,
    )
)
def test_any_reply_is_read_or_refused(value):
    try:
        reply = read_reply(value, CORPUS, "m")
    except SystemReplyError:
        return
    documents = {d.doc_id: d.text for d in reply.documents}
    assert all(p.text == p.span.of(documents[p.doc_id]) for p in reply.passages)


def test_choices_are_lettered():
    sample = Sample("s", "d", "c", "Which?", ("B",), choices=("one", "two"))
    assert asked_question(sample) == "Which?\n\nA. one\nB. two\n\nAnswer with the letter of the right choice."
