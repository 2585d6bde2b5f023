"""Meter readings added up, and shared out among what one call was for."""

from collections.abc import Iterable
from dataclasses import fields, replace

from ..scoring.usage import Usage

_TOKENS = tuple(f.name for f in fields(Usage) if f.name not in ("stage", "model", "seconds"))


def summed(readings: Iterable[Usage]) -> tuple[Usage, ...]:
    """One reading per stage and model, in the order in which they first occur."""
    sums: dict[tuple[str, str | None], Usage] = {}
    for u in readings:
        s = sums.get((u.stage, u.model), Usage(u.stage, u.model))
        counts = {name: getattr(s, name) + getattr(u, name) for name in _TOKENS}
        sums[u.stage, u.model] = replace(s, seconds=s.seconds + u.seconds, **counts)
    return tuple(sums.values())


def shared(usage: Usage, among: int) -> list[Usage]:
    """`usage` in `among` parts that add up to it exactly in tokens and requests, and in seconds but for rounding.

    What does not divide evenly goes to the first parts. Raises ValueError for fewer than one part.
    """
    if among < 1:
        raise ValueError(f"usage can be shared among 1 or more, not {among}")
    parts = []
    for i in range(among):
        counts = {name: getattr(usage, name) // among + (i < getattr(usage, name) % among) for name in _TOKENS}
        parts.append(replace(usage, seconds=usage.seconds / among, **counts))
    return parts
