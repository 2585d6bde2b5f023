"""What leaves a review and what comes back: redaction, CSV, Label Studio, labels.jsonl."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from review_cases import HOSTILE, answer_row, events, hostile_row, scored_run
from vcpd.evals.cli import run_cli
from vcpd.evals.review.deidentify import Rules, RulesError, read_rules
from vcpd.evals.review.exchange import cell, label_studio_config, uncell
from vcpd.evals.review.labels import LabelError, read_label, reviewer_name
from vcpd.evals.review.outgoing import outgoing
from vcpd.reports.desk_views import ClaimView, ItemView, NearestView, SourceView


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Mr. John A. Smith saw Dr. van Helsing.", "Mr. [name] saw Dr. [name]."),
        ("Ms O. de Vries; MRN: 77-1; chart: 8812", "Ms [name]; MRN: [record number]; chart: [record number]"),
        ("Patient: Maria de la Cruz, MRN 1234567", "Patient: [name], MRN [record number]"),
        ("DOB: 03/04/1980, SSN 123-45-6789", "DOB: [date of birth], SSN [record number]"),
        ("Jane was born on 3 March 1980 in Ohio", "Jane was born on [date of birth] in Ohio"),
        ("date of birth 1980-03-04.", "date of birth [date of birth]."),
        ("NHS number: 943 476 5919", "NHS number: [record number]"),
        ("name: Анна Петрова", "name: [name]"),
        # what is no person's: the law, doses, ordinary dates
        ("Fed. R. Civ. P. 12(b)(6) and 410 U.S. 113", "Fed. R. Civ. P. 12(b)(6) and 410 U.S. 113"),
        ("The patient should take 5 mg daily.", "The patient should take 5 mg daily."),
        ("decided on May 14, 1984", "decided on May 14, 1984"),
        ("In this case: 1937 was the year", "In this case: 1937 was the year"),
    ],
)
def test_what_the_rules_take_out(text: str, left: str) -> None:
    assert Rules().apply(text).text == left


@pytest.mark.parametrize(
    "text",
    [
        "PRIVILEGED & CONFIDENTIAL",
        "Attorney-Client Privileged Communication",
        "attorney work product",
        "legally privileged",
    ],
)
def test_markers_of_privilege(text: str) -> None:
    assert Rules().is_privileged(f"Memo. {text}. The claim")
    assert not Rules().is_privileged("It was a privilege to meet the client's attorney")


def test_own_names_and_patterns(tmp_path: Path) -> None:
    file = tmp_path / "rules.toml"
    file.write_text('names = ["Acme Corp"]\nprivileged = ["Project Falcon"]\n[patterns]\n"ticket" = "TCK-[0-9]+"\n')
    rules = read_rules(file)
    assert rules.apply("ACME corp filed TCK-77.").text == "[name] filed [ticket]."
    assert rules.is_privileged("see project falcon")
    for bad in ("names = 3", "nams = []", '[patterns]\nx = "("', "["):
        file.write_text(bad)
        with pytest.raises(RulesError, match=r"rules\.toml"):
            read_rules(file)


@given(st.text(alphabet="MrDob.: 12/aA-JohnSmith\n", max_size=60), st.integers(0, 60), st.integers(0, 60))
def test_offsets_follow_the_text(text: str, one: int, other: int) -> None:
    """What lies outside every cut is found again, character for character; places stay in order and inside."""
    found = Rules(names=("Smith",)).apply(text)
    start, end = sorted((min(one, len(text)), min(other, len(text))))
    moved = found.moved(start, end)
    assert 0 <= moved[0] <= moved[1] <= len(found.text)
    if all(end <= a or start >= b for a, b, _ in found.cuts):
        assert found.text[moved[0] : moved[1]] == text[start:end]


def test_a_name_that_was_found_goes_everywhere_and_privileged_sources_are_withheld() -> None:
    text = "Mr. John Example fell. Later Example left."
    view = ItemView(
        "i",
        "legal",
        "Did Example fall?",
        text,
        (ClaimView(0, 22, (0,), NearestView(0, 0, 4)), ClaimView(23, 42, (1,), NearestView(1, 0, 7))),
        (
            SourceView("[1] A", "", "PRIVILEGED AND CONFIDENTIAL: he fell"),
            SourceView("[2] B", "", "Example left. MRN 12345"),
        ),
    )
    out = outgoing(view, Rules())
    assert out is not None
    assert out.question == "Did [name] fall?"
    assert [out.answer[c.start : c.end] for c in out.claims] == ["Mr. [name] fell.", "Later [name] left."]
    assert out.sources[0].text == "[withheld: marked as privileged]"
    assert out.sources[1].text == "[name] left. MRN [record number]"
    assert [c.nearest for c in out.claims] == [None, NearestView(1, 0, 6)]
    assert outgoing(ItemView("i", "d", "q", "legally privileged"), Rules()) is None


@given(st.text())
def test_no_cell_begins_a_formula_and_cells_come_back(text: str) -> None:
    kept = cell(text)
    assert not kept.lstrip(" \u00a0\u3000").startswith(("=", "+", "-", "@", "\t", "\r"))
    assert uncell(kept) == text or text.startswith("'")


def exported(tmp_path: Path, rows: list[dict[str, Any]], name: str) -> tuple[Path, Path]:
    run = scored_run(tmp_path, rows)
    file = tmp_path / name
    assert run_cli(["review", str(run), "--labels", "50", "--double-share", "0", "--export", str(file)]) == 0
    return run, file


def test_csv_goes_out_and_comes_back_filled_in(tmp_path: Path) -> None:
    run, file = exported(tmp_path, [*(hostile_row(n) for n in range(len(HOSTILE))), answer_row(20)], "all.csv")
    rows = list(csv.DictReader(io.StringIO(file.read_bytes().decode(), newline="")))
    assert len(rows) == len(HOSTILE) + 1
    assert not any(value.startswith(("=", "+", "-", "@")) for row in rows for value in row.values())
    assert not any("gpt-4.1" in value for row in rows for value in row.values())
    for n, row in enumerate(rows):
        wrong = n % 2 == 0
        row |= {"reviewer": "Ann", "outcome": "incorrect" if wrong else "correct", "harm": "severe" if wrong else ""}
        row |= {"claims": "1=supported", "note": "'=1+1", "seconds": "12.5"}
    out = io.StringIO()
    table = csv.DictWriter(out, rows[0].keys())
    table.writeheader()
    table.writerows(rows)
    back = tmp_path / "back.csv"
    back.write_text(out.getvalue(), encoding="utf-8-sig", newline="")
    assert run_cli(["review", str(run), "--import", str(back)]) == 0
    found = events(run, "label")
    assert len(found) == len(rows)
    assert {e["note"] for e in found} == {"=1+1"}
    assert {e["claims"]["0"] for e in found} == {"supported"}
    assert {e["seconds"] for e in found} == {12.5}
    again = tmp_path / "again.csv"  # with the labels in it, notes neutralised again
    assert run_cli(["review", str(run), "--export", str(again)]) == 0
    assert "'=1+1" in again.read_text()
    assert run_cli(["review", str(run), "--import", str(again)]) == 0
    assert len(events(run, "label")) == len(rows)
    again.write_text(again.read_text().replace("incorrect,severe", "incorrect,minor", 1))
    for _ in range(2):  # what was changed in the file counts, once
        assert run_cli(["review", str(run), "--import", str(again)]) == 0
        assert len(events(run, "label")) == len(rows) + 1
    assert events(run, "label")[-1]["harm"] == "minor"


def test_label_studio_goes_out_and_comes_back(tmp_path: Path) -> None:
    run, file = exported(tmp_path, [answer_row(n) for n in range(8)], "tasks.json")
    tasks = json.loads(file.read_text())
    config = file.with_suffix(".xml").read_text()
    assert config == label_studio_config()
    assert 'value="$answer"' in config
    for number, task in enumerate(tasks):
        start, end = task["data"]["claim_spans"][1]
        assert task["data"]["answer"][start:end].startswith("It carries six lanes")
        choice = {"from_name": "outcome", "to_name": "answer", "type": "choices", "value": {"choices": ["correct"]}}
        marked = {"from_name": "support", "to_name": "answer", "type": "labels"}
        marked["value"] = {"start": start + 1, "end": end - 2, "text": "", "labels": ["not_supported"]}
        task["id"] = number
        task["annotations"] = [{"id": number, "completed_by": 5, "lead_time": 33.1, "result": [choice, marked]}]
    back = tmp_path / "back.json"
    back.write_text(json.dumps(tasks))
    assert run_cli(["review", str(run), "--import", str(back)]) == 0
    found = events(run, "label")
    assert len(found) == 8
    assert {json.dumps(e["claims"]) for e in found} == {'{"1": "not_supported"}'}
    assert {(e["reviewer"], e["via"], e["seconds"]) for e in found} == {("label-studio 5", "label-studio", 33.1)}
    assert run_cli(["review", str(run), "--export", str(tmp_path / "tasks2.json")]) == 0
    annotated = json.loads((tmp_path / "tasks2.json").read_text())
    assert all(task["annotations"][0]["result"][0]["value"] == {"choices": ["correct"]} for task in annotated)
    assert not any("completed_by" in task["annotations"][0] for task in annotated)  # no user of that Label Studio
    assert run_cli(["review", str(run), "--import", str(tmp_path / "tasks2.json")]) == 0  # known, by their names
    assert len(events(run, "label")) == 8


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("labels.jsonl", "", "holds no label"),
        ("labels.jsonl", "{\n", "labels.jsonl, line 1"),
        ("labels.jsonl", '{"kind":"label","item":"0000","reviewer":"A","outcome":"correct"}\n', "no such answer"),
        ("labels.jsonl", '{"kind":"label","item":"ITEM","outcome":"correct"}\n', "needs a name"),
        ("labels.jsonl", '{"kind":"label","item":"ITEM","reviewer":"A","outcome":"fine"}\n', "field 'outcome'"),
        ("labels.jsonl", '{"kind":"label","item":"ITEM","reviewer":"A","outcome":"correct"}\n', "not the one"),
        ("labels.csv", "item,outcome\n", "no column 'reviewer'"),
        ("labels.csv", "item,reviewer,outcome,claims\nITEM,A,correct,one=yes\n", "labels.csv, line 2"),
        ("labels.json", "[{}]", "labels.json"),
        ("labels.json", "[" * 50_000, "labels.json"),
        ("labels.json", '[{"data":{"item":"ITEM"},"annotations":[{"result":[]}]}]', "field 'outcome'"),
    ],
)
def test_a_wrong_file_takes_nothing_in(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, content: str, message: str
) -> None:
    run, _ = exported(tmp_path, [answer_row(n) for n in range(4)], "x.csv")
    item = events(run, "plan")[0]["items"][0]["item"]
    file = tmp_path / name
    file.write_text(content.replace("ITEM", item))
    capsys.readouterr()
    assert run_cli(["review", str(run), "--import", str(file)]) == 64
    assert message in capsys.readouterr().err
    assert not events(run, "label")


def test_labels_of_another_run_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run, file = exported(tmp_path / "a", [answer_row(n) for n in range(6)], "x.csv")
    other, _ = exported(tmp_path / "b", [answer_row(n, question="Another?") for n in range(6)], "x.csv")
    text = file.read_bytes().decode().replace(",,,,,,", ",Ann,correct,,,,3")
    file.write_text(text, newline="")
    assert run_cli(["review", str(other), "--import", str(file)]) == 64
    assert "not the one that this run sent out" in capsys.readouterr().err
    assert not events(other, "label")
    assert run_cli(["review", str(run), "--import", str(file)]) == 0
    assert len(events(run, "label")) == 6


def test_files_go_only_where_they_may(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = scored_run(tmp_path, [answer_row(n) for n in range(6)])
    for file, message in ((run / "x.csv", "outside the run folder"), (tmp_path / "x.docx", "the ending says the form")):
        assert run_cli(["review", str(run), "--export", str(file)]) == 64
        assert message in capsys.readouterr().err


@pytest.mark.parametrize("name", ["", " ", "x" * 61, "a\x1b[31m", None, 7])
def test_reviewers_have_printable_names(name: Any) -> None:
    with pytest.raises(LabelError):
        reviewer_name(name)


def test_a_label_is_read_whole() -> None:
    label = read_label(
        {"item": "i", "reviewer": "A  B", "outcome": "incorrect", "harm": "minor", "claims": {"2": "refuted"}}
    )
    assert (label.reviewer, label.claims) == ("A B", {2: "refuted"})
