"""The door to transformers and torch: loads models, turns texts into tokens and tokens into numbers."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from .model_identity import identity_of
from .neural_errors import ModelUnavailableError, loading
from .text_model import Tokens, without_signs

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_UNBOUNDED = 2048  # tokens of the longest input of a model without a limit of its own, as MiniCheck and FactCG read it
_AFTER_PADDING = frozenset({"roberta", "xlm-roberta", "camembert", "mpnet", "longformer", "data2vec-text"})
_DTYPES = ("float32", "float16", "bfloat16")


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """How a model is loaded and run.

    Attributes:
        device: "cpu", "cuda", "cuda:1", "mps"; None: the GPU where there is one.
        dtype: "float32", "float16" or "bfloat16". The smaller ones are for GPUs, and change the numbers.
        backend: "torch", or "onnx" for cross-encoders.
        revision: Commit, tag or branch of a model that is downloaded. A commit keeps the numbers what they are.
        local_files_only: Never download.
        trust_remote_code: Whether code that comes with the model may run.
        longest: Tokens of the longest input; None: what the model says.
    """

    device: str | None = None
    dtype: str = "float32"
    backend: str = "torch"
    revision: str | None = None
    local_files_only: bool = False
    trust_remote_code: bool = False
    longest: int | None = None

    def __post_init__(self) -> None:
        if self.dtype not in _DTYPES:
            raise ValueError(f"dtype is one of {', '.join(_DTYPES)}, not {self.dtype!r}")
        if self.backend not in ("torch", "onnx"):
            raise ValueError(f"backend is 'torch' or 'onnx', not {self.backend!r}")
        if self.backend == "onnx" and self.dtype != "float32":
            raise ValueError("the ONNX backend runs the numbers that were exported; leave dtype at 'float32'")

    def source(self) -> dict[str, Any]:
        """What `from_pretrained` is told of where the files come from."""
        return {
            "revision": self.revision,
            "local_files_only": self.local_files_only,
            "trust_remote_code": self.trust_remote_code,
        }


class LoadedModel:
    """A `TextModel` over a transformers model (or what Optimum puts in its place) and its fast tokenizer."""

    def __init__(self, model: Any, tokenizer: Any, name: str, settings: ModelSettings, library: str = "") -> None:
        if not getattr(tokenizer, "is_fast", False):
            raise ModelUnavailableError(
                f"the verifier model '{name}' has no fast tokenizer (tokenizer.json), without which places in the "
                "text are not known; save one beside it with AutoTokenizer.from_pretrained(...).save_pretrained(...)"
            )
        tokenizer.padding_side = "right"  # so that the first token of a row is its first
        self.model = model
        self._tokenizer = tokenizer
        self._name = name
        self._settings = settings
        self.identity = identity_of(name, settings.revision, model.config, library)
        self.longest = settings.longest or _longest(model.config, tokenizer)

    @property
    def names(self) -> Mapping[int, str]:
        """Names of the outputs, by index."""
        return {int(i): str(name) for i, name in self.model.config.id2label.items()}

    @property
    def eos(self) -> str:
        """The sign that ends a text; "" where the tokenizer has none."""
        return str(self._tokenizer.eos_token or self._tokenizer.sep_token or "")

    @cached_property
    def _signs(self) -> re.Pattern[str] | None:
        signs = sorted({str(s) for s in self._tokenizer.all_special_tokens if len(str(s)) > 1}, key=len, reverse=True)
        return re.compile("|".join(map(re.escape, signs))) if signs else None

    def plain(self, text: str) -> str:
        """`text` without special tokens of the tokenizer, of the same length."""
        return without_signs(text, self._signs)

    def tokens(self, texts: Sequence[str], seconds: Sequence[str] | None = None, *, bare: bool = False) -> list[Tokens]:
        """Each text, or pair, as tokens, never cut."""
        if not texts:
            return []
        found = self._tokenizer(
            list(texts),
            None if seconds is None else list(seconds),
            add_special_tokens=not bare,
            padding=False,
            truncation=False,
            verbose=False,
        )
        return [Tokens({k: found[k][i] for k in found}, encoding) for i, encoding in enumerate(found.encodings)]

    def logits(self, batch: Sequence[Tokens], **fields: Any) -> "NDArray[np.float32]":
        """The model's logits for a padded batch; further fields are lists, one row an input."""
        import torch

        padded = self._tokenizer.pad([dict(t.fields) for t in batch], return_tensors="pt", verbose=False)
        padded.update({name: torch.tensor(rows) for name, rows in fields.items()})
        device = self.model.device
        with torch.inference_mode():
            found = self.model(**{k: v.to(device) for k, v in padded.items()}).logits
        array: NDArray[np.float32] = found.float().cpu().numpy()
        return array

    def first_token(self, text: str) -> int:
        """The first token of `text`, as a decoder would write it."""
        return int(self.tokens([text], bare=True)[0].fields["input_ids"][0])


