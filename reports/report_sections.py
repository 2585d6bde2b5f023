"""The sections of a risk review in their order, and the demands of risk frameworks that each may serve."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

OF_SEVERAL_RUNS = "comparison"
"""The section that only a review of several runs has."""


@dataclass(frozen=True, slots=True)
class Section:
    """One section; `nist`, `eu` and `iso` name what it may serve as evidence for, and claim no conformity."""

    number: int
    title: str
    nist: tuple[str, ...] = ()
    eu: tuple[str, ...] = ()
    iso: tuple[str, ...] = ()


def sections(runs: int) -> dict[str, Section]:
    """By the id of the section, numbered from 1, of a review of so many runs."""
    wanted = [(name, fields) for name, fields in _read().items() if runs > 1 or name != OF_SEVERAL_RUNS]
    return {
        name: Section(i, fields["title"], *(tuple(fields.get(key, ())) for key in ("nist", "eu", "iso")))
        for i, (name, fields) in enumerate(wanted, 1)
    }


@cache
def _read() -> dict[str, dict[str, str]]:
    return tomllib.loads(Path(__file__).with_name("frameworks.toml").read_text(encoding="utf-8"))
