"""HHEM-2.1-Open (Vectara, Apache-2.0): a classifier that brings its own code, which is off unless allowed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .model_identity import short_name
from .neural_errors import REMOTE_CODE, RemoteCodeError
from .pair_reader import Form, FormedPairs
from .pair_verifier import PairSettings, PairVerifier
from .support_labels import Reading
from .transformer_models import LoadedModel, ModelSettings, load_remote_classifier

_PAIRS = PairSettings()
_MODEL = ModelSettings()


class HhemVerifier(PairVerifier):
    """A verifier over a model whose own method `predict` gives P(consistent) for (source, claim) pairs.

    `trust_remote_code=True` lets code that is downloaded with the model run on this machine with your rights: it can
    read your files and use your network. Pin it with `ModelSettings(revision=COMMIT)`. The code of HHEM-2.1-Open was
    written for transformers 4 and does not load under 5; the message then says what failed. HHEM-1 has no code of its
    own: take it as "cross-encoder:...".
    """

    def __init__(
        self,
        model: str = "vectara/hallucination_evaluation_model",
        *,
        trust_remote_code: bool = False,
        pairs: PairSettings = _PAIRS,
        settings: ModelSettings = _MODEL,
    ) -> None:
        """Load the model, a name or a folder.

        Raises:
            RemoteCodeError: `trust_remote_code` is not True; nothing was loaded.
            ModelUnavailableError, MissingExtraError: As for `CrossEncoderVerifier`.
        """
        if trust_remote_code is not True:
            raise RemoteCodeError(f"the verifier model '{model}' is not loaded. {REMOTE_CODE}")
        loaded, predict = load_remote_classifier(model, replace(settings, trust_remote_code=True))
        note = f"{settings.dtype}, code of its own"
        super().__init__(f"hhem:{short_name(model)}", _PredictReader(loaded, predict), pairs, note)


@dataclass(frozen=True, slots=True)
class _Texts:
    """A pair as text, because `predict` makes its own tokens of it, and how many they are."""

    source: str
    claim: str
    length: int

    def __len__(self) -> int:
        return self.length


class _PredictReader:
    """Reads pairs through the model's own `predict`, which has its own prompt."""

    def __init__(self, model: LoadedModel, predict: Callable[[list[tuple[str, str]]], Any]) -> None:
        prompt = str(getattr(model.model, "prompt", "") or "").replace("{text1}", "{source}")
        self._counted = FormedPairs(model, Form(prompt.replace("{text2}", "{claim}")))
        self._plain = model.plain
        self._predict = predict
        self.identity = model.identity
        self.longest = model.longest
        self.places = self._counted.places

    def tokens(self, pairs: Sequence[tuple[str, str]]) -> list[_Texts]:
        """The pairs, with the number of tokens of each."""
        lengths = [len(tokens) for tokens in self._counted.tokens(pairs)]
        return [
            _Texts(self._plain(source), self._plain(claim), n)
            for (source, claim), n in zip(pairs, lengths, strict=True)
        ]

    def read(self, batch: Sequence[_Texts]) -> list[Reading | None]:
        """P(consistent) of each; None where it is no probability."""
        found = [float(p) for p in self._predict([(t.source, t.claim) for t in batch])]
        return [Reading(p) if 0 <= p <= 1 else None for p in found]
