"""Legal citations and medical identifiers: found, and looked up in the sources."""

import time
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vcpd.retrieval.passages import Document
from vcpd.retrieval.sources import SourcePolicy
from vcpd.verifiers.legal import legal_citations
from vcpd.verifiers.medical import medical_identifiers
from vcpd.verifiers.references import check_references
from vcpd.verifiers.verdict import Finding

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=200)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Brown v. Board, 347 U.S. 483 (1954)", ["347 U.S. 483"]),
        ("347 US 483", ["347 US 483"]),
        ("410 U.S. 113 (1973), 999 F.9d 1 (2031)", ["410 U.S. 113", "999 F.9d 1"]),
        ("123 F. Supp. 2d 456", ["123 F. Supp. 2d 456"]),
        ("2019 WL 12345", ["2019 WL 12345"]),
        ("5 Cranch 137", ["5 Cranch 137"]),
        ("42 U.S.C. \u00a7 1983", ["42 U.S.C. \u00a7 1983"]),
        ("29 C.F.R. \u00a7 1910.134(a)", ["29 C.F.R. \u00a7 1910.134(a)"]),
        ("[1932] AC 562", ["[1932] AC 562"]),
        ("[2020] UKSC 5 and [2004] EWHC 123 (Admin)", ["[2020] UKSC 5", "[2004] EWHC 123 (Admin)"]),
        ("[1990] 2 AC 605", ["[1990] 2 AC 605"]),
        ("(1868) LR 3 HL 330", ["(1868) LR 3 HL 330"]),
        ("Schrems II, C-311/18", ["C-311/18"]),
        ("ECLI:EU:C:2020:559", ["ECLI:EU:C:2020:559"]),
        ("on 5 Jan. 2020 at 5 P.M. 20 people", []),
        ("on 12 May 1954 the 300 mg dose", []),
        ("He lived at 10 Main Street 20 years.", []),
        ("", []),
    ],
)
def test_legal_citations(text: str, found: list[str]) -> None:
    references = legal_citations(text)
    assert [r.text for r in references] == found
    assert all(r.span.of(text) == r.text for r in references)


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("(PMID: 12345678)", ["12345678"]),
        ("https://pubmed.ncbi.nlm.nih.gov/31978945/", ["31978945"]),
        ("PMC1234567", ["PMC1234567"]),
        ("(doi:10.1056/NEJMoa2034577).", ["10.1056/NEJMoa2034577"]),
        ("https://doi.org/10.1000/xyz123(45),", ["10.1000/xyz123(45)"]),
        ("trial NCT04368728", ["NCT04368728"]),
        ("version 10.1234 of the tool", []),
        ("", []),
    ],
)
def test_medical_identifiers(text: str, keys: list[str]) -> None:
    references = medical_identifiers(text)
    assert [r.key for r in references] == keys
    assert all(r.span.of(text) == r.text for r in references)


DOCUMENTS = {
    d.doc_id: d
    for d in [
        Document("brown", "See 163 U. S. 537. 42 U.S.C. \u00a7 1983.", "Brown, 347 U.S. 483", date=date(1954, 5, 17)),
        Document("late", "We follow 999 U.S. 1 and 10.1056/nejm1.", date=date(2030, 1, 1)),
        Document("blog", "As in 5 F.3d 6.", source="blog", date=date(2000, 1, 1)),
        Document("trial", "doi 10.1056/NEJMoa2034577, PMID 33301246", date=date(2001, 1, 1)),
    ]
}  # fmt: skip
POLICY = SourcePolicy(deny=("blog",), as_of=date(2020, 1, 1))


@pytest.mark.parametrize(
    ("text", "finding", "doc_id"),
    [
        ("347 US 483", Finding.RESOLVED, "brown"),
        ("163 U.S. 537", Finding.RESOLVED, "brown"),
        ("42 U.S.C. 1983(b)", Finding.RESOLVED, "brown"),
        ("347 U.S. 48", Finding.FABRICATED, None),
        ("47 U.S. 483", Finding.FABRICATED, None),
        ("999 F.9d 1", Finding.FABRICATED, None),
        ("999 U.S. 1", Finding.POST_CUTOFF, "late"),
        ("5 F.3d 6", Finding.OUT_OF_SCOPE, "blog"),
        ("PMID: 33301246", Finding.RESOLVED, "trial"),
        ("doi:10.1056/nejmoa2034577", Finding.RESOLVED, "trial"),
        ("doi:10.1056/nejmoa2034578", Finding.FABRICATED, None),
        ("NCT04368728", Finding.FABRICATED, None),
    ],
)
def test_findings(text: str, finding: Finding, doc_id: str | None) -> None:
    ((citation, found),) = check_references([*legal_citations(text), *medical_identifiers(text)], DOCUMENTS, POLICY)
    assert (found, citation.doc_id, citation.marker) == (finding, doc_id, text)


def test_a_source_without_text_leaves_it_open() -> None:
    documents = {**DOCUMENTS, "link": Document("link", "", date=date(2001, 1, 1))}
    ((_, found),) = check_references(legal_citations("999 F.9d 1"), documents, POLICY)
    assert found is Finding.UNCHECKABLE


@given(ANY_TEXT)
def test_any_text_is_survived(text: str) -> None:
    for reference in [*legal_citations(text), *medical_identifiers(text)]:
        assert reference.span.of(text) == reference.text
    check_references([*legal_citations(text), *medical_identifiers(text)], {"d": Document("d", text)}, SourcePolicy())


@pytest.mark.parametrize("unit", ["347 U.S. 483 ", "1 A", "10.1234/", "1 Aa Bb 2 "])
def test_a_megabyte_is_searched_in_time(unit: str) -> None:
    text = unit * (1_000_000 // len(unit))
    began = time.thread_time()
    legal_citations(text)
    medical_identifiers(text)
    assert time.thread_time() - began < 6
