"""A verifier's probabilities made to fit another kind of answers, on a hundred or so of its own labelled claims."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import exp, log
from typing import TYPE_CHECKING

from ..retrieval.passages import Passage
from ..scoring.estimate import InsufficientDataError
from .labelled import LabelledClaim
from .verdict import Claim, Failure, Verdict, Verifier

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

FEWEST_LABELS = 20
_LEAST = 1e-4  # probabilities are moved into [_LEAST, 1 - _LEAST]
_PRIOR_SLOPE = 1.0
_PRIOR_WEIGHT = 2.0  # labels' worth of belief that the slope is right already


@dataclass(frozen=True, slots=True)
class LogitLine:
    """p -> logistic(intercept + slope * logit(p)): Platt 1999 on the logit; the slope is never below 0."""

    intercept: float = 0.0
    slope: float = 1.0

    def __call__(self, probability: float) -> float:
        """In (0, 1); never changes the order of two probabilities."""
        z = self.intercept + self.slope * _logit(probability)
        return 1 / (1 + exp(-max(-30.0, min(30.0, z))))


def fit_line(probabilities: Sequence[float], supported: Sequence[bool]) -> LogitLine:
    """The line most likely to give the labels, its slope drawn a little towards 1.

    Labels are smoothed as Platt did, so that a class without errors stays finite.

    Raises:
        InsufficientDataError: Fewer than FEWEST_LABELS labels, or all the same. ValueError: Lengths differ.
    """
    import numpy as np
    from scipy.optimize import minimize

    if len(probabilities) != len(supported):
        raise ValueError(f"a label for each probability: got {len(supported)} for {len(probabilities)}")
    good = sum(supported)
    if len(supported) < FEWEST_LABELS or good in (0, len(supported)):
        raise InsufficientDataError(
            f"recalibration takes {FEWEST_LABELS} labelled claims or more of both kinds; "
            f"there are {good} supported and {len(supported) - good} unsupported ones"
        )
    x = np.array([_logit(p) for p in probabilities])
    high, low = (good + 1) / (good + 2), 1 / (len(supported) - good + 2)
    y = np.where(np.array(supported, bool), high, low)

    def loss(t: "Floats") -> "tuple[float, Floats]":
        z = t[0] + t[1] * x
        residual, pull = 1 / (1 + np.exp(-np.clip(z, -30, 30))) - y, _PRIOR_WEIGHT * (t[1] - _PRIOR_SLOPE)
        value = float(np.sum(np.logaddexp(0, z) - y * z) + pull * (t[1] - _PRIOR_SLOPE) / 2)
        return value, np.array([residual.sum(), residual @ x + pull])

    best = minimize(loss, np.array([0.0, 1.0]), jac=True, bounds=[(None, None), (0.0, None)], method="L-BFGS-B").x
    return LogitLine(float(best[0]), float(best[1]))


class RecalibratedVerifier:
    """Another verifier with its probabilities moved along a line; labels, evidence and marked stretches stay.

    SUPPORTED then means "from the verifier's own threshold on, before the move": the order of claims is the same, so
    the same claims pass, and only what the probability says changes.
    """

    def __init__(self, verifier: Verifier, line: LogitLine) -> None:
        """Over `verifier`, with the `line` that `fit_line` gave."""
        self.verifier, self.line = verifier, line

    @property
    def name(self) -> str:
        """That of the verifier below."""
        return self.verifier.name

    @property
    def version(self) -> str:
        """That of the verifier below, with the line."""
        return f"{self.verifier.version}+line({self.line.intercept:.4g},{self.line.slope:.4g})"

    def verify(self, pairs: Sequence[tuple[Claim, Sequence[Passage]]]) -> list[Verdict | Failure]:
        """One verdict per pair, in order. Probability 0 (no text to compare) stays 0."""
        return [r if isinstance(r, Failure) else self._moved(r) for r in self.verifier.verify(pairs)]

    def _moved(self, verdict: Verdict) -> Verdict:
        p = self.line(verdict.probability) if verdict.probability > 0 else 0.0
        return replace(verdict, probability=p, version=self.version)


def recalibrated(verifier: Verifier, labels: Sequence[tuple[LabelledClaim, Sequence[Passage]]]) -> RecalibratedVerifier:
    """`verifier` with a line fitted on its verdicts on `labels`; claims on which it fails are left out.

    Raises:
        InsufficientDataError: Fewer than FEWEST_LABELS verdicts, or labels of one kind only.
    """
    results = verifier.verify([(c.claim, passages) for c, passages in labels])
    rows = [(r.probability, c.supported) for r, (c, _) in zip(results, labels, strict=True) if isinstance(r, Verdict)]
    return RecalibratedVerifier(verifier, fit_line([p for p, _ in rows], [s for _, s in rows]))


def _logit(p: float) -> float:
    p = min(1 - _LEAST, max(_LEAST, p))
    return log(p / (1 - p))
