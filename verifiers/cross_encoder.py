"""Claims judged by a cross-encoder: NLI models, MiniCheck (RoBERTa, DeBERTa), FactCG, HHEM-1, VitaminC."""

from collections.abc import Sequence

from .cross_encoder_models import load_cross_encoder
from .model_identity import short_name
from .pair_reader import ClassifierReader, form_of
from .pair_verifier import PairSettings, PairVerifier
from .support_labels import roles_of
from .transformer_models import ModelSettings

_PAIRS = PairSettings()
_MODEL = ModelSettings()


class CrossEncoderVerifier(PairVerifier):
    """A verifier over any classifier of text pairs that sentence-transformers' `CrossEncoder` loads.

    Three labels: entailment, contradiction and neutral become SUPPORTED, REFUTED and NOT_ENOUGH_INFO. Two labels or
    one logit: SUPPORTED and NOT_ENOUGH_INFO. Which output is which is read from `config.id2label`; where that says
    nothing ("LABEL_0") a known family or `labels` must, so that no order is ever assumed.
    """

    def __init__(
        self,
        model: str,
        *,
        family: str | None = None,
        labels: Sequence[str] | None = None,
        pairs: PairSettings = _PAIRS,
        settings: ModelSettings = _MODEL,
        kind: str = "cross-encoder",
    ) -> None:
        """Load the model.

        Args:
            model: Name on the Hugging Face hub, or a folder. Named models are downloaded on first use.
            family: "nli", "minicheck", "factcg", "hhem" or "vitaminc": the form of the input. None: by the name of the
                model, else "nli" (source first, then claim).
            labels: Names of the outputs in their order, where the model does not say, or says it wrongly.
            pairs: Threshold, windows and batches.
            settings: Device, type of numbers, backend, revision.
            kind: First part of the verifier's name.

        Raises:
            ValueError: No such family; the labels do not say which output is support (`LabelError`); an extra is
                missing (`MissingExtraError`); the model would run code of its own (`RemoteCodeError`).
            ModelUnavailableError: The model cannot be loaded.
        """
        form = form_of(short_name(model), family)
        loaded = load_cross_encoder(model, settings)
        roles = roles_of(loaded.names, given=labels, usual=form.labels or None, model=model)
        note = f"{settings.backend} {settings.dtype}" + (f", labels {','.join(labels)}" if labels else "")
        super().__init__(f"{kind}:{short_name(model)}", ClassifierReader(loaded, form, roles), pairs, note)
