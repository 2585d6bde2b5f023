"""Which jurisdiction stands above which, so that "US" admits the Ninth Circuit and what lies in it."""

import tomllib
from functools import lru_cache
from importlib.resources import files

Parents = tuple[tuple[str, str], ...]
"""Pairs of a jurisdiction and the one above it."""

_DEEPEST = 32


class JurisdictionError(ValueError):
    """A hierarchy that stands above itself; the message names the jurisdiction."""


def lies_within(place: str, wider: str, parents: Parents = ()) -> bool:
    """Whether `place` is `wider` or lies below it.

    "US-CA" lies below "US" by its name; courts ("N.D. Cal." below "9th Cir." below "US") by the table of
    `jurisdictions.toml`, before which the pairs of `parents` go. Case and spaces of a name do not count.
    """
    return _key(wider) in _line(place, parents) if wider else not place


def line_of(place: str, parents: Parents = ()) -> tuple[str, ...]:
    """`place` and everything above it, nearest first, in lower case without spaces."""
    return _line(place, parents)


@lru_cache(maxsize=4096)
def _line(place: str, parents: Parents) -> tuple[str, ...]:
    above = {_key(name): _key(wider) for name, wider in parents}
    line = [_key(place)]
    while len(line) < _DEEPEST:
        current = line[-1]
        upper = above.get(current) or _table().get(current) or current.rpartition("-")[0]
        if not upper or upper in line:
            break
        line.append(upper)
    return tuple(line)


def check_parents(parents: Parents) -> None:
    """See that no jurisdiction stands above itself.

    Raises:
        JurisdictionError: One does; names it.
    """
    above = {_key(name): _key(wider) for name, wider in parents}
    for name, _ in parents:
        seen, current = set[str](), _key(name)
        while current:
            if current in seen:
                raise JurisdictionError(f"the jurisdiction '{name}' stands above itself: take one of its pairs out")
            seen.add(current)
            current = above.get(current) or _table().get(current) or current.rpartition("-")[0]


@lru_cache(maxsize=1)
def _table() -> dict[str, str]:
    text = files(__package__ or "").joinpath("jurisdictions.toml").read_text(encoding="utf-8")
    return {
        _key(name): _key(wider) for wider, names in tomllib.loads(text).items() if wider != "source" for name in names
    }


def _key(name: str) -> str:
    return "".join(name.split()).casefold()
