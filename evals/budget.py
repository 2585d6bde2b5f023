"""`--max-cost`: what a run has spent, and whether another sample may start."""

from collections.abc import Iterable, Mapping
from typing import Any

from ..scoring.prices import PriceTable
from ..scoring.usage import Usage


class MaxCostReachedError(ValueError):
    """The run stopped at its --max-cost; finished samples are kept."""


class Budget:
    """Dollars of a run, graders included. A sample starts only if it would fit at the mean cost of those before it."""

    def __init__(self, most: float | None, prices: PriceTable, kept: Iterable[Mapping[str, Any]] = ()) -> None:
        self.most = most
        self.spent = 0.0
        self.stopped = False
        self._prices = prices
        self._finished = 0
        self._under_way = 0
        for entry in kept:
            self._add(entry)

    def admits(self) -> bool | None:
        """Whether another sample may start; None: not known before one of those under way has finished.

        The first goes alone, since nobody knows what a sample costs; those under way are counted at the mean so far.
        """
        if self.most is None:
            return True
        if self._under_way and not self._finished:
            return None
        mean = self.spent / self._finished if self._finished else 0.0
        fits = self.spent < self.most and self.spent + (self._under_way + 1) * mean <= self.most
        if not fits and self._under_way:
            return None
        self.stopped = self.stopped or not fits
        self._under_way += fits
        return fits

    def finished(self, entry: Mapping[str, Any]) -> None:
        """Count a finished sample: a row of the journal."""
        self._under_way = max(0, self._under_way - 1)
        self._add(entry)

    def _add(self, entry: Mapping[str, Any]) -> None:
        if self.most is None:
            return
        usage = [Usage(**row) for attempt in entry["attempts"] for row in attempt["record"]["usage"]]
        self.spent += self._prices.total(usage)
        self._finished += 1

    def check(self, done: int, total: int) -> None:
        """Raise where a sample was turned away.

        Raises:
            MaxCostReachedError: What was spent, and how to go on.
        """
        if self.stopped:
            raise MaxCostReachedError(
                f"stopped at --max-cost {self.most:g}: {self.spent:.3g} USD are spent and {done} of {total} samples "
                f"finished and kept; go on with --resume and a larger --max-cost"
            )
