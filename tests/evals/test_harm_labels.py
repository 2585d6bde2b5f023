"""Harm classes and risk tiers from labels and packs to the records and the losses."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from vcpd.evals.cli import run_cli
from vcpd.evals.declared import declared_in, declared_of, policy_of
from vcpd.evals.importers.detect import read_answers
from vcpd.evals.importers.recorded import RecordedAnswerError
from vcpd.evals.importers.rows import to_row
from vcpd.evals.pack_by_name import load_pack
from vcpd.evals.pack_fields import PackError
from vcpd.evals.packs import BUNDLED, bundled_path, read_pack
from vcpd.evals.saved_runs import open_run
from vcpd.retrieval.sources import SourcePolicy
from vcpd.scoring.record_files import read_records


def answer(sample: str, human: dict[str, Any], **more: Any) -> dict[str, Any]:
    row = {"sample_id": sample, "model": "m", "domain": "legal", "question": "When?", "answer": "In 1937 [1].",
           "sources": [{"doc_id": "g", "text": "It was in 1937."}], "human": human}  # fmt: skip
    return row | more


def write(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


ROWS = [
    answer("a", {"outcome": "incorrect", "harm_class": "severe"}),
    answer("b", {"outcome": "incorrect", "harm_class": "minor"}, risk_tier="high"),
    answer("c", {"outcome": "correct"}),
]


def test_labels_reach_the_records(tmp_path: Path) -> None:
    file = write(tmp_path / "a.jsonl", *ROWS)
    assert [to_row(a) | {"human": ROWS[i]["human"]} for i, a in enumerate(read_answers(str(file)).answers)] == ROWS
    assert run_cli(["score", str(file), "--labels", "human", "--out", str(tmp_path / "run"), "--quiet"]) == 0
    found = {r.sample_id: (r.harm_class, r.risk_tier) for r in read_records(tmp_path / "run")}
    assert found == {"a": ("severe", "standard"), "b": ("minor", "high"), "c": (None, "standard")}
    estimates = json.loads((tmp_path / "run" / "estimates.json").read_text())["estimates"]
    rows = {e["measure"]: e for e in estimates}
    assert rows["loss_per_escaped_usd"]["value"] == 5000  # the bundled pack declares no loss for each class
    assert "declares no loss for each harm class" in rows["loss_per_escaped_usd"]["note"]
    assert rows["escaped_rate"]["value"] == pytest.approx(1 / 3)  # b went to a person
    assert open_run(tmp_path / "run").manifest["declared"]["legal"]["limits"]["p_max"] == 0.02


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (answer("a", {"outcome": "correct", "harm_class": "minor"}), "only an answer whose outcome is incorrect"),
        (answer("a", {"outcome": "incorrect", "harm_class": "dire"}), "'dire' is none of minor, moderate, severe"),
        (answer("a", {"outcome": "incorrect"}, risk_tier="extreme"), "none of low, standard, high"),
    ],
)
def test_a_wrong_class_or_tier_is_refused(tmp_path: Path, row: dict[str, Any], said: str) -> None:
    with pytest.raises(RecordedAnswerError, match=said):
        read_answers(str(write(tmp_path / "a.jsonl", row)))


def pack(folder: Path, losses: str) -> Path:
    shutil.copytree(bundled_path("legal"), folder)
    text = (folder / "pack.toml").read_text()
    (folder / "pack.toml").write_text(
        text.replace("[economics]\n", f"[economics]\nloss_by_harm_class_usd = {losses}\n")
    )
    return folder


def test_a_pack_declares_a_loss_for_each_class(tmp_path: Path) -> None:
    found = read_pack(pack(tmp_path / "p", '{ minor = 50, moderate = 900, severe = 20000, source = "own" }'))
    assert found.economics is not None
    assert found.economics.loss_by_harm == {"minor": 50.0, "moderate": 900.0, "severe": 20000.0}
    assert found.sources["loss_by_harm_class_usd"] == "own"


@pytest.mark.parametrize(
    ("losses", "said"),
    [
        ('{ minor = 50, severe = 20000, source = "own" }', "moderate"),
        ('{ minor = 50, moderate = 900, severe = 1, source = "own" }', "minor <= moderate <= severe"),
        ('{ minor = 1, moderate = 2, severe = 3, fatal = 4, source = "own" }', "fatal"),
    ],
)
def test_losses_are_whole_and_in_order(tmp_path: Path, losses: str, said: str) -> None:
    with pytest.raises(PackError, match=said):
        read_pack(pack(tmp_path / "p", losses))


def test_run_folders_of_earlier_versions_are_read(tmp_path: Path) -> None:
    """Records without harm classes, manifests without limits."""
    file = write(tmp_path / "a.jsonl", *ROWS)
    run = tmp_path / "run"
    assert run_cli(["score", str(file), "--labels", "human", "--out", str(run), "--quiet"]) == 0
    pq.write_table(pq.read_table(run / "records.parquet").drop_columns(["harm_class"]), run / "records.parquet")
    manifest = json.loads((run / "manifest.json").read_text())
    del manifest["declared"]
    (run / "manifest.json").write_text(json.dumps(manifest))
    opened = open_run(run)
    assert {r.harm_class for r in opened.records} == {None}
    assert declared_in(opened.manifest, "legal").limits["p_max"] == 0.02
    assert declared_in(opened.manifest, "elsewhere").limits == {}
    assert run_cli(["report", str(run), "--out", str(tmp_path / "r.html"), "--quiet"]) == 0


def test_a_declared_source_policy_comes_back_as_it_was() -> None:
    for name in BUNDLED:
        pack = load_pack(name)
        kept = json.loads(json.dumps(declared_of([pack])))  # as a manifest holds it
        assert policy_of(declared_in(kept, name)) == pack.source_policy
    strict = replace(
        load_pack("legal").source_policy, licenses=("CC0-1.0",), parents=(("N.D. Nowhere", "US"),), current_only=True
    )
    kept = json.loads(json.dumps(declared_of([replace(load_pack("legal"), source_policy=strict)])))
    assert policy_of(declared_in(kept, "legal")) == strict
    assert policy_of(declared_in(kept, "elsewhere")) == SourcePolicy()
