"""From marked stretches to claims with labels, and sums over spans."""

from hypothesis import given
from hypothesis import strategies as st
from vcpd.retrieval.passages import Passage, Span
from vcpd.verifiers.labelled import LabelledAnswer, LabelledClaim
from vcpd.verifiers.labelling import is_unsupported, labelled_claims, merged, shared_length
from vcpd.verifiers.verdict import Claim

TEXT = "Aspirin thins the blood. It was found in 1897 [1]. It is made of gold."
SPANS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 8)).map(lambda t: Span(t[0], t[0] + t[1])), max_size=8)


def answer(*spans: Span, text: str = TEXT) -> LabelledAnswer:
    return LabelledAnswer("a", "c", text, (Passage("d", Span(0, 1), "x"),), (), spans)


def labels(found: LabelledAnswer) -> list[tuple[str, bool]]:
    return [(c.claim.text, c.supported) for c in labelled_claims(found)]


def test_a_sentence_that_touches_a_mark_is_unsupported() -> None:
    gold = Span(TEXT.index("gold"), TEXT.index("gold") + 4)
    assert labels(answer(gold)) == [
        ("Aspirin thins the blood.", True),
        ("It was found in 1897.", True),
        ("It is made of gold.", False),
    ]
    assert [s for _, s in labels(answer())] == [True, True, True]
    assert is_unsupported(answer(gold))
    assert not is_unsupported(answer())


def test_a_mark_that_reaches_over_only_by_white_space_or_a_full_stop_touches_nothing() -> None:
    at = TEXT.index(" It was")
    assert [s for _, s in labels(answer(Span(at - 1, at + 1)))] == [True, True, True]
    assert [s for _, s in labels(answer(Span(at - 1, at + 2)))] == [True, False, True]


def test_claims_that_people_labelled_go_before_sentences() -> None:
    own = LabelledClaim(Claim("Aspirin is gold.", Span(0, 5)), False)
    found = LabelledAnswer("a", "c", TEXT, (), (own,), ())
    assert labelled_claims(found) == (own,)
    assert is_unsupported(found)


def test_nobody_labelled_anything() -> None:
    found = LabelledAnswer("a", "c", TEXT, ())
    assert labelled_claims(found) == ()
    assert not is_unsupported(found)


@given(SPANS, SPANS)
def test_spans_as_sets_of_characters(first: list[Span], second: list[Span]) -> None:
    a, b = ({i for s in spans for i in range(s.start, s.end)} for spans in (first, second))
    assert {i for s in merged(first) for i in range(s.start, s.end)} == a
    assert all(x.end < y.start for x, y in zip(merged(first), merged(first)[1:], strict=False))
    assert shared_length(merged(first), merged(second)) == len(a & b)
