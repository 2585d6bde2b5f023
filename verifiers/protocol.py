"""The lines of the answer protocol: what the model was asked to write beside its answer."""

import re
from dataclasses import dataclass

from ..retrieval.passages import Span

_CONFIDENCE = re.compile(
    r"(?:^|(?<=[.!?\])*] ))[ \t>*_#-]{0,10}confidence(?:[ \t]{1,3}(?:level|score|"
    r"estimate))?[*_ \t]{0,5}[:=][*_ \t~≈]{0,8}"
    r"(?P<number>-?\d{1,6}(?:[.,]\d{1,10})?)(?P<percent>[ \t]{0,3}(?:%|percent\b|/[ \t]?100\b))?"
    r"(?:[ \t]?\([^()\n]{1,40}\))?[*_. \t\r]{0,8}$",
    re.IGNORECASE | re.MULTILINE,
)
_CHOICE = re.compile(
    r"[\s*_>#-]{0,10}(?i:(?:the )?(?:final |correct )?answer)[*_ \t]{0,5}(?::|(?i:is))"
    r"[*_\s]{0,8}\(?[A-Z]\)?[*_.\s]{0,8}"
)


@dataclass(frozen=True, slots=True)
class ProtocolAnswer:
    """An answer apart from its protocol lines.

    Attributes:
        body: The answer proper, without surrounding white space; `body == body_span.of(answer)`, always.
        confidence: Stated probability of being right, in [0, 1]; None where none was stated or it is out of range.
    """

    body: str
    body_span: Span
    confidence: float | None


def strip_protocol(answer: str) -> ProtocolAnswer:
    """Read the line `Confidence: NN%` and set it apart from the answer.

    The line may come first or last, or end the last line; what lies between the confidence lines at either end is the
    body, so offsets into the body are offsets into the answer, moved by `body_span.start`. Of several lines the last
    one counts. "80%", "80 percent", "80/100" and "0.8" are all read as 0.8; a bare number above 1 is a percentage, and
    "1" is 1.0. Out of [0, 1] the confidence is None. A confidence line in the middle of the text stays in the body.
    """
    lines = list(_CONFIDENCE.finditer(answer))
    start, end = 0, len(answer)
    for line in lines:
        if answer[start : line.start()].strip():
            break
        start = line.end()
    for line in reversed(lines):
        if line.start() < start or answer[line.end() : end].strip():
            break
        end = line.start()
    body = answer[start:end]
    start += len(body) - len(body.lstrip())
    body = body.strip()
    return ProtocolAnswer(body, Span(start, start + len(body)), _probability(lines[-1]) if lines else None)


def is_protocol_line(text: str) -> bool:
    """Whether `text`, a line or a sentence, is nothing but a confidence line."""
    return _CONFIDENCE.fullmatch(text.strip()) is not None


def protocol_lines(text: str) -> list[Span]:
    """Places of the confidence lines in `text`, in order."""
    return [Span(*found.span()) for found in _CONFIDENCE.finditer(text)]


def is_choice_line(text: str) -> bool:
    """Whether `text` is nothing but the letter of a choice, as in "Answer: B"."""
    return _CHOICE.fullmatch(text) is not None


def _probability(line: re.Match[str]) -> float | None:
    number = float(line["number"].replace(",", "."))
    value = number / 100 if line["percent"] or number > 1 else number
    return value if 0 <= value <= 1 else None
