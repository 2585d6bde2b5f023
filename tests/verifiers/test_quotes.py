"""Quotations: what counts as one, and where it must stand."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vcpd.retrieval.passages import Passage, Span
from vcpd.verifiers.folding import fold
from vcpd.verifiers.quotes import QuoteStatus, check_quotes, find_quotes

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=200)


def passage(text: str, doc_id: str = "d", start: int = 10) -> Passage:
    return Passage(doc_id, Span(start, start + len(text)), text)


SOURCE = passage(
    "The court held that \u201cthe plaintiff\u2019s claim \u2014 though late \u2014 is not barred\u201d "
    "by statute.  It was\nso ordered."
)
OTHER = passage("Nothing else is here to see today.", "e", 0)


@pytest.mark.parametrize(
    "answer",
    [
        "The plaintiff's claim didn't fail and the defendant's won't.",
        "the '90s and the plaintiffs' big claim and 'tis so that judges' robes",
        "5'10\" tall and 6'2\" tall men",
        'the so-called "clear danger" test',
        "No quotation at all.",
        '"an opening mark without an end',
        "",
    ],
)
def test_apostrophes_inches_and_short_quotes_are_no_quotations(answer: str) -> None:
    assert find_quotes(answer) == []
    assert check_quotes(answer, [SOURCE]) == []


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ('He wrote "it was so ordered" [1].', "it was so ordered"),
        ("He wrote \u201cit was so ordered\u201d [1].", "it was so ordered"),
        ("He wrote \u2018it was so ordered\u2019 [1].", "it was so ordered"),
        ("He wrote 'it was so ordered' [1].", "it was so ordered"),
        ("He wrote \u00abit was so ordered\u00bb [1].", "it was so ordered"),
        ("He wrote \u201eit was so ordered\u201c [1].", "it was so ordered"),
        ("'The plaintiffs' claim is here' she said", "The plaintiffs' claim is here"),
        ("\u201cthe plaintiff's claim is late\u201d", "the plaintiff's claim is late"),
    ],
)
def test_all_kinds_of_marks_open_a_quotation(answer: str, words: str) -> None:
    assert [span.of(answer) for span in find_quotes(answer)] == [words]


@pytest.mark.parametrize(
    ("quote", "status"),
    [
        ("the plaintiff's claim - though late - is not barred", QuoteStatus.VERBATIM),
        ("The Plaintiff\u2019s claim \u2013 though late \u2013 is not barred.", QuoteStatus.VERBATIM),
        ("the plaintiff's claim ... is not barred", QuoteStatus.VERBATIM),
        ("the plaintiff's claim [...] is not barred by statute", QuoteStatus.VERBATIM),
        ("the plaintiff's claim \u2026 so ordered", QuoteStatus.VERBATIM),
        ("[T]he plaintiff's claim [was] though late", QuoteStatus.VERBATIM),
        ("It was so   ordered", QuoteStatus.VERBATIM),
        ("It **was so** __ordered__", QuoteStatus.VERBATIM),
        ("so ordered ... the plaintiff's claim", QuoteStatus.NOT_FOUND),
        ("the plaintiff's claim is not barred", QuoteStatus.NOT_FOUND),
        ("the plaintiff's claim is now barred", QuoteStatus.NOT_FOUND),
        ("plaintiff's claim - though lat", QuoteStatus.NOT_FOUND),
        ("so ordered. Nothing else is here", QuoteStatus.NOT_FOUND),
        ("Nothing else is here", QuoteStatus.ELSEWHERE),
    ],
)
def test_where_a_quotation_stands(quote: str, status: QuoteStatus) -> None:
    (found,) = check_quotes(f"As it says: \u201c{quote}\u201d [1].", [SOURCE], [OTHER])
    assert found.status is status
    assert found.text == quote
    assert (found.source is None) == (status is QuoteStatus.NOT_FOUND)


def test_a_fabricated_curly_quotation_is_seen() -> None:
    (found,) = check_quotes("\u201cthe defendant shall pay double damages\u201d", [SOURCE, OTHER])
    assert found.status is QuoteStatus.NOT_FOUND


def test_the_source_of_a_quotation_has_offsets_in_its_document() -> None:
    (found,) = check_quotes('"it was so ordered"', [SOURCE])
    assert found.source is not None
    assert found.source.text == "It was\nso ordered"
    start = found.source.span.start - SOURCE.span.start
    assert SOURCE.text[start : start + len(found.source.text)] == found.source.text


@given(ANY_TEXT, ANY_TEXT)
def test_any_text_is_survived_and_places_are_exact(answer: str, text: str) -> None:
    for found in check_quotes(answer, [passage(text)]):
        assert found.span.of(answer) == found.text
        if found.source is not None:
            start = found.source.span.start - 10
            assert text[start : start + len(found.source.text)] == found.source.text


@given(st.text(alphabet="ab c'\"-\u2014\u200b\n\u201c", max_size=60))
def test_folding_knows_the_way_back(text: str) -> None:
    folded = fold(text)
    for i, sign in enumerate(folded.text):
        if sign.isalpha():
            assert folded.original(Span(i, i + 1)).of(text) == sign


@given(st.lists(st.sampled_from(["alpha", "beta", "gamma", "delta", "epsilon"]), min_size=3, max_size=12), st.data())
def test_every_stretch_of_a_source_is_verbatim(words: list[str], data: st.DataObject) -> None:
    first = data.draw(st.integers(0, len(words) - 3))
    last = data.draw(st.integers(first + 3, len(words)))
    (found,) = check_quotes(f'It says "{" ".join(words[first:last])}".', [passage(" ".join(words))])
    assert found.status is QuoteStatus.VERBATIM


@pytest.mark.parametrize("unit", ["'a ", "\u201ca b c d \u201d ", "\u00ab", "'"])
def test_a_megabyte_of_marks_is_read_in_time(unit: str) -> None:
    began = time.thread_time()
    check_quotes(unit * (1_000_000 // len(unit)), [SOURCE, OTHER])
    assert time.thread_time() - began < 8
