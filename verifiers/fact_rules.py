"""What hard facts do to a probability, whatever the head says."""

from .facts import Mismatch
from .lexical_features import NUMERIC, Comparison

NEVER = 0.95
"""Of the threshold: the most that a claim gets that is contradicted, or has a number that no source has."""

_IF_ABSENT = 0.5
_CLOSE = 0.6  # share of the claim's words in the evidence before a difference counts as a contradiction


def absent_numbers(found: Comparison) -> list[Mismatch]:
    """Numbers, quantities and dates of the claim that no passage has; not those in words ("the two", "a third")."""
    return [m for m in found.absent if m.kind in NUMERIC and any(c.isdigit() for c in m.text)]


def contradictions(found: Comparison) -> list[Mismatch]:
    """Facts and negations that a sentence with most of the claim's words denies; empty where none is that close."""
    return [m for m in found.absent if m.contradicts] if found.overlap >= _CLOSE else []


def fact_factor(found: Comparison) -> float:
    """What the probability is multiplied by: 1/2 where a number is absent, else 1."""
    return _IF_ABSENT if absent_numbers(found) else 1.0
