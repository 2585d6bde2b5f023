"""What a review page shows: plain types that evals fills. Offsets are code points."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SourceView:
    """One source of an answer. label: "[1] Title". about: publisher, date, jurisdiction, address, as text."""

    label: str
    about: str
    text: str


@dataclass(frozen=True, slots=True)
class NearestView:
    """The stretch of source number `source` that shares most words with a claim: a place to look, no verdict."""

    source: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ClaimView:
    """One statement: its place in the answer, the sources that it cites by number, and where to look.

    `verdict`: the verifier's label; None where reviewers are blind to it.
    """

    start: int
    end: int
    cited: tuple[int, ...] = ()
    nearest: NearestView | None = None
    verdict: str | None = None


@dataclass(frozen=True, slots=True)
class ItemView:
    """One answer as a reviewer sees it; what reviewers are blind to is None or empty."""

    item: str
    domain: str
    question: str
    answer: str
    claims: tuple[ClaimView, ...] = ()
    sources: tuple[SourceView, ...] = ()
    choices: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    model: str | None = None
    policy: str | None = None
    more_claims: int = 0
