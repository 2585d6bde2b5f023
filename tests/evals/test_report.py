"""`vcpd report`: every number is the run's own, every text is text, and the files are what they claim to be."""

import csv
import json
import re
from html.parser import HTMLParser
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hostile_texts import HOSTILE, LONG_WORD, hostile_run
from vcpd.evals.cli import run_cli
from vcpd.evals.report import review_of
from vcpd.evals.saved_runs import open_run
from vcpd.reports.pdf import PdfError, pdf
from vcpd.reports.plain_numbers import written
from vcpd.reports.report_sections import sections
from vcpd.reports.risk_review import review_html, review_json

MEGABYTE = 1_000_000


class Reader(HTMLParser):
    """Elements with their attributes, and all the text that is shown."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.inside: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self.inside and self.inside.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if "style" not in self.inside:
            self.text.append(data)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One bundled pack, two bundled models, cut short."""
    folder = tmp_path_factory.mktemp("report") / "legal"
    assert run_cli(["run", "--domain", "legal", "--limit", "40", "--out", str(folder), "--quiet"]) == 0
    return folder


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return hostile_run(tmp_path_factory.mktemp("hostile"))


@pytest.fixture(scope="module")
def page(run: Path) -> str:
    return review_html(review_of([open_run(run)]))


def test_every_number_is_the_one_in_estimates_json(run: Path, page: str) -> None:
    """All <data> elements of the page and all rows of the twin, against the file."""
    saved = json.loads((run / "estimates.json").read_text())["estimates"]
    twin = review_json(review_of([open_run(run)]))
    assert twin["estimates"] == saved
    shown = [attributes for tag, attributes in Reader(page).elements if tag == "data"]
    rows = set()
    for number in shown:
        row = saved[int(number["data-row"] or "")]
        assert float(number["value"] or "") == row[number["data-of"] or ""]
        rows.add(int(number["data-row"] or ""))
    defined = [i for i, row in enumerate(saved) if row["value"] is not None]
    assert all(i in rows or saved[i] in [saved[j] for j in rows] for i in defined)
    assert len(shown) > len(defined) > 100


def test_curves_over_the_loss_pass_through_the_numbers_of_the_run(run: Path) -> None:
    """At the loss of the run both curves are VCpD_L of estimates.json, intervals included."""
    review = review_of([open_run(run)])
    for cell in review.cells:
        own, *rows = (cell.measured[n].estimate for n in ("loss_per_escaped_usd", "vcpd_l", "vcpd_l_plain"))
        assert own is not None
        [point] = [p for p in cell.loss_curve if p.loss_usd == own.value]
        assert [(e.value, e.low, e.high) for e in (point.verified, point.unverified)] == [
            (e.value, e.low, e.high) for e in rows if e is not None
        ]
        losses = [p.loss_usd for p in cell.loss_curve]
        assert losses == sorted(losses)
        assert all(a.verified.value >= b.verified.value for a, b in pairwise(cell.loss_curve))
    twin = review_json(review)["cells"][0]["loss_curve"]
    assert [p["loss_usd"] for p in twin] == [p.loss_usd for p in review.cells[0].loss_curve]


def test_curves_over_the_loss_cross_at_the_break_even(tmp_path: Path) -> None:
    """A verifier that stops every error: L* of estimates.json is a point of the curve, and there both arms are even."""
    rows: list[dict[str, Any]] = [
        {"sample_id": f"s{i}", "model": "gpt-4.1", "domain": "bridges", "question": "When?", "target": "1937",
         "answer": f"It was opened in {1973 if i % 5 == 0 else 1937} [1].",
         "usage": {"input_tokens": 1000, "output_tokens": 20},
         "sources": [{"doc_id": "guide", "text": "The bridge was opened in 1937."}]}
        for i in range(50)
    ]  # fmt: skip
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert run_cli(["score", str(tmp_path / "a.jsonl"), "--out", str(tmp_path / "run"), "--quiet"]) == 0
    review = review_of([open_run(tmp_path / "run")])
    [cell] = review.cells
    star = cell.measured["break_even_loss_usd"].estimate
    assert star is not None
    [point] = [p for p in cell.loss_curve if p.loss_usd == star.value]
    assert point.verified.value == pytest.approx(point.unverified.value, rel=1e-9)
    assert cell.loss_curve[0].verified.value < cell.loss_curve[0].unverified.value
    assert cell.loss_curve[-1].verified.value > 2 * cell.loss_curve[-1].unverified.value
    assert f"L*, break-even: {written('', 'usd', star.value)}" in review_html(review)


