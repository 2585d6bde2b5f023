"""Recall@5, nDCG@5 and RR of lexical, dense and hybrid retrieval: bundled packs, PubMedQA, clapNQ.

    python tests/benchmarks/retrieval_quality.py [--data FOLDER] [--limit N] [--max-words 120]

`--data`: a folder with `pubmedqa/` and `clapnq/` as their publishers lay them out; without it, the packs alone. Of
PubMedQA a query is a research question and the relevant document its abstract; of clapNQ a question and its passage.
`--limit` caps documents and queries of these two: sentences are encoded one core at a time, some hundred a second.
Differences are of hybrid less the other, over the same queries, with a bootstrap interval of 95 %.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from vcpd.evals.pack_by_name import load_pack
from vcpd.evals.packs import BUNDLED
from vcpd.retrieval.corpus import Corpus
from vcpd.retrieval.dense import DenseRetriever
from vcpd.retrieval.encoders import encoder_named
from vcpd.retrieval.fusion import HybridRetriever
from vcpd.retrieval.lexical import LexicalRetriever
from vcpd.retrieval.measures import ndcg_at_k, recall_at_k, reciprocal_rank
from vcpd.retrieval.passages import Document
from vcpd.retrieval.search import Retriever
from vcpd.retrieval.sources import SourcePolicy

K, DEPTH = 5, 20


@dataclass(frozen=True)
class Task:
    name: str
    corpus: Corpus
    policy: SourcePolicy
    queries: list[tuple[str, set[str]]]


def packs() -> Iterator[Task]:
    for name in BUNDLED:
        pack = load_pack(name)
        queries = [(s.question, {e.doc_id for e in s.evidence}) for s in pack.samples if s.answerable and s.evidence]
        yield Task(name, pack.corpus, pack.source_policy, queries)


def pubmedqa(data: Path, limit: int) -> Task:
    rows = json.loads((data / "pubmedqa" / "ori_pqal.json").read_text())
    chosen = dict(list(rows.items())[:limit])
    documents = tuple(Document(pmid, "\n".join(row["CONTEXTS"])) for pmid, row in chosen.items())
    return Task("pubmedqa", Corpus(documents), SourcePolicy(), [(r["QUESTION"], {p}) for p, r in chosen.items()])


def clapnq(data: Path, limit: int) -> Task:
    documents: dict[str, Document] = {}
    queries: list[tuple[str, set[str]]] = []
    for path in sorted((data / "clapnq" / "annotated_data" / "dev").glob("*.jsonl")):
        for row in map(json.loads, path.read_text(encoding="utf-8").splitlines()[:limit]):
            passage = row["passages"][0]
            same = documents.setdefault(passage["text"], Document(row["id"], passage["text"], passage["title"]))
            if "unanswerable" not in path.name:
                queries.append((row["input"], {same.doc_id}))
    return Task("clapnq", Corpus(tuple(documents.values())), SourcePolicy(), queries)


def ranking(retriever: Retriever, query: str, policy: SourcePolicy) -> list[str]:
    return [hit.passage.doc_id for hit in retriever.search(query, DEPTH, policy).hits]


def interval(differences: np.ndarray) -> str:
    draws = np.random.default_rng(0).integers(0, len(differences), (4000, len(differences)))
    low, high = np.quantile(differences[draws].mean(1), [0.025, 0.975])
    return f"{differences.mean():+.3f} [{low:+.3f}, {high:+.3f}]"


def measure(task: Task, max_words: int) -> None:
    lexical = LexicalRetriever(task.corpus, max_words=max_words)
    dense = DenseRetriever(task.corpus, encoder_named(), max_words=max_words)
    arms = {"lexical": lexical, "dense": dense, "hybrid": HybridRetriever([lexical, dense])}
    found: dict[str, np.ndarray] = {}
    for name, retriever in arms.items():
        rows = [(ranking(retriever, q, task.policy), relevant) for q, relevant in task.queries]
        columns = [(recall_at_k(r, w, K), ndcg_at_k(r, w, K), reciprocal_rank(r, w)) for r, w in rows]
        found[name] = np.array(columns)
    print(f"{task.name}: {len(task.corpus)} documents, {len(lexical.store)} passages, {len(task.queries)} queries")
    for name, values in found.items():
        recall, ndcg, rank = values.mean(0)
        against = "" if name == "hybrid" else f"   hybrid less {name}: {interval(found['hybrid'][:, 0] - values[:, 0])}"
        print(f"  {name:8} recall@{K} {recall:.3f}  nDCG@{K} {ndcg:.3f}  RR {rank:.3f}{against}")
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--limit", type=int, default=1000)
    parser.add_argument("--max-words", type=int, default=120)
    given = parser.parse_args()
    tasks = list(packs())
    if given.data:
        tasks += [pubmedqa(given.data, given.limit), clapnq(given.data, given.limit)]
    for task in tasks:
        measure(task, given.max_words)


if __name__ == "__main__":
    main()
