"""Benchmarks as packs: through `datasets`, from files and folders, on the command line, and what goes wrong."""

import csv
import dataclasses
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from vcpd.evals.benchmarks.load import benchmark_pack
from vcpd.evals.benchmarks.table import BENCHMARKS
from vcpd.evals.cli import run_cli
from vcpd.evals.config import read_config
from vcpd.evals.importers.hub import HubError, HubSource
from vcpd.evals.pack_by_name import load_pack
from vcpd.evals.pack_check import check_pack
from vcpd.evals.pack_fields import PackError
from vcpd.evals.packs import DomainPack
from vcpd.evals.pipeline import prepare
from vcpd.evals.prompts import parse_prompt
from vcpd.retrieval.lexical import LexicalRetriever

ROWS: dict[str, list[dict[str, Any]]] = {
    "gpqa-diamond": [
        {
            "Record ID": f"rec{i}",
            "Question": f"Which invented particle is number {i}?",
            "Correct Answer": "the feathon",
            "Incorrect Answer 1": "the leadon",
            "Incorrect Answer 2": "the stonon",
            "Incorrect Answer 3": "the ironon",
            "Canary String": "none: invented",
        }
        for i in range(3)
    ],
    "simpleqa": [{"metadata": "{}", "problem": f"Who built tower {i}?", "answer": f"Ada {i}"} for i in range(3)],
    "selfaware": [
        {"question_id": 1, "question": "Who lit the lamp?", "answer": ["Ada"], "answerable": True, "source": "x"},
        {"question_id": 2, "question": "Why is there light?", "answer": None, "answerable": False, "source": "y"},
    ],
    "abstentionbench": [
        {"question": "Who lit it?", "reference_answers": ["Ada"], "should_abstain": False, "metadata_json": "{}"},
        {"question": "Who will?", "reference_answers": None, "should_abstain": True, "metadata_json": "{}"},
        {"question": "Who will?", "reference_answers": None, "should_abstain": True, "metadata_json": "{}"},
    ],
    "abstentionbench-kuq": [
        {"question": "Who lit it?", "answer": ["Ada"], "unknown": False, "source": "x", "category": None},
        {"question": "Who will?", "answer": None, "unknown": True, "source": "x", "category": "future unknown"},
    ],
    "abstentionbench-squad2": [
        {
            "id": f"s{i}",
            "title": "Orrin",
            "context": "Orrin has a brass lamp. It was lit in 1402.",
            "question": question,
            "answers": {"text": answers, "answer_start": [0] * len(answers)},
        }
        for i, (question, answers) in enumerate([("When was the lamp lit?", ["1402"]), ("Who lit the lamp?", [])])
    ],
    "clapnq": [
        {
            "id": str(i),
            "input": "why is the lamp of orrin kept lit",
            "passages": [
                {"title": f"Orrin {i}", "text": f"Orrin {i} . The lamp is lit for ships .", "sentences": ["x"]}
            ],
            "output": [output],
        }
        for i, output in enumerate(
            [
                {"answer": "For ships.", "selected_sentences": ["The lamp is lit for ships ."], "meta": {"round": 2}},
                {"answer": None, "selected_sentences": None, "meta": None},
            ]
        )
    ],
    "pubmedqa": [
        {
            "pubid": 11 + i,
            "question": f"Does moss calm trout {i}?",
            "context": {"contexts": [f"Trout {i} are restless.", "Moss lay in tanks."], "labels": ["A", "B"]},
            "long_answer": "It may.",
            "final_decision": decision,
        }
        for i, decision in enumerate(["yes", "no", "maybe"])
    ],
    "medqa": [
        {
            "question": "What comes first?",
            "answer": "rest",
            "options": {"A": "tea", "B": "rest"},
            "meta_info": "step1",
            "answer_idx": "B",
        }
    ],
    "mmlu-pro": [
        {
            "question_id": 70,
            "question": "Why?",
            "options": ["a", "b"],
            "answer": "B",
            "answer_index": 1,
            "category": "law",
        }
    ],
    "legal-hallucinations": [
        {
            "id": i,
            "task": "case_existence",
            "court_level": "coa",
            "query": "Is Ash v. Elm real?",
            "citation": "1 F.9d 1",
        }
        for i in range(2)
    ],
    "legalbench-hearsay": [{"index": "0", "text": "Ada nodded in court.", "answer": "No", "slice": "x"}],
}


@pytest.fixture(autouse=True)
def _offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    import datasets

    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    datasets.disable_progress_bars()
    yield
    datasets.enable_progress_bars()


