"""`vcpd gate` as a user and a CI system meet it."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest
from vcpd.evals.cli import run_cli
from vcpd.evals.pack_init import init_pack

SCHEMA = json.loads((Path(__file__).parents[2] / "reports" / "gate.schema.json").read_text())
HEAVY = ("inspect_ai", "litellm", "pandas", "datasets", "fsspec", "torch")
Gate = Callable[..., dict[str, Any]]


def answers(
    wrong: int, *, n: int = 200, model: str = "acme-7b", domain: str = "history", **more: Any
) -> list[dict[str, Any]]:
    return [
        {
            "sample_id": f"q{i}", "model": model, "domain": domain, "question": f"When was act {i} passed?",
            "answer": f"In {1700 + i + (i < wrong)} [1].", "target": str(1700 + i),
            "sources": [{"doc_id": "guide", "title": "The guide", "text": f"Act {i} was passed in {1700 + i}."}],
        }
        for i in range(n)
    ]  # fmt: skip


def scored(folder: Path, name: str, rows: list[dict[str, Any]], *options: str) -> Path:
    (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert run_cli(["score", str(folder / f"{name}.jsonl"), "--out", str(folder / name), "--quiet", *options]) == 0
    return folder / name


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("gate")
    priced = {"usage": {"input_tokens": 500, "output_tokens": 20}}
    silent = [{**r, "answer": "I don't know."} if i < 60 else r for i, r in enumerate(answers(40))]
    other = answers(20)
    other[3]["question"] = "When was it repealed?"
    human = [{**r, "human": {"outcome": "correct"}} if i % 2 else r for i, r in enumerate(answers(20))]
    made = {
        "base": answers(20), "worse": answers(60), "better": answers(10), "few": answers(3, n=30), "silent": silent,
        "other": other, "more": answers(20, n=210), "human": human,
        "two": answers(20) + answers(20, domain="law"), "models": answers(20) + answers(60, model="acme-70b"),
        "priced": [{**r, **priced} for r in answers(20, model="openai/gpt-4.1")],
    }  # fmt: skip
    # the same answers, of which the evaluator now calls twelve wrong
    made["drifted"] = [{**r, "target": "1066"} if 100 <= i < 112 else r for i, r in enumerate(answers(20))]
    found = {name: scored(folder, name, rows) for name, rows in made.items()}
    found["judged"] = scored(folder, "judged", answers(20), "--labels", "none")
    cheap = folder / "cheap.toml"
    cheap.write_text('[models."openai/gpt-4.1"]\ninput = 0.2\noutput = 0.8\n')
    found["cheap"] = scored(folder, "cheap", made["priced"], "--prices", str(cheap))
    return found


@pytest.fixture
def gate(runs: dict[str, Path], capsys: pytest.CaptureFixture[str]) -> Gate:
    def run(*arguments: object, code: int = 0) -> dict[str, Any]:
        given = [str(runs.get(str(a), a)) for a in arguments]
        assert run_cli(["gate", *given, "--json"]) == code, capsys.readouterr().err
        data = dict(json.loads(capsys.readouterr().out))
        jsonschema.validate(data, SCHEMA)
        assert data["exit_code"] == code
        return data

    return run


@pytest.fixture
def refused(runs: dict[str, Path], capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    def run(*arguments: object) -> str:
        given = [str(runs.get(str(a), a)) for a in arguments]
        assert run_cli(["gate", *given]) == 64
        caught = capsys.readouterr()
        assert caught.out == ""
        assert "Traceback" not in caught.err
        return " ".join(caught.err.split())

    return run


def by_measure(data: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {f["measure"]: f for f in data["findings"]}


def test_a_change_for_the_better_passes(gate: Gate) -> None:
    data = gate("--baseline", "base", "--candidate", "better")
    assert data["verdict"] == "PASS"
    p = by_measure(data)["p"]
    assert (p["evidence"]["baseline"], p["evidence"]["candidate"]) == (pytest.approx(0.1), pytest.approx(0.05))
    assert p["margin_source"] == "default"
    assert data["flips"] == {"history": {"worse": 0, "better": 10}}


def test_a_change_for_the_worse_fails_and_names_the_answers(gate: Gate) -> None:
    data = gate("--baseline", "base", "--candidate", "worse", code=1)
    assert data["verdict"] == "FAIL"
    assert by_measure(data)["p"]["p_fail"] < 0.001
    [first, *_] = data["newly_wrong"]
    assert len(data["newly_wrong"]) == 20
    assert data["flips"]["history"] == {"worse": 40, "better": 0}
    assert (first["before"], first["question"][:12]) == ("correct", "When was act")
    assert first["claims"][0]["sources"] == ["The guide"]
    assert first["claims"][0]["text"].startswith("In 17")


def test_few_items_are_inconclusive_and_say_how_many_would_do(gate: Gate) -> None:
    data = gate("--baseline", "few", "--candidate", "few", code=3)
    assert data["verdict"] == "INCONCLUSIVE"
    assert by_measure(data)["p"]["evidence"]["more_items"] > 50
    for how, code in (("fail", 1), ("pass", 0), ("neutral", 3)):
        gate("--baseline", "few", "--candidate", "few", "--on-inconclusive", how, code=code)


def test_silence_does_not_buy_p(gate: Gate) -> None:
    data = gate("--baseline", "base", "--candidate", "silent", code=1)
    assert by_measure(data)["abstained"]["verdict"] == "FAIL"
    assert by_measure(data)["p"]["evidence"]["loss"] < 0.001


def test_margins_are_what_is_said_where(gate: Gate) -> None:
    asked = ("--margin", "0.3", "--margin", "correct=0.35", "--margin", "history.abstained=0.04")
    found = by_measure(gate("--baseline", "base", "--candidate", "worse", *asked))
    assert {m: found[m]["margin"] for m in ("p", "correct", "abstained")} == {
        "p": 0.3,
        "correct": 0.35,
        "abstained": 0.04,
    }
    assert found["p"]["margin_source"] == "--margin"
    assert found["p"]["reason"] == "a loss is proven, but smaller than the margin"


@pytest.mark.parametrize("wrong", ["p=2", "x", "0", "p=nan"])
def test_a_margin_that_is_none_is_refused(wrong: str, refused: Callable[..., str]) -> None:
    assert "give a number between 0 and 1" in refused("--baseline", "base", "--candidate", "base", "--margin", wrong)


@pytest.mark.parametrize(
    ("baseline", "candidate", "said"),
    [
        ("base", "other", "asks or expects something else"),
        ("base", "more", "the baseline lacks 10 ('q200', 'q201', 'q202', ...); 200 are common to both"),
        ("more", "base", "the candidate lacks 10"),
        ("base", "judged", "what may judge (--labels) differs"),
        ("two", "base", "did not answer the domain 'law'"),
        ("judged", "judged", "200 of 200 answers are unscored (100.0%), more than 5.0%"),
        ("base", "nowhere", "no such folder"),
        (
            "nowhere",
            "base",
            "Give a run folder, a file of answers, a folder of a commit (main:runs/baseline)",
        ),
        ("base", "models", "is in both runs"),
    ],
)
def test_what_does_not_compare_is_refused(
    baseline: str, candidate: str, said: str, refused: Callable[..., str]
) -> None:
    if candidate == "models":
        said = "no model 'x'"
        assert said in refused("--baseline", baseline, "--candidate", candidate, "--candidate-model", "x")
    else:
        assert said in refused("--baseline", baseline, "--candidate", candidate)


def test_common_samples_and_domains_and_models_can_be_chosen(gate: Gate) -> None:
    assert (
        by_measure(gate("--baseline", "base", "--candidate", "more", "--common-samples"))["p"]["evidence"]["n"] == 200
    )
    assert gate("--baseline", "two", "--candidate", "base", "--domain", "history")["verdict"] == "PASS"
    data = gate("--baseline", "base", "--candidate", "models", "--candidate-model", "acme-70b", code=1)
    assert data["candidate"].startswith("acme-70b")


def test_a_domain_without_a_baseline_is_said(gate: Gate) -> None:
    assert "law has no baseline: not compared" in gate("--baseline", "base", "--candidate", "two")["notes"]


def test_what_differs_must_be_declared(
    gate: Gate, refused: Callable[..., str], runs: dict[str, Path], tmp_path: Path
) -> None:
    changed = tmp_path / "prompt"
    for name, prompt in (("one", "a"), ("two", "b")):
        copy = tmp_path / name
        copy.mkdir()
        for file in runs["base"].iterdir():
            (copy / file.name).write_bytes(file.read_bytes())
        manifest = json.loads((copy / "manifest.json").read_text())
        manifest["identity"]["prompt"] = prompt
        manifest["identity"]["grader"] = {"name": "g", "version": "1"}
        (copy / "manifest.json").write_text(json.dumps(manifest))
    changed = tmp_path / "two"
    said = refused("--baseline", tmp_path / "one", "--candidate", changed)
    assert "prompt differs. If that is the change to be judged, declare it: --changed prompt" in said
    data = gate("--baseline", tmp_path / "one", "--candidate", changed, "--changed", "prompt")
    assert data["notes"][0] == "changed as declared: prompt differs"
    manifest["identity"]["grader"]["version"] = "2"
    (changed / "manifest.json").write_text(json.dumps(manifest))
    said = refused("--baseline", tmp_path / "one", "--candidate", changed, "--changed", "prompt")
    assert "evaluator (the grader: model, settings or wording) differs" in said


def test_vcpd_blocks_only_where_it_is_asked_for_and_known(gate: Gate) -> None:
    free = by_measure(gate("--baseline", "priced", "--candidate", "priced"))["vcpd"]
    assert (free["role"], free["verdict"]) == ("information", None)
    asked = ("--primary", "p", "--primary", "vcpd")
    unknown = by_measure(gate("--baseline", "base", "--candidate", "base", *asked))["vcpd"]
    assert unknown["verdict"] is None
    assert "not measured: usage was not recorded; it does not block" in unknown["reason"]


def test_vcpd_does_not_stand_alone(refused: Callable[..., str]) -> None:
    assert "VCpD alone cannot block" in refused("--baseline", "base", "--candidate", "base", "--primary", "vcpd")


def test_a_changed_price_is_no_changed_model(gate: Gate) -> None:
    """The baseline was priced at ten times as much; both arms take the candidate's table."""
    asked = ("--primary", "p", "--primary", "vcpd", "--margin", "vcpd=0.2")
    vcpd = by_measure(gate("--baseline", "priced", "--candidate", "cheap", *asked))["vcpd"]
    assert vcpd["evidence"]["loss"] == pytest.approx(0, abs=0.01)  # but for the seconds of the verifier


