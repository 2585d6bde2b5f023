"""What a claim, a citation, a verdict and a verifier are."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from ..retrieval.passages import Passage, Span
from ..scoring.usage import Usage


class Label(StrEnum):
    """The labels of FEVER (Thorne et al. 2018, arXiv:1803.05355)."""

    SUPPORTED = "supported"
    REFUTED = "refuted"
    NOT_ENOUGH_INFO = "not_enough_info"


class Finding(StrEnum):
    """What is wrong, or right, with one citation.

    RESOLVED: points to an allowed source that supports the claim. UNSUPPORTED: resolves, but no source at hand
    supports the claim. MISATTRIBUTED: the cited source does not support the claim, another one does.
    FABRICATED: points to nothing. OUT_OF_SCOPE, POST_CUTOFF: a real source that the policy forbids.
    UNCHECKABLE: resolves to a source whose text is not at hand, or it cannot be told what it resolves to.
    WRONG_PINCITE: a real decision, cited for a page that is none of its pages.
    MISATTRIBUTED is also a real decision under another name, court or year.
    """

    RESOLVED = "resolved"
    UNSUPPORTED = "unsupported"
    MISATTRIBUTED = "misattributed"
    FABRICATED = "fabricated"
    OUT_OF_SCOPE = "out_of_scope"
    POST_CUTOFF = "post_cutoff"
    UNCHECKABLE = "uncheckable"
    WRONG_PINCITE = "wrong_pincite"


@dataclass(frozen=True, slots=True)
class Citation:
    """One citation marker in the answer.

    Attributes:
        marker: As written, e.g. "[2]" or "347 U.S. 483".
        span: Its place in the answer.
        doc_id: The document it resolves to; None where it points to nothing.
    """

    marker: str
    span: Span
    doc_id: str | None


@dataclass(frozen=True, slots=True)
class Claim:
    """One checkable statement: its text without citation markers, its place in the answer, what it cites."""

    text: str
    span: Span
    citations: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a verifier says of one claim.

    Attributes:
        evidence: The supporting (or refuting) stretches of the sources, best first.
        probability: That the claim is supported, in [0, 1].
        unsupported: Stretches of the ANSWER that no evidence supports.
        earlier: What cheaper stages used before the one that decided.
    """

    claim: Claim
    label: Label
    evidence: tuple[Passage, ...]
    probability: float
    unsupported: tuple[Span, ...]
    verifier: str
    version: str
    usage: Usage
    reason: str = ""
    earlier: tuple[Usage, ...] = ()


@dataclass(frozen=True, slots=True)
class Failure:
    """The verifier could not say: never counted as support, never as refutation. `earlier` as of a verdict."""

    claim: Claim
    error: str
    verifier: str
    usage: Usage
    earlier: tuple[Usage, ...] = ()


class Verifier(Protocol):
    """Judges claims against passages, many at once. Zero passages never give support."""

    @property
    def name(self) -> str:
        """Short name, as in `Usage.stage` "verify:<name>"."""
        ...

    @property
    def version(self) -> str:
        """Bumped when the same input may get another verdict."""
        ...

    def verify(self, pairs: Sequence[tuple[Claim, Sequence[Passage]]]) -> list[Verdict | Failure]:
        """One result per pair, in order."""
        ...