def jsonl(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def ids(pack: DomainPack) -> list[str]:
    return sorted(s.sample_id for s in pack.samples)


@pytest.mark.parametrize("name", ROWS)
def test_through_datasets_and_from_a_file_the_same_pack_comes_out(name: str, tmp_path: Path) -> None:
    path = jsonl(tmp_path / "rows.jsonl", ROWS[name])
    source = HubSource("json", "train", files=str(path))
    hub = benchmark_pack(dataclasses.replace(BENCHMARKS[name], hub=source), None)
    file = load_pack(f"bench:{name}={path}")
    assert hub.samples == file.samples
    assert hub.sha256 == file.sha256
    assert hub.corpus.sha256 == file.corpus.sha256
    assert {s.domain for s in file.samples} == {file.name} == {name}
    assert check_pack(file).problems == ()
    assert file.economics is None
    assert (file.license, file.citation) == (BENCHMARKS[name].license, BENCHMARKS[name].citation)


def test_parquet_and_csv_too(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.Table.from_pylist(ROWS["pubmedqa"]), tmp_path / "p.parquet")
    assert ids(load_pack(f"bench:pubmedqa={tmp_path / 'p.parquet'}")) == ["11", "12", "13"]
    with (tmp_path / "gpqa_diamond.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(ROWS["gpqa-diamond"][0]))
        writer.writeheader()
        writer.writerows(ROWS["gpqa-diamond"])
    assert ids(load_pack(f"bench:gpqa-diamond={tmp_path}")) == ["rec0", "rec1", "rec2"]


def test_legalbench_as_downloaded(tmp_path: Path) -> None:
    (tmp_path / "data" / "hearsay").mkdir(parents=True)
    (tmp_path / "data" / "hearsay" / "test.tsv").write_text("index\tanswer\ttext\n0\tNo\tAda nodded in court.\n")
    (tmp_path / "data" / "hearsay" / "train.tsv").write_text("index\tanswer\ttext\n9\tNo\tFen nodded.\n")
    assert ids(load_pack(f"bench:legalbench-hearsay={tmp_path}")) == ["0"]


def test_json_files_that_are_one_object(tmp_path: Path) -> None:
    (tmp_path / "SelfAware.json").write_text(json.dumps({"license": "x", "example": ROWS["selfaware"]}, indent=1))
    assert ids(load_pack(f"bench:selfaware={tmp_path}")) == ["1", "2"]
    row = {"QUESTION": "Does moss calm trout?", "CONTEXTS": ["Moss lay in tanks."], "final_decision": "no"}
    (tmp_path / "ori_pqal.json").write_text(json.dumps({"21": row, "22": row}, indent=1))
    assert ids(load_pack(f"bench:pubmedqa={tmp_path}")) == ["21", "22"]
    (tmp_path / "list.json").write_text(json.dumps(ROWS["selfaware"]))
    assert ids(load_pack(f"bench:selfaware={tmp_path / 'list.json'}")) == ["1", "2"]


def test_files_of_a_folder_are_found_at_any_depth(tmp_path: Path) -> None:
    for part, row in zip(("answerable", "unanswerable"), ROWS["clapnq"], strict=True):
        jsonl(tmp_path / "annotated_data" / "dev" / f"clapnq_dev_{part}.jsonl", [row])
        jsonl(tmp_path / "annotated_data" / "train" / f"clapnq_train_{part}.jsonl", [{**row, "id": "no"}])
    assert ids(load_pack(f"bench:clapnq={tmp_path}")) == ["0", "1"]


def test_the_order_does_not_follow_the_file(tmp_path: Path) -> None:
    rows = [{**ROWS["selfaware"][i >= 200], "question_id": i} for i in range(300)]
    pack = load_pack(f"bench:selfaware={jsonl(tmp_path / 'a.jsonl', rows)}")
    again = load_pack(f"bench:selfaware={jsonl(tmp_path / 'b.jsonl', rows[::-1])}")
    assert pack.samples == again.samples
    assert 3 < sum(not s.answerable for s in pack.samples[:40]) < 27  # a third of them; the file has none there


def legal_rag(folder: Path, span: list[int]) -> Path:
    (folder / "corpus" / "nda").mkdir(parents=True)
    (folder / "benchmarks").mkdir()
    (folder / "corpus" / "nda" / "Ash.txt").write_text("Ash may not copy maps. Ash may copy songs.")
    test = {"query": "Consider Ash; may maps be copied?", "snippets": [{"file_path": "nda/Ash.txt", "span": span}]}
    (folder / "benchmarks" / "nda.json").write_text(json.dumps({"tests": [test]}))
    return folder


def test_legalbench_rag_has_its_files_as_corpus(tmp_path: Path) -> None:
    pack = load_pack(f"bench:legalbench-rag={legal_rag(tmp_path / 'rag', [0, 22])}")
    [sample], [document] = pack.samples, pack.corpus.documents
    assert [e.span.of(document.text) for e in sample.evidence] == ["Ash may not copy maps."]
    assert (sample.targets, sample.answerable) == ((), True)
    with pytest.raises(PackError, match="column 'span' is not a stretch of its file"):
        load_pack(f"bench:legalbench-rag={legal_rag(tmp_path / 'bad', [0, 2200])}")
    with pytest.raises(PackError, match=r"benchmarks/\*\.json"):
        load_pack(f"bench:legalbench-rag={tmp_path}")


def test_written_answers_and_no_way_out_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "qa" / "knowledge-base").mkdir(parents=True)
    (tmp_path / "qa" / "knowledge-base" / "A%20B.txt").write_text("Ash may not copy maps.")
    (tmp_path / "secret.txt").write_text("secret")
    table = tmp_path / "qa" / "nda.csv"
    table.write_text(
        '"prompt","expected completion","source_file"\n"May maps be copied?","No, they may not.","A%20B.txt"\n'
    )
    pack = load_pack(f"bench:legalbench-rag-qa={tmp_path}")
    assert pack.samples[0].targets == ("No, they may not.",)
    assert pack.corpus.documents[0].title == "A B"
    table.write_text('"prompt","expected completion","source_file"\n"q","a","../../secret.txt"\n')
    with pytest.raises(PackError, match="names a source that is no file of"):
        load_pack(f"bench:legalbench-rag-qa={tmp_path}")


def test_two_rows_of_one_id_are_refused_unless_published_so(tmp_path: Path) -> None:
    path = jsonl(tmp_path / "rows.jsonl", [ROWS["selfaware"][0]] * 2)
    with pytest.raises(PackError, match="two rows have the id '1'"):
        load_pack(f"bench:selfaware={path}")
    repeated = jsonl(tmp_path / "abst.jsonl", ROWS["abstentionbench"])
    assert len(load_pack(f"bench:abstentionbench={repeated}").samples) == 2


def test_nothing_to_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="no such file or folder for bench:simpleqa"):
        load_pack(f"bench:simpleqa={tmp_path / 'none'}")
    (tmp_path / "empty").mkdir()
    with pytest.raises(PackError, match=r"holds no file of bench:simpleqa \(simple_qa_test_set.csv\)"):
        load_pack(f"bench:simpleqa={tmp_path / 'empty'}")
    with pytest.raises(PackError, match="holds no sample of it"):
        load_pack(f"bench:simpleqa={jsonl(tmp_path / 'no.jsonl', [])}")


