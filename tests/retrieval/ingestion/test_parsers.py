import time

import pytest
from hostile_files import docx, pdf, zip_bomb
from hypothesis import given, settings
from hypothesis import strategies as st
from vcpd.retrieval.chunking import passage_spans
from vcpd.retrieval.ingestion.docx_text import check_zip
from vcpd.retrieval.ingestion.formats import kind_of, parse
from vcpd.retrieval.ingestion.parsed import Limits, Parsed, UnreadableError
from vcpd.retrieval.places import Place, exact_place

LIMITS = Limits()


def read(kind: str, data: bytes) -> Parsed:
    return parse(kind, data, LIMITS)


def test_text_and_markdown_are_the_file_itself() -> None:
    source = "Title line\r\n\r\n§ 12 Notice\r\nNotice is due.\n\nSection 4 applies\n\x0cNext page"
    found = read("txt", source.encode())
    assert found.text == source
    assert [source[i : i + 6] for i in found.sections] == ["§ 12 N", "Sectio", "\x0cNext "]
    markdown = "# First\n\nText.\n\n```\n# no heading\n```\n\n## Second #\n\nUnderlined\n=====\nEnd."
    found = read("md", markdown.encode("utf-16"))
    assert (found.text, found.title) == (markdown, "First")
    assert [markdown[i:].split("\n")[0] for i in found.sections] == ["# First", "## Second #", "Underlined"]


def test_no_passage_crosses_a_section() -> None:
    text = "# One\nFirst sentence. Second sentence.\n# Two\nThird sentence."
    sections = read("md", text.encode()).sections
    spans = passage_spans(text, 120, sections)
    assert [s.of(text) for s in spans] == ["# One\nFirst sentence. Second sentence.", "# Two\nThird sentence."]
    cut = [s.of(text) for s in passage_spans(text, 3, sections)]
    assert cut == ["# One", "First sentence.", "Second sentence.", "# Two", "Third sentence."]


@settings(deadline=None)
@given(st.text("ab.\n #", max_size=60), st.lists(st.integers(0, 60)), st.integers(1, 9))
def test_passages_hold_every_word_once(text: str, cuts: list[int], max_words: int) -> None:
    sections = sorted(cuts)
    spans = passage_spans(text, max_words, sections)
    assert "".join("".join(s.of(text).split()) for s in spans) == "".join(text.split())
    for span in spans:
        assert 1 <= len(span.of(text).split()) <= max_words
        assert not any(span.start < cut < span.end for cut in sections)


PAGE = (
    "<!DOCTYPE html><html><head><title>A &amp; B</title><style>p {}</style></head>\n<body><script>var x = '<p>no';"
    "</script><h1>Head</h1><p>One&nbsp;&lt; two,\n three.</p><ul><li>Item</ul><table><tr><td>a<td>b</table>"
    "<svg><text>hidden</text></svg>End &#8212; é</body></html>"
)


def test_html_keeps_what_is_seen_and_knows_where() -> None:
    found = read("html", PAGE.encode())
    assert found.title == "A & B"
    assert found.text.split("\n\n") == ["", "Head", "One < two,  three.", "Item", "a b", "End — é", ""][1:]
    assert "hidden" not in found.text
    assert "var" not in found.text
    assert [found.text[i : i + 4] for i in found.sections] == ["Head"]
    for word in ("Head", "two", "three", "Item", "é"):
        place = exact_place(found.places, found.text.index(word))
        assert PAGE[int(place.removeprefix("character ")) :].startswith(word)


def test_html_in_a_declared_encoding() -> None:
    page = '<html><meta charset="iso-8859-1"><p>caf\xe9</p></html>'
    assert "café" in read("htm", page.encode("latin-1")).text
    with pytest.raises(UnreadableError, match=r"declares \(ascii\)"):
        read("html", page.replace("iso-8859-1", "ascii").encode("latin-1"))
    with pytest.raises(UnreadableError, match="not UTF-8 at byte"):
        read("html", "<p>caf\xe9</p>".encode("latin-1"))


@settings(deadline=None, max_examples=60)
@given(st.text("<>/!-&;#ph1= \"'a\n", max_size=80))
def test_any_html_gives_a_text_whose_places_are_in_order(page: str) -> None:
    found = read("html", page.encode())
    starts = [place.start for place in found.places]
    assert starts == sorted(starts)
    assert all(0 <= start < max(1, len(found.text)) for start in starts)


def test_places() -> None:
    places = [Place(0, "page 1"), Place(10, "character 50"), Place(20, "paragraph 3")]
    assert [exact_place(places, i) for i in (0, 9, 10, 13, 25)] == [
        "page 1",
        "page 1",
        "character 50",
        "character 53",
        "paragraph 3",
    ]
    assert exact_place([Place(5, "page 1")], 2) == exact_place([], 3) == ""


def test_pdf_pages_and_passwords() -> None:
    pytest.importorskip("pypdf")
    found = read("pdf", pdf(["The first page.", "The second page."]))
    assert exact_place(found.places, found.text.index("second")) == "page 2"
    assert found.text.startswith("The first page.")
    with pytest.raises(UnreadableError, match="is encrypted"):
        read("pdf", pdf(["Secret."], password="x"))
    with pytest.raises(UnreadableError, match="no text layer"):
        read("pdf", pdf([""]))
    for damaged in (b"", b"%PDF-1.4\n%%EOF", pdf(["x"])[:200], b"\x00" * 1000):
        with pytest.raises(UnreadableError, match=r"is damaged or no PDF|no text layer"):
            read("pdf", damaged)


def test_docx_paragraphs_headings_and_tables() -> None:
    pytest.importorskip("docx")
    found = read("docx", docx([("Rules", "Heading 1"), ("Be kind.", "Normal")], [["a", "b"], ["c", "d"]]))
    assert found.text.split("\n\n")[:3] == ["Rules", "Be kind.", "a | b\nc | d"]
    assert (found.title or "Rules", found.sections) == (found.title or "Rules", (0,))
    assert exact_place(found.places, found.text.index("kind")) == "paragraph 2"


def test_word_files_that_are_none() -> None:
    pytest.importorskip("docx")
    whole = docx([("Text.", "Normal")])
    for damaged, message in (
        (b"", "damaged or no Word file"),
        (whole[:-200], "damaged or no Word file"),
        (b"\xd0\xcf\x11\xe0" + bytes(500), "encrypted or in the old Word format"),
        (zip_bomb(2 * 2**20), "zip bomb|damaged or no Word file"),
    ):
        with pytest.raises(UnreadableError, match=message):
            read("docx", damaged)


def test_a_bomb_is_refused_by_its_directory() -> None:
    bomb = zip_bomb()
    began = time.thread_time()
    with pytest.raises(UnreadableError, match="refused as a zip bomb"):
        check_zip(bomb, LIMITS)
    assert time.thread_time() - began < 1


@pytest.mark.parametrize(
    ("data", "message"),
    [("caf\xe9".encode("latin-1"), "not UTF-8 at byte 3"), (b"\xff\xfea", "not UTF-16"), (b"a\x00" * 50, "NUL signs")],
)
def test_texts_that_are_none(data: bytes, message: str) -> None:
    with pytest.raises(UnreadableError, match=message):
        read("txt", data)


def test_kinds() -> None:
    names = ("a.TXT", "b.md", "c.jsonl", "d.docx", "e.exe", "txt", ".txt", "f.tar.gz")
    assert [kind_of(name) for name in names] == ["txt", "md", "jsonl", "docx", None, None, "txt", None]
