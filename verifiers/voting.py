"""Several samples of one judgement, and what they agree on."""

from collections import Counter
from collections.abc import Hashable, Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T", bound=Hashable)


def majority(votes: Sequence[T | None]) -> T | None:
    """What more than half of ALL samples say; None where nothing has that many. A failed sample (None) is no vote,
    but counts among all: two failures and one "supported" support nothing.
    """
    said = Counter(vote for vote in votes if vote is not None)
    for vote, n in said.items():
        if 2 * n > len(votes):
            return vote
    return None


def tally(votes: Sequence[Hashable | None]) -> str:
    """The votes in words, most frequent first: "2 supported, 1 unusable"."""
    counted = Counter("unusable" if vote is None else str(vote).replace("_", " ") for vote in votes)
    return ", ".join(f"{n} {name}" for name, n in counted.most_common())


def order(n: int, sample: int, seed: str) -> list[int]:
    """In which order `n` things are shown in a sample: as given in sample 0, shuffled by `seed` in later ones.

    Models prefer what stands first or last (Zheng et al. 2023, arXiv:2306.05685); over samples that evens out.
    """
    places = list(range(n))
    if sample:
        Random(f"{seed}:{sample}").shuffle(places)
    return places