def load_seq2seq(name: str, settings: ModelSettings) -> LoadedModel:
    """An encoder-decoder, by name or folder. Raises what `loading` raises."""
    return _load(name, settings, lambda library: library.AutoModelForSeq2SeqLM, "ForConditionalGeneration")


def load_token_classifier(name: str, settings: ModelSettings) -> LoadedModel:
    """A classifier of tokens, by name or folder. Raises what `loading` raises."""
    return _load(name, settings, lambda library: library.AutoModelForTokenClassification, "ForTokenClassification")


def is_seq2seq(name: str, settings: ModelSettings) -> bool:
    """Whether the model is an encoder-decoder, by its configuration. Raises what `loading` raises."""
    with loading(name):
        import transformers

        return bool(transformers.AutoConfig.from_pretrained(name, **settings.source()).is_encoder_decoder)


def load_remote_classifier(name: str, settings: ModelSettings) -> tuple[LoadedModel, Callable[..., Any]]:
    """A classifier that brings its own code, and the `predict` of that code. Raises what `loading` raises.

    Its tokenizer is its own, else that of the model that its configuration names as its foundation, else by its name.
    """
    with loading(name), quiet():
        import transformers

        model = transformers.AutoModelForSequenceClassification.from_pretrained(name, **settings.source())
        placed(model, settings)
        # "tokenzier" is how the published code of HHEM-2.1 spells it
        own = getattr(model, "tokenizer", None) or getattr(model, "tokenzier", None)
        beside = {"revision": settings.revision, "local_files_only": settings.local_files_only}
        foundation = getattr(model.config, "foundation", None)
        if own is None:
            where = {"local_files_only": settings.local_files_only} if foundation else beside
            own = transformers.AutoTokenizer.from_pretrained(foundation or name, **where)
        if not callable(getattr(model, "predict", None)):
            raise ModelUnavailableError(f"the verifier model '{name}' has no method 'predict', as HHEM-2.1 has")
        return LoadedModel(model, own, name, settings), model.predict


def check_kind(name: str, settings: ModelSettings, kind: str) -> None:
    """See that the model was saved as one of `kind`: a head that its files lack would be made of random numbers.

    Raises:
        ModelUnavailableError: It was saved as something else, or does not say as what.
    """
    import transformers

    saved = transformers.AutoConfig.from_pretrained(name, **settings.source()).architectures or []
    if not any(architecture.endswith(kind) for architecture in saved):
        raise ModelUnavailableError(
            f"the verifier model '{name}' was saved as {' and '.join(saved) or 'nobody knows what'}; a model that ends "
            f"in '{kind}' is needed here"
        )


def _load(name: str, settings: ModelSettings, auto: Callable[[Any], Any], kind: str) -> LoadedModel:
    with loading(name), quiet():
        import transformers

        check_kind(name, settings, kind)
        tokenizer = transformers.AutoTokenizer.from_pretrained(name, **settings.source())
        model = auto(transformers).from_pretrained(name, **settings.source())
        placed(model, settings)
        return LoadedModel(model, tokenizer, name, settings)


def placed(model: Any, settings: ModelSettings) -> None:
    """Put `model` on its device, in its type of numbers, ready to judge and not to learn."""
    import torch

    model.to(device=settings.device or _best_device(), dtype=getattr(torch, settings.dtype))
    model.eval()


def _best_device() -> str:
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


@contextmanager
def quiet() -> Iterator[None]:
    """No progress bars on stderr while weights are read."""
    from transformers.utils import logging

    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()


def _longest(config: Any, tokenizer: Any) -> int:
    """Tokens of the longest input. Models with relative positions (T5, DeBERTa-v3) have no limit of their own."""
    positions = getattr(config, "max_position_embeddings", None)
    if not positions or getattr(config, "position_biased_input", True) is False:
        return _UNBOUNDED
    if config.model_type in _AFTER_PADDING:  # positions are counted from the one after the padding token
        positions -= (config.pad_token_id or 0) + 1
    return int(min(positions, tokenizer.model_max_length))
