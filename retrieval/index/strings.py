"""A table of strings on disk, each with a number, found by bisection without reading the table."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np


def write_strings(folder: Path, name: str, strings: Iterable[str]) -> None:
    """Write `strings`, numbered from 0 in their order, as `name`.bin and two arrays. Each must stand once."""
    encoded = [string.encode("utf-8", "surrogatepass") for string in strings]
    order = sorted(range(len(encoded)), key=encoded.__getitem__)
    ends = np.cumsum([0, *(len(encoded[i]) for i in order)], dtype=np.int64)
    (folder / f"{name}.bin").write_bytes(b"".join(encoded[i] for i in order))
    np.save(folder / f"{name}.ends.npy", ends)
    np.save(folder / f"{name}.numbers.npy", np.array(order, np.int32))


class StringTable:
    """The strings that `write_strings` wrote, mapped into memory."""

    def __init__(self, folder: Path, name: str) -> None:
        self._bytes = mapped_bytes(folder / f"{name}.bin")
        self._ends = np.load(folder / f"{name}.ends.npy", mmap_mode="r")
        self._numbers = np.load(folder / f"{name}.numbers.npy", mmap_mode="r")

    def __len__(self) -> int:
        return len(self._numbers)

    def number_of(self, string: str) -> int | None:
        """The number of `string`; None where it is not in the table."""
        wanted = string.encode("utf-8", "surrogatepass")
        low, high = 0, len(self._numbers)
        while low < high:
            middle = (low + high) // 2
            if self._at(middle) < wanted:
                low = middle + 1
            else:
                high = middle
        return int(self._numbers[low]) if low < len(self._numbers) and self._at(low) == wanted else None

    def _at(self, place: int) -> bytes:
        return bytes(self._bytes[int(self._ends[place]) : int(self._ends[place + 1])])


def mapped_bytes(path: Path) -> Any:
    """The bytes of a file, mapped into memory; an empty file cannot be mapped."""
    return np.memmap(path, np.uint8, "r") if path.stat().st_size else np.zeros(0, np.uint8)
