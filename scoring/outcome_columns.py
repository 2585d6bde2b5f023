"""First attempts of one model in one domain as columns: what a gate compares, read without a row at a time."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .record_files import NoRecordsError
from .records import Outcome, OutcomeBy

Flags = NDArray[np.bool_]
Names = NDArray[np.object_]
_FIELDS = (
    *("sample_id", "epoch", "cluster_id", "outcome", "outcome_by"),
    *("human", "graded", "answerable", "policy_verdict"),
)
_COLUMNS = ["model", "domain", "attempt", *_FIELDS]


@dataclass(frozen=True, slots=True)
class OutcomeColumns:
    """One row a sample and epoch, in the order of both; values are the names of `Outcome` and `OutcomeBy`, or None.

    Attributes:
        outcome: As the evaluator judged it. `human`: as a person did. `graded`: as the automatic evaluator did where
            `outcome` is a person's.
        answerable: True, False or None. policy_verdict: The verifier's in the loop, or None.
    """

    samples: Names
    epochs: NDArray[np.int64]
    clusters: Names
    outcome: Names
    outcome_by: Names
    human: Names
    graded: Names
    answerable: Names
    policy_verdict: Names

    def __len__(self) -> int:
        return len(self.samples)

    def at(self, rows: Any) -> "OutcomeColumns":
        """The rows that an index or a mask picks."""
        return OutcomeColumns(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))

    def ended(self, *outcomes: Outcome) -> Flags:
        """Which samples ended so."""
        return np.isin(self.outcome.astype(str), [o.value for o in outcomes])

    @property
    def attempted(self) -> Flags:
        """Answers that were judged right or wrong: the denominator of p."""
        return self.ended(Outcome.CORRECT, Outcome.INCORRECT)

    @property
    def automatic(self) -> Names:
        """The automatic evaluator's outcome, also where a person's goes before it."""
        by_person = self.outcome_by == OutcomeBy.HUMAN.value
        return np.where(by_person, self.graded, self.outcome)

    @property
    def keys(self) -> list[tuple[str, int]]:
        """Sample and epoch of each row."""
        return list(zip(self.samples.tolist(), self.epochs.tolist(), strict=True))

    def evenly_judged(self) -> "OutcomeColumns":
        """As `abstention.evenly_judged`: nothing is judged where only answers to unanswerable questions could be."""
        answerable = self.answerable != False  # noqa: E712 - an element of objects, None among them
        if (self.attempted & answerable).any() or not (self.ended(Outcome.UNSCORED) & answerable).any():
            return self
        return replace(self, outcome=np.where(self.attempted, Outcome.UNSCORED.value, self.outcome))


def read_outcomes(run: Path) -> dict[tuple[str, str], OutcomeColumns]:
    """First attempts by (model, domain), in the order in which the run holds them.

    Raises:
        NoRecordsError: The folder has no records.
    """
    import pyarrow.parquet as pq

    path = run / "records.parquet"
    if not path.exists():
        raise NoRecordsError(f"{run} holds no records.parquet: it is not a finished run folder")
    table = pq.ParquetFile(path).read(columns=_COLUMNS)  # pq.read_table would load pandas, slower than all the rest
    kinds = {"epoch": np.int64, "attempt": np.int64}
    data = {name: _array(table.column(name).to_pylist(), kinds.get(name, object)) for name in _COLUMNS}
    first = data["attempt"] == 1
    return _by_cell({name: values[first] for name, values in data.items()})


def _by_cell(data: Mapping[str, Any]) -> dict[tuple[str, str], OutcomeColumns]:
    cells = list(dict.fromkeys(zip(data["model"].tolist(), data["domain"].tolist(), strict=True)))
    found = {}
    for model, domain in cells:
        mine = np.flatnonzero((data["model"] == model) & (data["domain"] == domain))
        mine = mine[np.lexsort((data["epoch"][mine], data["sample_id"][mine].astype(str)))]
        found[model, domain] = OutcomeColumns(*(data[name][mine] for name in _FIELDS))
    return found


def _array(values: list[Any], kind: Any) -> Any:
    """A column as an array; Arrow's own way to numpy would load pandas, too."""
    return np.array(values, dtype=kind)