def test_the_release_anchor_stops_creep(gate: Gate) -> None:
    data = gate("--baseline", "worse", "--candidate", "worse", "--anchor", "base", code=1)
    failed = [f for f in data["findings"] if f["verdict"] == "FAIL"]
    assert {f["against"] for f in failed} == {"release anchor"}
    assert {(f["margin"], f["margin_source"]) for f in failed} == {(0.06, "2 times default")}


def test_labels_correct_the_evaluator_and_can_be_ignored(gate: Gate) -> None:
    data = gate("--baseline", "human", "--candidate", "human")
    assert "pseudo-outcomes of 200 human labels" in by_measure(data)["p"]["evidence"]["method"]
    plain = gate("--baseline", "human", "--candidate", "human", "--ignore-labels")
    assert by_measure(plain)["p"]["evidence"]["method"] == "tango score"
    lonely = gate("--baseline", "base", "--candidate", "human", code=3)
    assert "one arm alone" in by_measure(lonely)["p"]["unmeasured"]


def test_a_judge_that_drifted_stops_the_gate(gate: Gate, refused: Callable[..., str], runs: dict[str, Path]) -> None:
    data = gate("--baseline", "base", "--candidate", "base", "--judge-anchors", runs["base"], runs["base"])
    assert [d["newly_flagged"] for d in data["judge_drift"]] == [0] * len(data["judge_drift"])
    said = refused("--baseline", "base", "--candidate", "base", "--judge-anchors", runs["base"], runs["worse"])
    assert "do not hold the same answers" in said
    said = refused("--baseline", "base", "--candidate", "base", "--judge-anchors", runs["base"], runs["drifted"])
    assert "the evaluator drifted on the anchor set: of 200 answers it flags 12 that it passed" in said


