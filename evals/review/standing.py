"""Where each answer of a review stands: who said what, who decided, and what counts in the end."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from ...scoring.records import Outcome
from .labels import HARMS, Label, read_label
from .plan import Plan, Planned
from .trail import Event

HUMAN = {"correct": Outcome.CORRECT, "incorrect": Outcome.INCORRECT, "abstained": Outcome.ABSTAINED}


@dataclass(frozen=True, slots=True)
class Standing:
    """One answer of the plan.

    Attributes:
        labels: The last label of each reviewer, in the order of their first ones.
        decided: The last adjudication; None where there was none.
    """

    planned: Planned
    labels: tuple[Label, ...] = ()
    decided: Label | None = None

    @property
    def wanted(self) -> int:
        """Labels that the design asks for."""
        return 2 if self.planned.double else 1

    @property
    def complete(self) -> bool:
        """Whether it has the labels that the design asks for."""
        return len(self.labels) >= self.wanted

    @property
    def disputed(self) -> bool:
        """Whether reviewers disagree on the whole answer and nobody has decided."""
        return self.decided is None and len({label.outcome for label in self.labels}) > 1

    @property
    def outcome(self) -> str | None:
        """What counts: the decision, else what all reviewers say; None while open or disputed."""
        if self.decided is not None:
            return self.decided.outcome
        said = {label.outcome for label in self.labels}
        return said.pop() if len(said) == 1 else None

    @property
    def human(self) -> Outcome | None:
        """The outcome that goes into the numbers; None also where nobody could tell."""
        return HUMAN.get(self.outcome or "")

    @property
    def harm(self) -> str | None:
        """Harm class of a wrong answer: as decided, else the gravest that a reviewer gave."""
        if self.outcome != "incorrect":
            return None
        if self.decided is not None:
            return self.decided.harm
        return max((label.harm for label in self.labels if label.harm), key=HARMS.index, default=None)


@dataclass(slots=True)
class _Said:
    labels: dict[str, Label] = field(default_factory=dict)
    decided: Label | None = None


def standings(plan: Plan, events: Sequence[Event]) -> list[Standing]:
    """Where each answer of the plan stands after these events, in the order of the queue."""
    said: dict[str, _Said] = {}
    for event in events:
        if event["kind"] == "label":
            label = read_label(event)
            said.setdefault(label.item, _Said()).labels[label.reviewer] = label
        elif event["kind"] == "adjudication":
            label = read_label(event)
            said.setdefault(label.item, _Said()).decided = label
    empty = _Said()
    found = [(planned, said.get(planned.item, empty)) for planned in plan.items]
    return [Standing(planned, tuple(one.labels.values()), one.decided) for planned, one in found]
