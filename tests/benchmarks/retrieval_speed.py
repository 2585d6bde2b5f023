"""Query time, index time and memory of lexical retrieval at 1,000, 10,000 and 100,000 passages, beside rank-bm25.

    python tests/benchmarks/retrieval_speed.py [--sizes 1000 10000 100000] [--queries 50]

Passages: pieces of at most 80 words of the docstrings of the packages installed beside this one. Queries: eight words
of one passage each. Both engines rank the same tokens and give the ten best; a time is the median over the queries.
Building is what `vcpd index` does, of one JSONL file with two reading processes; memory is the peak of the process and
of its readers. Seconds are of the wall and, for a machine that others work on too, of the processor: two free cores
need at least half of the readers' plus the writer's. Exit status 1 where 100,000 passages miss 50x, 30 s or 1 GiB.
"""

import argparse
import ast
import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

BUILD = """
import json, resource, sys, time
from pathlib import Path
from vcpd.retrieval.ingestion.indexing import index_folder
from vcpd.retrieval.ingestion.job import IndexSettings
stages = {}
began = time.perf_counter()
report = index_folder(Path(sys.argv[1]), Path(sys.argv[2]), IndexSettings(jobs=2),
                      on_progress=lambda stage, *_: stages.setdefault(stage, time.perf_counter() - began))
seconds = time.perf_counter() - began
own, readers = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
print(json.dumps({
    "seconds": seconds, "own": own.ru_maxrss / 1024, "reader": readers.ru_maxrss / 1024, "passages": report.passages,
    "cpu": own.ru_utime + own.ru_stime, "readers_cpu": readers.ru_utime + readers.ru_stime, "stages": stages,
}))
"""
QUERY = """
import json, resource, sys, time
from pathlib import Path
import numpy as np
from vcpd.retrieval.index.store import IndexStore
from vcpd.retrieval.sources import SourcePolicy
def rss():
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20
queries = json.loads(Path(sys.argv[2]).read_text())
IndexStore(Path(sys.argv[1])).lexical().search("warm up the imports", 10, SourcePolicy())
before, began = rss(), time.perf_counter()
retriever = IndexStore(Path(sys.argv[1])).lexical()
opened = time.perf_counter() - began
times = []
for policy in (SourcePolicy(), SourcePolicy(min_authority=3)):
    retriever.search("warm up the policy", 10, policy)
    mine = []
    for query in queries:
        began = time.perf_counter()
        retriever.search(query, 10, policy)
        mine.append(time.perf_counter() - began)
    times.append(float(np.median(mine)) * 1e3)
print(json.dumps({"open_ms": opened * 1e3, "ms": times[0], "filtered_ms": times[1], "rss": rss() - before}))
"""
ORACLE = """
import json, resource, sys, time
from pathlib import Path
import numpy as np
from rank_bm25 import BM25Okapi
from vcpd.retrieval.tokens import tokenize
texts = [json.loads(line)["text"] for line in Path(sys.argv[1]).read_text().splitlines()]
tokens = [tokenize(text) for text in texts]
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
before = peak()
oracle = BM25Okapi(tokens)
times = []
for query in json.loads(Path(sys.argv[2]).read_text()):
    began = time.perf_counter()
    scores = oracle.get_scores(list(dict.fromkeys(tokenize(query))))
    np.argsort(-scores)[:10]
    times.append(time.perf_counter() - began)
print(json.dumps({"ms": float(np.median(times)) * 1e3, "rss": peak() - before}))
"""


def docstrings() -> Iterator[str]:
    root = Path(np.__file__).resolve().parents[1]
    for path in sorted(root.rglob("*.py")):
        try:
            tree = ast.parse(path.read_text(encoding="utf-8"))
        except (SyntaxError, UnicodeDecodeError, ValueError, RecursionError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                words = (ast.get_docstring(node) or "").split()
                yield from (" ".join(words[i : i + 80]) for i in range(0, len(words), 80) if len(words) - i >= 20)


def passages(n: int) -> list[str]:
    found: dict[str, None] = {}
    for text in docstrings():
        found.setdefault(text)
        if len(found) == n:
            break
    return list(found)


def child(code: str, *arguments: str) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, *arguments], capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout.strip().splitlines()[-1])  # type: ignore[no-any-return]


def measure(texts: list[str], n_queries: int) -> bool:
    rng = np.random.default_rng(len(texts))
    queries = []
    for i in rng.choice(len(texts), n_queries):
        words = texts[i].split()
        first = int(rng.integers(0, len(words) - 8))
        queries.append(" ".join(words[first : first + 8]))
    with tempfile.TemporaryDirectory() as name:
        here = Path(name)
        (here / "source").mkdir()
        rows = ({"doc_id": f"d{i}", "text": text, "authority": i % 6} for i, text in enumerate(texts))
        (here / "source" / "c.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        (here / "queries.json").write_text(json.dumps(queries))
        built = child(BUILD, str(here / "source"), str(here / "index"))
        size = sum(p.stat().st_size for p in (here / "index").rglob("*") if "generation" in str(p)) / 2**20
        asked = child(QUERY, str(here / "index"), str(here / "queries.json"))
        oracle = child(ORACLE, str(here / "source" / "c.jsonl"), str(here / "queries.json"))
    ratio = oracle["ms"] / asked["ms"]
    memory = built["own"] + 2 * built["reader"]
    print(
        f"{len(texts):7,} documents, {built['passages']:,} passages: index {built['seconds']:.1f} s "
        f"(processor: {built['cpu']:.1f} s + readers {built['readers_cpu']:.1f} s), "
        f"peak {built['own']:.0f} MiB + 2 readers of at most {built['reader']:.0f} MiB, {size:.0f} MiB on disk\n"
        f"        opened in {asked['open_ms']:.1f} ms; query {asked['ms']:.2f} ms ({asked['filtered_ms']:.2f} with a "
        f"policy), + {asked['rss']:.0f} MiB; rank-bm25 {oracle['ms']:.1f} ms, + {oracle['rss']:.0f} MiB; {ratio:.0f}x"
    )
    print("        stages began at", {stage: round(at, 1) for stage, at in built["stages"].items()}, flush=True)  # type: ignore[attr-defined]
    return len(texts) < 100_000 or (ratio >= 50 and built["seconds"] < 30 and memory < 1024)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 10_000, 100_000])
    parser.add_argument("--queries", type=int, default=50)
    given = parser.parse_args()
    everything = passages(max(given.sizes))
    results = [measure(everything[:n], given.queries) for n in given.sizes]
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"(this script itself: {own:.0f} MiB)")
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
