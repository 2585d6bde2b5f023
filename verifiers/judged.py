"""A verifier's verdicts on labelled answers, beside the labels."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from ..retrieval.passages import Passage
from .labelled import LabelledAnswer, LabelledClaim
from .labelling import labelled_claims
from .verdict import Claim, Failure, Label, Verdict, Verifier

Pair = tuple[Claim, Sequence[Passage]]
Result = Verdict | Failure
_BATCH = 512  # claims in one call: enough to fill a neural verifier's batches, few enough to show progress


class VerifierError(ValueError):
    """A verifier that does not keep its protocol; the message says where."""


@runtime_checkable
class JudgesAnswers(Protocol):
    """What a verifier may offer beyond verdicts: a probability of its own for the answer as a whole."""

    def answer_probability(self, verdicts: Sequence[Verdict]) -> float:
        """That every claim is supported, in [0, 1], from the verdicts on the claims of one answer."""
        ...


@dataclass(frozen=True, slots=True)
class JudgedAnswer:
    """One labelled answer with what a verifier said of it.

    Attributes:
        claims: Its labelled claims. `results` stand beside them, in order.
        probability: That everything in the answer is supported, in [0, 1]; 1 where it claims nothing. None where the
            verifier failed on a claim.
        flagged: Whether the verifier, by its own thresholds, calls the answer unsupported; None with `probability`.
    """

    answer: LabelledAnswer
    claims: tuple[LabelledClaim, ...]
    results: tuple[Result, ...]
    probability: float | None
    flagged: bool | None


def judge_answers(
    answers: Sequence[LabelledAnswer], verifier: Verifier, *, progress: Callable[[int], None] = lambda _: None
) -> list[JudgedAnswer]:
    """The verifier's verdicts on every labelled claim of every answer, some hundred claims a call.

    An answer's probability is that of `JudgesAnswers` where the verifier offers one, else the lowest of its claims. It
    is flagged below the verifier's `answer_threshold` (1/2 where it has none), else where any claim is not SUPPORTED.

    Args:
        progress: Called with the number of claims judged since it was last called.

    Raises:
        VerifierError: The verifier returned another number of results than pairs, or a probability outside [0, 1].
    """
    judged: list[JudgedAnswer] = []
    waiting: list[tuple[LabelledAnswer, tuple[LabelledClaim, ...]]] = []
    size = 0
    for answer in answers:
        claims = labelled_claims(answer)
        waiting.append((answer, claims))
        size += len(claims)
        if size >= _BATCH:
            judged += _judge(waiting, verifier)
            progress(size)
            waiting, size = [], 0
    judged += _judge(waiting, verifier)
    progress(size)
    return judged


def _judge(
    waiting: Sequence[tuple[LabelledAnswer, tuple[LabelledClaim, ...]]], verifier: Verifier
) -> list[JudgedAnswer]:
    pairs: list[Pair] = [(c.claim, answer.passages) for answer, claims in waiting for c in claims]
    results = verifier.verify(pairs) if pairs else []
    if len(results) != len(pairs):
        raise VerifierError(f"verifier {verifier.name!r} returned {len(results)} results for {len(pairs)} claims")
    rest = iter(results)
    return [_judged(answer, claims, tuple(next(rest) for _ in claims), verifier) for answer, claims in waiting]


def _judged(
    answer: LabelledAnswer, claims: tuple[LabelledClaim, ...], results: tuple[Result, ...], verifier: Verifier
) -> JudgedAnswer:
    verdicts = [r for r in results if isinstance(r, Verdict)]
    if len(verdicts) < len(results):
        return JudgedAnswer(answer, claims, results, None, None)
    if not verdicts:
        return JudgedAnswer(answer, claims, results, 1.0, False)
    flagged = any(v.label is not Label.SUPPORTED for v in verdicts)
    lowest = min(_checked(v.probability, verifier) for v in verdicts)
    if not isinstance(verifier, JudgesAnswers):
        return JudgedAnswer(answer, claims, results, lowest, flagged)
    probability = _checked(verifier.answer_probability(verdicts), verifier)
    flagged = probability < float(getattr(verifier, "answer_threshold", 0.5))
    return JudgedAnswer(answer, claims, results, probability, flagged)


def _checked(probability: float, verifier: Verifier) -> float:
    if not 0 <= probability <= 1:
        raise VerifierError(f"verifier {verifier.name!r} gave the probability {probability}, outside [0, 1]")
    return float(probability)
