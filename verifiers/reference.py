"""The rule-based grader: a free-text answer against gold answers."""

import re
from collections.abc import Sequence

from .grading_tokens import BOUNDARY, Token, grading_tokens


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_YES = frozenset({"yes", "yeah", "yep", "true", "correct", "affirmative"})
_NO = frozenset({"no", "nope", "false", "incorrect", "negative"})
_POLARITY = re.compile(
    r"[\W_]*(?:(?:short |final |the )?answer(?: is)?[\W_]*)?(yes|yeah|yep|true|correct|affirmative|nope|"
    r"no(?!\.?\s?\d)|false|incorrect|negative)\b(?!-)",
    re.IGNORECASE,
)
_LATER = re.compile(
    r"\banswer(?: to [^.?!\n]{1,200})?(?: is|:)[\W_]{1,6}(yes|no|true|false)\b|\b(yes|no)[.!*\"')]*\s*\Z", re.IGNORECASE
)
_CUES = _words("not never no neither nor without cannot isnt wasnt arent werent doesnt didnt hasnt incorrect wrong")
_TURNS = {("rather", "than"), ("instead", "of"), ("instead",), ("as", "opposed", "to"), ("unlike",), ("contrary", "to")}
# "not only", "no doubt": what follows is asserted.
_ASSERTING = _words("only until just merely simply later earlier more less fewer sooner doubt limited exceed to")
# "sixty (60) days": how lawyers write a number
_DOUBLED = re.compile(
    r"\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w{3,5}teen|\w{3,5}ty(?:-\w{3,5})?|hundred|"
    r"thousand)\s\((\d[\d,]{0,12})\)",
    re.IGNORECASE,
)
# "not take more than 20 mg", "not before 5 weeks": the limit itself is asserted
_LIMITS = _words("than until till before within above below over under beyond exceed exceeding unless except")
_REACH = 5  # tokens that a negation governs
_DENIED = frozenset({"incorrect", "wrong", "false"})


def grade_reference(answer_body: str, targets: Sequence[str], wrong: Sequence[str] = ()) -> bool | None:
    """Whether `answer_body` gives one of `targets`, by rule.

    Right where a target occurs as a sequence of whole tokens after normalisation (case, accents, punctuation, articles;
    numbers, units, dates and ordinals by value), is not negated, and no answer known to be wrong is asserted beside
    it. Numbers never match inside longer numbers. Targets "yes" and "no" are compared with the polarity with which
    the answer begins. An empty answer is never right.

    Args:
        answer_body: The answer without its protocol lines.
        targets: Gold answers, any of which is right.
        wrong: Typical wrong answers, e.g. the rule of the dissent, the dose of another drug.

    Returns:
        True or False; None where there are no targets, so that nothing can be said.
    """
    if not [t for t in targets if t.strip()]:
        return None
    if not any(c.isalnum() for c in answer_body):
        return False
    polarities = {p for t in targets if (p := _as_polarity(t))}
    if polarities and polarities == {_as_polarity(t) for t in targets}:
        return _polarity(answer_body) in polarities
    answer = grading_tokens(_DOUBLED.sub(r"\1", answer_body))
    right = [s for t in targets for s in _asserted(answer, grading_tokens(t))]
    false = [s for t in wrong for s in _asserted(answer, grading_tokens(t))]
    right_kept = [r for r in right if not any(_inside(r, f) and r != f for f in false)]
    false_kept = [f for f in false if not any(_inside(f, r) for r in right_kept)]
    return bool(right_kept) and not false_kept


def _as_polarity(target: str) -> str:
    word = target.strip().strip(".!\"'").casefold()
    return "yes" if word in _YES else "no" if word in _NO else ""


def _polarity(body: str) -> str:
    found = _POLARITY.match(body[:400]) or _LATER.search(body[:20_000])
    word = next((g for g in found.groups() if g), "").casefold() if found else ""
    return "yes" if word in _YES else "no" if word in _NO else ""


def _asserted(answer: Sequence[Token], target: Sequence[Token]) -> list[tuple[int, int]]:
    """Where `target` occurs in `answer` without being negated, as (first token, token after the last)."""
    wanted = [t for t in target if t.key != BOUNDARY]
    if not wanted:
        return []
    words = [(i, t) for i, t in enumerate(answer) if t.key != BOUNDARY]
    places = [i for i, (_, t) in enumerate(words) if _same(t, wanted[0], alone=len(words) == len(wanted))]
    found = []
    for at in places:
        stretch = words[at : at + len(wanted)]
        alone = len(words) == len(wanted)
        if len(stretch) == len(wanted) and all(
            _same(a, w, alone=alone) for (_, a), w in zip(stretch, wanted, strict=True)
        ):
            start, end = stretch[0][0], stretch[-1][0] + 1
            if not _negated(answer, start, end):
                found.append((start, end))
    return found


def _same(token: Token, wanted: Token, *, alone: bool) -> bool:
    """Equal, or the wanted bare number with a unit after it; a bare answer also stands for a number with its unit."""
    if token.key == wanted.key:
        return True
    return (wanted.key.startswith("n") and token.raw == wanted.key) or (
        alone and bool(wanted.raw) and token.key == wanted.raw
    )


def _negated(answer: Sequence[Token], start: int, end: int) -> bool:
    before: list[Token] = []
    for token in reversed(answer[max(0, start - _REACH) : start]):
        if token.key == BOUNDARY or token.key in ("but", "however"):
            break
        before.insert(0, token)
    keys = [t.key for t in before]
    for i, word in enumerate(keys):
        if word in _CUES or word.endswith("n't"):
            following = (before + list(answer[start : start + 1]))[i + 1]
            numbered = word == "no" and bool(following.raw)  # "No 1", "No. 2": a number of a series
            limited = not _LIMITS.isdisjoint(keys[i + 1 :])
            if following.key not in _ASSERTING and not numbered and not limited:
                return True
        if any(tuple(keys[i : i + len(turn)]) == turn for turn in _TURNS):
            return True
    after = [t.key for t in answer[end : end + 3]]
    return (
        len(after) > 1
        and after[0] in ("is", "was", "would")
        and (after[1] in _DENIED or after[1:] in (["not", "correct"], ["not", "right"]))
    )


def _inside(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return other[0] <= one[0] and one[1] <= other[1]
