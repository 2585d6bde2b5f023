import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vcpd.retrieval.sentences import split_sentences

# One case a row: the sentences that should come back, joined by one space.
LEGAL = [
    ["The court cited Smith v. Jones, 123 F.3d 456 (9th Cir. 1997).", "It affirmed."],
    ["He moved under Fed. R. Civ. P. 12(b)(6).", "The motion was denied."],
    ["The claim arises under 42 U.S.C. § 1983.", "No other statute applies."],
    ["Id. at 115.", "The dissent disagreed."],
    ["See No. 12-345, slip op. at 4.", "The writ was granted."],
    ["The goods were made by Acme Inc. in Ohio.", "They failed."],
    ["The goods were made by Acme Inc.", "The court held that they were defective."],
    ["It is the law of the U.S.", "The next question is venue."],
    ["The U.S. Supreme Court reversed.", "Justice Ginsburg wrote for the majority."],
    ["Brown v. Board of Educ., 347 U.S. 483 (1954), overruled Plessy.", "It was unanimous."],
    ["See Roe v. Wade, 410 U.S. 113, 153 (1973).", "See also Doe v. Bolton, 410 U.S. 179 (1973)."],
    ["The rule is in Pub. L. No. 111-148, 124 Stat. 119.", "Congress amended it in 2017."],
    ["Under Art. III of the Constitution, courts decide cases.", "Art. I gives Congress its powers."],
    ["It was decided in 1954. [1]", "The Court was unanimous."],
    ["It was decided in 1954.[1][2]", "The Court was unanimous. [3]"],
    ["It was decided in 1954. [1, 2] [4-6]", "Justice Warren wrote it."],
    ["It was decided in 1954.", "[1] says that it was unanimous."],
    ["The court wrote, \u201cSeparate is unequal.\u201d", "That ended the matter."],
    ["The motion was denied.", "(The reasons were given orally.)", "An appeal followed."],
    ["The sentence reads: the State . . . shall not deny.", "Nothing else matters."],
    ["Jones v. Hendrix, 599 U.S. 465 (2023) (Thomas, J.).", "It concerned 28 U.S.C. § 2255(e)."],
    ["Plaintiff sued Smith & Co. Ltd. and Doe Corp. in Cal. Super. Ct. in 2009.", "She lost."],
    ["Rule 56(a) governs.", "Rule 12 does not."],
    ["See Harv. L. Rev. 1193 (1890), by S. Warren and L. Brandeis.", "It is often cited."],
    ["Is the claim barred?", "No.", "The statute was tolled."],
    ["The case is In re Gault, 387 U.S. 1 (1967).", "In it, the Court spoke of due process."],
    ["It was filed in Washington, D.C.", "On appeal, it was dismissed."],
    ["Marbury v. Madison, 5 U.S. (1 Cranch) 137 (1803), is older.", "75,000 cases followed."],
    ["See N.Y. Gen. Bus. Law § 349 and 5 U.S.C. § 552(b)(6).", "Exemption 6 applies.", "§ 1983 does not."],
    ["Jones, C.J., concurred.", "Title VII is at 42 U.S.C. § 2000e et seq.", "Employers must comply."],
    ["Compare Ill. Rev. Stat. ch. 38, § 1-1 with Mass. Gen. Laws ch. 93A.", "They differ."],
]
MEDICAL = [
    ["Give 0.5 mg b.i.d. (p < 0.05, Fig. 2) for a week.", "Then stop."],
    ["The dose was 5 mg q.d. for adults.", "It was 2.5 mg t.i.d. for children."],
    ["The dose is 400 mg t.i.d.", "Ibuprofen should be taken with food."],
    ["It lasted approx. 12 weeks.", "Dr. Lee saw no relapse."],
    ["Smith et al. reported a fall of 3.2 mmHg (95 % CI 1.1 to 5.3; P = .003).", "Others did not."],
    ["The trial was run by Jones et al.", "The results were mixed."],
    ["St. John's wort induces CYP3A4, e.g. in the liver, i.e. it lowers levels.", "Avoid it."],
    ["Levels rose to 1.5 mg/dL.", "mRNA was not detected."],
    ["Chronic infection is caused by hepatitis B.", "Vaccination prevents it."],
    ["Warfarin antagonises vitamin K.", "Leafy greens contain it."],
    ["Do not exceed 4 g per day (8 tablets of 500 mg. Count them.).", "Ask a pharmacist."],
    ["N. Engl. J. Med. 2001 reported it.", "The rate was .05.", "Nobody objected."],
    ["It is caused by E. coli.", "S. aureus is gram-positive.", "The ratio was 3:1.", "2 patients died."],
    ["Dose: 5 mg (max. 40 mg daily).", "NDA No. 20-123 was approved in Nov. 2012.", "pH was 7.4."],
    ["He fell ill.", "Doctors were called at 5 p.m.", "They came."],
    ["Take 400 mg.", "Paracetamol is an alternative."],
]
GENERAL = [
    ["J. K. Rowling wrote it.", "C. S. Lewis did not."],
    ["Mr. Smith met Mrs. Jones on Main St.", "They talked."],
    ["Well... I am not sure.", "Perhaps."],
    ["He waited...", "Then he left?!", "Nobody knows."],
    ["\u201cWhy?\u201d she asked.", "\u201cBecause,\u201d he said."],
    ["Version 2.0.1 came out.", "See example.com for more."],
    ["Yahoo! Inc. grew.", "It was sold!"],
    ["It has three parts: 1. The head; 2. The body.", "That is all."],
    ["**It was 1969.**", "_Armstrong_ landed first.\u00b2", "Aldrich followed.【3†source】", "Collins did not."],
    ["It was in 1954 .", "Justice Warren wrote it ."],
    ["The river is 6,650 km long.", "It rises in the south, etc.", "Its mouth is in the north."],
    ["He said (see Fig. 3. It is clear.) that it is so.", "Fine."],
]


