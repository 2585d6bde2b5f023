"""The waist of the hourglass: one flat row per sample, epoch and attempt."""

from dataclasses import dataclass
from enum import StrEnum

from .usage import Usage


class Outcome(StrEnum):
    """How one answer ended. Abstaining is not erring; UNSCORED is not a result."""

    CORRECT = "correct"
    INCORRECT = "incorrect"
    ABSTAINED = "abstained"
    REFUSED = "refused"
    INVALID = "invalid"
    UNSCORED = "unscored"


class OutcomeBy(StrEnum):
    """Who judged: an answer key, a person, a model grader, or the rule-based reference grader."""

    KEY = "key"
    HUMAN = "human"
    GRADER = "grader"
    REFERENCE = "reference"


class PolicyVerdict(StrEnum):
    """What the verifier in the loop said of one attempt."""

    ACCEPT = "accept"
    REJECT = "reject"


class HarmClass(StrEnum):
    """What a wrong answer would do to whoever acts on it.

    MINOR: annoyance, or work done twice. MODERATE: harm that can be put right, or money. SEVERE: harm to health,
    liberty or rights, or that cannot be put right.
    """

    MINOR = "minor"
    MODERATE = "moderate"
    SEVERE = "severe"


@dataclass(frozen=True, slots=True)
class Record:
    """One attempt, flat: all that scoring ever sees of it.

    Attributes:
        cluster_id: The resampling unit (source document, case, patient, question family).
        epoch, attempt: Counted from 1. `p` is of attempt 1; later attempts exist where the verifier rejected.
        outcome: As the evaluator judged it, never the verifier in the loop. `outcome_by` says who; None if unscored.
        human: A person's outcome, where one looked.
        harm_class: What a wrong answer would do, as a person said: a value of `HarmClass`; None where nobody did.
        graded: The automatic evaluator's outcome where `outcome` is a person's: what the person's label corrects.
        inclusion: Probability, in (0, 1], with which the answer was picked for `human`; None: not picked by a design.
        policy_verdict: None where nothing was delivered to verify, or no verifier ran.
        answerable: False: the right answer is to abstain. None: unknown.
        confidence: Stated by the model, in [0, 1].
        evidence_retrieved: Share of the gold evidence among the retrieved passages, in [0, 1].
        evidence_ndcg, evidence_rr: nDCG@k and reciprocal rank of the documents that hold it, in [0, 1].
        evidence_char_precision, evidence_char_recall: Share of the retrieved characters that are gold evidence, and of
            the gold ones that were retrieved, in [0, 1].
        output_tokens: Generated tokens of all calls, reasoning included; None where not metered.
        delivered_tokens: Tokens of the visible answer; of a trajectory, of its last message. None where not metered.
    """

    run_id: str
    model: str
    domain: str
    sample_id: str
    cluster_id: str
    epoch: int
    attempt: int
    outcome: Outcome
    outcome_by: OutcomeBy | None = None
    human: Outcome | None = None
    policy_verdict: PolicyVerdict | None = None
    answerable: bool | None = None
    risk_tier: str = "standard"
    confidence: float | None = None
    evidence_retrieved: float | None = None
    output_tokens: int | None = None
    delivered_tokens: int | None = None
    latency_s: float | None = None
    ttft_s: float | None = None
    usage: tuple[Usage, ...] = ()
    graded: Outcome | None = None
    harm_class: str | None = None
    inclusion: float | None = None
    evidence_ndcg: float | None = None
    evidence_rr: float | None = None
    evidence_char_precision: float | None = None
    evidence_char_recall: float | None = None


BAD_CITATIONS = ("fabricated", "misattributed", "wrong_pincite", "out_of_scope", "post_cutoff")
"""Kinds of citation that are counted apart, by their names in `ClaimCounts` and in `verdicts.parquet`."""


@dataclass(frozen=True, slots=True)
class ClaimCounts:
    """What the verifier in the loop found in one attempt; sums over its rows of `verdicts.parquet`.

    Attributes:
        claims: Statements of the answer. `supported` <= claims: by any allowed source.
        checkable: Claims with a source text to check them against (ALCE recall's denominator).
        citation_supported: Claims supported by the sources they cite (its numerator).
        citations: Citation markers whose source's text is at hand, or that point to nothing.
        citations_good: Citations that resolve, are allowed and support their claim.
        fabricated, misattributed, wrong_pincite, out_of_scope, post_cutoff: Citations by finding.
        failures: Claims that the verifier could not judge; never counted as support.
    """

    claims: int = 0
    supported: int = 0
    checkable: int = 0
    citation_supported: int = 0
    citations: int = 0
    citations_good: int = 0
    fabricated: int = 0
    misattributed: int = 0
    wrong_pincite: int = 0
    out_of_scope: int = 0
    post_cutoff: int = 0
    failures: int = 0
