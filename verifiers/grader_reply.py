"""The reply of the grader, read strictly: an unreadable one is no grade, least of all "not attempted".

A search for the first letter A, B or C in a grader's free text reads "CORRECT" as C, not attempted, and
"NOT_ATTEMPTED" as A, correct (openai/simple-evals issue 118). Here the whole reply has to be the grade.
"""

import re
from enum import StrEnum

from .strict_json import ReplyError, plain_reason, read_object, shown


class Grade(StrEnum):
    """The grades of SimpleQA (Wei et al. 2024, arXiv:2411.04368)."""

    CORRECT = "correct"
    INCORRECT = "incorrect"
    NOT_ATTEMPTED = "not_attempted"


_MARKS = " \t\r\n*_`\"'\u2018\u2019\u201c\u201d"
_BARE = re.compile(r"(?:(?:final[ \t])?grade[ \t]?[:=][ \t*_]{0,5})?(correct|incorrect|not[ _-]attempted)\.?", re.I)
_LONGEST_BARE = 60


def read_grade(reply: str) -> tuple[Grade, str]:
    """The grade, and the grader's reason ("" where it gave none).

    Read are the JSON object that was asked for, and a reply that is nothing but one grade spelled out ("CORRECT",
    "Grade: not attempted", "**Incorrect.**"). Letters, sentences and several grades are not.

    Raises:
        ReplyError: Anything else.
    """
    text = reply.strip()
    bare = _BARE.fullmatch(text.strip(_MARKS)) if len(text) <= _LONGEST_BARE else None
    if bare:
        return _grade(bare[1]), ""
    fields = read_object(text)
    grade = fields.get("grade")
    if not isinstance(grade, str) or grade.strip().casefold() not in set(Grade):
        raise ReplyError(f"the reply has no grade, but {shown(str(grade))}")
    return _grade(grade.strip()), plain_reason(fields.get("reason"))


def _grade(word: str) -> Grade:
    return Grade(re.sub("[ -]", "_", word.casefold()))