@pytest.mark.parametrize("expected", LEGAL + MEDICAL + GENERAL, ids=lambda case: case[0][:40])
def test_table(expected: list[str]) -> None:
    text = " ".join(expected)
    assert [s.of(text) for s in split_sentences(text)] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One.\n\nTwo", ["One.", "Two"]),
        ("A title\n\nThe text goes\non here. It ends.", ["A title", "The text goes\non here.", "It ends."]),
        ("# Heading\nThe text.", ["# Heading", "The text."]),
        ("Uses:\n- pain\n- fever of 38.5 °C", ["Uses:", "- pain", "- fever of 38.5 °C"]),
        ("Steps\n1. Take one. Wait.\n2. Take two.", ["Steps", "1. Take one.", "Wait.", "2. Take two."]),
        ("He may:\n(a) appeal; or\n(b) pay.", ["He may:", "(a) appeal; or", "(b) pay."]),
        ("under Fed. R. Civ.\nP. 12(b)(6). Then", ["under Fed. R. Civ.\nP. 12(b)(6).", "Then"]),
        ("It was 1954.\r\n\r\nNext.", ["It was 1954.", "Next."]),
        ("It was 1954.\n[1]", ["It was 1954.\n[1]"]),
        (
            "An open ( bracket. It must not\nswallow. The rest.",
            ["An open ( bracket.", "It must not\nswallow.", "The rest."],
        ),
        ("最高裁は1954年に判決した。全員一致だった。", ["最高裁は1954年に判決した。", "全員一致だった。"]),
        ("صدر الحكم عام 1954. كان بالإجماع؟ نعم.", ["صدر الحكم عام 1954.", "كان بالإجماع؟", "نعم."]),
        ("", []),
        (" \n\t ", []),
        (".", ["."]),
        ("\ud800. \x00 X.", ["\ud800. \x00 X."]),
    ],
)
def test_layout_and_scripts(text: str, expected: list[str]) -> None:
    assert [s.of(text) for s in split_sentences(text)] == expected


PIECES = st.sampled_from(
    [
        ". ",
        "! ",
        "? ",
        "\n",
        "\n\n",
        " ",
        "(",
        ")",
        "[1]",
        "U.S.",
        "No. 3",
        "e.g.",
        "The",
        "it",
        "...",
        "\u201d",
        "。",
        "- ",
    ]
)


@given(st.one_of(st.text(), st.lists(st.one_of(PIECES, st.text(max_size=4)), max_size=40).map("".join)))
def test_spans_cover_the_text_in_order(text: str) -> None:
    spans = split_sentences(text)
    end = 0
    for span in spans:
        assert text[end : span.start].strip() == ""
        assert span.of(text) == span.of(text).strip() != ""
        end = span.end
    assert text[end:].strip() == ""


def test_one_megabyte() -> None:
    text = " ".join(s for row in LEGAL + MEDICAL + GENERAL for s in row)
    text = (text + "\n") * (1_000_000 // len(text))
    began = time.perf_counter()
    assert len(split_sentences(text)) > 10_000
    assert time.perf_counter() - began < 20


@settings(deadline=None)
@given(st.lists(st.sampled_from(LEGAL + MEDICAL + GENERAL), max_size=8))
def test_paragraphs_are_split_apart(rows: list[list[str]]) -> None:
    text = "\n\n".join(" ".join(row) for row in rows)
    assert [s.of(text) for s in split_sentences(text)] == [sentence for row in rows for sentence in row]


@pytest.mark.parametrize(
    "unit",
    [
        *(".", ". ", "a. ", "A. ", "(", "( . ", "[1] ", ".[1", ". [1] ", "\n", " ", "\n ", "x", "U.S. ", "#", "\n# a"),
        *('."', "1. ", "\n- ", ". \ud800", "(a. B) ", "】. 【"),
    ],
)
def test_hostile_text_takes_linear_time(unit: str) -> None:
    text = unit * (200_000 // len(unit))
    began = time.perf_counter()
    spans = split_sentences(text)
    assert time.perf_counter() - began < 10  # quadratic work would take minutes
    assert all(a.end <= b.start for a, b in pairwise(spans))
