"""What a parser gives, what it refuses, and how much it may take."""

from dataclasses import dataclass

from ..places import Place

PARSERS_VERSION = "1"
"""Changes whenever the same file may give another text."""


class UnreadableError(ValueError):
    """A file that cannot be read; the message says why and what to do, without its name."""


class MissingParserError(ValueError):
    """A library is not installed; the message names the extra to install."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """The text of one file.

    Attributes:
        text: For text and Markdown the file itself, character for character; else what was taken out of it.
        sections: Where sections begin in `text`, in order.
        places: In order of `start`; empty where offsets in `text` are those in the file.
    """

    text: str
    title: str = ""
    sections: tuple[int, ...] = ()
    places: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may take; beyond it the file is named and skipped.

    Attributes:
        file_bytes: Size of a file that is parsed as a whole. JSONL is read line by line and has no limit.
        line_bytes: Size of one line of JSONL.
        unpacked_bytes: What a zipped file may unpack to.
        seconds: Time to parse one file.
        memory_bytes: Address space of the process that parses it, where the system can limit that.
    """

    file_bytes: int = 64 * 2**20
    line_bytes: int = 16 * 2**20
    unpacked_bytes: int = 256 * 2**20
    seconds: float = 60.0
    memory_bytes: int = 2 * 2**30
