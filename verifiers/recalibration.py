"""A verifier's probabilities made to fit another kind of answers, on a hundred or so labelled claims of that kind."""

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
_OFFSET, _STRETCH = 0.3, 0.2  # half of all verifiers are thought to be off by less, in logits and in log slopes
_BOX = ((-6.0, 6.0), (-5.0, 1.5))  # offsets and log slopes that are looked at
_GRID = 41
_REFINED = 4
_WIDE = 6.0  # standard deviations kept on either side of the mean


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
    """The expected line, given the labels and that most verifiers are nearly right.

    Offset (at the mean logit) and log slope have Cauchy priors around 0: small deviations, which a hundred labels
    cannot tell from chance, are mostly ignored; large ones are followed (heavy tails: Gelman et al. 2008,
    doi:10.1214/08-AOAS191). The posterior mean of both is taken by integration on a grid.

    Raises:
        InsufficientDataError: Fewer than FEWEST_LABELS labels, or all the same. ValueError: Lengths differ.
    """
    import numpy as np

    if len(probabilities) != len(supported):
        raise ValueError(f"a label for each probability: got {len(supported)} for {len(probabilities)}")
    good = sum(supported)
    if len(supported) < FEWEST_LABELS or good in (0, len(supported)):
        raise InsufficientDataError(
            f"recalibration takes {FEWEST_LABELS} labelled claims or more of both kinds; "
            f"there are {good} supported and {len(supported) - good} unsupported ones"
        )
    x = np.array([_logit(p) for p in probabilities])
    middle = float(x.mean())
    offset, stretch = _expected(x - middle, np.array(supported, np.float64), middle)
    slope = exp(stretch)
    return LogitLine(middle + offset - slope * middle, slope)


def _expected(x: "Floats", y: "Floats", middle: float) -> tuple[float, float]:
    """Posterior means of offset and log slope, on grids that close in on them."""
    import numpy as np

    (a_low, a_high), (s_low, s_high) = _BOX
    for _ in range(_REFINED):
        a, s = np.linspace(a_low, a_high, _GRID), np.linspace(s_low, s_high, _GRID)
        prior = -np.log1p((a / _OFFSET) ** 2)[:, None] - np.log1p((s / _STRETCH) ** 2)
        fitting = np.stack([_log_likelihood(middle + a, float(exp(slope)) * x, y) for slope in s], 1)
        weights = np.exp(prior + fitting - (prior + fitting).max())
        a_low, a_high, offset = _closer(a, weights.sum(1))
        s_low, s_high, stretch = _closer(s, weights.sum(0))
    return offset, stretch


def _log_likelihood(offsets: "Floats", x: "Floats", y: "Floats") -> "Floats":
    import numpy as np

    z = offsets[:, None] + x
    return np.asarray((z * y - np.logaddexp(0, z)).sum(1))


def _closer(values: "Floats", weights: "Floats") -> tuple[float, float, float]:
    """The range that matters, and the mean."""
    mean = float(weights @ values / weights.sum())
    spread = float(weights @ (values - mean) ** 2 / weights.sum()) ** 0.5
    far = _WIDE * max(spread, float(values[1] - values[0]) / 2)
    return max(float(values[0]), mean - far), min(float(values[-1]), mean + far), mean


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
