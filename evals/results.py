"""From finished samples to the files and numbers of a run; no model is called."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..reports.figures import run_figure
from ..scoring.cell import DomainTerms
from ..scoring.draws import DrawSettings
from ..scoring.estimate import Measurement
from ..scoring.judge_tables import LabelChoice
from ..scoring.prices import PriceTable
from ..scoring.record_files import count_claims
from ..scoring.summary import Scoring, summarise
from ..scoring.throughput import Throughput
from .local_names import DETERMINISTIC
from .packs import DomainPack
from .rows import records_of
from .run_folder import write_estimates, write_results, write_text
from .spending import write_spending


@dataclass(frozen=True, slots=True)
class Scope:
    """What turns finished samples into numbers.

    Attributes:
        packs: Their economics and retry policies apply to the domains of their names.
        timed: Whether models were run here: entries carry wall seconds, and answers were asked to cite.
        token_note: Said beside numbers that rest on estimated tokens.
        label_choice: How people picked the answers that they labelled; None: labels correct no automatic judge.
        cites: Whether an answer without citations lacks them; None: where models were run here.
        throughput: Measured T by model.
    """

    packs: Sequence[DomainPack]
    prices: PriceTable
    seed: int = 0
    timed: bool = True
    token_note: str = ""
    label_choice: LabelChoice | None = None
    cites: bool | None = None
    throughput: Mapping[str, Throughput] = field(default_factory=dict)


def finish(
    out: Path,
    entries: Sequence[Mapping[str, Any]],
    samples: Sequence[Mapping[str, Any]],
    documents: Sequence[Mapping[str, Any]],
    scope: Scope,
) -> list[Measurement]:
    """Write the run folder's files and return every measure of every model and domain."""
    write_results(out, entries, samples, documents)
    records = records_of([dict(e) for e in entries])
    verdicts = [v for e in entries for a in e["attempts"] for v in a["verdicts"]]
    counts, scoring = count_claims(verdicts), scoring_of(entries, scope)
    measured = summarise(out.name, records, counts, scoring)
    write_spending(out, records, counts, scoring)
    write_text(out / "run.svg", run_figure(measured))
    write_estimates(out, measured)
    return measured


def scoring_of(entries: Sequence[Mapping[str, Any]], scope: Scope) -> Scoring:
    """The terms under which records become numbers."""
    wall: dict[tuple[str, str], float] = {}
    if scope.timed:
        for e in entries:
            wall[e["model"], e["domain"]] = wall.get((e["model"], e["domain"]), 0.0) + e["wall_s"]
    domains = {e["domain"] for e in entries}
    terms = {p.name: DomainTerms(p.economics, p.retry_policy) for p in scope.packs}
    return Scoring(
        prices=scope.prices,
        terms=terms,
        wall_seconds=wall,
        deterministic=frozenset(DETERMINISTIC),
        token_note=scope.token_note,
        pool=all(d in terms and terms[d].economics is not None for d in domains),
        asked_to_cite=scope.timed if scope.cites is None else scope.cites,
        label_choice=scope.label_choice,
        draws=DrawSettings(seed=scope.seed),
        throughput=scope.throughput,
    )
