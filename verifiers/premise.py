"""Whether an answer rejects what the question supposes, instead of answering it."""

import re

from ..retrieval.sentences import split_sentences
from .folding import fold_signs

_LONGEST = 400  # characters of a sentence that are looked at
_FIRST = 2  # sentences: a rejection comes first
_LEAD = r"^(?:(?:no|actually|in fact|however|note that)[,.:]?\s+)?"
_NOTHING = re.compile(
    _LEAD + r"(?:there (?:is|was|are|were|has been|have been) (?:no|not any)\b|no such\b|(?:nobody|no one|none)\b)",
    re.I,
)
_PREMISE = re.compile(
    r"\b(?:premise|presupposition|assumption|question) (?:of the question |in the question |here )?"
    r"(?:is|was|rests on|assumes|supposes|presupposes)\b.{0,120}"
    r"\b(?:false|incorrect|wrong|mistaken|untrue|not (?:true|correct|accurate|the case)|did not|never)\b",
    re.I | re.S,
)


def rejects_premise(body: str) -> bool:
    """Whether one of the first two sentences denies what the question supposes.

    Deliberately narrow: "There was no dissent", "No such case exists", "The premise is false", "The question assumes
    a dissent, which is incorrect". A denial in other words is not recognised, and counts as an answer.
    """
    for span in split_sentences(body)[:_FIRST]:
        sentence = fold_signs(span.of(body)[:_LONGEST]).strip()
        if _NOTHING.search(sentence) or _PREMISE.search(sentence):
            return True
    return False
