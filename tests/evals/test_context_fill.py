"""Distractor passages: as long as asked, what retrieval found kept, the source policy respected, no gold added."""

import pytest
from vcpd.evals.context_fill import CHARS_PER_TOKEN, ContextError, ContextFill, context_tokens
from vcpd.evals.pack_by_name import load_pack
from vcpd.evals.packs import DomainPack
from vcpd.evals.pipeline import prepare
from vcpd.retrieval.lexical import LexicalRetriever
from vcpd.retrieval.sources import blocking_rule


@pytest.fixture(scope="module")
def pack() -> DomainPack:
    return load_pack("legal")


@pytest.fixture(scope="module")
def retriever(pack: DomainPack) -> LexicalRetriever:
    return LexicalRetriever(pack.corpus)


@pytest.mark.parametrize(("size", "tokens"), [("4k", 4096), ("128k", 131072)])
def test_sizes(size: str, tokens: int) -> None:
    assert context_tokens(size) == tokens


@pytest.mark.parametrize("size", ["", "4", "0k", "4K", "4k ", "4.5k", "99999k", "٤k"])
def test_what_is_no_size_is_refused(size: str) -> None:
    with pytest.raises(ContextError, match="4k, 32k or 128k"):
        context_tokens(size)


def test_a_filled_prompt_is_as_long_as_asked_and_keeps_what_was_found(
    pack: DomainPack, retriever: LexicalRetriever
) -> None:
    fill = ContextFill(pack.corpus, "8k")
    for sample in pack.samples[:20]:
        plain = prepare(sample, pack, retriever, pack.source_policy)
        filled = prepare(sample, pack, retriever, pack.source_policy, fill)
        assert 0.85 * 8192 < len(filled.prompt) / CHARS_PER_TOKEN < 1.25 * 8192
        assert filled.evidence_retrieved == plain.evidence_retrieved
        kept = [p for p in filled.passages if p in plain.passages]
        assert kept == list(plain.passages)  # all of them, in their order
        added = [p for p in filled.passages if p not in plain.passages]
        for p in added:
            document = pack.corpus.get(p.doc_id)
            assert document is not None
            assert blocking_rule(document, pack.source_policy) is None
            gold = [e.span for e in sample.evidence if e.doc_id == p.doc_id]
            assert not any(g.start < p.span.end and p.span.start < g.end for g in gold)
        assert filled.prompt == prepare(sample, pack, retriever, pack.source_policy, fill).prompt


def test_a_corpus_that_is_too_small_is_used_up(pack: DomainPack, retriever: LexicalRetriever) -> None:
    fill = ContextFill(pack.corpus, "128k")
    room = fill.room(pack.source_policy)
    filled = prepare(pack.samples[0], pack, retriever, pack.source_policy, fill)
    assert room < 131072
    assert len(filled.prompt) / CHARS_PER_TOKEN == pytest.approx(room, rel=0.3)
