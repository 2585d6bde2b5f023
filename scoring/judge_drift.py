"""Whether a judge still says what it said: the frozen anchor set judged again, by McNemar's test.

A judge that drifted makes its sensitivity and specificity, and every comparison of runs that it judged at different
times, invalid: its labels have to be made again.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from .estimate import InsufficientDataError
from .paired import mcnemar_mid_p


@dataclass(frozen=True, slots=True)
class JudgeDrift:
    """What changed on the anchor set.

    Attributes:
        n: Answers that were judged both times. newly_flagged, newly_passed: Verdicts that changed, by direction.
        p_value: Two-sided mid-p of McNemar's test (doi:10.1186/1471-2288-13-91): small where the changes lean one way.
    """

    judge: str
    n: int
    newly_flagged: int
    newly_passed: int
    p_value: float

    @property
    def disagreement(self) -> float:
        """Share of verdicts that changed either way."""
        return (self.newly_flagged + self.newly_passed) / self.n


def judge_drift(judge: str, then: Sequence[bool], now: Sequence[bool]) -> JudgeDrift:
    """Compare verdicts (True: flagged as wrong) on the same answers, in the same order.

    Raises:
        InsufficientDataError: No answer. ValueError: Lists of different lengths.
    """
    if not then:
        raise InsufficientDataError(f"the {judge} judged no answer of the anchor set both times")
    pairs = list(zip(then, now, strict=True))
    flagged = sum(b and not a for a, b in pairs)
    passed = sum(a and not b for a, b in pairs)
    p = min(1.0, 2 * mcnemar_mid_p(max(flagged, passed), min(flagged, passed)))
    return JudgeDrift(judge, len(pairs), flagged, passed, p)
