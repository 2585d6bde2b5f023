"""The one door to packs: bundled ones, folders and published benchmarks."""

from pathlib import Path

from .packs import BENCHMARK, DomainPack, read_pack


def load_pack(where: str | Path) -> DomainPack:
    """Load a bundled pack by name, a published benchmark as `bench:NAME[=PATH]`, or any pack by its folder.

    Raises:
        PackError: No such pack, or a malformed file; the message names file, line and field.
        HubError: The data set of a benchmark cannot be fetched.
    """
    if str(where).startswith(BENCHMARK):
        from .benchmarks.load import load_benchmark

        return load_benchmark(str(where))
    return read_pack(where)
