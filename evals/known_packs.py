"""What `vcpd domain list` shows: bundled packs and published benchmarks, without loading any."""

from collections.abc import Iterator
from dataclasses import dataclass

from .benchmarks.benchmark import Benchmark
from .benchmarks.table import BENCHMARKS
from .pack_fields import read_toml
from .packs import BENCHMARK, BUNDLED, bundled_path


@dataclass(frozen=True, slots=True)
class KnownPack:
    """A pack or benchmark that can be run by name.

    Attributes:
        name: As `vcpd run --domain` takes it.
        size: Samples; None where unknown.
        citation: "" for a bundled pack.
        caution: What a reader of its numbers has to know, and what its terms ask.
        local_only: Whether it needs files: it cannot be loaded from the hub.
    """

    name: str
    title: str
    purpose: str
    license: str
    citation: str
    url: str
    size: int | None
    caution: str = ""
    local_only: bool = False

    def lines(self) -> Iterator[tuple[str, str]]:
        """What to print under the name: labels and texts, the empty ones left out."""
        source = f"{self.url} (give its path: {self.name}=PATH)" if self.local_only else self.url
        said = {"for": self.purpose, "licence": self.license, "cite": self.citation, "from": source}
        return ((label, text) for label, text in {**said, "note": self.caution}.items() if text)


def known_packs() -> list[KnownPack]:
    """The bundled packs, then the benchmarks, in a fixed order."""
    return [*map(_bundled, BUNDLED), *map(_benchmark, BENCHMARKS.values())]


def _bundled(name: str) -> KnownPack:
    settings = read_toml(bundled_path(name) / "pack.toml")
    with (bundled_path(name) / "samples.jsonl").open("rb") as lines:
        size = sum(1 for line in lines if line.strip())
    license, notice = settings.text("license"), settings.text("notice")
    return KnownPack(name, settings.text("title"), "", license, "", "bundled", size, notice)


def _benchmark(benchmark: Benchmark) -> KnownPack:
    terms = [benchmark.caution]
    if benchmark.noncommercial:
        terms.append("commercial use is forbidden")
    if benchmark.gated:
        terms.append("the hub asks for its terms to be accepted, and for HF_TOKEN")
    if benchmark.confidential:
        terms.append("its examples must not be shown online")
    return KnownPack(
        name=f"{BENCHMARK}{benchmark.name}",
        title=benchmark.title,
        purpose=benchmark.purpose,
        license=benchmark.license,
        citation=benchmark.citation,
        url=benchmark.url,
        size=benchmark.size,
        caution="; ".join(term for term in terms if term),
        local_only=benchmark.hub is None,
    )
