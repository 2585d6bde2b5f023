"""The door to sentence-transformers: loads a `CrossEncoder`, on torch or ONNX."""

from typing import Any

from .neural_errors import loading
from .transformer_models import LoadedModel, ModelSettings, check_kind, placed, quiet


def load_cross_encoder(name: str, settings: ModelSettings) -> LoadedModel:
    """A cross-encoder by name or folder: any classifier of texts that was saved with its head.

    Batches do not go through `CrossEncoder.predict`, which takes pairs only (MiniCheck and FactCG read one text) and
    cuts what is too long without a word; they go to the same model through its own tokenizer.

    Raises:
        MissingExtraError: The `neural` extra is not installed, or what the ONNX backend needs.
        ModelUnavailableError, RemoteCodeError: It cannot be loaded, or would run code of its own.
    """
    with loading(name), quiet():
        from sentence_transformers import CrossEncoder

        check_kind(name, settings, "ForSequenceClassification")
        encoder: Any = CrossEncoder(name, device=settings.device, backend=settings.backend, **settings.source())
        if settings.backend == "torch":
            placed(encoder.model, settings)
        return LoadedModel(encoder.model, encoder.tokenizer, name, settings, "sentence-transformers")
