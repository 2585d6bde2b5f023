"""From records to the printed numbers of a run: every measure of every model and domain."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

from .abstention import abstention_rates, brier, evenly_judged, first_attempts
from .abstention_scores import abstention_f1
from .calibration import log_loss, smooth_ece_estimate
from .cell import Cell, DomainTerms, make_cell
from .citation_rates import citation_rates, retrieval_rates
from .cost_measures import POOLED, cost_measures, pooled_measures
from .draws import DrawSettings
from .estimate import Estimate, InsufficientDataError, Measurement
from .judge_tables import LabelChoice
from .measures import MEASURES
from .policy import AttemptKey
from .prices import PriceTable
from .quality_measures import quality_measures, verifier_measures
from .records import ClaimCounts, Outcome, Record
from .selective import selective_estimates
from .served import served_cell
from .stated import stated_records
from .steps import has_trajectories, mean_steps, p95_steps
from .throughput import Throughput

JUDGES = {"key": "answer key", "human": "people", "grader": "model grader", "reference": "reference grader"}
Computed = tuple[str, Callable[[], Estimate], str]  # measure, how to compute it, note


@dataclass(frozen=True, slots=True)
class Scoring:
    """Everything that turns records into numbers.

    Attributes:
        terms: By domain.
        wall_seconds: Seconds that a model took for a domain, by (model, domain); absent where answers were recorded.
        deterministic: Models that are not retried.
        token_note: Said beside every number that rests on estimated token counts; "" where tokens were metered.
        asked_to_cite: Whether the prompt asked for citations, so that an answer without any lacks them.
        label_choice: How people picked the answers that they labelled, where labels may correct an automatic judge;
            None: they may not.
        throughput: Measured T by model; its prices are in `prices` already (`served.served_prices`).
        pool: Whether traffic weights were declared for all domains, so that `all` may be printed.
    """

    prices: PriceTable
    terms: Mapping[str, DomainTerms] = field(default_factory=dict)
    wall_seconds: Mapping[tuple[str, str], float] = field(default_factory=dict)
    deterministic: frozenset[str] = frozenset()
    token_note: str = ""
    pool: bool = False
    asked_to_cite: bool = True
    label_choice: LabelChoice | None = None
    draws: DrawSettings = field(default_factory=DrawSettings)
    throughput: Mapping[str, Throughput] = field(default_factory=dict)


def summarise(
    run: str, records: Sequence[Record], counts: Mapping[AttemptKey, ClaimCounts], scoring: Scoring
) -> list[Measurement]:
    """All measures of all models and domains; an undefined one has no estimate and a note that says why."""
    by_cell = records_by_cell(records)
    rows: list[Measurement] = []
    for model in dict.fromkeys(model for model, _ in by_cell):
        cells: dict[str, Cell] = {}
        for domain, mine in ((d, r) for (m, d), r in by_cell.items() if m == model):
            cells[domain] = _cell(mine, counts, scoring)
            wall = scoring.wall_seconds.get((model, domain))
            computed = [*_shares(mine, counts, scoring, cells[domain]), *cost_measures(cells[domain], wall)]
            rows += [_measured(run, model, domain, *entry) for entry in computed]
        if scoring.pool and len(cells) > 1:
            rows += [_measured(run, model, POOLED, *entry) for entry in pooled_measures(cells)]
    return rows


def records_by_cell(records: Sequence[Record]) -> dict[tuple[str, str], list[Record]]:
    """The records of each (model, domain), in the order they came."""
    by_cell: dict[tuple[str, str], list[Record]] = {}
    for record in records:
        by_cell.setdefault((record.model, record.domain), []).append(record)
    return by_cell


def judged_by(records: Sequence[Record]) -> str:
    """Who said right or wrong, e.g. "judged by answer key"; with counts where several did."""
    who = Counter(r.outcome_by.value for r in records if r.outcome_by is not None)
    if not who:
        return "judged by nobody"
    if len(who) == 1:
        return f"judged by {JUDGES[next(iter(who))]}"
    return "judged by " + ", ".join(f"{JUDGES[name]} ({n})" for name, n in who.most_common())


def _measured(run: str, model: str, domain: str, name: str, compute: Callable[[], Estimate], note: str) -> Measurement:
    try:
        estimate = compute()
    except InsufficientDataError as error:
        return Measurement(run, model, domain, name, None, f"undefined: {error}")
    return Measurement(run, model, domain, name, replace(estimate, unit=MEASURES[name].unit), note)


def _shares(
    records: list[Record], counts: Mapping[AttemptKey, ClaimCounts], scoring: Scoring, cell: Cell
) -> list[Computed]:
    first, level = first_attempts(records), scoring.draws.confidence_level
    judge = judged_by([r for r in first if r.outcome in (Outcome.CORRECT, Outcome.INCORRECT)])
    if cell.marks is not None:
        judge += f"; people's labels correct the {cell.marks.judge}"
    judged = quality_measures(records, cell.marks, cell.settings)
    choice = scoring.label_choice or LabelChoice.RANDOM
    even = evenly_judged(first)

    @cache  # four measures of the same draws
    def selective() -> dict[str, Estimate]:
        return selective_estimates(stated_records(even), alpha=0.05, settings=scoring.draws)

    rest = {
        **verifier_measures(records, cell.marks, cell.settings, choice),
        **abstention_rates(first, level),
        "abstention_f1": lambda: abstention_f1(first, confidence_level=level),
        "brier": lambda: brier(even, level),
        "log_loss": lambda: log_loss(stated_records(even), confidence_level=level),
        "aurc": lambda: selective()["aurc"],
        "e_aurc": lambda: selective()["e_aurc"],
        "augrc": lambda: selective()["augrc"],
        "coverage_at_risk_05": lambda: selective()["coverage_at_risk"],
        "smece": lambda: smooth_ece_estimate(stated_records(even), confidence_level=level, seed=scoring.draws.seed),
        **citation_rates(first, counts, level, asked=scoring.asked_to_cite),
        **retrieval_rates(first, level),
    }
    if has_trajectories(first):
        rest |= {"steps": lambda: mean_steps(first, level), "steps_p95": lambda: p95_steps(first, level)}
    return [(n, f, judge) for n, f in judged.items()] + [(n, f, "") for n, f in rest.items()]


def terms_of(record: Record, scoring: Scoring) -> DomainTerms:
    """What holds for this record's model and domain; a deterministic model is not retried."""
    terms = scoring.terms.get(record.domain, DomainTerms())
    if record.model not in scoring.deterministic:
        return terms
    return replace(terms, retry_policy=replace(terms.retry_policy, max_retries=0))


def _cell(records: list[Record], counts: Mapping[AttemptKey, ClaimCounts], scoring: Scoring) -> Cell:
    terms = terms_of(records[0], scoring)
    cell = make_cell(records, counts, terms, scoring.prices, scoring.draws, scoring.label_choice)
    if (found := scoring.throughput.get(records[0].model)) is not None:
        cell = served_cell(cell, records, found)
    return replace(cell, token_note=scoring.token_note)
