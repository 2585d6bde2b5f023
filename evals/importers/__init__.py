"""Answers recorded elsewhere, one file a source format, all read into RecordedAnswer."""

from .collected import Recorded
from .detect import FORMATS, read_answers
from .recorded import HumanClaim, HumanLabel, RecordedAnswer, RecordedAnswerError
from .rows import to_row

__all__ = [
    "FORMATS",
    "HumanClaim",
    "HumanLabel",
    "Recorded",
    "RecordedAnswer",
    "RecordedAnswerError",
    "read_answers",
    "to_row",
]
