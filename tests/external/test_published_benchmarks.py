"""Benchmarks read from their published files: counts, first and last ids, and every gold span in its source.

The data sets are not part of this repository (their licences differ). VCPD_DATA names the folder that holds them.
"""

import gzip
import json
import os
from pathlib import Path

import pytest
from vcpd.evals.benchmarks.source import benchmark_rows
from vcpd.evals.benchmarks.table import BENCHMARKS
from vcpd.evals.pack_by_name import load_pack
from vcpd.evals.pack_check import check_pack
from vcpd.evals.samples import LONG_FORM

DATA = Path(os.environ.get("VCPD_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))
pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason=f"needs the published data sets; none at {DATA} (set VCPD_DATA)"
)
FOLDERS = {
    "selfaware": "selfaware",
    "pubmedqa": "pubmedqa",
    "clapnq": "clapnq",
    "legalbench-rag-qa": "legalbench_rag_qa",
}


def folder(name: str) -> Path:
    found = DATA / FOLDERS[name]
    if not found.is_dir():
        pytest.skip(f"{found.name} is not among the data sets at hand")
    return found


@pytest.mark.parametrize(
    ("name", "count", "must_abstain", "first", "last"),
    [
        ("selfaware", 3369, 1032, "1", "3369"),
        ("pubmedqa", 1000, 0, "21645374", "17559449"),
        ("clapnq", 600, 300, "6401197308716204890", None),
        ("legalbench-rag-qa", 200, 0, None, None),
    ],
)
def test_counts_and_ids_are_the_published_ones(
    name: str, count: int, must_abstain: int, first: str | None, last: str | None
) -> None:
    path = folder(name)
    in_file_order = list(BENCHMARKS[name].samples(benchmark_rows(BENCHMARKS[name], path)))
    assert len(in_file_order) == count
    assert sum(not s.answerable for s in in_file_order) == must_abstain
    assert first in (None, in_file_order[0].sample_id)
    assert last in (None, in_file_order[-1].sample_id)


@pytest.mark.parametrize("name", FOLDERS)
def test_every_sample_passes_the_checks_that_apply(name: str) -> None:
    pack = load_pack(f"bench:{name}={folder(name)}")
    assert check_pack(pack).problems == ()
    assert BENCHMARKS[name].size == len(pack.samples)
    if pack.corpus.documents:
        bare = [s for s in pack.samples if s.answerable and not s.evidence]
        assert len(bare) == (name == "clapnq")  # one published row has answers and no selected sentence


@pytest.mark.parametrize("name", ["selfaware", "clapnq"])
def test_the_first_hundred_are_a_sample_of_the_whole(name: str) -> None:
    pack = load_pack(f"bench:{name}={folder(name)}")
    whole = sum(not s.answerable for s in pack.samples) / len(pack.samples)
    part = sum(not s.answerable for s in pack.samples[:100]) / 100
    assert abs(part - whole) < 4 * (whole * (1 - whole) / 100) ** 0.5


def test_pubmedqa_decisions_are_those_of_its_key() -> None:
    key = json.loads((folder("pubmedqa") / "test_ground_truth.json").read_text())
    samples = {s.sample_id: s for s in load_pack(f"bench:pubmedqa={folder('pubmedqa')}").samples}
    assert all(samples[pmid].choices["ABC".index(samples[pmid].targets[0])] == said for pmid, said in key.items())


def test_clapnq_evidence_is_every_selected_sentence() -> None:
    rows = list(benchmark_rows(BENCHMARKS["clapnq"], folder("clapnq")))
    for (_, row), sample in zip(rows, BENCHMARKS["clapnq"].samples(rows), strict=True):
        selected = {s.strip() for output in row["output"] for s in output.get("selected_sentences") or ()}  # type: ignore[attr-defined]
        assert {e.quote for e in sample.evidence} == (selected if sample.answerable else set())
        assert (sample.task == LONG_FORM) == sample.answerable


def test_mmlu_pro_rows_keep_their_letters() -> None:
    files = sorted((DATA / "mmlu_pro").glob("*.jsonl.gz"))
    if not files:
        pytest.skip("mmlu_pro is not among the data sets at hand")
    recorded = [json.loads(line) for line in gzip.decompress(files[0].read_bytes()).splitlines()]
    rows = [
        (r["sample_id"], {"question_id": r["cluster_id"], "question": r["question"], "options": r["choices"],
                          "answer": r["target"], "category": r["domain"]})
        for r in recorded
    ]  # fmt: skip
    samples = list(BENCHMARKS["mmlu-pro"].samples(rows))
    assert [s.targets[0] for s in samples] == [r["target"] for r in recorded]
    assert len(samples) > 2000
