import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vcpd.retrieval.evidence import evidence_found
from vcpd.retrieval.measures import (
    character_precision,
    character_recall,
    evidence_recall,
    is_answerable_from,
    ndcg_at_k,
    recall_at_k,
    reciprocal_rank,
)
from vcpd.retrieval.passages import Passage, Span
from vcpd.retrieval.search import Hit


def hit(doc_id: str, start: int, end: int) -> Hit:
    return Hit(Passage(doc_id, Span(start, end), ""), 1.0)


@pytest.mark.parametrize(
    ("hits", "evidence", "expected"),
    [
        ([], [("a", Span(0, 10))], 0.0),
        ([hit("a", 0, 10)], [("a", Span(0, 10))], 1.0),
        ([hit("a", 0, 5)], [("a", Span(0, 10))], 1.0),  # exactly half
        ([hit("a", 0, 4)], [("a", Span(0, 10))], 0.0),
        ([hit("a", 0, 3), hit("a", 8, 20)], [("a", Span(0, 10))], 1.0),  # 3 + 2 of 10
        ([hit("a", 0, 4), hit("a", 2, 4), hit("a", 1, 3)], [("a", Span(0, 10))], 0.0),  # overlaps count once
        ([hit("b", 0, 10)], [("a", Span(0, 10))], 0.0),
        ([hit("a", 10, 20)], [("a", Span(0, 10))], 0.0),
        ([hit("a", 0, 99)], [("a", Span(5, 9)), ("b", Span(0, 3)), ("a", Span(98, 100)), ("c", Span(1, 2))], 0.5),
    ],
)
def test_evidence_recall(hits: list[Hit], evidence: list[tuple[str, Span]], expected: float) -> None:
    assert evidence_recall(hits, evidence) == expected


Place = tuple[str, int, int]
SPANS = st.tuples(st.sampled_from("ab"), st.integers(0, 30), st.integers(1, 20))


@given(st.lists(SPANS, max_size=8), st.lists(SPANS, min_size=1, max_size=4))
def test_evidence_recall_counts_characters(
    passages: list[tuple[str, int, int]], gold: list[tuple[str, int, int]]
) -> None:
    held = {(doc, place) for doc, start, size in passages for place in range(start, start + size)}
    found = [2 * sum((doc, i) in held for i in range(start, start + size)) >= size for doc, start, size in gold]
    hits = [hit(doc, start, start + size) for doc, start, size in passages]
    evidence = [(doc, Span(start, start + size)) for doc, start, size in gold]
    assert math.isclose(evidence_recall(hits, evidence), sum(found) / len(found))


def test_undefined() -> None:
    with pytest.raises(ValueError, match="undefined without gold evidence"):
        evidence_recall([], [])
    with pytest.raises(ValueError, match="empty gold evidence span"):
        evidence_recall([], [("a", Span(3, 3))])
    for call in (lambda: recall_at_k(["a"], [], 5), lambda: reciprocal_rank(["a"], set())):
        with pytest.raises(ValueError, match="undefined without relevant documents"):
            call()
    for measure in (recall_at_k, ndcg_at_k):
        with pytest.raises(ValueError, match="k must be at least 1"):
            measure(["a"], ["a"], 0)


def test_passages_of_one_document_count_once() -> None:
    ranked = ["x", "x", "x", "a", "y", "b"]
    assert recall_at_k(ranked, ["a", "b"], 2) == 0.5
    assert recall_at_k(ranked, ["a", "b"], 4) == 1.0
    assert reciprocal_rank(ranked, ["a", "b"]) == 0.5
    assert reciprocal_rank(ranked, ["z"]) == 0.0


@settings(deadline=None, max_examples=60)
@given(
    st.permutations("abcdefgh"),
    st.integers(0, 8),
    st.sets(st.sampled_from("abcdefghxy"), min_size=1),
    st.integers(1, 9),
)
def test_agrees_with_ir_measures(ranking: list[str], length: int, relevant: set[str], k: int) -> None:
    ir_measures = pytest.importorskip("ir_measures")
    ranked = ranking[:length]
    qrels = [ir_measures.Qrel("q", doc_id, 1) for doc_id in sorted(relevant)]
    run = [ir_measures.ScoredDoc("q", doc_id, -float(rank)) for rank, doc_id in enumerate(ranked)]
    oracle = ir_measures.calc_aggregate([ir_measures.R @ k, ir_measures.RR, ir_measures.nDCG @ k], qrels, run)
    assert ndcg_at_k(ranked, relevant, k) == pytest.approx(oracle[ir_measures.nDCG @ k])
    assert recall_at_k(ranked, relevant, k) == pytest.approx(oracle[ir_measures.R @ k])
    assert reciprocal_rank(ranked, relevant) == pytest.approx(oracle[ir_measures.RR])


@given(st.lists(SPANS, max_size=8), st.lists(SPANS, min_size=1, max_size=4))
def test_characters_are_counted_one_by_one(passages: list[Place], gold: list[Place]) -> None:
    held = {(doc, i) for doc, start, size in passages for i in range(start, start + size)}
    wanted = {(doc, i) for doc, start, size in gold for i in range(start, start + size)}
    hits = [hit(doc, start, start + size) for doc, start, size in passages]
    evidence = [(doc, Span(start, start + size)) for doc, start, size in gold]
    assert character_recall(hits, evidence) == pytest.approx(len(held & wanted) / len(wanted))
    expected = len(held & wanted) / len(held) if held else 0.0
    assert character_precision(hits, evidence) == pytest.approx(expected)
    assert is_answerable_from(hits, evidence) is (evidence_recall(hits, evidence) == 1)


def test_the_numbers_of_one_question() -> None:
    hits = [hit("x", 0, 50), hit("a", 0, 100), hit("a", 100, 150), hit("b", 0, 10)]
    found = evidence_found(hits, [("a", Span(90, 110)), ("b", Span(0, 10))], 3)
    assert found.recall == 0.5
    assert found.reciprocal_rank == 0.5
    assert found.ndcg == pytest.approx((1 / math.log2(3)) / (1 + 1 / math.log2(3)))
    assert (found.character_precision, found.character_recall) == (20 / 200, 20 / 30)
