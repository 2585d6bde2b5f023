"""What is asked, of which domain, and what a right answer is."""

from dataclasses import dataclass

from ..retrieval.passages import Span
from ..retrieval.sources import SourcePolicy

LONG_FORM = "long_form"
"""Task whose gold answers run over sentences: people or a model may compare them, a rule cannot."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Gold evidence: a stretch of one document of the pack's corpus; `quote` repeats its text, as a check."""

    doc_id: str
    span: Span
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Sample:
    """One question of a domain pack.

    Attributes:
        targets: Accepted answers, any of which is right; empty where the right answer is to abstain.
        task: Kind of task, e.g. "holding", "dose", "reading"; LONG_FORM keeps the rule-based grader away.
        abstain_kind: None where answerable, else why it is not: "unanswerable", "false_premise",
            "out_of_policy", "post_cutoff" or "fictitious".
        choices: Multiple choice; the target is then a letter.
        wrong: Answers that are known to be wrong (typical confusions), used by the reference grader.
        source_policy: Narrows the policy of the pack for this question alone; None: the pack's as it is.
    """

    sample_id: str
    domain: str
    cluster_id: str
    question: str
    targets: tuple[str, ...] = ()
    task: str = "reading"
    evidence: tuple[Evidence, ...] = ()
    risk_tier: str = "standard"
    abstain_kind: str | None = None
    choices: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()
    source_policy: SourcePolicy | None = None

    @property
    def answerable(self) -> bool:
        """Whether a right answer other than abstaining exists within the source policy."""
        return self.abstain_kind is None
