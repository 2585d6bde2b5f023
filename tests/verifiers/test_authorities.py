"""Decisions that are cited: existence, name, court, year, page, standing; short forms; files of authorities."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vcpd.retrieval.passages import Document
from vcpd.retrieval.sources import SourcePolicy
from vcpd.verifiers.authorities import Authority, AuthorityIndex, Coverage, authorities_of, citation_key, place_of
from vcpd.verifiers.authority_check import Standing, judge_citation, names_agree, overruled_remark
from vcpd.verifiers.authority_file import AuthorityError, read_authorities
from vcpd.verifiers.case_citations import Library, check_cases
from vcpd.verifiers.citation_sentences import is_citation_sentence
from vcpd.verifiers.legal import legal_citations
from vcpd.verifiers.stated import Stated, parallel, stated_about
from vcpd.verifiers.verdict import Finding

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=200)
SCOTUS = "Supreme Court of the United States"
BROWN = Authority(
    ("347 U.S. 483", "74 S. Ct. 686"), "Brown v. Board of Education", SCOTUS, 1954, "brown", last_page=496
)
BOLLING = Authority(("347 U.S. 497",), "Bolling v. Sharpe", SCOTUS, 1954)
MIRANDA = Authority(("384 U.S. 436",), "Miranda v. Arizona", SCOTUS, 1966, "miranda")
TOWING = Authority(
    ("159 F.2d 169",), "United States v. Carroll Towing Co.", "Court of Appeals for the Second Circuit", 1947
)
TIMES = Authority(("376 U.S. 254",), "New York Times Co. v. Sullivan", SCOTUS, 1964)
ANNS = Authority(
    ("[1978] AC 728",), "Anns v Merton London Borough Council", "House of Lords", 1977,
    overruled_by="Murphy v Brentwood District Council", overruled_on=date(1990, 7, 26),
)  # fmt: skip
ALL = (BROWN, BOLLING, MIRANDA, TOWING, TIMES, ANNS)
OPEN = AuthorityIndex(ALL, (Coverage("U.S.", 347, 384),))
CLOSED = AuthorityIndex(ALL, closed=True)
DOCUMENTS = {
    "brown": Document("brown", "Separate is unequal.", "Brown v. Board of Education", date=date(1954, 5, 17)),
    "miranda": Document(
        "miranda", "He must be warned. See 163 U.S. 537.", "Miranda v. Arizona", date=date(1966, 6, 13)
    ),
}


def found(text: str, index: AuthorityIndex = CLOSED) -> list[tuple[str, Finding]]:
    library = Library(DOCUMENTS, SourcePolicy(), index)
    return [(w.citation.marker, w.finding) for w in check_cases(text, legal_citations(text), library)]


def judged(text: str, index: AuthorityIndex = OPEN) -> Standing:
    (spans,) = parallel(text, [r.span for r in legal_citations(text)])
    return judge_citation(spans[0].of(text), stated_about(text, spans), index).standing


@pytest.mark.parametrize(
    ("text", "standing"),
    [
        ("Brown v. Board of Education, 347 U.S. 483, 495 (1954)", Standing.CONSISTENT),
        ("Brown v. Bd. of Educ., 347 U. S. 483, 74 S. Ct. 686 (1954)", Standing.CONSISTENT),
        ("NYT v. Sullivan, 376 U.S. 254 (1964)", Standing.CONSISTENT),
        ("the Equal Protection Clause, 347 U.S. 483", Standing.CONSISTENT),
        ("Brown v. Board, 347 U.S. 483, was decided by 9 votes", Standing.CONSISTENT),
        ("Roe v. Wade, 347 U.S. 483 (1954)", Standing.OTHER_DECISION),
        ("Miranda, 347 U.S. 483", Standing.OTHER_DECISION),
        ("Brown v. Board of Education, 347 U.S. 483 (1964)", Standing.OTHER_DECISION),
        ("United States v. Carroll Towing Co., 159 F.2d 169 (9th Cir. 1947)", Standing.OTHER_DECISION),
        ("United States v. Carroll Towing Co., 159 F.2d 169 (2d Cir. 1947)", Standing.CONSISTENT),
        ("Brown v. Board of Education, 347 U.S. 483, 501 (1954)", Standing.WRONG_PAGE),
        ("Brown v. Board of Education, 347 U.S. 483, at 12 (1954)", Standing.WRONG_PAGE),
        ("350 U.S. 12 (1956)", Standing.NOT_THERE),
        ("600 U.S. 12 (2023)", Standing.UNKNOWN),
        ("390 U.S. 12 (1931)", Standing.IMPLAUSIBLE),
        ("12 F.3d 4 (1950)", Standing.IMPLAUSIBLE),
        ("999 F.9d 1 (2031)", Standing.NO_SUCH_REPORTER),
        ("[2020] UKSC 5", Standing.UNKNOWN),
    ],
)
def test_standing(text: str, standing: Standing) -> None:
    assert judged(text) is standing


def test_a_year_of_an_unknown_reporter_does_not_leak_into_the_citation_before() -> None:
    text = "Brown v. Board of Education, 347 U.S. 483. 999 F.9d 1 (2031)."
    assert found(text) == [("347 U.S. 483", Finding.RESOLVED), ("999 F.9d 1", Finding.FABRICATED)]


def test_what_the_index_cannot_decide_stays_open() -> None:
    for citation in ("600 U.S. 12", "[2020] UKSC 5", "12 Cal. 4th 88"):
        assert found(f"See {citation}.", OPEN) == [(citation, Finding.UNCHECKABLE)]
        assert found(f"See {citation}.", CLOSED) == [(citation, Finding.FABRICATED)]
    assert found("See 350 U.S. 12.", OPEN) == [("350 U.S. 12", Finding.FABRICATED)]
    assert found("See Bolling v. Sharpe, 347 U.S. 497.", OPEN) == [("347 U.S. 497", Finding.UNCHECKABLE)]
    assert found("See 163 U.S. 537.", OPEN) == [("163 U.S. 537", Finding.RESOLVED)]


BOTH = "Brown v. Board of Education, 347 U.S. 483 (1954). Miranda v. Arizona, 384 U.S. 436 (1966). "
R, W, U, F = Finding.RESOLVED, Finding.WRONG_PINCITE, Finding.UNCHECKABLE, Finding.FABRICATED


@pytest.mark.parametrize(
    ("text", "last"),
    [
        (BOTH + "Id. at 444.", ("Id. at 444", R)),
        (BOTH + "Id. at 12.", ("Id. at 12", W)),
        (BOTH + "Brown, supra, at 490.", ("supra, at 490", R)),
        (BOTH + "Brown, supra, at 1490.", ("supra, at 1490", W)),
        (BOTH + "Brown, 347 U.S. at 490.", ("347 U.S. at 490", R)),
        ("Miranda, 384 U.S. at 478.", ("384 U.S. at 478", R)),
        ("Miranda, 384 U.S. at 78.", ("384 U.S. at 78", W)),
        ("Someone, 385 U.S. at 78.", ("385 U.S. at 78", F)),
        ("Brown v. Board of Education, 347 U.S. 483; Miranda v. Arizona, 384 U.S. 436. Id. at 444.", ("Id. at 444", U)),
        ("Smith, supra, at 4.", ("supra, at 4", U)),
        ("Id. at 4.", ("Id. at 4", U)),
        ("999 F.9d 1 (2031). Id. at 4.", ("Id. at 4", F)),
    ],
)  # fmt: skip
def test_short_forms(text: str, last: tuple[str, Finding]) -> None:
    assert found(text)[-1] == last


@pytest.mark.parametrize(
    ("party", "name", "agrees"),
    [
        ("Bd. of Educ.", "Board of Education", True),
        ("Ass'n", "Association of Tailors", True),
        ("United States", "United States v. Jones", True),
        ("United States", "Roe v. Wade", False),
        ("AFSCME", "Janus v. American Federation of State, County, and Municipal Employees", True),
        ("Browning", "Brown v. Board", False),
        ("Schrems", "Facebook Ireland v Schrems", True),
    ],
)
def test_names(party: str, name: str, agrees: bool) -> None:
    assert names_agree(party, name) is agrees


def test_overruled_is_a_remark_with_its_day() -> None:
    remark = overruled_remark(ANNS, "A council owes a duty: Anns.", date(2020, 1, 1))
    assert "was overruled on 1990-07-26 by Murphy" in remark
    assert overruled_remark(ANNS, "A council owes a duty: Anns.", date(1985, 1, 1)) == ""
    assert overruled_remark(ANNS, "Anns was overruled in 1990.", None) == ""
    assert overruled_remark(BROWN, "Separate is unequal.", None) == ""


@pytest.mark.parametrize(
    ("text", "only"),
    [
        ("See Brown v. Board of Education, 347 U.S. 483 (1954).", True),
        ("Id. at 444.", True),
        ("Brown, supra, at 495.", True),
        ("PMID: 32678530.", True),
        ("Brown v. Board was decided in 1954, 347 U.S. 483.", False),
        ("The dose is 5 mg.", False),
        ("Brown won.", False),
        ("", False),
    ],
)
def test_citation_sentences(text: str, only: bool) -> None:
    assert is_citation_sentence(text) is only


def test_an_index_from_documents() -> None:
    texts: Sequence[tuple[str, str]] = [
        ("Marbury v. Madison", "Marbury v. Madison is reported at 5 U.S. (1 Cranch) 137 and was decided in 1803."),
        ("A page about Marbury", "Marbury v. Madison is reported at 5 U.S. (1 Cranch) 137."),
        ("Donoghue v Stevenson", "It has a bottle in it."),
    ]
    index = authorities_of(Document(str(n), text, title) for n, (title, text) in enumerate(texts))
    assert [(a.name, a.doc_id) for a in index.authorities] == [("Marbury v. Madison", "0")]
    assert index.closed
    assert index.find("5 U. S. 137") == index.authorities


def test_citations_are_compared_without_stops_and_spaces() -> None:
    assert citation_key("347 U. S. 483") == citation_key("347 U.S. 483") != citation_key("34 U.S. 7483")
    assert place_of("123 F. Supp. 2d 456") is not None
    assert place_of("[1932] AC 562") is None


def test_a_file_of_authorities(tmp_path: Path) -> None:
    path = tmp_path / "authorities.jsonl"
    path.write_text(
        '{"citation": "316 U.S. 455", "name": "Betts v. Brady", "year": 1942, "overruled_on": "1963-03-18"}\n\n'
        '{"complete": {"reporter": "U.S.", "last_volume": 350}}\n'
    )
    index = read_authorities(path)
    assert index.find("316 U. S. 455")[0].overruled_on == date(1963, 3, 18)
    assert (index.closed, index.covers("12 U.S. 1"), index.covers("351 U.S. 1")) == (False, True, False)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "line 1: not JSON"),
        ("[]", "an object is needed"),
        ('{"name": "x"}', '"citations" must be a list'),
        ('{"citation": "1 U.S. 1"}', '"name" must be text'),
        ('{"citation": "1 U.S. 1", "name": "x", "year": "1999"}', '"year" must be a whole number'),
        ('{"citation": "1 U.S. 1", "name": "x", "overruled_on": "soon"}', '"overruled_on" must be a day'),
        ('{"complete": "U.S."}', '"complete" needs an object'),
    ],
)
def test_a_bad_file_says_where(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "authorities.jsonl"
    path.write_text(line)
    with pytest.raises(AuthorityError, match=r"authorities\.jsonl") as error:
        read_authorities(path)
    assert message in str(error.value)


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(AuthorityError, match="cannot be read"):
        read_authorities(tmp_path / "none.jsonl")


@given(ANY_TEXT, st.sampled_from(["347 U.S. 483", "Id. at 5", "384 U.S. at 444", "[1978] AC 728", "Brown, supra"]))
def test_any_text_is_survived(text: str, citation: str) -> None:
    for answer in (f"{text} {citation}", f"{citation}{text}"):
        library = Library(DOCUMENTS, SourcePolicy(), CLOSED)
        for written in check_cases(answer, legal_citations(answer), library):
            assert written.citation.span.of(answer) == written.citation.marker
    judge_citation(text, Stated(text, text, text, text, 1999, 5), CLOSED)


@pytest.mark.parametrize("unit", ["347 U.S. 483, ", "Id. at 5. ", "Brown v. ", "Brown, supra, at 5; ", "1, 2, "])
def test_a_long_text_is_survived(unit: str) -> None:
    text = unit * (100_000 // len(unit))
    assert all(marker in text for marker, _ in found(text))
