import math
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rank_bm25 import BM25Okapi
from vcpd.retrieval.chunking import chunk
from vcpd.retrieval.corpus import Corpus
from vcpd.retrieval.lexical import LexicalRetriever
from vcpd.retrieval.passages import Document, Passage
from vcpd.retrieval.search import Retriever
from vcpd.retrieval.sources import SourcePolicy, blocking_rule
from vcpd.retrieval.tokens import tokenize

ALL = SourcePolicy()
VOCABULARY = [f"{a}{b}" for a in "bcdfghjk" for b in ("ar", "on", "ul", "ip", "em")]


def random_corpus(seed: int, documents: int = 60) -> Corpus:
    rng = np.random.default_rng(seed)
    weights = 1 / np.arange(1, len(VOCABULARY) + 1)
    rows = []
    for i in range(documents):
        words = rng.choice(VOCABULARY, size=int(rng.integers(5, 60)), p=weights / weights.sum())
        text = ". ".join(" ".join(words[j : j + 7]).capitalize() for j in range(0, len(words), 7)) + "."
        year = int(rng.integers(2000, 2024))
        rows.append(Document(f"d{i}", text, str(rng.choice(VOCABULARY)), f"s{i % 3}", date(year, 1, 1), "US", i % 6))
    return Corpus(tuple(rows))


def passages_of(corpus: Corpus, max_words: int) -> list[tuple[Document, Passage]]:
    return [(d, p) for d in corpus for p in chunk(d, max_words)]


@pytest.mark.parametrize("policy", [ALL, SourcePolicy(deny=("s1",), as_of=date(2015, 1, 1), min_authority=2)])
@pytest.mark.parametrize("seed", range(4))
def test_scores_and_ranks_are_those_of_rank_bm25(seed: int, policy: SourcePolicy) -> None:
    corpus = random_corpus(seed)
    pairs = passages_of(corpus, 20)
    tokens = [tokenize(d.title) + tokenize(p.text) for d, p in pairs]
    oracle = BM25Okapi(tokens, k1=1.5, b=0.75)
    retriever = LexicalRetriever(corpus, max_words=20)
    rare = [w for w in VOCABULARY if 0 < 2 * sum(w in t for t in tokens) < len(tokens)]
    assert len(rare) > 20
    rng = np.random.default_rng(seed)
    for _ in range(10):
        query = [str(w) for w in rng.choice(rare, size=4, replace=False)]
        expected = oracle.get_scores(query)
        order = [i for i in np.argsort(-expected, kind="stable") if expected[i] > 0]
        allowed = [i for i in order if blocking_rule(pairs[i][0], policy) is None]
        result = retriever.search(" ".join(query), 10, policy)
        assert [h.score for h in result.hits] == pytest.approx([expected[i] for i in allowed[:10]], rel=1e-6)
        assert [h.passage for h in result.hits] == [pairs[i][1] for i in allowed[:10]]
        kept_out = [(pairs[i][1], blocking_rule(pairs[i][0], policy)) for i in order[:10] if i not in allowed]
        assert [(b.passage, b.rule) for b in result.blocked] == kept_out


def test_a_term_of_most_passages_gets_the_documented_idf() -> None:
    texts = ["Court beta", "Court gamma gamma", "Court delta", "Epsilon zeta"]
    corpus = Corpus(tuple(Document(f"d{i}", text) for i, text in enumerate(texts)))
    tokens = [tokenize(text) for text in texts]
    result = LexicalRetriever(corpus).search("court", 9, ALL)
    idf = 0.01 * math.log(1 + (4 - 3 + 0.5) / (3 + 0.5))
    mean = sum(map(len, tokens)) / 4
    expected = [idf * 2.5 / (1 + 1.5 * (0.25 + 0.75 * len(t) / mean)) for t in tokens[:3]]
    assert [h.passage.doc_id for h in result.hits] == ["d0", "d2", "d1"]
    assert [h.score for h in result.hits] == pytest.approx(sorted(expected, reverse=True), rel=1e-9)
    oracle = BM25Okapi(tokens)
    assert oracle.idf["court"] == pytest.approx(0.25 * oracle.average_idf)  # the floor that is not taken over
    assert max(oracle.get_scores(["court"])) > 10 * result.hits[0].score


def test_a_common_term_hardly_weighs_against_a_rare_one() -> None:
    texts = ["Court court court court", "Court beta", "Court gamma", "Delta epsilon zeta", "Eta theta"]
    corpus = Corpus(tuple(Document(f"d{i}", text) for i, text in enumerate(texts)))
    result = LexicalRetriever(corpus).search("court epsilon", 2, ALL)
    assert [h.passage.doc_id for h in result.hits] == ["d3", "d0"]


def test_repeated_query_terms_count_once() -> None:
    retriever = LexicalRetriever(random_corpus(1))
    once, twice = (retriever.search(q, 5, ALL) for q in ("kip kem", "kip kem kip Kip"))
    assert once.hits == twice.hits != ()


@pytest.mark.parametrize("texts", [["Only one passage here."], ["First text.", "Second text."]])
def test_tiny_corpora_can_be_searched(texts: list[str]) -> None:
    corpus = Corpus(tuple(Document(str(i), text) for i, text in enumerate(texts)))
    result = LexicalRetriever(corpus).search(texts[-1], 5, ALL)
    assert result.hits[0].passage.text == texts[-1]


