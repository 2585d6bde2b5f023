"""The model grader of correctness: a free-text answer against gold answers, where rules cannot tell."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from ..scoring.records import Outcome
from ..scoring.usage import Usage
from .grader_prompt import grader_prompt, grader_prompt_sha256
from .grader_reply import Grade, read_grade
from .metering import summed
from .model_call import Complete, ask
from .strict_json import ReplyError
from .voting import majority, order, tally

_OUTCOMES = {
    Grade.CORRECT: Outcome.CORRECT,
    Grade.INCORRECT: Outcome.INCORRECT,
    Grade.NOT_ATTEMPTED: Outcome.ABSTAINED,
}


@dataclass(frozen=True, slots=True)
class Graded:
    """What the grader says of one answer.

    Attributes:
        outcome: CORRECT, INCORRECT or ABSTAINED; UNSCORED where the grader could not say.
        agreement: Share of the calls that gave this grade, in (0.5, 1]; None where UNSCORED.
        usage: Of all calls, stage "grade:<model>": the evaluator's cost, never the product's.
        reason: The grader's, or why there is no grade.
    """

    outcome: Outcome
    agreement: float | None
    usage: Usage
    reason: str


class Grader:
    """Grades answers by asking a model `samples` times and taking what more than half of the calls say.

    Without such a majority, without gold answers, and for an answer without any letter or digit or of more than
    `longest` characters the outcome is UNSCORED; in the last three cases no call is made. A call that failed or cannot
    be read is no vote. Gold answers are shown in another order in each sample. Whether a question may be answered at
    all is not asked here.
    """

    def __init__(
        self, complete: Complete, model: str, *, samples: int = 3, seed: int = 0, longest: int = 20_000
    ) -> None:
        """Raises ValueError for fewer than one sample."""
        if samples < 1:
            raise ValueError(f"samples is a whole number of 1 or more, not {samples}")
        self._complete = complete
        self._model = model
        self._samples = samples
        self._seed = seed
        self._longest = longest

    @property
    def name(self) -> str:
        """grade:<model>, the stage of its usage."""
        return f"grade:{self._model}"

    @property
    def version(self) -> str:
        """Of this code, of the wording of the prompt, and of the settings."""
        return f"1-{grader_prompt_sha256()[:12]}-n{self._samples}-s{self._seed}"

    def grade(self, question: str, answer: str, targets: Sequence[str], wrong: Sequence[str] = ()) -> Graded:
        """Grade `answer`, which comes without protocol lines.

        Args:
            targets: Gold answers, any of which is right.
            wrong: Answers known to be wrong.
        """
        gold = [t for t in targets if t.strip()]
        why_not = self._why_not(answer, gold)
        if why_not:
            return Graded(Outcome.UNSCORED, None, Usage(self.name, self._model), why_not)
        samples = [self._sample(question, answer, gold, wrong, i) for i in range(self._samples)]
        usage = summed(u for _, _, u in samples)[0]
        votes = [vote for vote, _, _ in samples]
        grade = majority(votes)
        if grade is None:
            said = dict.fromkeys(reason for vote, reason, _ in samples if vote is None)
            error = f"no grade has more than half of {len(votes)} calls ({tally(votes)})"
            return Graded(Outcome.UNSCORED, None, usage, "; ".join([error, *said]))
        reason = next(reason for vote, reason, _ in samples if vote is grade)
        return Graded(_OUTCOMES[grade], votes.count(grade) / len(votes), usage, reason or grade.replace("_", " "))

    def _why_not(self, answer: str, gold: Sequence[str]) -> str:
        if not gold:
            return "there is no gold answer to grade against"
        if not any(c.isalnum() for c in answer):
            return "there is no answer to grade"
        if len(answer) > self._longest:
            return f"answer of {len(answer)} characters; the grader reads at most {self._longest}"
        return ""

    def _sample(
        self, question: str, answer: str, gold: Sequence[str], wrong: Sequence[str], sample: int
    ) -> tuple[Grade | None, str, Usage]:
        """One call: its grade, None where it gave none; its reason, or why there is none; what it took."""
        texts = repr((question, answer, gold, wrong)).encode()
        seed = f"{self._seed}:{sha256(texts).hexdigest()}"
        targets = [gold[i] for i in order(len(gold), sample, seed)]
        reply = ask(
            self._complete, grader_prompt(question, answer, targets, wrong, f"{seed}:{sample}"), self.name, self._model
        )
        if reply.text is None:
            return None, reply.error, reply.usage
        try:
            return *read_grade(reply.text), reply.usage
        except ReplyError as error:
            return None, str(error), reply.usage
