"""Efficiency factors from the user's own measured pairs of configurations: eta_q, eta_r, eta_d, eta_h from a file.

A pair is two configurations between which one lever moved, with what each costs. Pairs of which each begins where the
one before ended form a chain, whose product is the whole ratio exactly. Others are multiplied with a warning for every
mix of baselines or of metric kinds (`decomposition.multiply`).
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import stdtrit

from .decomposition import Chain, Step, multiply
from .estimate import Estimate

FACTORS = ("eta_q", "eta_r", "eta_d", "eta_h")
KINDS = ("usd_per_token", "seconds_per_token", "latency", "throughput", "capacity", "memory")
"""What a pair may measure; throughput and capacity grow with what is better, the others fall."""
_HIGHER_IS_BETTER = ("throughput", "capacity")


class PairsFileError(ValueError):
    """A file of measured pairs that cannot be used; the message names file, pair and field."""


@dataclass(frozen=True, slots=True)
class MeasuredPair:
    """Two configurations, one lever moved between them.

    Attributes:
        factor: eta_q, eta_r, eta_d or eta_h. kind: One of KINDS.
        before, after: Names of the configurations. baseline: What the ratio is to; `before` where the file is silent.
        values_before, values_after: Measurements, one or several runs each, above 0, in `unit`.
    """

    factor: str
    kind: str
    before: str
    after: str
    values_before: tuple[float, ...]
    values_after: tuple[float, ...]
    unit: str
    source: str
    baseline: str

    @property
    def technique(self) -> str:
        """What was done."""
        return f"{self.before} to {self.after}"

    @property
    def logs(self) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
        """Logarithms of the measurements, worse over better turned so that a factor above 1 is a gain."""
        sign = -1.0 if self.kind in _HIGHER_IS_BETTER else 1.0
        return sign * np.log(self.values_before), sign * np.log(self.values_after)

    @property
    def estimate(self) -> Estimate:
        """eta: how many times better `after` is (geometric means), with Welch's t interval of the log ratio.

        Without an interval where a side was measured once.
        """
        before, after = self.logs
        return _log_ratio([before], [after])


@dataclass(frozen=True, slots=True)
class PairsProduct:
    """All pairs together. `exact`: they form a chain, so the product is the ratio of its ends, not a guess."""

    pairs: tuple[MeasuredPair, ...]
    product: Estimate
    exact: bool
    warnings: tuple[str, ...]


def read_pairs(path: Path) -> tuple[MeasuredPair, ...]:
    """Read a TOML file with a `[[pair]]` for each measured pair.

    Fields: factor, kind, before, after, value_before, value_after (a number, or a list of repeated runs), unit,
    source; and baseline, where the ratio is not to `before` itself.

    Raises:
        PairsFileError: Not TOML, no pair, or a field that is missing, unknown or no measurement.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PairsFileError(f"{path}: cannot be read as a file of measured pairs ({error})") from error
    rows = data.get("pair")
    if not isinstance(rows, list) or not rows:
        raise PairsFileError(f"{path}: has no [[pair]]; write one for each measured pair of configurations")
    return tuple(_pair(f"{path}, pair {i}", row) for i, row in enumerate(rows, 1))


_TEXTS = ("factor", "kind", "before", "after", "unit", "source")


def _pair(where: str, row: Any) -> MeasuredPair:
    known = {*_TEXTS, "baseline", "value_before", "value_after"}
    if not isinstance(row, dict):
        raise PairsFileError(f"{where}: must be a table of fields")
    if unknown := sorted(set(row) - known):
        raise PairsFileError(f"{where}: unknown field '{unknown[0]}'; the fields are {', '.join(sorted(known))}")
    for name in _TEXTS:
        if not isinstance(row.get(name), str) or not row[name].strip():
            raise PairsFileError(f"{where}, field '{name}': is missing or no text")
    for name, allowed in (("factor", FACTORS), ("kind", KINDS)):
        if row[name] not in allowed:
            raise PairsFileError(f"{where}, field '{name}': '{row[name]}' is none of {', '.join(allowed)}")
    before, after = (_values(where, row, f"value_{side}") for side in ("before", "after"))
    texts = {name: str(row[name]) for name in _TEXTS}
    baseline = str(row.get("baseline", row["before"]))
    return MeasuredPair(**texts, values_before=before, values_after=after, baseline=baseline)


def _values(where: str, row: dict[str, Any], name: str) -> tuple[float, ...]:
    value = row.get(name)
    values: list[Any] = value if isinstance(value, list) else [value]
    for v in values or [None]:
        if isinstance(v, bool) or not isinstance(v, int | float) or not 0 < v < float("inf"):
            raise PairsFileError(f"{where}, field '{name}': {v!r} is no measurement above 0")
    return tuple(map(float, values))


def multiply_pairs(pairs: Sequence[MeasuredPair]) -> PairsProduct:
    """The product of all pairs, exact where they form a chain, with warnings where they do not compose."""
    warnings = list(multiply([(p.estimate.value, p) for p in pairs]).warnings)
    exact = _is_chain(pairs)
    if exact:
        warnings = [w for w in warnings if "baselines" not in w]  # in a chain each pair begins where one ended
        before, after = [pairs[0].logs[0]], [pairs[-1].logs[1]]
    else:
        before, after = [p.logs[0] for p in pairs], [p.logs[1] for p in pairs]
    twice = [f for f in FACTORS if sum(p.factor == f for p in pairs) > 1]
    if twice and not exact:
        warnings.append(f"counts {', '.join(twice)} more than once")
    return PairsProduct(tuple(pairs), _log_ratio(before, after), exact, tuple(warnings))


def _is_chain(pairs: Sequence[MeasuredPair]) -> bool:
    """Whether each begins with the configuration and the measurement with which the one before ended."""
    if len({(p.kind, p.unit) for p in pairs}) > 1:
        return False
    steps = []
    for p in pairs:
        before, after = (exp(float(side.mean())) for side in p.logs)
        steps.append(Step(p.factor, p.before, p.after, before, after))
    try:
        Chain(tuple(steps))
    except ValueError:
        return False
    return True


def _log_ratio(before: Sequence[Any], after: Sequence[Any], level: float = 0.95) -> Estimate:
    """exp of the difference of mean logs summed over pairs; Welch-Satterthwaite degrees of freedom."""
    sides = [*before, *after]
    value = exp(sum(float(x.mean()) for x in before) - sum(float(x.mean()) for x in after))
    n = sum(len(x) for x in sides)
    if any(len(x) < 2 for x in sides):
        return Estimate(value, None, None, level, n, n, "ratio of geometric means; measured once, no interval")
    parts = [float(x.var(ddof=1)) / len(x) for x in sides]
    if sum(parts) <= 0:
        return Estimate(value, None, None, level, n, n, "ratio of geometric means; the runs do not differ, no interval")
    degrees = sum(parts) ** 2 / sum(v**2 / (len(x) - 1) for v, x in zip(parts, sides, strict=True))
    half = float(stdtrit(degrees, 1 - (1 - level) / 2)) * sum(parts) ** 0.5
    low, high = exp(max(log(value) - half, -700)), exp(min(log(value) + half, 700))
    return Estimate(value, low, high, level, n, n, "log ratio, welch t")
