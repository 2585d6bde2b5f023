"""Whatever the policy, the corpus, the retriever and k: nothing that the policy forbids reaches a prompt."""

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from policy_cases import WORDS, LengthReranker, WordEncoder, corpora, policies
from vcpd.evals.pack_init import init_pack
from vcpd.evals.packs import DomainPack, PackError, read_pack
from vcpd.evals.pipeline import policy_for, prepare
from vcpd.evals.prompts import encodable, parse_prompt
from vcpd.evals.samples import Sample
from vcpd.retrieval.corpus import Corpus
from vcpd.retrieval.dense import DenseRetriever
from vcpd.retrieval.fusion import HybridRetriever
from vcpd.retrieval.index.layout import publish
from vcpd.retrieval.index.store import IndexStore
from vcpd.retrieval.index.write import Cut, GenerationWriter
from vcpd.retrieval.lexical import LexicalRetriever
from vcpd.retrieval.passages import Span
from vcpd.retrieval.reranking import RerankingRetriever
from vcpd.retrieval.search import BlockedHit, Hit, Retriever, SearchResult
from vcpd.retrieval.sources import SourcePolicy, blocking_rule
from vcpd.retrieval.tokens import tokenize
from vcpd.scoring.usage import Usage


class LeakyRetriever:
    """Returns every document, twice, whatever the policy and whatever k."""

    name = "leaky"

    def __init__(self, corpus: Corpus) -> None:
        self.corpus = corpus

    def search(self, query: str, k: int, source_policy: SourcePolicy) -> SearchResult:
        del query, k, source_policy
        hits = [Hit(d.passage(Span(0, len(d.text))), 1.0) for d in self.corpus]
        return SearchResult([*hits, *hits], [], Usage("retrieve"))


class WidePolicyRetriever:
    """Searches under a policy of its own."""

    name = "wide"

    def __init__(self, corpus: Corpus) -> None:
        self._inner = LexicalRetriever(corpus)

    def search(self, query: str, k: int, source_policy: SourcePolicy) -> SearchResult:
        return self._inner.search(query, k, SourcePolicy())


def on_disk(corpus: Corpus) -> Retriever:
    folder = Path(tempfile.mkdtemp())
    with GenerationWriter(folder / "generation-1") as writer:
        for document in corpus:
            whole = document.text.strip()
            start = document.text.index(whole)
            writer.add(Cut(document, [(start, start + len(whole))], [" ".join(tokenize(whole))]))
        writer.finish()
    publish(folder, folder / "generation-1", {"settings": "test", "encoder": None})
    return IndexStore(folder).lexical()


MAKERS: dict[str, Callable[[Corpus], Retriever]] = {
    "lexical": LexicalRetriever,
    "dense": lambda corpus: DenseRetriever(corpus, WordEncoder()),
    "hybrid": lambda corpus: HybridRetriever([LexicalRetriever(corpus), DenseRetriever(corpus, WordEncoder())]),
    "reranked": lambda corpus: RerankingRetriever(LexicalRetriever(corpus), LengthReranker()),
    "index": on_disk,
    "leaky": LeakyRetriever,
    "wide": WidePolicyRetriever,
    "reranked leak": lambda corpus: RerankingRetriever(LeakyRetriever(corpus), LengthReranker()),
    "fused leak": lambda corpus: HybridRetriever([LeakyRetriever(corpus), LexicalRetriever(corpus)]),
}


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> DomainPack:
    return read_pack(init_pack("example", tmp_path_factory.mktemp("pack") / "example"))


@pytest.mark.parametrize("name", MAKERS)
@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    corpora(),
    policies(),
    st.none() | policies(0),
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=4),
    st.integers(1, 12),
)
def test_nothing_forbidden_reaches_a_prompt(
    name: str, pack: Any, corpus: Any, policy: SourcePolicy, own: SourcePolicy | None, words: list[str], k: int
) -> None:
    sample = Sample("s", "example", "s", " ".join(words), source_policy=own)
    asked = replace(pack, corpus=corpus, k=k)
    prepared = prepare(sample, asked, MAKERS[name](corpus), policy)
    shown = parse_prompt(prepared.prompt).passages if corpus.documents else ()
    allowed = [d for d in corpus if blocking_rule(d, policy_for(sample, policy)) is None]
    assert len(shown) == len(prepared.passages) <= k
    assert all(any(text in encodable(d.text) for d in allowed) for text in shown)
    for passage in prepared.passages:
        document = corpus.get(passage.doc_id)
        assert blocking_rule(document, policy) is None
        assert own is None or blocking_rule(document, own) is None
    for blocked in prepared.result.blocked:
        assert isinstance(blocked, BlockedHit)
        assert blocked.rule == blocking_rule(corpus.get(blocked.passage.doc_id), policy_for(sample, policy))


def test_without_retrieval_nothing_is_shown(pack: DomainPack) -> None:
    prepared = prepare(pack.samples[0], pack, None, pack.source_policy)
    assert (prepared.passages, prepared.evidence_retrieved) == ((), None)
    assert "there are no sources" in prepared.prompt


def _write_policy(folder: Path, policy: str) -> Path:
    path = folder / "samples.jsonl"
    first, *rest = path.read_text().splitlines()
    path.write_text("\n".join([first[:-1] + f', "source_policy": {policy}}}', *rest]) + "\n")
    return folder


def test_a_sample_narrows_the_policy_of_its_pack(tmp_path: Path, pack: DomainPack) -> None:
    folder = _write_policy(init_pack("example", tmp_path / "p"), '{"as_of": "2024-01-01", "deny": ["nobody"]}')
    narrowed = read_pack(folder)
    sample = narrowed.samples[0]
    prepared = prepare(sample, narrowed, LexicalRetriever(narrowed.corpus), narrowed.source_policy)
    assert prepared.passages == ()
    rules = {b.passage.doc_id: b.rule for b in prepared.result.blocked}
    assert rules["handbook"] == "as_of"  # of March 2024
    assert narrowed.sha256 != pack.sha256
    assert read_pack(init_pack("example", tmp_path / "q")).sha256 == pack.sha256


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        ('{"as_off": "2024-01-01"}', "as_off"),
        ('{"as_of": "2024-13-01"}', "not a day"),
        ('{"min_authority": 9}', "above the highest level"),
        ('{"min_safety_tier": 4}', "above the highest level"),
        ('{"current_only": 1}', "neither true nor false"),
        ('{"parents": {"A": "B", "B": "A"}}', "stands above itself"),
    ],
)
def test_a_wrong_policy_of_a_sample_is_named(tmp_path: Path, policy: str, message: str) -> None:
    folder = _write_policy(init_pack("example", tmp_path / "p"), policy)
    with pytest.raises(PackError, match=message) as caught:
        read_pack(folder)
    assert "samples.jsonl" in str(caught.value)
