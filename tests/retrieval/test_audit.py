from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vcpd.retrieval.audit import PolicyViolation, audit
from vcpd.retrieval.corpus import Corpus
from vcpd.retrieval.lexical import LexicalRetriever
from vcpd.retrieval.passages import Document, Passage, Span
from vcpd.retrieval.search import BlockedHit, Hit, SearchResult
from vcpd.retrieval.sources import SourcePolicy, blocking_rule
from vcpd.scoring.usage import Usage

USAGE = Usage("retrieve", seconds=0.5, requests=1)
SOURCES = st.sampled_from(["A", "B", "C", ""])
PLACES = st.sampled_from(["US", "US-CA", "USA", "UK", ""])
DAYS = st.sampled_from([None, date(2019, 1, 1), date(2020, 1, 1), date(2021, 1, 1)])


@st.composite
def corpora(draw: st.DrawFn) -> Corpus:
    texts = draw(
        st.lists(st.text(st.characters(), min_size=1, max_size=30) | st.just("Court held. It did."), max_size=8)
    )
    return Corpus(
        tuple(
            Document(f"d{i}", text, "", draw(SOURCES), draw(DAYS), draw(PLACES), draw(st.integers(0, 5)))
            for i, text in enumerate(texts)
        )
    )


POLICIES = st.builds(
    SourcePolicy,
    allow=st.lists(st.sampled_from(["A", "B", "d0", "d2"]), max_size=2).map(tuple),
    deny=st.lists(st.sampled_from(["A", "C", "d1", ""]), max_size=2).map(tuple),
    jurisdictions=st.lists(st.sampled_from(["US", "UK", "US-CA"]), max_size=2).map(tuple),
    as_of=DAYS,
    min_authority=st.integers(0, 5),
)


class LeakyRetriever:
    """Returns every document, whatever the policy."""

    def __init__(self, corpus: Corpus) -> None:
        self.corpus = corpus
        self.name = "leaky"

    def search(self, query: str, k: int, source_policy: SourcePolicy) -> SearchResult:
        del query, k, source_policy
        return SearchResult([Hit(d.passage(Span(0, len(d.text))), 1.0) for d in self.corpus], [], USAGE)


@settings(deadline=None)
@given(corpora(), POLICIES)
def test_nothing_forbidden_passes_a_leaky_retriever(corpus: Corpus, policy: SourcePolicy) -> None:
    leaked = LeakyRetriever(corpus).search("q", 5, policy)
    audited = audit(leaked, corpus, policy)
    rules = {d.doc_id: blocking_rule(d, policy) for d in corpus}
    assert [h.passage.doc_id for h in audited.hits] == [doc_id for doc_id, rule in rules.items() if rule is None]
    assert {b.passage.doc_id: b.rule for b in audited.blocked} == {d: rule for d, rule in rules.items() if rule}
    assert audited.usage == USAGE


@settings(deadline=None, max_examples=40)
@given(corpora(), POLICIES)
def test_the_lexical_retriever_needs_no_correction(corpus: Corpus, policy: SourcePolicy) -> None:
    found = LexicalRetriever(corpus).search("court held", 5, policy)
    audited = audit(found, corpus, policy)
    assert (tuple(audited.hits), tuple(audited.blocked)) == (tuple(found.hits), tuple(found.blocked))


CORPUS = Corpus((Document("a", "The text of a.", authority=1), Document("b", "The text of b.", authority=5)))


@pytest.mark.parametrize(
    "passage",
    [
        Passage("a", Span(0, 3), "the"),
        Passage("a", Span(0, 15), "The text of a."),  # the span runs past the end
        Passage("a", Span(4, 4), "x"),
        Passage("nowhere", Span(0, 0), ""),
        Passage("b", Span(0, 14), "The text of a."),
    ],
)
def test_a_text_that_is_not_the_documents(passage: Passage) -> None:
    good = CORPUS.documents[1].passage(Span(0, 3))
    with pytest.raises(PolicyViolation, match="document"):
        audit(SearchResult([Hit(good, 2.0), Hit(passage, 1.0)], [], USAGE), CORPUS, SourcePolicy())
    with pytest.raises(PolicyViolation, match="document"):
        audit(SearchResult([], [BlockedHit(passage, 1.0, "deny")], USAGE), CORPUS, SourcePolicy())


def test_a_leak_is_moved_with_its_score_and_rule() -> None:
    a, b = (d.passage(Span(4, 8)) for d in CORPUS)
    known = BlockedHit(a, 3.0, "deny")
    audited = audit(SearchResult([Hit(a, 2.0), Hit(b, 1.0)], [known], USAGE), CORPUS, SourcePolicy(min_authority=2))
    assert list(audited.hits) == [Hit(b, 1.0)]
    assert list(audited.blocked) == [BlockedHit(a, 2.0, "min_authority"), known]
