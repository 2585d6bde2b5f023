"""Dense, hybrid and re-ranking retrieval, without a model; the real encoder at the end where it is installed."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from policy_cases import WORDS, LengthReranker, WordEncoder, corpora, policies
from vcpd.retrieval.audit import audit
from vcpd.retrieval.corpus import Corpus
from vcpd.retrieval.dense import DenseRetriever, encoded_text
from vcpd.retrieval.encoders import SentenceTransformerEncoder
from vcpd.retrieval.fusion import HybridRetriever, fused
from vcpd.retrieval.lexical import LexicalRetriever
from vcpd.retrieval.passage_store import CorpusPassages
from vcpd.retrieval.passages import Document, Passage, Span
from vcpd.retrieval.reranking import RerankingRetriever
from vcpd.retrieval.search import Retriever
from vcpd.retrieval.sources import SourcePolicy, blocking_rule
from vcpd.retrieval.weights import EncoderMissingError

ALL = SourcePolicy()
MAKERS: dict[str, Callable[[Corpus], Retriever]] = {
    "lexical": LexicalRetriever,
    "dense": lambda corpus: DenseRetriever(corpus, WordEncoder()),
    "hybrid": lambda corpus: HybridRetriever([LexicalRetriever(corpus), DenseRetriever(corpus, WordEncoder())]),
    "shallow": lambda corpus: HybridRetriever([DenseRetriever(corpus, WordEncoder())], depth=1),
    "reranked": lambda corpus: RerankingRetriever(LexicalRetriever(corpus), LengthReranker(), depth=3),
}
QUERIES = st.lists(st.sampled_from(WORDS), max_size=4).map(" ".join)


@pytest.mark.parametrize("name", MAKERS)
@settings(deadline=None, max_examples=60)
@given(corpora(), policies(), QUERIES, st.integers(1, 12))
def test_only_what_the_policy_allows_is_found(name: str, corpus: Any, policy: SourcePolicy, query: str, k: int) -> None:
    result = MAKERS[name](corpus).search(query, k, policy)
    assert len(result.hits) <= k
    assert len({hit.passage for hit in result.hits}) == len(result.hits)
    scores = [hit.score for hit in result.hits]
    assert scores == sorted(scores, reverse=True)
    for hit in result.hits:
        document = corpus.get(hit.passage.doc_id)
        assert blocking_rule(document, policy) is None
        assert hit.passage.text == hit.passage.span.of(document.text)
    for blocked in result.blocked:
        assert blocking_rule(corpus.get(blocked.passage.doc_id), policy) == blocked.rule
    audited = audit(result, corpus, policy, k=k)
    assert (tuple(audited.hits), tuple(audited.blocked)) == (tuple(result.hits), tuple(result.blocked))
    assert (result.usage.stage, result.usage.requests) == ("retrieve", 1)


@pytest.mark.parametrize("name", ["lexical", "dense"])
@settings(deadline=None, max_examples=40)
@given(corpora(), policies(), QUERIES, st.integers(1, 12))
def test_blocked_is_what_the_open_search_would_have_found(
    name: str, corpus: Any, policy: SourcePolicy, query: str, k: int
) -> None:
    retriever = MAKERS[name](corpus)
    opened = [hit.passage for hit in retriever.search(query, k, ALL).hits]
    kept_out = [p for p in opened if blocking_rule(corpus.get(p.doc_id), policy) is not None]
    found = [blocked.passage for blocked in retriever.search(query, k, policy).blocked]
    assert found == kept_out


def test_a_fusion_names_what_would_have_ranked() -> None:
    documents = (Document("a", "court court court", source="A"), Document("b", "court held"), Document("c", "dose"))
    filler = tuple(Document(f"f{i}", f"filler{i} words") for i in range(9))
    retriever = MAKERS["hybrid"](Corpus((*documents, *filler)))
    one = retriever.search("court", 1, SourcePolicy(deny=("A",)))
    assert [h.passage.doc_id for h in one.hits] == ["b"]
    assert [(h.passage.doc_id, h.rule) for h in one.blocked] == [("a", "deny")]
    assert retriever.search("court", 1, SourcePolicy(deny=("f8",))).blocked == ()


@pytest.mark.parametrize("name", MAKERS)
def test_k_below_one_and_empty_corpora(name: str) -> None:
    retriever = MAKERS[name](Corpus(()))
    assert retriever.search("court", 3, ALL).hits == ()
    with pytest.raises(ValueError, match="k must be at least 1"):
        retriever.search("court", 0, ALL)


def test_dense_ranks_by_cosine() -> None:
    corpus = Corpus((Document("a", "dose dose"), Document("b", "dose court"), Document("c", "appeal")))
    result = DenseRetriever(corpus, WordEncoder()).search("dose", 3, ALL)
    assert [h.passage.doc_id for h in result.hits] == ["a", "b", "c"]
    assert [h.score for h in result.hits] == pytest.approx([1.0, 2**-0.5, 0.0])


def test_vectors_of_another_collection_are_refused() -> None:
    store = CorpusPassages(Corpus((Document("a", "Text."),)))
    with pytest.raises(ValueError, match="2 vectors for 1 passages"):
        DenseRetriever.over(store, np.zeros((2, 16), np.float32), WordEncoder())


def test_the_title_is_encoded_with_the_passage() -> None:
    assert encoded_text("Court rules", "Text.") == "Court rules. Text."
    assert encoded_text(" ", "Text.") == "Text."


def passage(name: str) -> Passage:
    return Passage(name, Span(0, 1), name)


def test_fusion_by_hand() -> None:
    a, b, c = map(passage, "abc")
    made = fused([[a, b], [b, c, b]], 60)
    assert made == [(b, pytest.approx(1 / 62 + 1 / 61)), (a, pytest.approx(1 / 61)), (c, pytest.approx(1 / 62))]
    assert [p for p, _ in fused([[a], [b]], 2)] == [a, b]  # a tie goes to the earlier ranking


@pytest.mark.parametrize(("depth", "constant"), [(0, 2), (1, -1)])
def test_settings_of_a_fusion_are_checked(depth: int, constant: int) -> None:
    with pytest.raises(ValueError, match="must be"):
        HybridRetriever([LexicalRetriever(Corpus(()))], depth=depth, rank_constant=constant)
    with pytest.raises(ValueError, match="at least one retriever"):
        HybridRetriever([])


def test_the_reranker_orders_what_is_allowed() -> None:
    documents = [Document(f"d{i}", "court " * (i + 1), source="AB"[i % 2]) for i in range(6)]
    filler = [Document(f"f{i}", f"filler{i} words") for i in range(9)]
    retriever = RerankingRetriever(LexicalRetriever(Corpus((*documents, *filler))), LengthReranker(), depth=10)
    result = retriever.search("court", 2, SourcePolicy(deny=("A",)))
    assert [h.passage.doc_id for h in result.hits] == ["d5", "d3"]
    assert {b.rule for b in result.blocked} == {"deny"}
    assert retriever.name == "bm25>length"


@pytest.fixture(scope="module")
def encoder() -> SentenceTransformerEncoder:
    try:
        return SentenceTransformerEncoder()
    except EncoderMissingError as error:
        pytest.skip(str(error))


def test_the_real_encoder_finds_what_shares_no_word(encoder: SentenceTransformerEncoder) -> None:
    corpus = Corpus(
        (
            Document("rent", "The tenant must hand over the apartment on the last day."),
            Document("drug", "Take one tablet of this medicine in the morning."),
            Document("hostile", "\ud800\x00 nothing"),
        )
    )
    result = DenseRetriever(corpus, encoder).search("When do I have to take my pill?", 1, ALL)
    assert [h.passage.doc_id for h in result.hits] == ["drug"]
    vectors = encoder.encode_passages(["one", "two"])
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1.0, 1.0], abs=1e-5)
    assert "@" in encoder.name


def test_a_model_that_is_not_there(encoder: SentenceTransformerEncoder, tmp_path: Any) -> None:
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(EncoderMissingError, match="could not be loaded"):
        SentenceTransformerEncoder(str(tmp_path)).encode_queries(["x"])
