"""Real models' outputs with human labels: the numbers of `vcpd score` against the labels in the files.

The data sets are not part of this repository (their licences differ). VCPD_DATA names the folder that holds them.
"""

import gzip
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from vcpd.evals.cli import run_cli
from vcpd.scoring.record_files import read_records
from vcpd.scoring.records import Outcome

DATA = Path(os.environ.get("VCPD_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))
pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason=f"needs the labelled data sets; none at {DATA} (set VCPD_DATA)"
)
HUMAN = ("ragtruth_qa.jsonl", "expertqa.jsonl", "factscore_ChatGPT.jsonl.gz", "factscore_InstructGPT.jsonl.gz")
Numbers = dict[tuple[str, str, str], dict[str, Any]]


def rows_of(path: Path) -> list[dict[str, Any]]:
    if not path.exists():
        pytest.skip(f"{path.name} is not among the data sets at hand")
    text = gzip.decompress(path.read_bytes()).decode() if path.suffix == ".gz" else path.read_text()
    return [json.loads(line) for line in text.splitlines()]


def score(path: Path, out: Path, *options: str) -> Numbers:
    assert run_cli(["score", str(path), "--out", str(out), "--quiet", *options]) == 0
    estimates = json.loads((out / "estimates.json").read_text())["estimates"]
    return {(e["model"], e["domain"], e["measure"]): e for e in estimates}


def share_wrong(outcomes: Sequence[str]) -> float | None:
    attempted = [o for o in outcomes if o in ("correct", "incorrect")]
    return sum(o == "incorrect" for o in attempted) / len(attempted) if attempted else None


@pytest.mark.parametrize("name", HUMAN)
def test_human_labels_are_reproduced_exactly(name: str, tmp_path: Path) -> None:
    outcomes: dict[tuple[str, str], list[str]] = {}
    for row in rows_of(DATA / name):
        outcomes.setdefault((row["model"], row["domain"]), []).append(row["human"]["outcome"])
    found = score(DATA / name, tmp_path / "run", "--labels", "human")
    assert outcomes
    for (model, domain), labels in outcomes.items():
        expected = share_wrong(labels)
        value = found[model, domain, "p"]["value"]
        assert value == (None if expected is None else pytest.approx(expected, abs=1e-12)), (model, domain)
        abstained = labels.count("abstained") / len(labels)
        assert found[model, domain, "abstained"]["value"] == pytest.approx(abstained, abs=1e-12)


@pytest.mark.parametrize("path", sorted(DATA.glob("mmlu_pro/*.jsonl.gz")), ids=lambda p: p.name.partition(".")[0])
def test_the_answer_key_is_reproduced_exactly(path: Path, tmp_path: Path) -> None:
    """`extracted` is the letter by the plain rule, which reads the pronoun of "I cannot answer" as the letter I."""
    found = score(path, tmp_path / "run")
    rows = rows_of(path)
    silent = {r.sample_id for r in read_records(tmp_path / "run") if r.outcome in (Outcome.ABSTAINED, Outcome.REFUSED)}
    assert {r.get("extracted") for r in rows if r["sample_id"] in silent} <= {"I", None}
    assert len(silent) <= 0.01 * len(rows)
    for domain in ("legal", "medical", "general"):
        mine = [r for r in rows if r["domain"] == domain]
        letters = [r for r in mine if r.get("extracted") and r["sample_id"] not in silent]
        [model] = {r["model"] for r in mine}
        p = sum(r["extracted"] != r["target"] for r in letters) / len(letters)
        assert found[model, domain, "p"]["value"] == pytest.approx(p, abs=1e-12)
        assert found[model, domain, "p"]["low"] <= p <= found[model, domain, "p"]["high"]
        unread = [r for r in mine if not r.get("extracted") and r["sample_id"] not in silent]
        assert found[model, domain, "invalid"]["value"] == pytest.approx(len(unread) / len(mine), abs=1e-12)
