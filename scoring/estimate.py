"""A number with its uncertainty, and the row in which it is printed."""

import math
from dataclasses import dataclass


class InsufficientDataError(ValueError):
    """Too few samples or clusters for the number that was asked for, or its denominator is empty."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A point estimate and its confidence interval.

    Attributes:
        value: The point estimate, in `unit`; always finite.
        low, high: Ends of the interval, `low <= value <= high`; both None where the interval is unbounded.
        confidence_level: Nominal coverage, in (0, 1).
        n: Units that went in. `n_clusters` <= n: independent groups among them.
        method: How the interval was made, e.g. "wilson".
    """

    value: float
    low: float | None
    high: float | None
    confidence_level: float
    n: int
    n_clusters: int
    method: str
    unit: str = ""

    def __post_init__(self) -> None:
        if not math.isfinite(self.value):
            raise ValueError(f"an estimate is a finite number, not {self.value}")
        if (self.low is None) != (self.high is None):
            raise ValueError("an interval has two ends or none")
        if self.low is not None and self.high is not None and not self.low <= self.value <= self.high:
            raise ValueError(f"interval [{self.low}, {self.high}] does not hold {self.value}")


@dataclass(frozen=True, slots=True)
class Measurement:
    """One printed number: what was measured, of which model and domain; `estimate` None where undefined.

    Attributes:
        measure: A name from `measures.MEASURES`.
        note: Who judged, what was assumed, or why the measure is undefined.
    """

    run: str
    model: str
    domain: str
    measure: str
    estimate: Estimate | None
    note: str = ""


def as_json(rows: list[Measurement]) -> dict[str, object]:
    """The flat list of `estimates.json` (schema 1), one object per printed number."""
    return {"schema": 1, "estimates": [_row(row) for row in rows]}


def _row(row: Measurement) -> dict[str, object]:
    e = row.estimate
    return {
        "run": row.run,
        "model": row.model,
        "domain": row.domain,
        "measure": row.measure,
        "value": None if e is None else e.value,
        "low": None if e is None else e.low,
        "high": None if e is None else e.high,
        "confidence_level": None if e is None else e.confidence_level,
        "n": None if e is None else e.n,
        "n_clusters": None if e is None else e.n_clusters,
        "method": None if e is None else e.method,
        "unit": None if e is None else e.unit,
        "note": row.note,
    }


def from_json(data: dict[str, object]) -> list[Measurement]:
    """The inverse of `as_json`. Raises ValueError for another schema."""
    if data.get("schema") != 1:
        raise ValueError(f"estimates of schema {data.get('schema')!r} cannot be read; this version reads schema 1")
    rows = data["estimates"]
    assert isinstance(rows, list)
    names = ("value", "low", "high", "confidence_level", "n", "n_clusters", "method", "unit")
    return [
        Measurement(
            r["run"],
            r["model"],
            r["domain"],
            r["measure"],
            None if r["value"] is None else Estimate(*(r[name] for name in names)),
            r["note"],
        )
        for r in rows
    ]