def test_a_gated_set_says_how_to_get_in_and_the_exit_code_is_69(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import datasets

    calls = []

    def load(*names: str, **options: Any) -> None:
        calls.append((names, options))
        raise datasets.exceptions.DatasetNotFoundError("Dataset 'Idavidrein/gpqa' is a gated dataset on the Hub.")

    monkeypatch.setattr(datasets, "load_dataset", load)
    assert run_cli(["run", "--domain", "bench:gpqa-diamond"]) == 69
    said = capsys.readouterr().err
    assert "accept its terms on its page, then set HF_TOKEN" in said
    assert calls == [(("Idavidrein/gpqa", "gpqa_diamond"), {"split": "train"})]
    assert run_cli(["run", "--domain", "bench:abstentionbench"]) == 69
    assert "bench:abstentionbench=PATH" in capsys.readouterr().err
    with pytest.raises(HubError, match="bench:legalbench-rag=PATH"):
        load_pack("bench:legalbench-rag")


def test_a_wrong_name_is_exit_64(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_cli(["run", "--domain", "bench:simpelqa"]) == 64
    assert "did you mean bench:simpleqa" in capsys.readouterr().err


def test_closed_book_questions_ask_for_no_citation(tmp_path: Path) -> None:
    pack = load_pack(f"bench:simpleqa={jsonl(tmp_path / 'rows.jsonl', ROWS['simpleqa'])}")
    prepared = prepare(pack.samples[0], pack, LexicalRetriever(pack.corpus), pack.source_policy)
    assert (prepared.passages, prepared.evidence_retrieved) == ((), None)
    assert "[1]" not in prepared.prompt
    assert "passage" not in prepared.prompt
    assert parse_prompt(prepared.prompt).question == pack.samples[0].question


def run(tmp_path: Path, name: str, *options: str) -> dict[tuple[str, str], Any]:
    path = jsonl(tmp_path / "rows.jsonl", ROWS[name])
    out = tmp_path / "out"
    assert run_cli(["run", "--domain", f"bench:{name}={path}", "--out", str(out), *options]) == 0
    estimates = json.loads((out / "estimates.json").read_text())["estimates"]
    return {(e["model"].removeprefix("local/"), e["measure"]): e for e in estimates}


def test_a_closed_book_run_has_no_citation_measures_and_no_human_dollars(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = run(tmp_path, "abstentionbench")
    assert found["extractive", "abstained"]["value"] == 1.0
    assert found["extractive-bold", "wrong"]["value"] == 1.0
    for measure in ("citation_precision", "citation_recall", "evidence_recall", "retrieval_coverage"):
        assert found["extractive-bold", measure]["value"] is None
        assert found["extractive-bold", measure]["note"].startswith("undefined: no ")
    assert "no human dollars are counted" in found["extractive-bold", "kappa_usd"]["note"]
    said = capsys.readouterr()
    assert "abstentionbench: the licence CC-BY-NC-4.0 forbids commercial use" in said.err
    assert "arXiv:2506.09038" in said.err
    assert "No dollars of people are counted" in " ".join(said.out.split())
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["identity"]["packs"]["abstentionbench"]["license"] == "CC-BY-NC-4.0"


def test_quiet_runs_still_tell_the_terms_and_nothing_leaks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = run(tmp_path, "gpqa-diamond", "--quiet")
    said = capsys.readouterr()
    assert "keep that folder private" in said.err
    assert not [r for r in ROWS["gpqa-diamond"] if r["Question"] in said.out + said.err]
    assert found["extractive", "abstained"]["value"] == 1.0
    assert found["extractive-bold", "correct"]["value"] + found["extractive-bold", "wrong"]["value"] == 1.0


def test_long_answers_are_unscored_never_wrong(tmp_path: Path) -> None:
    found = run(tmp_path, "clapnq")
    assert found["extractive-bold", "unscored"]["value"] == 0.5
    assert found["extractive-bold", "wrong"]["value"] == 0.5
    assert found["extractive-bold", "abstention_recall"]["value"] == 0.0
    for measure in ("p", "p_upper_exact", "q", "vcpd", "brier"):  # of the unanswerable alone they would be 1 or 0
        assert found["extractive-bold", measure]["value"] is None, measure
    assert found["extractive-bold", "p_best"]["value"] == 0.5
    assert found["extractive-bold", "p_worst"]["value"] == 1.0
    assert found["extractive-bold", "citation_precision"]["value"] == 1.0
    assert found["extractive-bold", "evidence_recall"]["value"] == 1.0


def test_inspects_own_command_line_runs_a_benchmark(tmp_path: Path) -> None:
    path = jsonl(tmp_path / "rows.jsonl", ROWS["abstentionbench"])
    command = f"eval vcpd/bench -T name=abstentionbench -T path={path} --model litellm/local/extractive --log-dir logs"
    done = subprocess.run(
        [sys.executable, "-m", "inspect_ai", *command.split(), "--display", "plain"],
        cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "forbids commercial use" in done.stdout + done.stderr
    [log] = (tmp_path / "logs").glob("*abstentionbench*.eval")
    assert log.stat().st_size > 0


def test_a_configuration_names_benchmarks_and_paths_beside_itself(tmp_path: Path) -> None:
    config = tmp_path / "run.toml"
    config.write_text('domains = ["legal", "bench:simpleqa", "bench:clapnq=data/clapnq"]')
    assert read_config(config).packs == ("legal", "bench:simpleqa", f"bench:clapnq={tmp_path / 'data/clapnq'}")


def test_the_list_shows_licence_size_and_citation(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_cli(["domain", "list"]) == 0
    text = capsys.readouterr().out
    assert "bench:gpqa-diamond: GPQA Diamond (198 samples)" in text
    assert "cite: Wei et al. 2024, arXiv:2411.04368" in text
    assert "commercial use is forbidden" in text
    assert run_cli(["domain", "list", "--json"]) == 0
    entries = {e["name"]: e for e in json.loads(capsys.readouterr().out)}
    assert set(entries) == {"legal", "medical", "general", *(f"bench:{name}" for name in BENCHMARKS)}
    assert entries["legal"]["size"] == len(load_pack("legal").samples)
    assert entries["bench:abstentionbench"]["local_only"] is True
