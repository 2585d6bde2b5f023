"""MiniCheck (Tang et al. 2024, arXiv:2404.10774): the Flan-T5 model, and its encoders as cross-encoders."""

from collections.abc import Sequence

from .cross_encoder import CrossEncoderVerifier
from .model_identity import short_name
from .neural_errors import ModelUnavailableError
from .pair_reader import Form, FormedPairs
from .pair_verifier import PairSettings, PairVerifier
from .support_labels import Reading, Role, read_logits
from .text_model import Tokens
from .transformer_models import LoadedModel, ModelSettings, is_seq2seq, load_seq2seq

_PAIRS = PairSettings()
_MODEL = ModelSettings()
_PROMPT = Form("predict: {source}{eos}{claim}")


class MiniCheckVerifier(PairVerifier):
    """An encoder-decoder that answers "predict: SOURCE</s>CLAIM" with "1" (supported) or "0".

    The probability is the share of "1" against "0" in the logits of the first token that the decoder would write;
    nothing is generated. "0" begins with the token of a word's start in T5's vocabulary, and is read so, as the authors
    do (ids 3 and 209 there; here asked of the tokenizer).
    """

    def __init__(self, model: str, *, pairs: PairSettings = _PAIRS, settings: ModelSettings = _MODEL) -> None:
        """Load the model, a name or a folder. Raises like `CrossEncoderVerifier`."""
        loaded = load_seq2seq(model, settings)
        super().__init__(f"minicheck:{short_name(model)}", _FirstTokenReader(loaded, model), pairs, settings.dtype)


def minicheck_verifier(
    model: str, *, pairs: PairSettings = _PAIRS, settings: ModelSettings = _MODEL
) -> MiniCheckVerifier | CrossEncoderVerifier:
    """MiniCheck of either kind, by the configuration of `model`. Raises like `CrossEncoderVerifier`."""
    if is_seq2seq(model, settings):
        return MiniCheckVerifier(model, pairs=pairs, settings=settings)
    return CrossEncoderVerifier(model, family="minicheck", pairs=pairs, settings=settings, kind="minicheck")


class _FirstTokenReader(FormedPairs):
    """Reads "1" against "0" in the first token of the decoder."""

    def __init__(self, model: LoadedModel, name: str) -> None:
        super().__init__(model, _PROMPT)
        self._loaded = model
        self._outputs = [model.first_token("0"), model.first_token("1")]
        config = model.model.config
        start = config.decoder_start_token_id
        self._start = config.pad_token_id if start is None else start
        if self._start is None or len(set(self._outputs)) != 2 or not model.eos:
            raise ModelUnavailableError(
                f"the verifier model '{name}' cannot answer '0' or '1': its vocabulary does not tell them apart, or it "
                "names no token that a decoder starts with or that ends a text"
            )

    def read(self, batch: Sequence[Tokens]) -> list[Reading | None]:
        """The share of "1" against "0"."""
        logits = self._loaded.logits(batch, decoder_input_ids=[[self._start]] * len(batch))
        return read_logits(logits[:, 0, self._outputs], (Role.NEITHER, Role.SUPPORT))
