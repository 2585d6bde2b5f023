"""A benchmark as a pack, from an address such as `bench:simpleqa` or `bench:pubmedqa=/data/pubmedqa`."""

from pathlib import Path

from ...retrieval.corpus import Corpus
from ...retrieval.passages import Document
from ...retrieval.sources import SourcePolicy
from ...scoring.economics import RetryPolicy
from ..pack_fields import PackError
from ..packs import BENCHMARK, DomainPack
from .benchmark import Benchmark, Item
from .row import ORDER_SEED, digest
from .source import benchmark_rows
from .table import find_benchmark

CONFIDENCE_TARGET = 0.5
"""Of every benchmark: a wrong answer costs as much as a right one earns. None of their publishers states one."""
PASSAGES = 5


def load_benchmark(address: str) -> DomainPack:
    """The pack of `bench:NAME` (loaded through `datasets`) or `bench:NAME=PATH` (a local file or folder).

    Samples come in an order that depends only on their ids and a fixed seed, so that the first N are a random part.
    No economics are declared: no human dollars are counted. Without passages the corpus is empty and the questions
    are asked closed-book.

    Raises:
        PackError: No such benchmark or path, a column that is missing, or a row that is wrong.
        RecordedAnswerError: A local file that cannot be read.
        HubError: The hub cannot be reached, or asks for a token.
    """
    name, _, path = address.removeprefix(BENCHMARK).partition("=")
    benchmark = find_benchmark(name)
    where = Path(path) if path else None
    return benchmark_pack(benchmark, where)


def benchmark_pack(benchmark: Benchmark, path: Path | None) -> DomainPack:
    """The pack of a benchmark. Raises as `load_benchmark` does."""
    items = list(_unique(benchmark, path))
    samples = sorted(
        (item.sample for item in items), key=lambda s: digest(str(ORDER_SEED), benchmark.name, s.sample_id)
    )
    documents: dict[str, Document] = {}
    for item in items:
        for document in item.documents:
            documents.setdefault(document.doc_id, document)
    return DomainPack(
        name=benchmark.name,
        title=benchmark.title,
        version="1",
        path=path or Path(),
        samples=tuple(samples),
        corpus=Corpus(tuple(documents.values())),
        source_policy=SourcePolicy((), (), (), None, 0),
        retry_policy=RetryPolicy(),
        economics=None,
        confidence_target=CONFIDENCE_TARGET,
        k=PASSAGES,
        notice=_notice(benchmark),
        items_for_launch=0,
        harm_class="minor",
        license=benchmark.license,
        citation=benchmark.citation,
        warnings=tuple(_warnings(benchmark)),
    )


def _unique(benchmark: Benchmark, path: Path | None) -> list[Item]:
    """Items with an id each."""
    seen: set[str] = set()
    kept: list[Item] = []
    for item in benchmark.items(benchmark_rows(benchmark, path)):
        identity = item.sample.sample_id
        if identity in seen and not benchmark.repeats:
            raise PackError(f"bench:{benchmark.name}: two rows have the id '{identity[:60]}'")
        if identity not in seen:
            seen.add(identity)
            kept.append(item)
    if not kept:
        raise PackError(f"bench:{benchmark.name}: {path or benchmark.url} holds no sample of it")
    return kept


def _notice(benchmark: Benchmark) -> str:
    terms = f"{benchmark.title}, {benchmark.citation}, licence: {benchmark.license}"
    return f"{terms}; {benchmark.caution}" if benchmark.caution else terms


def _warnings(benchmark: Benchmark) -> list[str]:
    warnings = []
    if benchmark.noncommercial:
        warnings.append(f"the licence {benchmark.license} forbids commercial use")
    if benchmark.confidential:
        warnings.append(
            "its publisher asks that no example be shown online; the questions stand in the run folder (samples, "
            "answers, logs) and nowhere else: keep that folder private"
        )
    return warnings