def test_sentences_and_limits_say_what_was_measured(run: Path, page: str) -> None:
    saved = {(e["model"], e["measure"]): e for e in json.loads((run / "estimates.json").read_text())["estimates"]}
    for cell in review_json(review_of([open_run(run)]))["cells"]:
        value, low, high = (f"{100 * saved[cell['model'], 'p'][name]:.1f} %" for name in ("value", "low", "high"))
        assert f"{value} (95 % interval {low} to {high})" in cell["sentence"]
        assert {limit["limit"] for limit in cell["limits"]} >= {"p_max", "q_min", "must_abstain_recall_min"}
        assert cell["may_ship"] in ("no", "not shown")  # an illustrative pack never says yes
    text = " ".join("".join(Reader(page).text).replace("\u00a0", " ").split())
    assert all(cell["sentence"] in text for cell in review_json(review_of([open_run(run)]))["cells"])


def test_a_page_has_all_sections_and_loads_nothing(page: str) -> None:
    reader = Reader(page)
    ids = {attributes.get("id") for _, attributes in reader.elements}
    assert ids >= set(sections(1))
    tags = {tag for tag, _ in reader.elements}
    assert not tags & {"script", "link", "img", "iframe", "object", "embed", "form", "base", "audio", "video"}
    links = [a["href"] or "" for tag, a in reader.elements if tag == "a"]
    assert all(link.startswith(("#", "http://127.0.0.1:7575/#/logs/")) for link in links)
    assert not re.search(r"\son\w+=|javascript:|url\((?!#[\w-]+\))|@import", page)
    assert "default-src 'none'" in page.replace("&#39;", "'")
    assert len(page.encode()) < 3 * MEGABYTE


def test_tables_and_figures_can_be_read_aloud(page: str) -> None:
    elements = Reader(page).elements
    assert sum(tag == "table" for tag, _ in elements) == sum(tag == "caption" for tag, _ in elements) > 10
    assert all("scope" in attributes for tag, attributes in elements if tag == "th")
    figures = [attributes for tag, attributes in elements if tag == "svg"]
    assert len(figures) >= 8
    assert all(a.get("role") == "img" for a in figures)
    titles = dict(re.findall(r'<title id="([^"]+)">([^<]*)</title>', page))
    assert [len(titles[a.get("aria-labelledby") or ""]) > 60 for a in figures] == [True] * len(figures)
    ids = [a["id"] for _, a in elements if "id" in a]
    assert len(set(ids)) == len(ids)
    assert not any("style" in a for _, a in elements)  # the policy of the page lets none through


def test_html_is_valid(page: str, hostile: Path) -> None:
    html5lib = pytest.importorskip("html5lib", reason="html5lib is not installed (pip install '.[dev]')")
    for made in (page, review_html(review_of([open_run(hostile)]))):
        parser = html5lib.HTMLParser(strict=False)
        parser.parse(made)
        assert [(code, at) for at, code, _ in parser.errors] == []


def test_hostile_texts_are_text(hostile: Path) -> None:
    page = review_html(review_of([open_run(hostile)], worst=50))
    reader = Reader(page)
    assert not {tag for tag, _ in reader.elements} & {"script", "img", "textarea", "math", "b"}
    assert not any(name.startswith("on") for _, attributes in reader.elements for name in attributes)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", page)
    text = "".join(reader.text)
    for name in ("script", "attribute", "link", "formula", "template", "comment", "svg", "style"):
        assert HOSTILE[name] in text, name
    assert len(page.encode()) < 3 * MEGABYTE
    assert LONG_WORD not in text  # cut, and said so
    assert "more characters are in the run folder" in text


