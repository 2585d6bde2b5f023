"""Token counts for recorded answers that carry none; only when asked, and marked wherever they are used."""

import os
from dataclasses import dataclass
from importlib.util import find_spec
from math import ceil
from pathlib import Path
from typing import Any

from ..scoring.usage import Usage

_ENCODINGS = ("o200k_base", "cl100k_base")
NAMES = ("chars4", *_ENCODINGS)


class TokenCounterError(ValueError):
    """No such way of counting tokens."""


@dataclass(frozen=True, slots=True)
class TokenCounter:
    """Counts tokens of visible text: a quarter of the characters, or a tiktoken encoding read from disk."""

    name: str
    encoding: Any = None

    def __call__(self, text: str) -> int:
        """Tokens of `text`, 0 for none."""
        if self.encoding is None:
            return ceil(len(text) / 4)
        return len(self.encoding.encode(text, disallowed_special=()))

    def usage(self, model: str, answer: str) -> Usage:
        """A meter reading with output alone: what was sent to the model is not known."""
        return Usage("generate", model, output_tokens=self(answer), requests=1)


def token_counter(name: str) -> TokenCounter:
    """A counter by name: "chars4", "o200k_base" or "cl100k_base".

    The encodings come from the files that litellm packages; nothing is downloaded.

    Raises:
        TokenCounterError: Another name.
    """
    if name not in NAMES:
        raise TokenCounterError(f"'{name}' is no way to count tokens; known are {', '.join(NAMES)}")
    if name == "chars4":
        return TokenCounter(name)
    spec = find_spec("litellm")
    folder = Path(str(spec.origin)).parent / "litellm_core_utils" / "tokenizers" if spec else Path()
    os.environ.setdefault("TIKTOKEN_CACHE_DIR", str(folder))
    import tiktoken

    return TokenCounter(name, tiktoken.get_encoding(name))
