"""An answer that exists already: what `vcpd score` works on, whatever wrote it."""

from dataclasses import dataclass

from ...retrieval.passages import Document, Span
from ...scoring.records import HarmClass, Outcome, OutcomeBy
from ...scoring.usage import Usage


class RecordedAnswerError(ValueError):
    """A file of recorded answers that cannot be read; the message names file, line and field."""


@dataclass(frozen=True, slots=True)
class HumanClaim:
    """A statement that a person judged: "supported", "partially_supported", "not_supported" or "refuted"."""

    text: str
    label: str | None = None
    span: Span | None = None
    correctness: str | None = None


@dataclass(frozen=True, slots=True)
class HumanLabel:
    """What people said of one answer.

    Attributes:
        outcome: None where people judged parts but not the whole.
        harm_class: What the answer, where wrong, would do to whoever acts on it: "minor", "moderate" or "severe".
        seconds: Time the judging took.
        unsupported: Stretches of the answer marked as unsupported, with their type ("" if untyped); empty where
            somebody looked and found none, None where nobody marked stretches.
    """

    outcome: Outcome | None = None
    seconds: float | None = None
    unsupported: tuple[tuple[Span, str], ...] | None = None
    claims: tuple[HumanClaim, ...] = ()
    harm_class: HarmClass | None = None


@dataclass(frozen=True, slots=True)
class RecordedGrade:
    """What the tool that wrote the file said of one answer.

    Attributes:
        outcome: UNSCORED where the tool tried to grade and could not.
        by: Whether a rule compared with a key, or a model judged. None only where `outcome` is UNSCORED.
    """

    outcome: Outcome
    by: OutcomeBy | None = None


@dataclass(frozen=True, slots=True)
class RecordedAnswer:
    """One recorded answer. A source whose `text` is "" makes its claims not checkable, never unsupported.

    Attributes:
        epoch: Counted from 1; several answers of one model to one sample are epochs.
        usage: Tokens as the provider metered them; None where unknown, or where `steps` tell.
        steps: Of a trajectory: each model call in its order, whatever model made it; empty for one call.
        delivered_tokens: Tokens of the visible answer; None: those of the last call that are not reasoning.
        agent: What called the model, in the words of a serving condition; None where the file does not say.
        risk_tier: "low", "standard" or "high"; answers of the last always go to a person.
        finish_reason: "length" or "max_tokens" marks a truncated answer.
        grade: None where nobody graded: the answer is then graded against `targets` here.
    """

    sample_id: str
    model: str
    domain: str
    question: str
    answer: str
    cluster_id: str
    epoch: int = 1
    sources: tuple[Document, ...] = ()
    targets: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    answerable: bool | None = None
    confidence: float | None = None
    usage: Usage | None = None
    latency_s: float | None = None
    ttft_s: float | None = None
    finish_reason: str | None = None
    human: HumanLabel | None = None
    risk_tier: str = "standard"
    grade: RecordedGrade | None = None
    steps: tuple[Usage, ...] = ()
    delivered_tokens: int | None = None
    agent: str | None = None
