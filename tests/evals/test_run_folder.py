"""The run folder and its journal: atomic, resumable, never mixed."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from vcpd.evals.journal import Journal, JournalError, read_journal
from vcpd.evals.run_folder import RunFolderError, check_folder, write_json, write_results
from vcpd.scoring.record_files import count_claims, read_counts, read_records, record_row
from vcpd.scoring.records import Outcome, OutcomeBy, PolicyVerdict, Record
from vcpd.scoring.usage import Usage

KEY = {"model": "m", "domain": "d", "sample_id": "s", "epoch": 1, "attempt": 1}


def entry(sample_id: str, **more: str) -> dict[str, object]:
    return {"model": "m", "domain": "d", "sample_id": sample_id, "epoch": 1, **more}


def test_a_damaged_journal_or_manifest_is_named(tmp_path: Path) -> None:
    (tmp_path / "journal.jsonl").write_text('{"sample_id": "a"}\n')
    with pytest.raises(JournalError, match=r"journal.jsonl, line 1"):
        read_journal(tmp_path)
    (tmp_path / "manifest.json").write_text("[]")
    with pytest.raises(RunFolderError, match="damaged"):
        check_folder(tmp_path, resume=True, identity={})


def test_a_torn_line_is_dropped_and_does_not_swallow_the_next(tmp_path: Path) -> None:
    with Journal(tmp_path, []) as journal:
        journal.add(entry("a", text="\ud800 \0 \u202e"))
        journal.add(entry("b"))
        journal.add(entry("b", text="again"))
    with (tmp_path / "journal.jsonl").open("ab") as file:
        file.write(b'{"sample_id": "c", "te')
    kept = read_journal(tmp_path)
    assert [e["sample_id"] for e in kept] == ["a", "b"]
    assert kept[0]["text"] == "\ud800 \0 \u202e"
    with Journal(tmp_path, kept) as journal:
        journal.add(entry("d"))
    assert [e["sample_id"] for e in read_journal(tmp_path)] == ["a", "b", "d"]


def test_no_journal_is_an_empty_one(tmp_path: Path) -> None:
    assert read_journal(tmp_path) == []


def started(out: Path) -> None:
    check_folder(out, resume=False, identity={"packs": "x", "seed": 0})
    out.mkdir()
    write_json(out / "manifest.json", {"identity": {"packs": "x", "seed": 0}})


def test_a_run_is_not_overwritten(tmp_path: Path) -> None:
    started(tmp_path / "run")
    with pytest.raises(RunFolderError, match="--resume"):
        check_folder(tmp_path / "run", resume=False, identity={"packs": "x", "seed": 0})
    check_folder(tmp_path / "run", resume=True, identity={"packs": "x", "seed": 0})


def test_runs_of_other_inputs_are_not_mixed(tmp_path: Path) -> None:
    started(tmp_path / "run")
    with pytest.raises(RunFolderError, match=r"\(packs differ\)"):
        check_folder(tmp_path / "run", resume=True, identity={"packs": "y", "seed": 0})


def test_resume_starts_afresh_where_there_is_nothing(tmp_path: Path) -> None:
    check_folder(tmp_path / "new" / "run", resume=True, identity={})
    assert list(tmp_path.iterdir()) == []


def test_foreign_folders_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("ten years of work")
    with pytest.raises(RunFolderError, match="no run"):
        check_folder(tmp_path, resume=True, identity={})
    with pytest.raises(RunFolderError, match="is a file"):
        check_folder(tmp_path / "thesis.txt", resume=False, identity={})


RECORD = Record(
    *("r", "m", "d", "s", "c", 1, 1, Outcome.INCORRECT, OutcomeBy.KEY, Outcome.CORRECT, PolicyVerdict.REJECT),
    usage=(Usage("generate", "m", 3, 1, 2, 5, 1, 0.5, 1), Usage("verify:lexical", None, seconds=0.1)),
)


def verdict(label: str | None, findings: list[str], supported: bool | None) -> dict[str, object]:
    failure = "broken" if label is None else None
    return {
        **KEY,
        "claim": 0,
        "label": label,
        "findings": findings,
        "citation_supported": supported,
        "failure": failure,
    }


def test_records_and_counts_survive_the_files(tmp_path: Path) -> None:
    verdicts = [verdict("supported", ["resolved", "fabricated"], True), verdict(None, [], False)]
    entry = {"attempts": [{"record": record_row(RECORD), "answer": KEY, "verdicts": verdicts}]}
    write_results(tmp_path, [entry], [{"sample_id": "s"}], [])
    assert read_records(tmp_path) == [RECORD]
    [(key, counts)] = read_counts(tmp_path).items()
    assert key == ("m", "d", "s", 1, 1)
    assert (counts.claims, counts.supported, counts.failures) == (2, 1, 1)
    assert (counts.citations, counts.citations_good, counts.fabricated) == (2, 1, 1)
    assert pq.read_table(tmp_path / "records.parquet").column_names[:4] == ["run_id", "model", "domain", "sample_id"]


def test_what_cannot_be_checked_counts_neither_way() -> None:
    [counts] = count_claims([verdict("not_enough_info", ["uncheckable"], None)]).values()
    assert (counts.claims, counts.checkable, counts.citations) == (1, 0, 0)


def test_json_is_finite(tmp_path: Path) -> None:
    with pytest.raises(ValueError):
        write_json(tmp_path / "x.json", {"value": float("nan")})
    write_json(tmp_path / "x.json", {"value": None})
    assert json.loads((tmp_path / "x.json").read_text()) == {"value": None}
