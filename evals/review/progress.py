"""How far a review has come: counts for the page, agreement of reviewers, labels still needed."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from ...scoring.agreement import krippendorff_alpha
from ...scoring.corrected import marks_of
from ...scoring.draws import DrawSettings, estimate_of
from ...scoring.estimate import Estimate, InsufficientDataError
from ...scoring.judge_tables import LabelChoice
from ...scoring.label_progress import label_progress
from ...scoring.records import Record
from ...scoring.review_time import predicted_mean_seconds
from ...scoring.summary import records_by_cell
from ..accounts import terms_in
from ..saved_runs import SavedRun
from .labelled_records import judged_by_people, with_labels
from .standing import Standing

_DRAWS = DrawSettings(n=2000)


def counts(standings: Sequence[Standing], reviewer: str) -> dict[str, Any]:
    """Plain counts; none of them tells how the labels came out."""
    given = [label for s in standings for label in s.labels]
    mine = [label for label in given if label.reviewer == reviewer]
    return {
        "answers": len(standings),
        "labels_wanted": sum(s.wanted for s in standings),
        "labels_given": sum(min(len(s.labels), s.wanted) for s in standings),
        "complete": sum(s.complete or s.decided is not None for s in standings),
        "disputed": sum(s.disputed for s in standings),
        "decided": sum(s.decided is not None for s in standings),
        "mine": len(mine),
        "my_seconds": round(sum(label.seconds for label in mine), 1),
        "reviewers": len({label.reviewer for label in given}),
    }


def cells_progress(run: SavedRun, standings: Sequence[Standing], wanted: float, *, named: bool) -> list[dict[str, Any]]:
    """Per model and domain: labels, half-width of p now, labels that would reach `wanted`. Models by letter or name."""
    planned = {(s.planned.model, s.planned.domain) for s in standings}
    records = list(map(judged_by_people, with_labels(run.records, standings)))
    cells = {key: mine for key, mine in records_by_cell(records).items() if key in planned}
    letters = {model: f"model {_letter(n)}" for n, model in enumerate(dict.fromkeys(m for m, _ in cells))}
    found = []
    for (model, domain), mine in cells.items():
        progress = label_progress(mine, marks_of(mine, LabelChoice.BY_VERDICT), wanted, _DRAWS)
        found.append({"model": model if named else letters[model], "domain": domain, **asdict(progress)})
    return found


def _letter(n: int) -> str:
    return chr(ord("A") + n) if n < 26 else str(n + 1)


def agreement(standings: Sequence[Standing], clusters: Mapping[Any, str], settings: DrawSettings = _DRAWS) -> Estimate:
    """Krippendorff's alpha of the reviewers' outcomes; "cannot tell" counts as no label.

    Raises:
        InsufficientDataError: Nobody labelled an answer that another did, or all labels are alike.
    """
    units = [[None if one.outcome == "cannot_tell" else one.outcome for one in s.labels] for s in standings]
    return krippendorff_alpha(units, [clusters[s.planned.key] for s in standings], settings)


def claim_agreement(
    standings: Sequence[Standing], clusters: Mapping[Any, str], settings: DrawSettings = _DRAWS
) -> Estimate:
    """The same of their labels of single claims; raises as `agreement` does."""
    units, names = [], []
    for s in standings:
        for claim in sorted({n for one in s.labels for n in one.claims}):
            said = [one.claims.get(claim) for one in s.labels]
            units.append([None if x == "cannot_tell" else x for x in said])
            names.append(clusters[s.planned.key])
    if not units:
        raise InsufficientDataError("no claim was labelled")
    return krippendorff_alpha(units, names, settings)


def work_left(standings: Sequence[Standing], settings: DrawSettings = _DRAWS) -> Estimate:
    """Seconds that reviewers still need for the labels that the design asks for, from the times of those at hand.

    Raises:
        InsufficientDataError: Too few labels were timed, or none is left to give.
    """
    times = [label.seconds for s in standings for label in s.labels if label.seconds > 0]
    left = sum(max(0, s.wanted - len(s.labels)) for s in standings if s.decided is None)
    drawn = left * predicted_mean_seconds(times, left, settings)
    estimate = estimate_of(drawn, settings, len(times), len(times), "s")
    return replace(estimate, method="predicted from timed labels")


def wage_left(run: SavedRun, standings: Sequence[Standing]) -> float | None:
    """Dollars per second of the labels still to be given, at the base wages; None where a domain declares none."""
    wages = []
    for s in standings:
        economics = terms_in(run.manifest, s.planned.domain).economics
        if economics is None:
            return None
        left = 0 if s.decided is not None else max(0, s.wanted - len(s.labels))
        wages += [economics.wage_base / 3600] * left
    return sum(wages) / len(wages) if wages else None


def clusters_of(records: Sequence[Record]) -> dict[Any, str]:
    """Cluster of each attempt."""
    return {(r.model, r.domain, r.sample_id, r.epoch, r.attempt): r.cluster_id for r in records}
