"""`vcpd score RUN`: a finished run with what people said of it in `vcpd review`; no model is called."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..reports.figures import run_figure
from ..reports.numbers import share_interval
from ..scoring.draws import DrawSettings
from ..scoring.estimate import Estimate, InsufficientDataError, Measurement
from ..scoring.judge_tables import LabelChoice
from ..scoring.measures import MEASURES
from ..scoring.prices import PriceTable
from ..scoring.record_files import record_row, record_schema
from ..scoring.review_time import FEWEST
from ..scoring.summary import Scoring, summarise
from .accounts import terms_in
from .journal import read_journal
from .local_names import DETERMINISTIC
from .review.labelled_records import judged_by_people, with_labels
from .review.plan import last_plan
from .review.progress import agreement, claim_agreement, clusters_of
from .review.standing import Standing, standings
from .review.trail import NAME, Event, Trail
from .run_folder import write_estimates, write_json, write_table, write_text
from .saved_runs import SavedRun, common_prices, open_run
from .spending import write_spending


@dataclass(frozen=True, slots=True)
class Rescored:
    """The numbers with the labels in them, and what a reader should know of the labels."""

    measurements: list[Measurement]
    remarks: tuple[str, ...]


def is_run(path: Path) -> bool:
    """Whether `path` is a run folder and no file of answers."""
    return path.is_dir() and (path / "manifest.json").exists()


def rescore(path: Path, own: PriceTable | None = None, tier: str | None = None, seed: int | None = None) -> Rescored:
    """Price and count a finished run again, with the labels of its review, and write the new numbers into its folder.

    `records.parquet` keeps the evaluator's outcomes and gets people's beside them; without labels nothing changes.

    Args:
        own: Prices that go before those that the run kept. seed: Of all draws; None: the run's own.

    Raises:
        RunFolderError, TrailError: The run or its trail cannot be read.
    """
    run = open_run(path)
    trail = Trail(path)
    events = trail.refresh()
    plan = last_plan(events)
    stand = standings(plan, events) if plan else []
    records = with_labels(run.records, stand)
    judged = list(map(judged_by_people, records))
    manifest = _manifest(run, stand, events, trail.head)
    scoring = scoring_in(
        replace(run, manifest=manifest), common_prices([run], own, tier), labelled=bool(stand), seed=seed
    )
    measured = summarise(path.name, judged, run.counts, scoring)
    measured += _agreement(path.name, run, stand, scoring.draws)
    write_table(path / "records.parquet", [record_row(r) for r in records], record_schema())
    write_spending(path, judged, run.counts, scoring)
    write_json(path / "manifest.json", manifest)
    write_text(path / "run.svg", run_figure(measured))
    write_estimates(path, measured)
    return Rescored(measured, tuple(_remarks(stand, plan is not None) + _agreed(stand, run, scoring.draws)))


def scoring_in(run: SavedRun, prices: PriceTable, *, labelled: bool, seed: int | None = None) -> Scoring:
    """The terms under which a finished run's records became numbers.

    Args:
        labelled: Whether people labelled a sample of it by the design of `vcpd review`.
    """
    manifest = run.manifest
    timed = run.identity.get("kind") != "score"
    wall: dict[tuple[str, str], float] = {}
    for entry in read_journal(run.path) if timed else ():
        key = entry["model"], entry["domain"]
        wall[key] = wall.get(key, 0.0) + entry["wall_s"]
    kept = manifest.get("terms")
    terms = {d: terms_in(manifest, d) for d in run.domains if not isinstance(kept, Mapping) or d in kept}
    choice = manifest.get("label_choice")
    return Scoring(
        prices=prices,
        terms=terms,
        wall_seconds=wall,
        deterministic=frozenset(DETERMINISTIC),
        token_note=str(manifest.get("token_note") or ""),
        pool=all(d in terms and terms[d].economics is not None for d in run.domains),
        asked_to_cite=timed,
        label_choice=LabelChoice.BY_VERDICT if labelled else LabelChoice(choice) if choice else None,
        draws=DrawSettings(seed=int(run.identity.get("seed", manifest.get("seed", 0))) if seed is None else seed),
    )


def review_logs(run: SavedRun, events: Sequence[Event]) -> dict[str, tuple[float, ...]]:
    """Seconds per claim of each timed review, by domain: all that one reviewer spent on one answer."""
    spent: dict[tuple[str, str], float] = {}
    where: dict[str, tuple[str, int]] = {}
    for e in events:
        if e["kind"] == "label":
            counted = run.counts.get((e["model"], e["domain"], e["sample_id"], e["epoch"], e["attempt"]))
            where[e["item"]] = e["domain"], max(1, counted.claims if counted else 0)
            spent[e["item"], e["reviewer"]] = spent.get((e["item"], e["reviewer"]), 0.0) + e["seconds"]
    logs: dict[str, list[float]] = {}
    for (item, _), seconds in spent.items():
        domain, claims = where[item]
        if seconds > 0:
            logs.setdefault(domain, []).append(seconds / claims)
    return {domain: tuple(times) for domain, times in logs.items()}


def _manifest(run: SavedRun, stand: Sequence[Standing], events: Sequence[Event], head: str) -> dict[str, Any]:
    """The manifest with measured review times, where there are enough, and what the labels rest on."""
    manifest: dict[str, Any] = dict(run.manifest)
    if not stand:
        return manifest
    logs = review_logs(run, events)
    if isinstance(manifest.get("terms"), Mapping):
        terms = {domain: _timed(row, logs.get(domain, ())) for domain, row in manifest["terms"].items()}
        manifest["terms"] = terms
    manifest["review"] = {
        "file": NAME,
        "events": len(events),
        "head": head,
        "answers": len(stand),
        "labelled": sum(s.human is not None for s in stand),
        "disputed": sum(s.disputed for s in stand),
        "cannot_tell": sum(s.outcome == "cannot_tell" for s in stand),
        "reviewers": len({label.reviewer for s in stand for label in s.labels}),
        "timed": {domain: len(times) for domain, times in logs.items()},
    }
    return manifest


def _timed(row: Mapping[str, Any], times: Sequence[float]) -> dict[str, Any]:
    if row.get("economics") is None or len(times) < FEWEST:
        return dict(row)
    return {**row, "economics": {**row["economics"], "review_log": list(times)}}


def _agreement(name: str, run: SavedRun, stand: Sequence[Standing], settings: DrawSettings) -> list[Measurement]:
    clusters = clusters_of(run.records)
    rows = []
    for model, domain in dict.fromkeys((s.planned.model, s.planned.domain) for s in stand):
        mine = [s for s in stand if (s.planned.model, s.planned.domain) == (model, domain)]
        for measure, compute in (("label_alpha", agreement), ("claim_label_alpha", claim_agreement)):
            estimate, note = _tried(lambda compute=compute, mine=mine: compute(mine, clusters, settings))
            unit = MEASURES[measure].unit
            rows.append(Measurement(name, model, domain, measure, estimate and replace(estimate, unit=unit), note))
    return rows


def _agreed(stand: Sequence[Standing], run: SavedRun, settings: DrawSettings) -> list[str]:
    if not stand:
        return []
    estimate, note = _tried(lambda: agreement(stand, clusters_of(run.records), settings))
    said = note if estimate is None else f"{share_interval(estimate)} on {estimate.n} answers"
    return [f"agreement of reviewers (Krippendorff's alpha): {said}"]


def _tried(compute: Any) -> tuple[Estimate | None, str]:
    try:
        return compute(), "agreement of reviewers, apart from one another"
    except InsufficientDataError as error:
        return None, f"undefined: {error}"


def _remarks(stand: Sequence[Standing], planned: bool) -> list[str]:
    if not planned:
        return ["no answer of this run was reviewed: the numbers are as they were (vcpd review RUN)"]
    labelled = sum(s.human is not None for s in stand)
    out = [f"{labelled} of the {len(stand)} answers of the review carry a label that counts"]
    for n, said in (
        (sum(s.disputed for s in stand), "are disputed and wait for a decision"),
        (sum(s.outcome == "cannot_tell" for s in stand), "could not be told"),
    ):
        out += [f"{n} {said}: they count as not labelled"] if n else []
    return out
