"""Answers and claims that people labelled: what a verifier is measured against, and what its head is fitted on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ..retrieval.passages import Passage, Span
from .verdict import Claim, Verifier


@dataclass(frozen=True, slots=True)
class LabelledClaim:
    """A claim and what people said of it; `supported` False counts partial support in, too."""

    claim: Claim
    supported: bool


@dataclass(frozen=True, slots=True)
class LabelledAnswer:
    """One answer, the passages it is to be checked against, and people's labels.

    Attributes:
        cluster_id: The resampling unit; folds of a cross-validation never split one.
        claims: Statements with labels; empty where people labelled stretches of the answer only.
        unsupported: Stretches of `text` that people marked as unsupported; None where nobody marked stretches (an
            empty tuple says that somebody looked and found none).
    """

    answer_id: str
    cluster_id: str
    text: str
    passages: tuple[Passage, ...]
    claims: tuple[LabelledClaim, ...] = ()
    unsupported: tuple[Span, ...] | None = None


class Trainable(Verifier, Protocol):
    """A verifier whose head can be fitted again, so that it is never measured on what it was fitted on."""

    def fitted(self, answers: Sequence[LabelledAnswer]) -> Verifier:
        """The same verifier with its head fitted on `answers` instead (and nothing else of theirs remembered)."""
        ...
