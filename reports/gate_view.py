"""What a gate's report shows: plain types that the caller fills."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..scoring.false_blocks import FalseBlocks
from ..scoring.gate import Decision
from ..scoring.judge_drift import JudgeDrift


@dataclass(frozen=True, slots=True)
class ClaimView:
    """One claim of an answer. `label`: what the verifier said; "" where nobody did. `sources`: titles or ids cited."""

    text: str
    label: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NewlyWrong:
    """A sample that the candidate answers wrongly and the baseline did not. `before`: how the baseline ended."""

    domain: str
    model: str
    sample_id: str
    question: str
    expected: str
    before: str
    old_text: str
    new_text: str
    claims: tuple[ClaimView, ...]


@dataclass(frozen=True, slots=True)
class Flips:
    """Samples that became wrong, and wrong ones that no longer are, by domain."""

    worse: int
    better: int


@dataclass(frozen=True, slots=True)
class GateView:
    """A verdict with what a reader needs to judge it.

    Attributes:
        baseline: Name of what it is compared with; None: the launch limits of the packs.
        notes: Sentences on prices, declared changes, reruns, unscored answers.
        newly_wrong: The first of them; `flips` counts all.
        identity: What both runs were, for whoever doubts: names, models, hashes, versions.
        inconclusive: What an open verdict counts as: "fail", "pass" or "neutral".
    """

    decision: Decision
    candidate: str
    baseline: str | None = None
    notes: tuple[str, ...] = ()
    newly_wrong: tuple[NewlyWrong, ...] = ()
    flips: Mapping[str, Flips] = field(default_factory=dict)
    identity: Mapping[str, str] = field(default_factory=dict)
    drift: tuple[JudgeDrift, ...] = ()
    aa: FalseBlocks | None = None
    inconclusive: str = "neutral"
    rerun_declared: bool = False
    confirms: str = ""
