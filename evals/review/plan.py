"""The sampling plan of a review: which answers of a run people look at, with their inclusion probabilities."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from math import ceil
from typing import Any

from ...scoring.corrected import answered, judge_of
from ...scoring.economics import RISK_TIERS
from ...scoring.policy import AttemptKey, attempt_key
from ...scoring.records import Record
from ...scoring.review_sample import cell_seed, review_sample
from ...scoring.summary import records_by_cell
from ..accounts import terms_in
from .trail import Event, digest


class PlanError(ValueError):
    """A review that cannot be planned as asked; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Planned:
    """One answer that people look at.

    Attributes:
        item: Its name, which tells neither the model nor the verdict.
        flagged: By the judge that the labels correct; None where none spoke.
        certain: Of a tier that always goes to people. double: Two people label it, apart from one another.
        candidate, inclusion, place: As of `scoring.review_sample.Pick`.
    """

    item: str
    model: str
    domain: str
    sample_id: str
    epoch: int
    attempt: int
    flagged: bool | None
    certain: bool
    double: bool
    candidate: float
    inclusion: float
    place: float

    @property
    def key(self) -> AttemptKey:
        """What names the attempt within the run."""
        return self.model, self.domain, self.sample_id, self.epoch, self.attempt


@dataclass(frozen=True, slots=True)
class PlanSettings:
    """What was asked for.

    Attributes:
        labels: Answers beside those that always go to people, in all; spread evenly over models and domains.
        double_share: Share, in [0, 1], that two people label.
        models, domains: Only these; empty: all.
    """

    labels: int = 100
    double_share: float = 0.2
    seed: int = 0
    models: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """Its answers in the order of the queue."""

    settings: PlanSettings
    items: tuple[Planned, ...]


def make_plan(records: Sequence[Record], manifest: Mapping[str, Any], settings: PlanSettings) -> Plan:
    """Pick half flagged, half not, one a cluster, in every model and domain; the highest tiers all.

    Answers that people had labelled before are theirs already, and are not picked.

    Raises:
        PlanError: No answer is left to review, or a model or domain is not in the run.
    """
    cells = records_by_cell([unreviewed(r) for r in records])
    _known(cells, settings)
    wanted = {
        key: answered([r for r in mine if r.attempt == 1]) for key, mine in cells.items() if _asked(key, settings)
    }
    wanted = {key: mine for key, mine in wanted.items() if any(r.human is None for r in mine)}
    if not wanted:
        raise PlanError("no answer is left to review: the models attempted none, or people labelled them all")
    items: list[Planned] = []
    for number, (key, mine) in enumerate(wanted.items()):
        share = settings.labels // len(wanted) + (number < settings.labels % len(wanted))
        items += _cell(mine, key, share, manifest, settings)
    doubled = ceil(settings.double_share * len(items) - 1e-9)
    twice = {p.item for p in sorted(items, key=lambda p: digest([p.item, "double"]))[:doubled]}
    ordered = sorted(items, key=lambda p: (p.place, p.item))
    return Plan(settings, tuple(replace(p, double=p.item in twice) for p in ordered))


def unreviewed(record: Record) -> Record:
    """The record without what an earlier scoring took from the review."""
    return record if record.inclusion is None else replace(record, human=None, inclusion=None)


def always_reviewed(manifest: Mapping[str, Any], domain: str) -> frozenset[str]:
    """The risk tiers of which people see every answer: those the retry policy escalates, else the highest."""
    tiers = terms_in(manifest, domain).retry_policy.escalate_tiers
    return frozenset(tiers or RISK_TIERS[-1:])


def _cell(
    mine: Sequence[Record], key: tuple[str, str], labels: int, manifest: Mapping[str, Any], settings: PlanSettings
) -> list[Planned]:
    _, verdicts = judge_of(mine)
    tiers = always_reviewed(manifest, key[1])
    among = [r for r in mine if r.human is None]
    flags = [verdicts[attempt_key(r)] for r in among]
    seed = cell_seed(settings.seed, *key)
    picks = review_sample(flags, [r.cluster_id for r in among], [r.risk_tier in tiers for r in among], labels, seed)
    return [
        Planned(
            _item(among[p.index], settings.seed),
            *attempt_key(among[p.index]),
            p.flagged,
            p.certain,
            False,
            p.candidate,
            p.inclusion,
            p.place,
        )
        for p in picks
    ]


def _item(record: Record, seed: int) -> str:
    name = "\0".join(map(str, (seed, *attempt_key(record))))
    return sha256(name.encode("utf-8", "replace")).hexdigest()[:16]


def _known(cells: Mapping[tuple[str, str], Any], settings: PlanSettings) -> None:
    for said, known, kind in (
        (settings.models, [m for m, _ in cells], "model"),
        (settings.domains, [d for _, d in cells], "domain"),
    ):
        for name in said:
            if name not in known:
                raise PlanError(f"the run holds no {kind} '{name}'; it holds {', '.join(dict.fromkeys(known))}")


def _asked(key: tuple[str, str], settings: PlanSettings) -> bool:
    model, domain = key
    return (not settings.models or model in settings.models) and (not settings.domains or domain in settings.domains)


def plan_event(plan: Plan) -> Event:
    """The plan as an event of the trail."""
    settings = asdict(plan.settings)
    settings |= {name: list(settings[name]) for name in ("models", "domains")}
    return {"kind": "plan", "settings": settings, "items": [asdict(item) for item in plan.items]}


def last_plan(events: Sequence[Event]) -> Plan | None:
    """The plan in force: the last of the trail; None where there is none."""
    for event in reversed(events):
        if event["kind"] == "plan":
            values = dict(event["settings"])
            values |= {name: tuple(values[name]) for name in ("models", "domains")}
            return Plan(PlanSettings(**values), tuple(Planned(**item) for item in event["items"]))
    return None