def test_one_rerun_declared_before_and_never_another(
    gate: Gate, refused: Callable[..., str], runs: dict[str, Path], tmp_path: Path
) -> None:
    first, plain = tmp_path / "first.json", tmp_path / "plain.json"
    gate("--baseline", "base", "--candidate", "worse", "--declare-rerun", "--report", first, code=1)
    gate("--baseline", "base", "--candidate", "worse", "--report", plain, code=1)
    again = tmp_path / "again.json"
    data = gate("--baseline", "base", "--candidate", "better", "--confirms", first, "--report", again)
    assert data["confirms"] == str(first)
    run = ("--baseline", "base", "--candidate", "better", "--confirms")
    assert "declared no rerun" in refused(*run, plain)
    assert "one alone is allowed" in refused(*run, again)
    assert "is this very run" in refused("--baseline", "base", "--candidate", "worse", "--confirms", first)
    assert "another baseline" in refused("--baseline", "worse", "--candidate", "better", "--confirms", first)
    assert "is no verdict" in refused(*run, runs["base"] / "manifest.json")


def test_the_false_block_rate(gate: Gate) -> None:
    data = gate("--baseline", "base", "--candidate", "worse", "--aa", "60", code=1)
    assert data["aa"]["repetitions"] == 60
    assert data["aa"]["fail"]["value"] <= 0.15


