"""A gate on real models' outputs: an upgrade passes, the reverse fails and is named, no change is not blocked.

The data sets are not part of this repository (their licences differ). VCPD_DATA names the folder that holds them.
"""

import gzip
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from scipy import stats
from vcpd.evals.cli import run_cli

DATA = Path(os.environ.get("VCPD_DATA", Path(__file__).resolve().parents[3] / "shared" / "data")) / "mmlu_pro"
WEAK, STRONG = "Meta-Llama-3_1-8B-Instruct", "Meta-Llama-3_1-70B-Instruct"
pytestmark = pytest.mark.skipif(
    not (DATA / f"{WEAK}.jsonl.gz").exists(), reason=f"needs the MMLU-Pro outputs; none at {DATA} (set VCPD_DATA)"
)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("mmlu")
    for model in (WEAK, STRONG):
        lines = gzip.decompress((DATA / f"{model}.jsonl.gz").read_bytes()).decode().splitlines(keepends=True)
        (folder / f"{model}.jsonl").write_text("".join(lines))
        (folder / f"{model}.few.jsonl").write_text("".join(lines[53::54]))
        for name in (model, f"{model}.few"):
            assert run_cli(["score", str(folder / f"{name}.jsonl"), "--out", str(folder / name), "--quiet"]) == 0
    return folder


@pytest.fixture
def gate(runs: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., dict[str, Any]]:
    def run(baseline: str, candidate: str, *more: str) -> dict[str, Any]:
        capsys.readouterr()
        run_cli(["gate", "--baseline", str(runs / baseline), "--candidate", str(runs / candidate), "--json", *more])
        return dict(json.loads(capsys.readouterr().out))

    return run


def test_a_real_upgrade_passes_in_every_domain(gate: Callable[..., dict[str, Any]]) -> None:
    data = gate(WEAK, STRONG)
    assert data["verdict"] == "PASS"
    passed = {(f["domain"], f["measure"]) for f in data["findings"] if f["verdict"] == "PASS"}
    assert passed == {(d, m) for d in ("legal", "medical", "general") for m in ("p", "correct", "abstained")}


def test_the_reverse_fails_in_every_domain_and_names_them(gate: Callable[..., dict[str, Any]]) -> None:
    data = gate(STRONG, WEAK)
    assert data["verdict"] == "FAIL"
    failed = {(f["domain"], f["measure"]) for f in data["findings"] if f["verdict"] == "FAIL"}
    assert failed == {(d, m) for d in ("legal", "medical", "general") for m in ("p", "correct")}


def test_a_model_against_itself_passes_and_fifty_items_are_too_few(gate: Callable[..., dict[str, Any]]) -> None:
    assert gate(STRONG, STRONG)["verdict"] == "PASS"
    few = gate(f"{STRONG}.few", f"{STRONG}.few")
    assert few["verdict"] == "INCONCLUSIVE"
    assert all(f["evidence"]["more_items"] > 50 for f in few["findings"] if f["verdict"] == "INCONCLUSIVE")


def test_swapped_at_random_it_blocks_no_more_than_its_nominal_rate(gate: Callable[..., dict[str, Any]]) -> None:
    aa = gate(WEAK, STRONG, "--aa", "400")["aa"]
    assert aa["fail"]["value"] * 400 <= stats.binom.ppf(0.999, 400, 0.05)
