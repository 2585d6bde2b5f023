"""What an encoder of sentences gives: one vector for the text, and one for each of its content words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32] | NDArray[np.float16]


@dataclass(frozen=True, slots=True, eq=False)
class Encoding:
    """One text, encoded.

    Attributes:
        sentence: Its vector, of length 1, shape (d,).
        words: A vector of length 1 for each token of `retrieval.tokens.token_spans(text)`, in order, shape (n, d).
        rarity: How telling each of those words is, in (0, 1]: 1 for rare words and numbers; shape (n,).
    """

    sentence: "Vectors"
    words: "Vectors"
    rarity: "Vectors"


class Encoder(Protocol):
    """Encodes texts independently of each other, so that an encoding may be remembered by its text."""

    @property
    def name(self) -> str:
        """Short name with a hash of the weights: two encoders of one name give the same vectors."""
        ...

    def encode(self, texts: Sequence[str]) -> list[Encoding]:
        """One encoding a text, in order; the text need not have a word."""
        ...
