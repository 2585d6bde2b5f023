"""Where an offset of a document's text stands in the file that it was taken from."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """From offset `start` of the text on, where it stands in the original: "page 3", "paragraph 12", "character 88"."""

    start: int
    label: str


def exact_place(places: Sequence[Place], offset: int) -> str:
    """Where `offset` stands in the original, e.g. "page 3"; "" where that is not known.

    Of characters the exact one: within a stretch the source runs on as the text does.

    Args:
        places: In order of `start`.
    """
    at = bisect_right([place.start for place in places], offset) - 1
    if at < 0:
        return ""
    kind, _, number = places[at].label.partition(" ")
    if kind == "character" and number.isdigit():
        return f"character {int(number) + offset - places[at].start}"
    return places[at].label