def test_a_launch_is_decided_by_the_limits_of_the_pack(gate: Gate, refused: Callable[..., str], tmp_path: Path) -> None:
    assert "give its pack with --pack" in refused("--candidate", "base")
    init_pack("history", tmp_path / "history")
    data = gate("--candidate", "worse", "--pack", tmp_path / "history", code=1)
    assert data["baseline"] is None
    assert by_measure(data)["p"]["margin_source"].startswith("pack history: assumption")
    assert by_measure(data)["abstention_recall"]["verdict"] == "INCONCLUSIVE"
    assert "--anchor compares runs" in refused("--candidate", "base", "--anchor", "base")


def test_the_baseline_follows_a_pass_only(gate: Gate, tmp_path: Path, runs: dict[str, Path]) -> None:
    place = tmp_path / "baseline"
    place.mkdir()
    for file in runs["base"].iterdir():
        (place / file.name).write_bytes(file.read_bytes())
    gate("--baseline", place, "--candidate", "worse", "--update-baseline", code=1)
    assert (place / "records.parquet").read_bytes() == (runs["base"] / "records.parquet").read_bytes()
    gate("--baseline", place, "--candidate", "better", "--update-baseline")
    assert (place / "records.parquet").read_bytes() == (runs["better"] / "records.parquet").read_bytes()
    assert [p.name for p in tmp_path.iterdir()] == ["baseline"]


def test_a_baseline_in_a_commit(
    gate: Gate, refused: Callable[..., str], runs: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def git(*arguments: str) -> None:
        identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
        subprocess.run(["git", *identity, *arguments], cwd=tmp_path, check=True, capture_output=True)

    git("init", "-q", "-b", "main")
    (tmp_path / "sub" / "runs").mkdir(parents=True)
    for file in runs["base"].iterdir():
        (tmp_path / "sub" / "runs" / file.name).write_bytes(file.read_bytes())
    git("add", "-A")
    git("commit", "-q", "-m", "baseline")
    monkeypatch.chdir(tmp_path / "sub")
    for where in ("main:runs", "HEAD:sub/runs"):
        assert gate("--baseline", where, "--candidate", runs["better"])["verdict"] == "PASS"
    assert "git has no such folder" in refused("--baseline", "main:nowhere", "--candidate", "base")
    assert "written REF:PATH" in refused("--baseline", "--output=x:y", "--candidate", "base")
    said = refused("--baseline", "main:runs", "--candidate", runs["better"], "--update-baseline", "--quiet")
    assert "a commit cannot be updated" in said


def test_a_baseline_at_a_url(gate: Gate, refused: Callable[..., str], runs: dict[str, Path]) -> None:
    import fsspec

    files = fsspec.filesystem("memory")
    for file in runs["base"].iterdir():
        files.pipe_file(f"/runs/base/{file.name}", file.read_bytes())
    data = gate("--baseline", "memory://runs/base", "--candidate", "better", "--update-baseline")
    assert "memory://runs/base" in data["baseline"]
    assert files.cat_file("/runs/base/records.parquet") == (runs["better"] / "records.parquet").read_bytes()
    assert "holds no run folder" in refused("--baseline", "memory://nowhere", "--candidate", "base")
    assert "Protocol not known" in refused("--baseline", "nosuch://x", "--candidate", "base")


def test_junit_counts_an_open_test_as_it_is_told(gate: Gate, tmp_path: Path) -> None:
    path = tmp_path / "gate.xml"
    kinds = {"fail": ("failure", 1), "pass": ("system-out", 0), "neutral": ("skipped", 3)}
    for how, (kind, code) in kinds.items():
        gate("--baseline", "few", "--candidate", "few", "--junit", path, "--on-inconclusive", how, code=code)
        root = ElementTree.parse(path).getroot()
        assert root.get("tests") == "3"
        assert len(list(root.iter(kind))) == 3
    gate("--baseline", "base", "--candidate", "worse", "--junit", path, code=1)
    root = ElementTree.parse(path).getroot()
    assert (root.get("failures"), root.get("skipped"), root.get("errors")) == ("2", "0", "0")
    assert [c.get("name") for c in root.iter("testcase")] == ["p acme-7b", "correct acme-7b", "abstained acme-7b"]


def test_the_terminal_says_verdict_reason_and_what_would_settle_it(
    runs: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_cli(["gate", "--baseline", str(runs["few"]), "--candidate", str(runs["few"])]) == 3
    out = capsys.readouterr().out
    assert out.startswith("INCONCLUSIVE: no loss is proven")
    assert "more items would settle it" in out
    assert all(len(line.rstrip()) <= 100 for line in out.splitlines())


def test_no_model_library_is_loaded(runs: dict[str, Path]) -> None:
    code = (
        "import sys; from vcpd.evals.cli import run_cli; "
        f"assert run_cli(['gate', '--baseline', {str(runs['base'])!r}, '--candidate', {str(runs['better'])!r}]) == 0; "
        f"print(*[m for m in {HEAVY} if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == ""
