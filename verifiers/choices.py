"""The letter that a multiple-choice answer settles on."""

import re
from collections.abc import Sequence

_DEFAULT_LETTERS = 10
MOST_CHOICES = 26
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def extract_choice(answer: str, n_choices: int) -> str | None:
    """The chosen letter, by the first rule that applies.

    1. the FIRST "answer is (X)", parentheses optional; 2. else the LAST "Answer: X"; 3. else the LAST capital among
    the letters that stands alone. This is the rule of MMLU-Pro (Wang et al. 2024, arXiv:2406.01574).

    Args:
        answer: What the model wrote. Time is linear in its length.
        n_choices: Number of choices, at least 1.

    Returns:
        A letter, or None where the answer names none. Letters are those of MMLU-Pro, A to J, and as many more as
        there are choices: a letter beyond the last choice is a wrong answer, not a missing one.

    Raises:
        ValueError: `n_choices` is not in 1..26.
    """
    if not 1 <= n_choices <= MOST_CHOICES:
        raise ValueError(f"a question has between 1 and {MOST_CHOICES} lettered choices, not {n_choices}")
    letters = f"[A-{_ALPHABET[max(n_choices, _DEFAULT_LETTERS) - 1]}]"
    stated = re.search(rf"answer is \(?({letters})", answer)
    if stated:
        return stated.group(1)
    return _last(rf"[aA]nswer:\s*({letters})", answer) or _last(rf"\b({letters})\b", answer)


def choice_letters(targets: Sequence[str], choices: Sequence[str]) -> tuple[str, ...]:
    """The targets of a multiple-choice question as letters: "B", "(B)", "b." or the text of the choice.

    Raises:
        ValueError: There are more than 26 choices, or a target is neither a letter nor the text of a choice.
    """
    if len(choices) > MOST_CHOICES:
        raise ValueError(f"has {len(choices)} choices; at most {MOST_CHOICES} can be lettered")
    letters = _ALPHABET[: len(choices)]
    texts = {_plain(choice): letter for choice, letter in zip(choices, letters, strict=True)}
    found = []
    for target in targets:
        bare = target.strip().strip("().:").strip()
        letter = bare if bare in tuple(letters) else texts.get(_plain(target)) or bare.upper()
        if letter not in tuple(letters):
            raise ValueError(f"{target[:60]!r} is no choice: give a letter from A to {letters[-1]} or a choice's text")
        found.append(letter)
    return tuple(dict.fromkeys(found))


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _last(pattern: str, text: str) -> str | None:
    found = None
    for match in re.finditer(pattern, text):
        found = match.group(1)
    return found
