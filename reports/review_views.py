"""What a risk review shows: plain types that `evals` fills. Numbers come as measurements, never as bare floats."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..scoring.calibration import ReliabilityBin
from ..scoring.estimate import Measurement
from ..scoring.launch_limits import LaunchVerdict
from ..scoring.loss import LossPoint
from .views import AnswerView, LogLink

Pairs = tuple[tuple[str, str], ...]
"""Names with what they are, both texts."""


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A request that the policy sends to a person, and why."""

    model: str
    domain: str
    sample_id: str
    epoch: int
    risk_tier: str
    why: str
    question: str
    reason: str
    outcome: str
    log: LogLink | None = None


@dataclass(frozen=True, slots=True)
class FindingRow:
    """A citation with something wrong with it."""

    finding: str
    marker: str
    doc_id: str | None
    claim: str
    sample_id: str
    epoch: int


@dataclass(frozen=True, slots=True)
class AgreementView:
    """How far two sorts of judges agree: `agreed` of `n` answers that both judged."""

    between: str
    agreed: int
    n: int


@dataclass(frozen=True, slots=True)
class CellView:
    """One model of one run in one domain.

    Attributes:
        run: Name of the run as the user wrote it. label: The model, with its run where several hold it.
        measured: Every row of `estimates.json`, by measure.
        endings: How requests end under the policy: delivered, escalated, abstained.
        harm: Escaped errors by the harm class that people gave. escaped: Escaped errors altogether.
        reliability: Bins of the reliability diagram; empty where no confidence is stated.
        risk_coverage: (coverage, selective risk) along the curve.
        loss_curve: VCpD_L over the loss, rising; empty where no verifier spoke or dollars are unknown.
        findings: Faulty citations, at most as many as are shown. finding_counts: All of them, by finding.
        queue: The same of escalated requests; `queue_total`: all.
    """

    run: str
    model: str
    domain: str
    label: str
    measured: Mapping[str, Measurement]
    launch: LaunchVerdict
    endings: Mapping[str, int]
    harm: Mapping[str, int]
    escaped: int
    verifier: str = ""
    judges: str = ""
    reliability: tuple[ReliabilityBin, ...] = ()
    risk_coverage: tuple[tuple[float, float], ...] = ()
    loss_curve: tuple[LossPoint, ...] = ()
    worst: tuple[AnswerView, ...] = ()
    findings: tuple[FindingRow, ...] = ()
    finding_counts: Mapping[str, int] = field(default_factory=dict)
    queue: tuple[QueueRow, ...] = ()
    queue_total: int = 0
    agreements: tuple[AgreementView, ...] = ()


@dataclass(frozen=True, slots=True)
class DomainView:
    """What was asked in one domain, of what sources, and what was declared beforehand.

    Attributes:
        questions: Counts by kind of question. tiers: The same by risk tier.
        sources: Counts of documents by source. jurisdictions, dates: Those of the documents.
        rules: The source policy in words. economics: Declared numbers with their sources.
        limits: By name: the limit and where it comes from.
        limitations: Sentences on what this evidence does not show.
    """

    name: str
    title: str
    notice: str
    harm_class: str
    questions: Mapping[str, int]
    tiers: Mapping[str, int]
    clusters: int
    documents: int
    sources: Mapping[str, int]
    jurisdictions: tuple[str, ...]
    dates: tuple[str, str] | None
    rules: Pairs
    economics: tuple[tuple[str, str, str], ...]
    limits: tuple[tuple[str, float, str], ...]
    limitations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RunView:
    """One run: its name, what it was made of, the days on which it was made, and what readers were warned of."""

    name: str
    run_id: str
    kind: str
    days: tuple[str, str] | None
    inputs: Pairs
    prices: tuple[tuple[str, str, str, str], ...]
    warnings: tuple[str, ...] = ()
    log_command: str = ""


@dataclass(frozen=True, slots=True)
class ReviewView:
    """A whole risk review: runs, domains, and a cell for each model in each domain; pooled rows beside them."""

    runs: tuple[RunView, ...]
    domains: tuple[DomainView, ...]
    cells: tuple[CellView, ...]
    rows: tuple[Measurement, ...]
    version: str

    def of(self, domain: str) -> tuple[CellView, ...]:
        """The cells of one domain."""
        return tuple(c for c in self.cells if c.domain == domain)
