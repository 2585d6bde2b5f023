"""A row of a published benchmark: its columns by name, and a clear sentence where one is missing."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from ..pack_fields import PackError

ORDER_SEED = 0
"""Seed of the order of choices and of samples. The order is in the hash of a pack, so another seed is another pack."""


@dataclass(frozen=True, slots=True)
class BenchmarkRow:
    """A row and where it stands. Messages name columns and never hold values: some benchmarks must not leak."""

    where: str
    values: Mapping[str, object]
    domain: str

    def error(self, column: str, problem: str) -> PackError:
        """The error to raise for a column."""
        return PackError(f"{self.where}: column '{column}' {problem} (bench:{self.domain})")

    def get(self, *names: str) -> object:
        """The value of the first of `names` that is there and not null; None where none is."""
        return next((self.values[name] for name in names if self.values.get(name) is not None), None)

    def missing(self, *names: str) -> PackError:
        """The error to raise where none of `names` is there."""
        wanted = " or ".join(f"'{name}'" for name in names)
        there = ", ".join(sorted(map(str, self.values))) or "none"
        return PackError(
            f"{self.where}: column {wanted} is missing or empty; the row has {there} (bench:{self.domain})"
        )

    def text(self, *names: str) -> str:
        """A text that is not blank, of the first of `names` that is there; numbers as they are written."""
        value = self.get(*names)
        if value is None or not str(value).strip():
            raise self.missing(*names)
        if not isinstance(value, str | int | float) or isinstance(value, bool):
            raise self.error(names[0], f"holds {type(value).__name__}, a text is needed")
        return str(value).strip()

    def optional(self, *names: str) -> str:
        """A text, "" where there is none."""
        value = self.get(*names)
        return str(value).strip() if isinstance(value, str | int | float) else ""

    def texts(self, name: str) -> tuple[str, ...]:
        """Texts of a list, or one text; blank ones left out; () where the column is null or missing."""
        value = self.get(name)
        entries = value if isinstance(value, list | tuple) else () if value is None else (value,)
        return tuple(str(entry).strip() for entry in entries if entry is not None and str(entry).strip())

    def flag(self, name: str) -> bool:
        """True or false, as a truth value, as 0 or 1, or as a word."""
        value = self.get(name)
        if value is None:
            raise self.missing(name)
        word = str(value).strip().casefold()
        if word not in ("true", "false", "1", "0"):
            raise self.error(name, "is neither true nor false")
        return word in ("true", "1")

    def table(self, name: str) -> Mapping[str, object]:
        """A nested table of fields."""
        value = self.get(name)
        if value is None:
            raise self.missing(name)
        if not isinstance(value, Mapping):
            raise self.error(name, f"holds {type(value).__name__}, a table of fields is needed")
        return value

    def tables(self, name: str) -> list[Mapping[str, object]]:
        """A list of tables."""
        value = self.get(name)
        if value is None:
            raise self.missing(name)
        if not isinstance(value, list) or not all(isinstance(entry, Mapping) for entry in value):
            raise self.error(name, "is not a list of tables")
        return value


def digest(*parts: str) -> str:
    """SHA-256 of the parts, in hexadecimal; lone surrogates pass."""
    return hashlib.sha256("\0".join(parts).encode(errors="surrogatepass")).hexdigest()


def order(count: int, key: str, seed: int = ORDER_SEED) -> tuple[int, ...]:
    """The numbers below `count` in an order that depends on nothing but `key` and `seed`."""
    return tuple(sorted(range(count), key=lambda place: digest(str(seed), key, str(place))))
