"""The result of checking one answer."""

from dataclasses import dataclass

from ..scoring.records import ClaimCounts
from ..scoring.usage import Usage
from .quotes import QuoteCheck
from .verdict import Citation, Claim, Failure, Finding, Verdict


@dataclass(frozen=True, slots=True)
class AnswerCheck:
    """What the cascade says of one answer.

    Attributes:
        verdicts: One per claim, in order: against the sources that it cites where those bear it out, else against all
            allowed ones.
        citation_supported: Per claim, whether the documents that it cites support it; None where their text is not at
            hand.
        citation_findings: One tuple per claim, in order: its markers, and the references written out in it.
        quotes: Every quotation inside a claim.
        accept: True: every claim is supported by an allowed source, and nothing is wrong with its citations and
            quotations. False: something is, or there is no claim. None: it cannot be told, because sources have no
            text at hand, and nothing else is wrong.
        usage: One reading per stage and model.
        reasons: Why not accepted, as sentences; empty where accepted.
        remarks: What a reader should know although nothing is wrong by rule: decisions cited after they were overruled.
    """

    claims: tuple[Claim, ...]
    verdicts: tuple[Verdict | Failure, ...]
    citation_supported: tuple[bool | None, ...]
    citation_findings: tuple[tuple[tuple[Citation, Finding], ...], ...]
    quotes: tuple[QuoteCheck, ...]
    counts: ClaimCounts
    accept: bool | None
    usage: tuple[Usage, ...]
    reasons: tuple[str, ...]
    remarks: tuple[str, ...] = ()