def test_hostile_texts_in_the_queue_and_the_terminal(
    hostile: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, queue = tmp_path / "r.html", tmp_path / "q.csv"
    assert run_cli(["report", str(hostile), "--out", str(out), "--queue", str(queue)]) == 0
    said = capsys.readouterr()
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", said.out + said.err)
    with queue.open(encoding="utf-8", newline="") as file:
        header, *rows = list(csv.reader(file))
    assert header[:4] == ["run", "model", "domain", "sample_id"]
    assert len(rows) == 6  # every fifth kind of text is of the highest tier, two answers each
    assert all(cell.lstrip()[:1] not in tuple("=+@-") for row in rows for cell in row)
    assert all("always to a person" in row[header.index("why")] for row in rows)


def test_the_pdf_has_page_numbers_and_the_same_text(hostile: Path, run: Path, tmp_path: Path) -> None:
    if find_spec("weasyprint") is None:
        pytest.skip("WeasyPrint is not installed (pip install '.[pdf]')")
    pypdf = pytest.importorskip("pypdf", reason="pypdf is not installed (pip install '.[dev]')")
    try:
        pdf("<p>a page</p>")
    except PdfError as error:
        pytest.skip(str(error))
    out = tmp_path / "r.html"
    assert run_cli(["report", str(hostile), "--out", str(out), "--pdf", "--quiet", "--worst", "40"]) == 0
    reader = pypdf.PdfReader(out.with_suffix(".pdf"))
    texts = [p.extract_text().replace("\x00", "") for p in reader.pages]
    assert all(f"page {i} of {len(texts)}" in text for i, text in enumerate(texts, 1))
    whole = "".join("".join(texts).split())
    for name in ("script", "attribute", "formula", "comment"):
        assert "".join(HOSTILE[name].split()) in whole, name
    assert not any("/JavaScript" in str(o) or "/JS" in str(o) for o in (reader.trailer["/Root"],))
    assert reader.trailer["/Root"].get("/MarkInfo"), "the PDF is not tagged"


def test_harm_classes_are_counted_and_worst_answers_ranked(hostile: Path) -> None:
    [cell] = review_of([open_run(hostile)], worst=100).cells
    escaped = [a for a in cell.worst if a.decision == "delivered"]
    ranks = [("minor", "moderate", "severe").index(a.harm_class or "") for a in escaped]
    assert ranks == sorted(ranks, reverse=True)
    assert sum(cell.harm.values()) == len(escaped) == cell.escaped
    assert all(a.decision != "delivered" for a in cell.worst[len(escaped) :])
    assert {a.agreed <= a.n for a in cell.agreements} == {True}


def test_two_runs_stand_side_by_side(run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = tmp_path / "other"
    assert run_cli(["run", "--domain", "legal", "--limit", "40", "--seed", "0", "--out", str(other), "--quiet"]) == 0
    review = review_of([open_run(run), open_run(other)])
    assert len(review.cells) == 4
    assert len({c.label for c in review.cells}) == 4
    assert "Runs side by side" in review_html(review)
    changed = json.loads((other / "manifest.json").read_text())
    changed["identity"]["packs"]["legal"]["samples"] = "0" * 64
    (other / "manifest.json").write_text(json.dumps(changed))
    assert run_cli(["report", str(run), str(other), "--out", str(tmp_path / "r.html")]) == 64
    assert "pack 'legal' differs in samples" in capsys.readouterr().err


def test_each_answer_names_its_transcript(run: Path, page: str) -> None:
    answers = [a for c in review_of([open_run(run)]).cells for a in c.worst]
    assert answers
    for answer in answers:
        assert answer.log is not None
        assert (run / "logs" / answer.log.file).is_file()
        assert answer.log.url.endswith(f"/samples/sample/{answer.sample_id}/{answer.epoch}/")
        assert answer.log.url in page


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere"], "there is no such folder"),
        (["RUN", "--out", "r.pdf"], "ends in .html"),
        (["RUN", "--queue", "q.txt"], "ends in .csv"),
        (["RUN", "--out", "no/such/r.html"], "no folder"),
    ],
)
def test_what_cannot_be_done_is_said(
    run: Path, arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_cli(["report", *(str(run) if a == "RUN" else a for a in arguments)]) == 64
    assert said in capsys.readouterr().err


def test_without_weasyprint_the_message_names_the_extra(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "weasyprint", None)
    assert run_cli(["report", str(run), "--out", str(tmp_path / "r.html"), "--pdf"]) == 69
    assert "vcpd[pdf]" in capsys.readouterr().err


def test_a_thousand_samples_stay_under_three_megabytes(tmp_path: Path) -> None:
    source = "The bridge was opened in 1937. " + "It carries six lanes of traffic over the strait. " * 8
    rows: list[dict[str, Any]] = [
        {
            "sample_id": f"s{i}", "model": "m", "domain": "bridges", "question": f"When was bridge {i} opened? " * 4,
            "answer": f"It was opened in {1900 + i % 60} [1]. It has {i} lanes [2]. " * 3 + f"Confidence: {i % 100}%",
            "sources": [{"doc_id": "guide", "text": source}], "target": "1937",
            "risk_tier": "high" if i % 3 == 0 else "standard",
        }
        for i in range(1000)
    ]  # fmt: skip
    file = tmp_path / "a.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert run_cli(["score", str(file), "--out", str(tmp_path / "run"), "--quiet"]) == 0
    page = review_html(review_of([open_run(tmp_path / "run")]))
    assert len(page.encode()) < 3 * MEGABYTE
    assert "the first 100" in page
