"""What other tools call right and wrong, in the six endings of this package; whatever is not plainly one raises.

The letters are Inspect's (CORRECT, INCORRECT, NOANSWER, PARTIAL; inspect_ai.scorer). Its own `value_to_float` makes
NOANSWER 0.0, the same as wrong, which is why the letters are read here and not the numbers.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from ...scoring.records import Outcome
from .fields import kind, shown

_WORDS = {
    **dict.fromkeys(("c", "correct", "right", "true", "yes", "pass", "passed"), Outcome.CORRECT),
    **dict.fromkeys(("i", "incorrect", "wrong", "false", "no", "fail", "failed"), Outcome.INCORRECT),
    **dict.fromkeys(("n", "noanswer", "no answer", "abstained", "abstain", "not_attempted"), Outcome.ABSTAINED),
    **dict.fromkeys(("unscored", "nan"), Outcome.UNSCORED),
    "refused": Outcome.REFUSED,
    "invalid": Outcome.INVALID,
}
_PARTLY = frozenset({"p", "partial", "partially correct", "partially_correct"})
_SHARES = {Outcome.CORRECT: 1.0, Outcome.INCORRECT: 0.0}


class GradeError(ValueError):
    """A value that says neither right nor wrong; the message says what to do."""


@dataclass(slots=True)
class GradeReader:
    """Reads grades one by one and remembers what a reader must be told of them.

    Attributes:
        correct_at: From what share on an answer is right; None: only 1 is right, and shares in between are refused.
        partly: Grades that said "partly right".
    """

    correct_at: float | None = None
    partly: int = 0
    _seen: dict[str, int] = field(default_factory=dict)

    def outcome(self, value: object) -> Outcome:
        """The ending that `value` names.

        true, 1, "C" and words like them are correct; false, 0 and "I" incorrect; "N" abstained; null and NaN unscored;
        "P" is half right: incorrect unless `correct_at` is at most 0.5; an object whose fields are the endings of this
        package names the one that is 1.

        Raises:
            GradeError: A share between 0 and 1 without `correct_at`, or something else altogether.
        """
        if value is None or (isinstance(value, float) and math.isnan(value)):
            return Outcome.UNSCORED
        if isinstance(value, Mapping):
            return _named_ending(value)
        if isinstance(value, bool):
            return Outcome.CORRECT if value else Outcome.INCORRECT
        if isinstance(value, int | float):
            return self._share(float(value))
        if isinstance(value, str):
            return self._word(value.strip())
        raise GradeError(f"{kind(value)} says neither right nor wrong")

    def _word(self, text: str) -> Outcome:
        if text.lower() in _PARTLY:
            self.partly += 1
            return Outcome.CORRECT if self.correct_at is not None and self.correct_at <= 0.5 else Outcome.INCORRECT
        if not text:
            return Outcome.UNSCORED
        found = _WORDS.get(text.lower())
        if found is not None:
            return found
        try:
            return self.outcome(float(text))
        except ValueError as error:
            if isinstance(error, GradeError):
                raise
            raise GradeError(f"{shown(text)} says neither right nor wrong") from None

    def _share(self, value: float) -> Outcome:
        if self.correct_at is not None:
            if not 0 <= value <= 1:
                raise GradeError(f"{value:g} is no share of 0 to 1, which --correct-at is a point of")
            return Outcome.CORRECT if value >= self.correct_at else Outcome.INCORRECT
        for outcome, share in _SHARES.items():
            if value == share:
                return outcome
        raise GradeError(
            f"{value:g} is neither right (1) nor wrong (0): say from what value on an answer is right, "
            "for example --correct-at 0.8"
        )

    def remarks(self) -> tuple[str, ...]:
        """What to tell the reader: what became of answers that are partly right."""
        if not self.partly:
            return ()
        right = self.correct_at is not None and self.correct_at <= 0.5
        counted = f"correct (--correct-at {self.correct_at:g})" if right else "incorrect (--correct-at 0.5: correct)"
        return (f"{self.partly} grades say partly right: counted as {counted}",)


def _named_ending(value: Mapping[str, object]) -> Outcome:
    """The ending of the scorer of this package's own Inspect tasks, which gives 1.0 to one of the six."""
    if set(Outcome) <= value.keys():
        named = [outcome for outcome in Outcome if value[outcome] == 1]
        if len(named) == 1:
            return named[0]
    parts = ", ".join(map(str, value))
    raise GradeError(f"the grade has several parts ({shown(parts)}): choose one as --scorer NAME/PART")
