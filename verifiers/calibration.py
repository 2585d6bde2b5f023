"""The fitted part of the embedded verifier: the head for claims, that for answers, and the thresholds."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files
from math import log
from typing import Any

from .embedded_features import FALLING, FREE, RISING
from .monotone import Head, head_from, head_json, logistic

DIRECTIONS = {**dict.fromkeys(RISING, 1), **dict.fromkeys(FALLING, -1), **dict.fromkeys(FREE, 0)}
_LEAST = 1e-3  # probabilities of claims are moved into [_LEAST, 1 - _LEAST] before they are combined


@dataclass(frozen=True, slots=True)
class AnswerHead:
    """P(every claim is supported) = logistic(bias + lowest * logit(min p) + joint * sum of ln p).

    Were claims right or wrong independently of each other, the sum alone would do; they are not.

    Attributes:
        lowest, joint: At least 0.
    """

    bias: float = 0.0
    lowest: float = 1.0
    joint: float = 0.0

    def probability(self, claims: Sequence[float]) -> float:
        """In (0, 1) from the probabilities of the claims; 1 where there is none."""
        if not claims:
            return 1.0
        lowest, joint = answer_features(claims)
        return logistic(self.bias + self.lowest * lowest + self.joint * joint)


@dataclass(frozen=True, slots=True)
class Calibration:
    """All that was fitted.

    Attributes:
        threshold: A claim is SUPPORTED from this probability on.
        span_threshold: Below it, a claim is marked as unsupported in the answer.
        answer_threshold: Below it, an answer is called unsupported.
        provenance: Sets, sizes, figures, licences: for people, not read by anything.
    """

    head: Head
    answer: AnswerHead
    threshold: float
    span_threshold: float
    answer_threshold: float
    provenance: Mapping[str, Any] = field(default_factory=dict, compare=False)

    @property
    def digest(self) -> str:
        """Twelve hexadecimal digits that change with any number."""
        return sha256(json.dumps(_numbers(self), sort_keys=True).encode()).hexdigest()[:12]


def answer_features(claims: Sequence[float]) -> tuple[float, float]:
    """logit of the lowest probability, and the sum of the logarithms of all."""
    moved = [min(1 - _LEAST, max(_LEAST, p)) for p in claims]
    low = min(moved)
    return log(low / (1 - low)), sum(log(p) for p in moved)


def calibration_json(calibration: Calibration) -> str:
    """The file's text: a curve a line."""
    numbers = _numbers(calibration)
    curves = ",\n".join("      " + json.dumps(curve) for curve in numbers["head"]["curves"])
    numbers["head"]["curves"] = []
    text = json.dumps({"provenance": dict(calibration.provenance), **numbers}, indent=2, ensure_ascii=False)
    return text.replace('"curves": []', f'"curves": [\n{curves}\n    ]') + "\n"


def calibration_from(text: str) -> Calibration:
    """A calibration from its file's text.

    Raises:
        ValueError: The text is none, or names other features than this version of vcpd computes.
    """
    try:
        read = json.loads(text)
        head = head_from(read["head"])
        answer = AnswerHead(**{name: float(value) for name, value in read["answer"].items()})
        cuts = {name: float(read[name]) for name in ("threshold", "span_threshold", "answer_threshold")}
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"not a calibration of the embedded verifier: {error!r}") from error
    if tuple(c.feature for c in head.curves) != tuple(DIRECTIONS):
        raise ValueError(
            "this calibration was fitted on other features: train again with python -m vcpd.evals.train_verifier"
        )
    return Calibration(head, answer, **cuts, provenance=read.get("provenance", {}))


@lru_cache(maxsize=1)
def bundled() -> Calibration:
    """That of `calibrated.json`."""
    return calibration_from(files(__package__).joinpath("calibrated.json").read_text(encoding="utf-8"))


def _numbers(c: Calibration) -> dict[str, Any]:
    return {
        "threshold": round(c.threshold, 4),
        "span_threshold": round(c.span_threshold, 4),
        "answer_threshold": round(c.answer_threshold, 4),
        "answer": {name: round(getattr(c.answer, name), 4) for name in ("bias", "lowest", "joint")},
        "head": head_json(c.head),
    }
