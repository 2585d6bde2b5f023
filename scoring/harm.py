"""How bad wrong answers are: harm classes that people give, and the mean loss of an error that they make.

Classes of single errors, not of domains. Where a pack declares a loss for each class and people classed errors that
escaped, the mean loss per escaped error is sum over classes of share * loss; else it is the one number declared.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .draws import DrawSettings
from .economics import Economics
from .policy import Request
from .records import HarmClass

Floats = NDArray[np.float64]


def escaped_classes(requests: Sequence[Request]) -> dict[HarmClass, int]:
    """How many errors that were delivered without a person people put into each class."""
    found = Counter(r.harm_class for r in _classed(requests))
    return {harm: found[harm.value] for harm in HarmClass}


def loss_per_error(requests: Sequence[Request], economics: Economics, settings: DrawSettings) -> Floats:
    """Dollars of one escaped error: the plug-in value followed by its draws; certain where only declared.

    Shares of classes are drawn from the Dirichlet posterior with one half of an error in each class beforehand,
    counts divided by errors per cluster. Errors that nobody classed are taken to be like those that were: class all
    of them, or a random choice.
    """
    among = _classed(requests)
    if not among or not economics.loss_by_harm:
        return np.full(settings.n + 1, economics.loss_per_escaped_error)
    counts = np.array(list(escaped_classes(requests).values()), float)
    losses = np.array([economics.loss_by_harm[harm.value] for harm in HarmClass])
    clusters = len({r.cluster_id for r in among})
    drawn = np.random.default_rng(settings.seed + 5).dirichlet(counts * clusters / len(among) + 0.5, settings.n)
    return np.concatenate([[counts @ losses / len(among)], drawn @ losses])


def loss_note(requests: Sequence[Request], economics: Economics) -> str:
    """What the mean loss rests on."""
    errors, among = sum(r.right is False for r in requests), _classed(requests)
    if among and economics.loss_by_harm:
        return f"by the harm classes of {len(among)} of {errors} escaped errors"
    if among:
        return "as declared: the pack declares no loss for each harm class"
    return "as declared: nobody gave a harm class to an escaped error" if economics.loss_by_harm else "as declared"


def _classed(requests: Sequence[Request]) -> list[Request]:
    return [r for r in requests if r.harm_class is not None]
