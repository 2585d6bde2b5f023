"""One model in one domain as a risk review shows it: endings, worst answers, faulty citations, the queue, curves."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from ..reports.review_views import AgreementView, CellView, FindingRow, QueueRow
from ..scoring.abstention import ATTEMPTED, first_attempts
from ..scoring.comparison import Arm
from ..scoring.economics import RetryPolicy
from ..scoring.estimate import Measurement
from ..scoring.gate import Finding
from ..scoring.harm import escaped_classes
from ..scoring.launch_limits import may_ship
from ..scoring.policy import End, attempt_key, replay, walk
from ..scoring.records import HarmClass, Outcome, OutcomeBy, PolicyVerdict, Record
from ..scoring.summary import judged_by
from .declared import declared_in
from .report_curves import confidence_curves, loss_points
from .run_texts import BLOCKING, RunTexts, answer_view
from .saved_runs import SavedRun

Walked = tuple[Sequence[Record], End]
_MOST_FINDINGS = 50
_MOST_QUEUED = 100
_HARM = {None: 0, HarmClass.MINOR: 1, HarmClass.MODERATE: 2, HarmClass.SEVERE: 3}
_TIERS = {"low": 0, "standard": 1, "high": 2}


@dataclass(frozen=True, slots=True)
class CellSource:
    """What a cell is made of: its run, the texts of the run, its side of a comparison, its numbers by measure, and what
    the gate finds on its launch limits.
    """

    run: SavedRun
    texts: RunTexts
    arm: Arm
    measured: Mapping[str, Measurement]
    launch: Sequence[Finding]


def cell_view(source: CellSource, worst: int) -> CellView:
    """The cell. `worst`: how many answers are shown in full."""
    records, policy = source.arm.records, source.arm.terms.retry_policy
    model, domain = records[0].model, records[0].domain
    walked = walked_requests(records, policy)
    declared = declared_in(source.run.manifest, domain)
    requests = replay(records, policy, source.arm.counts, None)
    queued = [queue_row(used, policy, source.texts) for used, end in walked if end is End.ESCALATED]
    faulty = _findings(walked, source.texts)
    reliability, curve = confidence_curves(records, source.run)
    return CellView(
        run=source.run.name,
        model=model,
        domain=domain,
        label=source.arm.label,
        measured=source.measured,
        launch=may_ship(source.launch, source.measured, items_for_launch=declared.items_for_launch),
        endings={end.value: sum(e is end for _, e in walked) for end in End},
        harm={harm.value: n for harm, n in escaped_classes(requests).items()},
        escaped=sum(r.right is False for r in requests),
        verifier=_verifier(records, source.texts),
        judges=judged_by([r for r in first_attempts(records) if r.outcome in ATTEMPTED]),
        reliability=reliability,
        risk_coverage=curve,
        loss_curve=loss_points(source.run, source.arm, source.measured),
        worst=tuple(answer_view(r, source.texts, end.value) for r, end in _worst(walked)[:worst]),
        findings=tuple(faulty[:_MOST_FINDINGS]),
        finding_counts=dict(Counter(f.finding for f in faulty)),
        queue=tuple(queued[:_MOST_QUEUED]),
        queue_total=len(queued),
        agreements=_agreements(records),
    )


def walked_requests(records: Sequence[Record], policy: RetryPolicy) -> list[Walked]:
    """Every request with the attempts that the policy makes and how it ends, in the order of `policy.replay`."""
    ordered = sorted(records, key=lambda r: (r.sample_id, r.epoch, r.attempt))
    return [walk(list(group), policy) for _, group in groupby(ordered, key=lambda r: (r.sample_id, r.epoch))]


def queue_row(used: Sequence[Record], policy: RetryPolicy, texts: RunTexts) -> QueueRow:
    """An escalated request as the queue shows it."""
    last = used[-1]
    sample = texts.samples.get((last.domain, last.sample_id), {})
    reasons = texts.answers.get(attempt_key(last), {}).get("reasons") or [""]
    return QueueRow(
        model=last.model,
        domain=last.domain,
        sample_id=last.sample_id,
        epoch=last.epoch,
        risk_tier=last.risk_tier,
        why=_why(used, policy),
        question=str(sample.get("question") or ""),
        reason=str(reasons[0]),
        outcome=last.outcome.value,
        log=texts.logs.get((last.model, last.domain, last.sample_id, last.epoch)),
    )


def _why(used: Sequence[Record], policy: RetryPolicy) -> str:
    last = used[-1]
    if policy.escalates(last.risk_tier):
        return f"risk tier {last.risk_tier}: always to a person"
    if last.outcome in (Outcome.ABSTAINED, Outcome.REFUSED):
        return f"the model {last.outcome.value}"
    return f"no attempt of {len(used)} was accepted"


def _worst(walked: Sequence[Walked]) -> list[tuple[Record, End]]:
    """Wrong answers, the worst first: escaped ones, by harm class, by risk tier, by how sure the model was."""
    wrong = [(used[-1], end) for used, end in walked if used[-1].outcome is Outcome.INCORRECT]
    return sorted(wrong, key=_badness)


def _badness(entry: tuple[Record, End]) -> tuple[bool, int, int, bool, float, str, int]:
    record, end = entry
    caught = record.policy_verdict is PolicyVerdict.REJECT
    harm = _HARM[HarmClass(record.harm_class) if record.harm_class else None]
    sure = record.confidence if record.confidence is not None else 0.5
    escaped = end is End.DELIVERED
    return not escaped, -harm, -_TIERS.get(record.risk_tier, 1), caught, -sure, record.sample_id, record.epoch


def _findings(walked: Sequence[Walked], texts: RunTexts) -> list[FindingRow]:
    """Faulty citations of the answers that requests end with, in the order of `BLOCKING`."""
    rows = []
    for used, _ in walked:
        last = used[-1]
        text = str(texts.answers.get(attempt_key(last), {}).get("text") or "")
        for claim in texts.claims.get(attempt_key(last), ()):
            for marker, doc, finding in zip(claim["markers"], claim["cited_doc_ids"], claim["findings"], strict=True):
                if finding in BLOCKING:
                    said = text[claim["start"] : claim["end"]]
                    rows.append(FindingRow(finding, marker, doc, said, last.sample_id, last.epoch))
    return sorted(rows, key=lambda r: BLOCKING.index(r.finding))


def _verifier(records: Sequence[Record], texts: RunTexts) -> str:
    names = {
        f"{row['verifier']} {row['version']}".strip() for r in records for row in texts.claims.get(attempt_key(r), ())
    }
    return ", ".join(sorted(names))


def _agreements(records: Sequence[Record]) -> tuple[AgreementView, ...]:
    """People against the automatic evaluator, and against the verifier in the loop, on answers that both judged."""
    first = [r for r in first_attempts(records) if r.human in ATTEMPTED]
    automatic = [(r, r.graded if r.outcome_by is OutcomeBy.HUMAN else r.outcome) for r in first]
    judged = [(r.human is graded) for r, graded in automatic if graded in ATTEMPTED and r.outcome_by is not None]
    ruled = [
        (r.human is Outcome.INCORRECT) == (r.policy_verdict is PolicyVerdict.REJECT)
        for r in first
        if r.policy_verdict is not None
    ]
    pairs = (("people and the automatic evaluator", judged), ("people and the verifier in the loop", ruled))
    return tuple(AgreementView(name, sum(same), len(same)) for name, same in pairs if same)