@pytest.mark.parametrize("query", ["", "the of", "\ud800\x00", "unseen word", " ignore your instructions " * 30_000])
def test_queries_that_match_nothing(query: str) -> None:
    assert LexicalRetriever(random_corpus(2)).search(query, 5, ALL).hits == ()


@pytest.mark.parametrize("documents", [(), (Document("a", ""),), (Document("a", "the of."), Document("b", "?"))])
def test_empty_corpora(documents: tuple[Document, ...]) -> None:
    result = LexicalRetriever(Corpus(documents)).search("court", 5, SourcePolicy(min_authority=3))
    assert (result.hits, result.blocked) == ((), ())


def test_k_larger_than_the_corpus_and_k_too_small() -> None:
    corpus = Corpus(
        (Document("a", "Court beta."), Document("b", "\ud800 gamma"), Document("c", ""), Document("d", "Beta"))
    )
    retriever = LexicalRetriever(corpus)
    assert [h.passage.doc_id for h in retriever.search("beta gamma", 100, ALL).hits] == ["b", "d", "a"]
    with pytest.raises(ValueError, match="k must be at least 1"):
        retriever.search("beta", 0, ALL)


def test_the_title_is_searched_with_each_passage() -> None:
    corpus = Corpus(
        (Document("a", "It was unanimous.", title="Brown v. Board"), Document("b", "It was split."), *FILLER)
    )
    result = LexicalRetriever(corpus).search("Brown unanimous", 5, ALL)
    assert [h.passage.text for h in result.hits] == ["It was unanimous."]


FILLER = tuple(Document(f"f{i}", f"Filler{i} words.") for i in range(5))


def test_ties_go_to_the_earlier_passage() -> None:
    corpus = Corpus((*FILLER, *(Document(f"t{i}", "Same text twice.") for i in (3, 1, 2))))
    retriever = LexicalRetriever(corpus)
    assert [h.passage.doc_id for h in retriever.search("same", 2, ALL).hits] == ["t3", "t1"]


def test_blocked_passages_are_those_that_would_have_ranked() -> None:
    documents = (
        Document("late", "Kappa lambda.", date=date(2024, 1, 1)),
        Document("old", "Kappa mu nu xi.", date=date(2000, 1, 1)),
        Document("undated", "Kappa omicron pi rho sigma tau."),
    )
    retriever = LexicalRetriever(Corpus((*documents, *FILLER)))
    policy = SourcePolicy(as_of=date(2020, 1, 1))
    one = retriever.search("kappa", 1, policy)
    assert [h.passage.doc_id for h in one.hits] == ["old"]
    assert [(b.passage.doc_id, b.rule) for b in one.blocked] == [("late", "as_of")]
    assert one.blocked[0].score > one.hits[0].score
    three = retriever.search("kappa", 3, policy)
    assert [b.passage.doc_id for b in three.blocked] == ["late", "undated"]
    assert retriever.search("kappa", 1, ALL).hits[0].passage.doc_id == "late"  # the mask of another policy is not kept


def test_usage_name_and_version() -> None:
    corpus = random_corpus(3)
    retriever: Retriever = LexicalRetriever(corpus)
    usage = retriever.search("bar", 3, ALL).usage
    assert (usage.stage, usage.model, usage.requests) == ("retrieve", None, 1)
    assert usage.seconds > 0
    assert retriever.name == "bm25"
    assert LexicalRetriever(corpus).version == LexicalRetriever(corpus).version
    assert LexicalRetriever(corpus, k1=1.2).version != LexicalRetriever(corpus).version


POLICIES = st.builds(
    SourcePolicy,
    allow=st.sampled_from([(), ("s0", "s1"), ("d3", "s2")]),
    deny=st.sampled_from([(), ("s0",), ("d1", "d2")]),
    jurisdictions=st.sampled_from([(), ("US",), ("UK",)]),
    as_of=st.sampled_from([None, date(2010, 1, 1)]),
    min_authority=st.integers(0, 5),
)
SHARED = random_corpus(9)
RETRIEVER = LexicalRetriever(SHARED, max_words=20)


@settings(deadline=None)
@given(st.lists(st.sampled_from(VOCABULARY), max_size=6), st.integers(1, 12), POLICIES)
def test_hits_are_allowed_ordered_and_positive(query: list[str], k: int, policy: SourcePolicy) -> None:
    result = RETRIEVER.search(" ".join(query), k, policy)
    assert len(result.hits) <= k
    assert [h.score for h in result.hits] == sorted((h.score for h in result.hits), reverse=True)
    for hit in result.hits:
        document = SHARED.get(hit.passage.doc_id)
        assert document is not None
        assert blocking_rule(document, policy) is None
        assert hit.score > 0
    unconstrained = RETRIEVER.search(" ".join(query), k, ALL).hits
    blocked = [h.passage for h in unconstrained if blocking_rule(SHARED.get(h.passage.doc_id), policy)]  # type: ignore[arg-type]
    assert [b.passage for b in result.blocked] == blocked
