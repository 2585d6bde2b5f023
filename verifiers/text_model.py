"""What a verifier needs of a loaded model: tokens with their places, and the numbers that it gives for them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Tokens:
    """One input of a model.

    Attributes:
        fields: `input_ids` and whatever else the tokenizer gives, each as long as the input.
        encoding: What the tokenizer knows of the places of the tokens.
    """

    fields: Mapping[str, Sequence[int]]
    encoding: Any

    def __len__(self) -> int:
        return len(self.fields["input_ids"])

    @property
    def offsets(self) -> Sequence[tuple[int, int]]:
        """Place of each token in its own text, code points."""
        offsets: Sequence[tuple[int, int]] = self.encoding.offsets
        return offsets

    @property
    def texts(self) -> Sequence[int | None]:
        """0 or 1, the text that each token is of; None for signs of the tokenizer's own."""
        texts: Sequence[int | None] = self.encoding.sequence_ids
        return texts


class TextModel(Protocol):
    """A model that is loaded and waits; the same input gives the same numbers."""

    @property
    def identity(self) -> str:
        """Libraries and their versions, name, and revision or hash of the files."""
        ...

    @property
    def names(self) -> Mapping[int, str]:
        """Names of the outputs, by index: `config.id2label`."""
        ...

    @property
    def longest(self) -> int:
        """Tokens of the longest input, the tokenizer's own signs included."""
        ...

    @property
    def eos(self) -> str:
        """The sign that ends a text, or parts two; "" where there is none."""
        ...

    def tokens(self, texts: Sequence[str], seconds: Sequence[str] | None = None, *, bare: bool = False) -> list[Tokens]:
        """Each text, or pair of texts, as tokens, never cut; `bare` without the tokenizer's own signs."""
        ...

    def plain(self, text: str) -> str:
        """`text`, of the same length, without anything that the tokenizer would take for a sign of its own."""
        ...

    def logits(self, batch: Sequence[Tokens], **fields: Any) -> "NDArray[np.float32]":
        """The model's outputs for a padded batch; further `fields` go to the model as they are."""
        ...


def without_signs(text: str, signs: re.Pattern[str] | None) -> str:
    """`text` with `signs` ("[SEP]", "</s>") opened by a space in place of their first character, and without lone
    surrogates; the length stays, so offsets do.

    Sources and answers are hostile: a tokenizer that reads "[SEP]" in them as the end of the source lets the source
    speak in the claim's place.
    """
    text = _SURROGATE.sub("\ufffd", text)
    return signs.sub(lambda found: " " + found.group()[1:-1] + " " * (len(found.group()) > 1), text) if signs else text
