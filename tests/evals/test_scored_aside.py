"""Answers as a run folder that is there as long as it is needed."""

import json
from pathlib import Path

import pytest
from vcpd.evals.importers import RecordedAnswerError
from vcpd.evals.importers.reading import Reading
from vcpd.evals.scored_aside import is_answers, scored_aside
from vcpd.scoring.record_files import read_records

FILES = Path(__file__).parents[1] / "fixtures" / "imported"


def test_an_inspect_log_is_a_run_for_a_while():
    said = []
    with scored_aside(FILES / "inspect" / "letters.eval", Reading(), say=said.append) as run:
        outcomes = {r.sample_id: r.outcome.value for r in read_records(run)}
        assert (run / "estimates.json").exists()
        assert json.loads((run / "manifest.json").read_text())["identity"]["grades_of"] == ["inspect scorer 'letters'"]
    assert outcomes == {
        "river": "correct",
        "year": "incorrect",
        "length": "abstained",
        "owner": "incorrect",
        "paint": "unscored",
        "toll": "refused",
    }
    assert any("partly right" in remark for remark in said)
    assert not run.exists()


def test_what_the_reading_says_holds_and_its_errors_pass():
    with scored_aside(FILES / "ragas" / "ragas.csv", Reading(scorer="string_present", domain="bridges")) as run:
        assert {r.domain for r in read_records(run)} == {"bridges"}
    with pytest.raises(RecordedAnswerError, match="3 metrics"), scored_aside(FILES / "ragas" / "ragas.csv", Reading()):
        pass


def test_answers_are_told_from_runs(tmp_path):
    assert is_answers(FILES / "ragas" / "ragas.csv")
    assert is_answers(FILES / "inspect")
    assert not is_answers(tmp_path)
    (tmp_path / "manifest.json").write_text("{}")
    (tmp_path / "journal.jsonl").write_text("")
    assert not is_answers(tmp_path)
    assert not is_answers(tmp_path / "nothing")
