"""Packs: the bundled ones are sound, a new one is sound, and every mistake is named with its place."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from vcpd.evals.pack_by_name import load_pack
from vcpd.evals.pack_check import check_pack
from vcpd.evals.pack_fields import PackError
from vcpd.evals.pack_init import init_pack
from vcpd.evals.packs import ABSTAIN_KINDS, BUNDLED
from vcpd.scoring.power import items_without_error

Change = Callable[[list[dict[str, Any]]], object]


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    return init_pack("mine", tmp_path / "mine")


def edit_samples(pack: Path, change: Change) -> None:
    path = pack / "samples.jsonl"
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    change(rows)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def edit_toml(pack: Path, old: str, new: str) -> None:
    path = pack / "pack.toml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


@pytest.mark.parametrize("name", BUNDLED)
def test_bundled_packs_are_sound(name: str) -> None:
    pack = load_pack(name)
    assert check_pack(pack).problems == ()
    assert len(pack.samples) >= 50
    assert len(pack.corpus) >= 50
    assert {s.abstain_kind for s in pack.samples} == {None, *ABSTAIN_KINDS}
    assert all(80 <= len(d.text.split()) <= 300 for d in pack.corpus)
    assert "illustrative" in pack.notice
    assert set(pack.limits) == {"p_max", "q_min", "must_abstain_recall_min", "usd_per_verified_answer_max"}


def test_a_new_pack_is_sound(pack: Path) -> None:
    report = check_pack(load_pack(pack))
    assert report.problems == ()
    assert report.facts["samples"] == 5


def test_init_never_overwrites(pack: Path) -> None:
    with pytest.raises(PackError, match="not empty"):
        init_pack("mine", pack)
    with pytest.raises(PackError, match="no name"):
        init_pack("../mine", pack / "other")


@pytest.mark.parametrize(("p", "n"), [(0.05, 59), (0.02, 149), (0.01, 299), (0.005, 598), (0.001, 2995)])
def test_items_for_launch(p: float, n: int) -> None:
    assert items_without_error(p) == n


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda rows: rows[0]["evidence"][0].update(start=5), "does not match its quote"),
        (lambda rows: rows[0]["evidence"][0].update(end=9999, quote="x"), "ends after the text"),
        (lambda rows: rows[0]["evidence"][0].update(doc_id="nowhere"), "not in the corpus"),
        (lambda rows: rows[0].update(evidence=[]), "names no evidence"),
        (
            lambda rows: rows[0].update(question="Is nine in the morning when it opens?"),
            "gives the answer away",
        ),
        (lambda rows: rows[1].update(question=rows[0]["question"]), "nearly the same"),
        (lambda rows: rows[0].update(wrong=["9 AM"]), "as right and as wrong"),
        (lambda rows: [row.update(cluster_id="one") for row in rows], "not independent"),
        (lambda rows: rows.__delitem__(slice(3, None)), "must be abstained on"),
        (
            lambda rows: rows[0]["evidence"][0].update(doc_id="forum-post", start=0, end=9, quote="A visitor"),
            "forbidden by the source policy (deny)",
        ),
    ],
)
def test_unsound_packs_are_found_out(
    pack: Path, change: Callable[[list[dict[str, Any]]], object], problem: str
) -> None:
    edit_samples(pack, change)
    assert any(problem in text for text in check_pack(load_pack(pack)).problems)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda rows: rows[2].pop("question"), r"samples.jsonl, line 3, field 'question': is missing"),
        (lambda rows: rows[1].update(targets=[]), r"line 2, field 'targets'"),
        (lambda rows: rows[3].update(targets=["x"]), r"line 4, field 'targets'"),
        (lambda rows: rows[0].update(risk_tier="extreme"), r"line 1, field 'risk_tier': 'extreme' is not one of"),
        (lambda rows: rows[3].update(abstain_kind="shy"), r"line 4, field 'abstain_kind'"),
        (lambda rows: rows[1].update(sample_id=rows[0]["sample_id"]), r"line 2, field 'sample_id'.*line 1"),
        (lambda rows: rows[0]["evidence"][0].update(start=-1), r"line 1, \[evidence\[1\]\], field 'start'"),
        (lambda rows: rows[0].update(choices=["a", "b"], targets=["Z"]), r"line 1, field 'targets': 'Z' is no choice"),
        (lambda rows: rows[0].update(choices=["x"] * 30, targets=["A"]), r"line 1, field 'choices'"),
        (lambda rows: rows[0].update(cluster_id="\ud800"), r"line 1, field 'cluster_id'"),
        (lambda rows: rows.clear(), "holds no sample"),
    ],
)
def test_malformed_samples_are_named(
    pack: Path, change: Callable[[list[dict[str, Any]]], object], message: str
) -> None:
    edit_samples(pack, change)
    with pytest.raises(ValueError, match=message):
        load_pack(pack)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("confidence_target = 0.75", "confidence_target = 1.5", "pack.toml, line 7, field 'confidence_target'"),
        ("confidence_target = 0.75", "confidence_target = ", "pack.toml: not valid TOML .*line 7"),
        ("as_of = 2025-01-01", 'as_of = "2025-01-01"', r"line 14, \[source_policy\], field 'as_of'"),
        ("as_of = 2025-01-01", "as_off = 2025-01-01", "field 'as_off': is not known"),
        ("deny = ", "denny = ", "field 'denny': is not known"),
        ('["high"]', '["hihg"]', "field 'escalate_tiers': 'hihg' is not one of"),
        ("[retrieval]", "[foo]\nx = 1\n[retrieval]", "field 'foo': is not known"),
        ('name = "mine"', 'name = "../../x"', "field 'name'"),
        ("low = 20", "low = 50", "needs low <= base <= high"),
        ('on_exhausted = "escalate"', 'on_exhausted = "shrug"', "field 'on_exhausted'"),
        ("reviewer_accuracy = { value = 1.0", "reviewer_accuracy = { value = 2.0", "between 0 and 1"),
        ("traffic_weight = { value = 1.0", "traffic_weight = { value = 0", "'traffic_weight': must be above 0"),
        (
            'q_min = { value = 0.9, source = "assumption" }',
            "q_min = { value = 0.9 }",
            r"line 22, \[limits.q_min\], field 'source': is missing",
        ),
    ],
)
def test_malformed_pack_toml_is_named(pack: Path, old: str, new: str, message: str) -> None:
    edit_toml(pack, old, new)
    with pytest.raises(PackError, match=message):
        load_pack(pack)


def test_a_pack_that_is_not_there() -> None:
    with pytest.raises(PackError, match="vcpd domain init"):
        load_pack("/nowhere")


def test_questions_from_a_dataset_by_column_mapping(pack: Path) -> None:
    rows = [
        {"q": "Where is the key?", "a": ["under the mat"], "page": "The key is under the mat.", "no": 7},
        {"q": "Who lost it?", "a": [], "page": "The key is under the mat.", "no": 8},
    ]
    (pack / "rows.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows))
    columns = 'question = "q"\ntargets = "a"\nsource_text = "page"\nsample_id = "no"\n'
    with (pack / "pack.toml").open("a") as file:
        file.write(f'\n[dataset]\nname = "rows.jsonl"\n[dataset.columns]\n{columns}')
    loaded = load_pack(pack)
    first, second = loaded.samples
    assert (first.sample_id, first.targets, first.answerable) == ("7", ("under the mat",), True)
    assert (second.sample_id, second.answerable) == ("8", False)
    [document] = loaded.corpus
    assert first.evidence[0].span.of(document.text) == "The key is under the mat."


def test_a_column_that_the_dataset_lacks_is_named(pack: Path) -> None:
    (pack / "rows.jsonl").write_text('{"q": "Where?"}\n')
    with (pack / "pack.toml").open("a") as file:
        file.write('\n[dataset]\nname = "rows.jsonl"\n[dataset.columns]\nquestion = "question"\n')
    with pytest.raises(PackError, match="no column 'question'; it has q"):
        load_pack(pack)


def test_a_copied_bundled_pack_loads_from_its_folder(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(load_pack("general").path, copy)
    assert load_pack(copy).sha256 == load_pack("general").sha256


def test_a_pack_may_list_the_decisions_that_exist(pack: Path) -> None:
    (pack / "decisions.jsonl").write_text('{"citation": "10 U.S. 20", "name": "Alpha v. Beta", "date": "1810-03-01"}\n')
    settings = (pack / "pack.toml").read_text()
    (pack / "pack.toml").write_text('authorities = "decisions.jsonl"\n' + settings)
    index = load_pack(str(pack)).authorities
    assert index is not None
    assert [a.name for a in index.authorities] == ["Alpha v. Beta"]
    (pack / "pack.toml").write_text('authorities = "nothing.jsonl"\n' + settings)
    with pytest.raises(ValueError, match=r"nothing\.jsonl: cannot be read"):
        load_pack(str(pack))
