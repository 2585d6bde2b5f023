"""`vcpd verify recalibrate` and the file that it writes."""

import json
from pathlib import Path
from typing import Any

import pytest
from vcpd.evals.cli import run_cli
from vcpd.evals.recalibrate import RecalibrationError, recalibrate, recalibrated_by
from vcpd.retrieval.passages import Passage, Span
from vcpd.verifiers.lexical import LexicalVerifier
from vcpd.verifiers.recalibration import LogitLine
from vcpd.verifiers.recalibration_file import (
    Recalibration,
    RecalibrationFileError,
    applied,
    recalibration_from,
    recalibration_json,
)
from vcpd.verifiers.verdict import Claim, Verdict

SOURCE = "The lease runs for five years. The tenant pays 2,000 dollars a month."
KEPT = Recalibration("lexical", LexicalVerifier().version, LogitLine(-0.5, 0.75), "mine.jsonl", "ab" * 32, 100, 61)


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    """140 claims of HealthVer's form, every seventh label against what the words say."""
    path = tmp_path / "mine.jsonl"
    rows = []
    for i in range(140):
        copied = i % 2 == 0
        label = "Supports" if copied is (i % 7 != 0) else "Neutral"
        claim = "The lease runs for five years." if copied else f"A dog barked at month {i}."
        rows.append({"id": i, "claim": claim, "evidence": SOURCE, "label": label, "question": f"q{i}"})
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_a_file_is_read_back_and_moves_the_verdicts(
    labelled: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "line.json"
    command = ["verify", "recalibrate", str(labelled), "--labels", "100", "--out", str(out), "--verifier", "lexical"]
    assert run_cli(command) == 0
    said = capsys.readouterr().out
    assert "from 100 labels" in said
    assert "on the other 40 claims" in said
    written = json.loads(out.read_text())
    assert (written["schema"], written["labels"], written["data"]) == (1, 100, "mine.jsonl")
    moved = checked(tmp_path, "--recalibration", str(out), capsys=capsys)
    plain = checked(tmp_path, capsys=capsys)
    line = LogitLine(**written["line"])
    assert moved["claims"][0]["probability"] == pytest.approx(line(plain["claims"][0]["probability"]))
    assert moved["claims"][0]["label"] == plain["claims"][0]["label"]
    assert moved["verifier"]["version"] != plain["verifier"]["version"]


def checked(folder: Path, *options: str, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    (folder / "answer.txt").write_text("The lease runs for five years.")
    (folder / "source.txt").write_text(SOURCE)
    command = ["verify", str(folder / "answer.txt"), "--sources", str(folder / "source.txt"), "--json"]
    assert run_cli([*command, "--verifier", "lexical", *options]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_all_labels_are_used_unless_fewer_are_asked_for(labelled: Path) -> None:
    made, check = recalibrate(str(labelled), LexicalVerifier())
    assert (made.labels, check) == (made.labels, None)
    some, rest = recalibrate(str(labelled), LexicalVerifier(), 60)
    assert rest is not None
    assert (some.labels, rest.n) == (60, made.labels - 60)
    assert recalibrate(str(labelled), LexicalVerifier(), 60) == (some, rest)
    assert recalibrate(str(labelled), LexicalVerifier(), 60, seed=1)[0].line != some.line


def test_more_labels_than_there_are(labelled: Path) -> None:
    with pytest.raises(RecalibrationError, match="500 labels were asked for; there are"):
        recalibrate(str(labelled), LexicalVerifier(), 500)


def test_a_line_is_for_the_version_it_was_fitted_on() -> None:
    other = Recalibration("lexical", "0", KEPT.line, "x", "", 100, 50)
    with pytest.raises(RecalibrationFileError, match="recalibrate again"):
        applied(other, LexicalVerifier(), "line.json")
    claim = Claim("The lease runs for five years.", Span(0, 30))
    [verdict] = applied(KEPT, LexicalVerifier(), "line.json").verify(
        [(claim, [Passage("d", Span(0, len(SOURCE)), SOURCE)])]
    )
    assert isinstance(verdict, Verdict)


def test_what_is_written_is_what_is_read() -> None:
    assert recalibration_from(json.dumps(recalibration_json(KEPT)), "f") == KEPT


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", "[" * 100_000, '{"schema": 2}', json.dumps({**recalibration_json(KEPT), "line": {"slope": 1}})],
)
def test_other_files_are_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "line.json"
    path.write_text(text)
    with pytest.raises(RecalibrationFileError, match=r"line\.json"):
        recalibrated_by(path, LexicalVerifier())


@pytest.mark.parametrize("line", [{"intercept": "nan", "slope": 1}, {"intercept": 0, "slope": -1}])
def test_lines_that_are_none(line: dict[str, Any]) -> None:
    text = json.dumps({**recalibration_json(KEPT), "line": line})
    with pytest.raises(RecalibrationFileError, match="slope not below 0"):
        recalibration_from(text, "f")


def test_a_missing_file_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(RecalibrationFileError, match="cannot be read"):
        recalibrated_by(tmp_path / "none.json", LexicalVerifier())
