"""Which output of a classifier means that the source supports the claim. Read from the model, never assumed."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from .neural_errors import LabelError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Role(StrEnum):
    """What one output of a classifier says of a claim."""

    SUPPORT = "support"
    REFUTE = "refute"
    NEITHER = "neither"


@dataclass(frozen=True, slots=True)
class Reading:
    """Probabilities, in [0, 1], that one stretch of source supports, and that it contradicts, a claim."""

    support: float
    refute: float = 0.0


# Names as models in use have them, without case and signs: MNLI, FEVER, VitaminC, WiCE, fact-checkers, detectors.
_NAMES: dict[Role, str] = {
    Role.SUPPORT: "entailment entails entailed entail supported supports support consistent factual "
    "factuallyconsistent faithful grounded attributable yes true o",
    Role.REFUTE: "contradiction contradicts contradictory refuted refutes refute",
    Role.NEITHER: "neutral notenoughinfo notenoughinformation nei notentailment nonentailment unsupported notsupported "
    "inconsistent hallucinated hallucination unfaithful ungrounded notattributable nonfactual no false",
}
_ROLES = {name: role for role, names in _NAMES.items() for name in names.split()}
_SIGNS = re.compile(r"[\W_]+")
_GENERIC = re.compile(r"(?:label)?\d+")


def roles_of(
    names: Mapping[int, str], *, given: Sequence[str] | None = None, usual: Sequence[str] | None = None, model: str = ""
) -> tuple[Role, ...]:
    """The role of each output, in order.

    Args:
        names: The model's own `config.id2label`.
        given: Names that the user says instead, one per output in order.
        usual: Names that the family of the model is published with; they count only where the model's own names say
            nothing ("LABEL_0").
        model: For the message.

    Raises:
        LabelError: A name is not known, no output or more than one means support, or a single output is not said to
            be one of support (the number of a ranker is not the probability that a claim is supported).
    """
    own = [str(names[i]) for i in sorted(names)]
    chosen = list(given) if given is not None else own
    if given is None and usual is not None and len(usual) == len(own) and all(map(_is_generic, own)):
        chosen = list(usual)
    roles = [_ROLES.get(_plain(name)) for name in chosen]
    if len(chosen) != len(own) or roles.count(Role.SUPPORT) != 1 or None in roles:
        raise LabelError(
            f"which output of the verifier model '{model}' means support cannot be told: its labels are {own}"
            f"{'' if given is None else f', given as {list(given)}'}; say labels=(...) with one name per output in "
            "that order, such as ('supported', 'unsupported') or ('entailment', 'neutral', 'contradiction')"
        )
    return tuple(role for role in roles if role is not None)


def read_logits(logits: "NDArray[np.floating]", roles: Sequence[Role]) -> list[Reading | None]:
    """One reading per row of `logits` (rows, outputs): softmax, or the logistic function of a single output.

    None where a logit is not a finite number: a model that overflows says nothing.

    Raises:
        ValueError: The model has another number of outputs than it has labels.
    """
    import numpy as np

    if logits.ndim != 2 or logits.shape[1] != len(roles):
        raise ValueError(f"the model gave an array of shape {logits.shape} for {len(roles)} labels")
    shares = softmax(np.asarray(logits, dtype=np.float64))
    support, refute = roles.index(Role.SUPPORT), [i for i, role in enumerate(roles) if role is Role.REFUTE]
    return [
        Reading(float(row[support]), float(sum(row[i] for i in refute))) if np.isfinite(row).all() else None
        for row in shares
    ]


def softmax(logits: "NDArray[np.float64]") -> "NDArray[np.float64]":
    """Probabilities over the last axis; a last axis of one holds the logistic function of the logit."""
    import numpy as np

    if logits.shape[-1] == 1:
        logits = np.concatenate([logits, np.zeros_like(logits)], axis=-1)
        return softmax(logits)[..., :1]
    with np.errstate(invalid="ignore", over="ignore"):
        raised = np.exp(logits - logits.max(axis=-1, keepdims=True))
        shares: NDArray[np.float64] = raised / raised.sum(axis=-1, keepdims=True)
    return shares


def _plain(name: str) -> str:
    return _SIGNS.sub("", name.casefold())


def _is_generic(name: str) -> bool:
    return _GENERIC.fullmatch(_plain(name)) is not None
