"""From records to the printed numbers of a run: every measure of every model and domain."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from .abstention import abstention_rates, brier, error_rates, evenly_judged, first_attempts, outcome_shares, utilities
from .calibration import smooth_ece_estimate
from .citation_rates import citation_rates, retrieval_rates
from .cost_measures import POOLED, Cell, DomainTerms, cost_measures, make_cell, pooled_measures
from .draws import DrawSettings
from .estimate import Estimate, InsufficientDataError, Measurement
from .measures import MEASURES
from .policy import AttemptKey
from .prices import PriceTable
from .records import ClaimCounts, Outcome, Record
from .selective import augrc_estimate, aurc_estimate
from .stated import stated_records

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
        pool: Whether traffic weights were declared for all domains, so that `all` may be printed.
    """

    prices: PriceTable
    terms: Mapping[str, DomainTerms] = field(default_factory=dict)
    wall_seconds: Mapping[tuple[str, str], float] = field(default_factory=dict)
    deterministic: frozenset[str] = frozenset()
    token_note: str = ""
    pool: bool = False
    asked_to_cite: bool = True
    draws: DrawSettings = field(default_factory=DrawSettings)


def summarise(
    run: str, records: Sequence[Record], counts: Mapping[AttemptKey, ClaimCounts], scoring: Scoring
) -> list[Measurement]:
    """All measures of all models and domains; an undefined one has no estimate and a note that says why."""
    by_cell: dict[tuple[str, str], list[Record]] = {}
    for record in records:
        by_cell.setdefault((record.model, record.domain), []).append(record)
    rows: list[Measurement] = []
    for model in dict.fromkeys(model for model, _ in by_cell):
        cells: dict[str, Cell] = {}
        for domain, mine in ((d, r) for (m, d), r in by_cell.items() if m == model):
            cells[domain] = _cell(mine, counts, scoring)
            wall = scoring.wall_seconds.get((model, domain))
            computed = [*_shares(mine, counts, scoring), *cost_measures(cells[domain], wall)]
            rows += [_measured(run, model, domain, *entry) for entry in computed]
        if scoring.pool and len(cells) > 1:
            rows += [_measured(run, model, POOLED, *entry) for entry in pooled_measures(cells)]
    return rows


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


def _shares(records: list[Record], counts: Mapping[AttemptKey, ClaimCounts], scoring: Scoring) -> list[Computed]:
    first, level = first_attempts(records), scoring.draws.confidence_level
    judge = judged_by([r for r in first if r.outcome in (Outcome.CORRECT, Outcome.INCORRECT)])
    judged = {**outcome_shares(first, level), **error_rates(first, level), **utilities(first, scoring.draws)}
    even = evenly_judged(first)
    rest = {
        **abstention_rates(first, level),
        "brier": lambda: brier(even, level),
        "aurc": lambda: aurc_estimate(stated_records(even), settings=scoring.draws),
        "augrc": lambda: augrc_estimate(stated_records(even), settings=scoring.draws),
        "smece": lambda: smooth_ece_estimate(stated_records(even), confidence_level=level, seed=scoring.draws.seed),
        **citation_rates(first, counts, level, asked=scoring.asked_to_cite),
        **retrieval_rates(first, level),
    }
    return [(n, f, judge) for n, f in judged.items()] + [(n, f, "") for n, f in rest.items()]


def _cell(records: list[Record], counts: Mapping[AttemptKey, ClaimCounts], scoring: Scoring) -> Cell:
    terms = scoring.terms.get(records[0].domain, DomainTerms())
    if records[0].model in scoring.deterministic:
        terms = replace(terms, retry_policy=replace(terms.retry_policy, max_retries=0))
    cell = make_cell(records, counts, terms, scoring.prices, scoring.draws)
    return replace(cell, token_note=scoring.token_note)
