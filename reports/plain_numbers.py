"""Numbers for readers outside the field: shares in per cent, dollars with their sign, intervals in words."""

from ..scoring.estimate import Measurement
from .numbers import amount

_OF_REVIEWERS = ("label_alpha", "claim_label_alpha")
_SCORES = frozenset(
    (*_OF_REVIEWERS, "brier", "aurc", "e_aurc", "augrc", "smece", "abstention_f1", "simpleqa_f", "coverage_at_risk_05")
)
"""Measures without a unit that are no shares of anything."""


def written(measure: str, unit: str, value: float, digits: int = 3) -> str:
    """One value of a measure with its unit: "32.0 %", "$0.154", "84.3 tokens/$"."""
    if not unit and measure not in _SCORES:
        return per_cent(value)
    if unit == "usd":
        return f"${amount(value, digits)}" if value >= 0 else f"-${amount(-value, digits)}"
    return f"{bare(unit, value, digits)} {unit.replace('usd', '$')}".strip()


def bare(unit: str, value: float, digits: int = 3) -> str:
    """A value that is neither a share nor dollars, without its unit."""
    return amount(value, digits) if unit else f"{value:.3f}"


def written_end(measure: str, unit: str, value: float) -> str:
    """An end of an interval; units that are words stand with the value alone."""
    return bare(unit, value, 2) if unit not in ("", "usd") else written(measure, unit, value, 2)


def per_cent(value: float) -> str:
    """A share as "32.0 %"; with more digits where it is below one in a thousand."""
    return f"{100 * value:.1f} %" if value == 0 or value >= 0.001 else f"{amount(100 * value, 2)} %"


def in_words(row: Measurement) -> str:
    """A value and its interval: "32.0 % (95 % interval 20.5 % to 46.2 %)"; "undefined" where it is."""
    e = row.estimate
    if e is None:
        return "undefined"
    value = written(row.measure, e.unit, e.value)
    if e.low is None or e.high is None:
        return f"{value} (no bounded interval)"
    ends = [written_end(row.measure, e.unit, end) for end in (e.low, e.high)]
    return f"{value} ({e.confidence_level:.0%} interval {ends[0]} to {ends[1]})".replace("% interval", " % interval")
