"""Which verifier speaks where nobody chose one."""

from pathlib import Path

from .embedded import EmbeddedVerifier
from .lexical import LexicalVerifier
from .minilm import EncoderMissingError, SentenceEncoder


def default_verifier(weights: str = "", *, folder: str | Path | None = None) -> EmbeddedVerifier | LexicalVerifier:
    """The embedded verifier where the extra `neural` and an encoder's weights are at hand, else the lexical one.

    Nothing heavy is loaded before the first claim. Each verdict names its verifier and version, so that a reader can
    tell which of the two spoke.

    Args:
        weights: Folder or package of the encoder (`minilm.find_weights`).
        folder: Where vectors are kept between processes.

    Raises:
        EncoderMissingError: `weights` are named, and not there.
    """
    try:
        return EmbeddedVerifier(SentenceEncoder(weights), folder=folder)
    except EncoderMissingError:
        if weights:
            raise
        return LexicalVerifier()
