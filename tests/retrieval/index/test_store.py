import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from policy_cases import WORDS, WordEncoder, corpora, policies
from rank_bm25 import BM25Okapi
from vcpd.retrieval.chunking import chunk
from vcpd.retrieval.corpus import Corpus
from vcpd.retrieval.corpus_files import load_corpus
from vcpd.retrieval.index.layout import BrokenIndexError, publish, read_head
from vcpd.retrieval.index.store import IndexStore
from vcpd.retrieval.index.strings import StringTable, write_strings
from vcpd.retrieval.index.write import Cut, GenerationWriter
from vcpd.retrieval.lexical import LexicalRetriever
from vcpd.retrieval.passages import Document
from vcpd.retrieval.sources import SourcePolicy, blocking_rule
from vcpd.retrieval.tokens import tokenize


def write(folder: Path, corpus: Corpus, max_words: int = 120) -> IndexStore:
    with GenerationWriter(folder / "generation-1") as writer:
        for document in corpus:
            passages = chunk(document, max_words)
            spans = [(p.span.start, p.span.end) for p in passages]
            writer.add(Cut(document, spans, [" ".join(tokenize(p.text)) for p in passages], [(0, "page 1")]))
        writer.finish()
    publish(folder, folder / "generation-1", {"settings": "test", "encoder": None, **writer.counts})
    return IndexStore(folder)


@settings(deadline=None, max_examples=60)
@given(corpora(), policies(), st.lists(st.sampled_from(WORDS), max_size=4).map(" ".join), st.integers(1, 9))
def test_an_index_finds_what_a_corpus_in_memory_finds(
    tmp_path_factory: Any, corpus: Any, policy: SourcePolicy, query: str, k: int
) -> None:
    store = write(tmp_path_factory.mktemp("index"), corpus)
    memory, disk = LexicalRetriever(corpus).search(query, k, policy), store.lexical().search(query, k, policy)
    assert (disk.hits, disk.blocked) == (memory.hits, memory.blocked)
    assert tuple(store) == tuple(Document(**_fields(d)) for d in corpus)


def _fields(document: Document) -> dict[str, Any]:
    return {name: getattr(document, name) for name in document.__dataclass_fields__}


@pytest.mark.parametrize("policy", [SourcePolicy(), SourcePolicy(deny=("s1",), min_authority=2)])
def test_scores_from_disk_are_those_of_rank_bm25(tmp_path: Path, policy: SourcePolicy) -> None:
    rng = np.random.default_rng(3)
    vocabulary = [f"{a}{b}" for a in "bcdfghjk" for b in ("ar", "on", "ul", "ip", "em")]
    weights = 1 / np.arange(1, len(vocabulary) + 1)
    texts = [" ".join(rng.choice(vocabulary, int(rng.integers(5, 60)), p=weights / weights.sum())) for _ in range(80)]
    corpus = Corpus(tuple(Document(f"d{i}", t, source=f"s{i % 3}", authority=i % 6) for i, t in enumerate(texts)))
    store, tokens = write(tmp_path, corpus), [tokenize(text) for text in texts]
    oracle = BM25Okapi(tokens, k1=1.5, b=0.75)
    rare = [w for w in vocabulary if 0 < 2 * sum(w in t for t in tokens) < len(tokens)]
    for _ in range(20):
        query = [str(w) for w in rng.choice(rare, 4, replace=False)]
        expected = oracle.get_scores(query)
        order = [i for i in np.argsort(-expected, kind="stable") if expected[i] > 0]
        allowed = [i for i in order if blocking_rule(corpus.documents[i], policy) is None]
        hits = store.lexical().search(" ".join(query), 200, policy).hits  # more than there are: none comes with 0
        assert [h.passage.doc_id for h in hits] == [f"d{i}" for i in allowed]
        assert [h.score for h in hits] == pytest.approx([expected[i] for i in allowed], rel=1e-6)
        assert all(hit.score > 0 for hit in hits)


def test_vectors_are_those_of_the_encoder_that_made_them(tmp_path: Path) -> None:
    corpus = Corpus((Document("a", "Dose one."), Document("b", "Court two.")))
    write(tmp_path, corpus)
    with pytest.raises(BrokenIndexError, match="no vectors"):
        IndexStore(tmp_path).dense(WordEncoder())
    np.save(tmp_path / "generation-1" / "vectors.npy", WordEncoder().encode_passages(["Dose one.", "Court two."]))
    publish(tmp_path, tmp_path / "generation-1", {"settings": "test", "encoder": "words@1"})
    found = IndexStore(tmp_path).dense(WordEncoder()).search("court", 1, SourcePolicy())
    assert [h.passage.doc_id for h in found.hits] == ["b"]
    other = WordEncoder()
    other.name = "words@2"
    with pytest.raises(BrokenIndexError, match=r"vectors of words@1, not of words@2"):
        IndexStore(tmp_path).dense(other)


def test_a_corpus_can_be_read_from_an_index_with_its_places(tmp_path: Path) -> None:
    store = write(tmp_path, Corpus((Document("ä", "Grüße \ud800. Zwei.", "T"), Document("b", "Two."))), max_words=2)
    assert [d.doc_id for d in load_corpus(tmp_path)] == ["ä", "b"]
    assert [store.passage(i).text for i in range(len(store))] == ["Grüße \ud800.", "Zwei.", "Two."]
    assert (store.place("ä", 3), store.place("nowhere", 0)) == ("page 1", "")
    assert store.get("nowhere") is None


@settings(deadline=None)
@given(st.lists(st.text(max_size=8), unique=True, max_size=40), st.text(max_size=8))
def test_a_string_table_is_a_dictionary(tmp_path_factory: Any, strings: list[str], other: str) -> None:
    folder = tmp_path_factory.mktemp("strings")
    write_strings(folder, "x", strings)
    table, known = StringTable(folder, "x"), {string: number for number, string in enumerate(strings)}
    assert len(table) == len(strings)
    assert [table.number_of(string) for string in [*strings, other]] == [known.get(s) for s in [*strings, other]]


@pytest.mark.parametrize("damage", ["shorter", "missing", "head", "format", "unfinished"])
def test_a_damaged_index_is_not_opened(tmp_path: Path, damage: str) -> None:
    write(tmp_path, Corpus((Document("a", "Text."),)))
    texts, head = tmp_path / "generation-1" / "texts.bin", tmp_path / "index.json"
    if damage == "shorter":
        texts.write_bytes(b"Tex")
    elif damage == "missing":
        texts.unlink()
    elif damage == "head":
        head.write_text("{")
    elif damage == "format":
        head.write_text(json.dumps(json.loads(head.read_text()) | {"format": 99}))
    else:
        head.unlink()
    with pytest.raises(BrokenIndexError, match=r"index the folder again|run vcpd index"):
        read_head(tmp_path)
