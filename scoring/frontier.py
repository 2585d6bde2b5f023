"""What is the cheapest model at a quality, and how fast does that price fall (field note section 3, Figure 2).

Scores that were measured and scores that vendors report differ by up to 23 points on one model. `of_kinds` declares
which are meant; nothing here mixes them by itself.
"""

from collections.abc import Iterable, Sequence
from datetime import date as Date
from itertools import combinations
from math import inf, log10

import numpy as np
from scipy.special import stdtrit

from .estimate import Estimate, InsufficientDataError
from .public_models import Kind, PublicModel

QUALITY_BINS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9)


def of_kinds(models: Iterable[PublicModel], *kinds: Kind) -> list[PublicModel]:
    """The models whose score is of the declared kinds; those without a score are left out."""
    return [m for m in models if m.kind in kinds]


def pareto(models: Iterable[PublicModel]) -> list[PublicModel]:
    """The frontier, cheapest first: models than which none is both as cheap and as good, or better in either."""
    best, frontier = -inf, []
    for m in sorted((m for m in models if m.gpqa is not None), key=lambda m: (m.price, -_gpqa(m), m.released)):
        if _gpqa(m) > best:
            best = _gpqa(m)
            frontier.append(m)
    return frontier


def cheapest(models: Iterable[PublicModel], quality: float, on: Date) -> PublicModel:
    """The cheapest model at or above `quality` among those released by `on`; of equal prices the best score.

    Raises:
        InsufficientDataError: None reaches it by then.
    """
    fit = [m for m in models if m.released <= on and m.gpqa is not None and m.gpqa >= quality]
    if not fit:
        raise InsufficientDataError(f"no model reaches {quality:.0%} by {on}")
    return min(fit, key=lambda m: (m.price, -_gpqa(m), m.released))


def records(models: Iterable[PublicModel], quality: float) -> list[PublicModel]:
    """The models that were, when released, the cheapest yet at or above `quality`; oldest first."""
    lowest, found = inf, []
    for m in sorted(models, key=lambda m: (m.released, m.price)):
        if m.gpqa is not None and m.gpqa >= quality and m.price < lowest:
            lowest = m.price
            found.append(m)
    return found


def _gpqa(model: PublicModel) -> float:
    return -inf if model.gpqa is None else model.gpqa


def rate_of_decline(
    points: Sequence[tuple[Date, float]], *, at_least: int = 5, confidence_level: float = 0.95
) -> Estimate:
    """How many times cheaper per year: a straight line through log10 of price against date, with its t interval.

    Args:
        points: Date and price (above 0) of each record low. Successive records are not independent and were chosen
            for being low, so the interval is the least that must be allowed for.
        at_least: Fewest points, 3 or more.

    Raises:
        InsufficientDataError: Fewer points, or all of one date.
        ValueError: A price of 0 or less.
    """
    if len(points) < max(at_least, 3):
        n = len(points)
        raise InsufficientDataError(f"{n} point{'s' * (n != 1)}: a rate of decline needs {max(at_least, 3)}")
    if any(not 0 < price < inf for _, price in points):
        raise ValueError("a rate of decline needs prices above 0")
    years = np.array([day.toordinal() for day, _ in points], float) / 365
    logs = np.array([log10(price) for _, price in points])
    x = years - years.mean()
    spread = float(x @ x)
    if spread <= 0:
        raise InsufficientDataError("a rate of decline needs points of different dates")
    slope = float(x @ logs) / spread
    residual = logs - logs.mean() - slope * x
    degrees = len(points) - 2
    stderr = float(np.sqrt(residual @ residual / degrees / spread))
    half = float(stdtrit(degrees, 1 - (1 - confidence_level) / 2)) * stderr
    low, high = (10.0 ** min(max(-slope + end, -300), 300) for end in (-half, half))
    return Estimate(10**-slope, low, high, confidence_level, len(points), len(points), "log-linear, t", "x per year")


def otherwise_ordered(models: Iterable[PublicModel]) -> tuple[int, int]:
    """Pairs of models that VCpD and right answers per dollar put in opposite order, and all pairs.

    Counts models with known tokens only.
    """
    both = [(m.vcpd, m.answers_per_usd) for m in models if m.vcpd is not None and m.answers_per_usd is not None]
    pairs = list(combinations(both, 2))
    return sum((a[0] - b[0]) * (a[1] - b[1]) < 0 for a, b in pairs), len(pairs)
