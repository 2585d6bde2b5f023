"""ALCE's citation precision and recall, by hand and against its definition statement by statement."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from labelled_cases import Scripted
from vcpd.retrieval.passages import Passage, Span
from vcpd.scoring.estimate import InsufficientDataError
from vcpd.verifiers.alce import (
    CitationCounts,
    CitedStatement,
    alce_precision,
    alce_recall,
    citation_counts,
    supports_by,
)
from vcpd.verifiers.verdict import Claim


def source(text: str) -> tuple[Passage, ...]:
    return (Passage(text, Span(0, len(text)), text),)


def statement(needs: str, *cited: str) -> CitedStatement:
    """A claim that the letters of `needs` support, and cited sources that hold letters."""
    return CitedStatement(Claim(needs, Span(0, len(needs))), tuple(source(c) for c in cited))


def supports(pairs: Sequence[tuple[Claim, Sequence[Passage]]]) -> list[bool]:
    return [bool(passages) and set(c.text) <= set("".join(p.text for p in passages)) for c, passages in pairs]


@pytest.mark.parametrize(
    ("case", "wanted"),
    [
        (statement("a", "a"), (1, 1)),
        (statement("a"), (0, 0)),
        (statement("a", "x"), (0, 0)),
        (statement("ab", "a", "b"), (1, 2)),  # neither alone, both needed
        (statement("a", "a", "x"), (1, 1)),  # x is irrelevant
        (statement("a", "a", "a"), (1, 2)),  # each supports alone
        (statement("ab", "a", "b", "x"), (1, 2)),
        (statement("ab", "a", "x"), (0, 0)),
    ],
)
def test_one_statement(case: CitedStatement, wanted: tuple[int, int]) -> None:
    assert citation_counts([[case]], supports) == [CitationCounts(1, wanted[0], len(case.cited), wanted[1])]


def defined(answer: Sequence[CitedStatement]) -> CitationCounts:
    """The definition, one question at a time."""
    supported = precise = 0
    for s in answer:
        joined = [p for c in s.cited for p in c]
        if not s.cited or not supports([(s.claim, joined)])[0]:
            continue
        supported += 1
        for i, c in enumerate(s.cited):
            rest = [p for j, other in enumerate(s.cited) if j != i for p in other]
            irrelevant = not supports([(s.claim, c)])[0] and supports([(s.claim, rest)])[0]
            precise += not irrelevant
    return CitationCounts(len(answer), supported, sum(len(s.cited) for s in answer), precise)


LETTERS = st.text("abc", min_size=1, max_size=2)


@given(st.lists(st.lists(st.tuples(LETTERS, st.lists(LETTERS, max_size=3)), max_size=4), max_size=4))
def test_counts_follow_the_definition(raw: list[list[tuple[str, list[str]]]]) -> None:
    answers = [[statement(needs, *cited) for needs, cited in answer] for answer in raw]
    asked: list[int] = []

    def counted(pairs: Sequence[tuple[Claim, Sequence[Passage]]]) -> list[bool]:
        asked.append(len(pairs))
        return supports(pairs)

    assert citation_counts(answers, counted) == [defined(answer) for answer in answers]
    assert len(asked) <= 2


def test_rates_are_pooled_over_answers() -> None:
    counts = [CitationCounts(4, 3, 4, 2), CitationCounts(1, 0, 1, 1), CitationCounts(0, 0, 0, 0)]
    clusters = ["a", "b", "c"]
    assert alce_recall(counts, cluster_ids=clusters).value == pytest.approx(3 / 5)
    assert alce_precision(counts, cluster_ids=clusters).value == pytest.approx(3 / 5)
    for rate in (alce_recall, alce_precision):
        with pytest.raises(InsufficientDataError):
            rate(counts[2:], cluster_ids=["c"])


def test_a_verifier_as_the_judge_and_its_failures() -> None:
    judge = supports_by(Scripted({"yes": 0.9, "no": 0.1, "fails": None}))
    claims = [(Claim(t, Span(0, 3)), source("x")) for t in ("yes", "no", "fails")]
    assert list(judge(claims)) == [True, False, False]
    assert list(judge([])) == []


def test_a_judge_that_loses_pairs_is_an_error() -> None:
    with pytest.raises(ValueError, match="0 times for 1 pairs"):
        citation_counts([[statement("a", "a")]], lambda _: [])
