"""What the README shows and says is so."""

import json
import re
import shlex
import shutil
from pathlib import Path

import pytest
from vcpd.evals.cli import run_cli
from vcpd.evals.config import read_config
from vcpd.scoring.measures import MEASURES
from vcpd.scoring.prices import load_prices
from vcpd.scoring.usage import Usage

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", README, re.S)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def commands(start: str) -> list[list[str]]:
    lines = [line for block in blocks("bash") for line in block.splitlines()]
    return [shlex.split(line, comments=True)[1:] for line in lines if line.startswith(start)]


def test_the_recorded_answers_of_the_readme_are_scored(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "answers.jsonl").write_text(blocks("json")[0])
    for arguments in commands("vcpd score answers.jsonl"):
        assert run_cli(arguments) == 0, arguments
    out = capsys.readouterr().out
    found = {e["measure"]: e["value"] for e in json.loads(out[out.index('{"schema"') :])["estimates"]}
    assert (found["p"], found["abstained"]) == (1.0, pytest.approx(1 / 3))


def test_the_gate_of_the_readme_decides(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    row = json.loads(blocks("json")[0].splitlines()[0])
    for name in ("before", "after"):
        rows = [row | {"sample_id": f"q{i}", "cluster_id": f"c{i}"} for i in range(200)]
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows))
        assert run_cli(["score", f"{name}.jsonl", "--out", f"runs/{name}", "--quiet"]) == 0
    answers, runs, launch = commands("vcpd gate")
    assert run_cli(answers) == 0
    assert run_cli(runs) == 0
    assert "PASS" in (folder / "comment.md").read_text()
    assert (folder / "gate.xml").exists()
    assert run_cli(launch) in (1, 3)  # a pack's limits are not all measured on answers without a question to abstain on


def test_a_domain_of_ones_own_as_the_readme_says(folder: Path) -> None:
    steps = [*commands("vcpd domain"), *(c for c in commands("vcpd run --domain tax"))]
    assert [c[0] for c in steps] == ["domain", "domain", "run"]
    for arguments in steps:
        assert run_cli([*arguments, *(["--quiet"] if arguments[0] == "run" else [])]) == 0, arguments
    [run] = (folder / "runs").iterdir()
    assert (run / "estimates.json").exists()


def test_the_configuration_of_the_readme_is_read(folder: Path) -> None:
    (folder / "run.toml").write_text(blocks("toml")[0])
    config = read_config(folder / "run.toml")
    assert [m.name for m in config.models] == ["openai/gpt-4.1", "local/recorded"]
    assert config.packs == ("legal", "packs/tax") or config.packs[1].endswith("packs/tax")


def test_the_commands_of_the_readme_exist(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in commands("vcpd"):
        options = {a for a in arguments if a.startswith("--")}
        name = arguments[:2] if arguments[0] in ("domain", "verify") else arguments[:1]
        assert run_cli([*name, "--help"]) == 0
        help_text = capsys.readouterr().out
        assert all(option in help_text for option in options), arguments


def test_the_table_of_the_readme_has_the_columns_of_the_program() -> None:
    shown = README.split("<!-- table -->")[1].split("<!-- end -->")[0]
    for title in ("p = wrong/attempted", "VCpD tokens/$", "$/verified answer", "local/extractive-bold"):
        assert title in shown
    assert all(len(line.rstrip()) <= 100 for line in shown.splitlines())
    assert (ROOT / "reports" / "examples" / "run.svg").exists()


def test_measures_are_documented_as_they_are() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \| (.*) \|$", (ROOT / "MEASURES.md").read_text(), re.M)
    assert rows == [(name, m.unit or "share", m.meaning) for name, m in MEASURES.items()]


def test_the_version_has_a_changelog_entry() -> None:
    assert "## [Unreleased]" in (ROOT / "CHANGELOG.md").read_text()


def test_the_test_command_is_there() -> None:
    assert shutil.which("bash") is None or (ROOT / "tests" / "check").exists()


def test_the_price_table_of_the_readme_prices_its_model(folder: Path) -> None:
    (folder / "prices.toml").write_text(next(b for b in blocks("toml") if "prices.toml\n[models" in b))
    table = load_prices(folder / "prices.toml")
    assert table.dollars(Usage("generate", "acme-7b", input_tokens=1_000_000, output_tokens=1_000_000)) == 2.0
