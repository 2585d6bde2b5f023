"""Reading fields of hand-written files so that a mistake is named with its place."""

import re
import tomllib
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

_HEADER = re.compile(r"\s*(\[\[?)\s*([\w.\"'-]+)\s*\]")
_KEY = re.compile(r"\s*([\"']?)([\w-]+)\1\s*=")


class PackError(ValueError):
    """A pack or configuration that cannot be used; the message names file, line and field."""


@dataclass(frozen=True, slots=True)
class Reader:
    """A table of fields and where it stands; every method raises PackError for a missing or wrong field.

    Attributes:
        where: File, and line where the file has one table a line.
        toml: The text of a TOML file, in which lines are looked up; "" for other files.
        path: Names of the tables that hold this one.
    """

    where: str
    data: Any
    toml: str = ""
    path: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not isinstance(self.data, dict):
            raise PackError(f"{self._place()}: must be a table of fields, not {type(self.data).__name__}")

    def error(self, name: str, problem: str) -> PackError:
        """The error to raise for field `name`."""
        return PackError(f"{self._place(name)}, field '{name}': {problem}")

    def _place(self, name: str = "") -> str:
        line = line_of(self.toml, (*self.path, name) if name else self.path)
        tables = f", [{'.'.join(self.path)}]" if self.path else ""
        return self.where + (f", line {line}" if line else "") + tables

    def _get(self, name: str) -> Any:
        if name not in self.data:
            raise self.error(name, "is missing")
        return self.data[name]

    def _bad(self, name: str, expected: str) -> PackError:
        return self.error(name, f"{str(self.data[name])[:80]!r} is not {expected}")

    def text(self, name: str, default: str | None = None) -> str:
        """A string that is not empty."""
        if default is not None and name not in self.data:
            return default
        value = self._get(name)
        if not isinstance(value, str) or not value.strip():
            raise self._bad(name, "a text")
        if not value.isascii() and any("\ud800" <= c <= "\udfff" for c in value):
            raise self.error(name, "holds half of a surrogate pair, which no file can keep")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of strings; empty where the field is absent."""
        value = self.data.get(name, [])
        if not isinstance(value, list) or not all(isinstance(v, str) and v for v in value):
            raise self._bad(name, "a list of texts")
        return tuple(value)

    def items(self, name: str) -> list[Any]:
        """A list of anything; empty where the field is absent."""
        value = self.data.get(name, [])
        if not isinstance(value, list):
            raise self._bad(name, "a list")
        return value

    def number(self, name: str, low: float, high: float = float("inf")) -> float:
        """A finite number within [low, high]."""
        value = self._get(name)
        if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
            raise self._bad(name, "a number")
        if not low <= value <= high:
            raise self._bad(name, f"between {low:g} and {high:g}" if isfinite(high) else f"{low:g} or more")
        return float(value)

    def whole(self, name: str, low: int, default: int | None = None) -> int:
        """A whole number of at least `low`."""
        if default is not None and name not in self.data:
            return default
        value = self._get(name)
        if isinstance(value, bool) or not isinstance(value, int) or value < low:
            raise self._bad(name, f"a whole number of {low} or more")
        return value

    def choice(self, name: str, allowed: tuple[str, ...]) -> str:
        """One of `allowed`."""
        value = self._get(name)
        if value not in allowed:
            raise self._bad(name, f"one of {', '.join(allowed)}")
        return str(value)

    def section(self, name: str) -> "Reader":
        """A table within this one."""
        return Reader(self.where, self._get(name), self.toml, (*self.path, name))

    def sections(self, name: str) -> list["Reader"]:
        """The tables of a list of tables; none where it is absent."""
        return [
            Reader(self.where, item, self.toml, (*self.path, f"{name}[{i}]"))
            for i, item in enumerate(self.items(name), 1)
        ]

    def only(self, *names: str) -> None:
        """Refuse fields that nothing reads: they are most often spelling mistakes."""
        for name in self.data:
            if name not in names:
                raise self.error(name, f"is not known; known are {', '.join(names)}")


def read_toml(path: Path) -> Reader:
    """The fields of a TOML file.

    Raises:
        PackError: It cannot be read, or is not TOML; the message names the line.
    """
    try:
        text = path.read_text(encoding="utf-8")
        return Reader(str(path), tomllib.loads(text), text)
    except OSError as error:
        raise PackError(f"{path}: cannot be read ({error.strerror})") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PackError(f"{path}: not valid TOML ({error})") from error


def line_of(toml: str, path: tuple[str, ...]) -> int | None:
    """The line of a TOML text where the table or key at `path` stands, or the nearest table that holds it."""
    table: tuple[str, ...] = ()
    seen: dict[str, int] = {}
    best: tuple[int, int] | None = None  # how much of the path is there, line
    for number, line in enumerate(toml.split("\n"), 1):
        header, key = _HEADER.match(line), _KEY.match(line)
        if header:
            name = header[2].replace('"', "").replace("'", "")
            if header[1] == "[[":
                seen[name] = seen.get(name, 0) + 1
                name += f"[{seen[name]}]"
            table = tuple(name.split("."))
        elif not key:
            continue
        here = (*table, key[2]) if key and not header else table
        if here == path[: len(here)] and (best is None or len(here) > best[0]):
            best = len(here), number
    return best[1] if best else None
