"""What a page shows of an answer: plain types that `evals` fills. Texts in them are hostile and are escaped last.

All places are half-open ranges [start, end) of code points in the text that they belong to.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of a text to be marked; `kind` is one of `MARKS`."""

    start: int
    end: int
    kind: str


MARKS: dict[str, str] = {
    "claim": "the claim in question",
    "evidence": "the evidence",
    "unsupported": "no source supports this",
    "refuted": "the sources say otherwise",
    "unchecked": "could not be checked",
    "citation": "a faulty citation",
}
"""Kinds of marks, each with what it says; where several fall on one place, the last one shows."""


@dataclass(frozen=True, slots=True)
class EvidenceView:
    """A stretch of a source with what stands around it.

    Attributes:
        text: The stretch. before, after: Its neighbourhood, "" at an end of the source.
        start, end: Place of `text` in the source.
        date: ISO day, "" where unknown.
    """

    doc_id: str
    text: str
    before: str = ""
    after: str = ""
    start: int = 0
    end: int = 0
    title: str = ""
    source: str = ""
    date: str = ""
    jurisdiction: str = ""
    url: str = ""

    @property
    def excerpt(self) -> str:
        """`before`, `text` and `after` together."""
        return self.before + self.text + self.after

    @property
    def mark(self) -> Mark:
        """Where `text` stands in `excerpt`."""
        return Mark(len(self.before), len(self.before) + len(self.text), "evidence")


@dataclass(frozen=True, slots=True)
class CitationView:
    """A citation as written, the document that it resolves to, and what was found, e.g. "out_of_scope"."""

    marker: str
    doc_id: str | None
    finding: str


@dataclass(frozen=True, slots=True)
class ClaimView:
    """One statement of an answer.

    Attributes:
        number: Counted from 1. start, end: Its place in the answer.
        label: "supported", "refuted" or "not_enough_info"; None where the verifier failed.
        probability: That it is supported; None where the verifier failed.
        flags: What is wrong with it, in words. marks: Stretches of `text`, places in `text` itself.
    """

    number: int
    text: str
    start: int
    end: int
    label: str | None
    probability: float | None
    reason: str = ""
    citations: tuple[CitationView, ...] = ()
    evidence: tuple[EvidenceView, ...] = ()
    flags: tuple[str, ...] = ()
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class LogLink:
    """Where the transcript of an answer is kept.

    Attributes:
        file: Name of the log within the run's `logs` folder. url: The sample in a running `inspect view`.
    """

    file: str
    url: str


@dataclass(frozen=True, slots=True)
class AnswerView:
    """One answer with everything that a person needs to judge it.

    Attributes:
        targets: Accepted answers; empty where the right answer is to abstain.
        kind: "answerable", or why it is not.
        outcome, outcome_by: As judged, and by whom; None where nobody could.
        decision: What the policy does: "delivered", "escalated" or "abstained"; "" where unknown.
        harm_class: Of a wrong answer, where a person gave one.
        confidence: Stated by the model, in [0, 1].
        reasons: Why the verifier in the loop did not accept it.
    """

    model: str
    domain: str
    sample_id: str
    question: str
    answer: str
    epoch: int = 1
    attempt: int = 1
    targets: tuple[str, ...] = ()
    kind: str = "answerable"
    risk_tier: str = "standard"
    outcome: str | None = None
    outcome_by: str | None = None
    harm_class: str | None = None
    confidence: float | None = None
    decision: str = ""
    marks: tuple[Mark, ...] = ()
    claims: tuple[ClaimView, ...] = ()
    reasons: tuple[str, ...] = ()
    log: LogLink | None = None
