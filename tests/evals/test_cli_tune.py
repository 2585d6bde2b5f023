"""`vcpd verify tune`, and a cascade in `verify bench`, `score` and `run`: as a user meets them."""

import json
from pathlib import Path
from typing import Any

import pytest
from vcpd.evals.cli import run_cli

TUNE = ["verify", "tune", "labels.jsonl", "--stages"]
TOPICS = ["bridge", "tower", "library", "harbour", "museum"]


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    """120 claims: plainly there, plainly not, and said in other words."""
    rows = []
    for i in range(120):
        topic, year = TOPICS[i % 5], 1900 + i
        source = f"The {topic} number {i} was opened by the mayor in {year}. It is kept by the city and closes at nine."
        texts = [(f"The {topic} number {i} was opened in {year}.", "supported"),
                 (f"The {topic} number {i} was opened in {year + 7}.", "not_supported"),
                 (f"A fire destroyed the roof of {topic} number {i}.", "not_supported"),
                 (f"The city looks after {topic} number {i}.", "supported")]  # fmt: skip
        answer = " ".join(t for t, _ in texts)
        claims = [{"text": t, "label": label} for t, label in texts]
        rows.append({"sample_id": f"s{i}", "model": "m", "domain": "legal", "question": "?", "answer": answer,
                     "sources": [{"doc_id": "guide", "text": source}], "human": {"claims": claims}})  # fmt: skip
    file = tmp_path / "labels.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    (tmp_path / "second.py").write_text(SECOND)
    return file


SECOND = '''
from dataclasses import replace
from vcpd.verifiers.lexical import LexicalVerifier

class Second(LexicalVerifier):
    """The lexical verifier that also knows one paraphrase."""
    name, version = "second", "3"

    def verify(self, pairs):
        def known(claim):
            text = claim.text.replace("The city looks after", "It is kept by the city:")
            return replace(claim, text=text)
        found = super().verify([(known(c), p) for c, p in pairs])
        return [replace(r, claim=c, verifier=self.name) for r, (c, _) in zip(found, pairs)]
'''


def tune(labels: Path, capsys: pytest.CaptureFixture[str], *options: str) -> dict[str, Any]:
    capsys.readouterr()
    out = str(labels.parent / "cascade.json")
    arguments = ["verify", "tune", str(labels), "--stages", "lexical,second:Second", "--out", out, *options]
    assert run_cli([*arguments, "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert json.loads(Path(out).read_text()) == found
    return found


def test_tune_then_use_everywhere(
    labels: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(labels.parent)
    found = tune(labels, capsys, "--loss", "20", "--rejection", "1", "--alpha", "0.2")
    assert [s["verifier"] for s in found["stages"]] == ["lexical", "second:Second"]
    assert [w["name"] for w in found["worth"]] == ["lexical>second", "lexical", "second"]
    assert found["tuned_on"]["claims"] + found["tuned_on"]["measured_on"] == 480
    assert found["promise"]["alpha"] == 0.2
    assert run_cli(["verify", "bench", str(labels), "--verifier", "cascade:cascade.json", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["verifier"]["name"] == "lexical>second"
    score = ["score", str(labels), "--out", "run", "--quiet", "--verifier", "cascade:cascade.json"]
    assert run_cli(score) == 0
    manifest = json.loads(Path("run/manifest.json").read_text())
    assert manifest["identity"]["verifier"]["name"] == "lexical>second"
    config = Path("run.toml")
    config.write_text('verifier = "cascade:cascade.json"\ndomains = ["general"]\nlimit = 4\n')
    assert run_cli(["run", "run.toml", "--out", "other", "--quiet", "--model", "local/extractive"]) == 0
    assert json.loads(Path("other/manifest.json").read_text())["identity"]["verifier"]["name"] == "lexical>second"


def test_for_people(labels: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(labels.parent)
    arguments = ["verify", "tune", str(labels), "--stages", "lexical,second:Second", "--domain", "legal"]
    assert run_cli(arguments) == 0
    said = capsys.readouterr().out
    assert "lexical>second" in said
    assert "a rejection" in said


def test_a_stage_of_another_version_is_refused(
    labels: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(labels.parent)
    tune(labels, capsys, "--loss", "20", "--rejection", "1")
    file = Path("cascade.json")
    file.write_text(file.read_text().replace('"version": "3"', '"version": "2"'))
    assert run_cli(["verify", "bench", str(labels), "--verifier", "cascade:cascade.json"]) == 64
    assert "was tuned at version 2 and is now 3; tune again" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([*TUNE, "lexical"], "--loss and --rejection, or --domain PACK"),
        ([*TUNE, "lexical", "--loss", "1", "--rejection", "2"], "no check can pay"),
        ([*TUNE, ",", "--loss", "2", "--rejection", "1"], "names no verifier"),
        (["verify", "bench", "labels.jsonl", "--verifier", "cascade:none.json"], "none.json: cannot be read"),
        (["verify", "bench", "labels.jsonl", "--verifier", "cascade:labels.jsonl"], "no tuned cascade"),
        (["score", "labels.jsonl", "--verifier", "lexical", "--judge", "a/b"], "the loop has one verifier"),
        (["score", "labels.jsonl", "--verifier", "judge:a/m", "--grader", "a/m"], "both the judge in the loop"),
        (["score", "labels.jsonl", "--verifier", "nonsense"], "unknown verifier 'nonsense'"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_says_why(
    labels: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    message: str,
) -> None:
    monkeypatch.chdir(labels.parent)
    assert run_cli(arguments) == 64
    assert message in " ".join(capsys.readouterr().err.split())
    assert not Path("runs").exists()
