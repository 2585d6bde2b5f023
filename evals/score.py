"""`vcpd score`: recorded answers from anywhere, verified and graded; no model is called but a named judge or grader."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..retrieval.passages import Document, Passage, Span
from ..retrieval.sources import SourcePolicy
from ..scoring.cost_measures import POOLED
from ..scoring.estimate import Measurement
from ..scoring.judge_tables import LabelChoice
from ..scoring.prices import PriceTable
from ..scoring.records import Outcome, OutcomeBy, Record
from ..scoring.served import served_prices
from ..verifiers.authorities import AuthorityIndex
from ..verifiers.lexical import LexicalVerifier
from ..verifiers.markers import MARKER
from .accounts import accounts_of
from .conditions import conditions_of, conditions_row
from .config import Roles
from .grading import graded
from .importers.detect import read_answers
from .importers.recorded import RecordedAnswer, RecordedAnswerError
from .judge_calls import litellm_complete
from .judges import Panel, role_models, seat
from .manifest import git_commit, roles_identity, verifier_in_loop, versions
from .pack_by_name import load_pack
from .packs import BUNDLED, DomainPack
from .pipeline import Answer, Attempt, Key, Known, check
from .recorded_grades import grade_remarks, with_recorded_grade
from .results import Scope, finish
from .review_times import Times, read_review_times, times_of_answers, with_review_times
from .rows import attempt_rows, document_row, records_of, sample_row
from .run_folder import SCHEMA, check_folder, write_json
from .samples import Sample
from .spending import step_rows
from .throughput_files import read_throughputs, throughput_remarks
from .token_counts import TokenCounter

LABELS = ("auto", "human", "gold", "none")


@dataclass(frozen=True, slots=True)
class ScoreOptions:
    """How recorded answers are scored.

    Attributes:
        labels: What the evaluator may use: "human" labels, the "gold" target, "auto" (human where there is
            one, else the file's own grade, else gold) or "none".
        authorities: Decisions that exist; None: those among the sources of an answer.
        label_choice: How people picked the answers that they labelled; matters where they labelled some only.
        count: Estimates tokens where none were recorded; None: they stay unknown.
        review_times: A timing log of reviews; None: the seconds that the answers carry.
        roles: Models that judge; none by default.
        throughput: Files of `vcpd throughput`.
    """

    labels: str = "auto"
    label_choice: LabelChoice = LabelChoice.RANDOM
    source_policy: SourcePolicy = field(default_factory=SourcePolicy)
    authorities: AuthorityIndex | None = None
    count: TokenCounter | None = None
    seed: int = 0
    review_times: Path | None = None
    roles: Roles = field(default_factory=Roles)
    throughput: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Scored:
    """The numbers, and what a reader should know of the files; `warnings`: of who judged whom.

    Attributes:
        steps: Rows of `steps.parquet`; empty where every answer took one model call.
    """

    measurements: list[Measurement]
    remarks: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    steps: tuple[Mapping[str, Any], ...] = ()


def score(
    paths: Sequence[str],
    out: Path,
    prices: Callable[[Sequence[str]], PriceTable],
    options: ScoreOptions,
    *,
    read: Callable[[str], Any] = read_answers,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> Scored:
    """Read, check, write the run folder.

    Raises:
        RecordedAnswerError, JudgeRoleError, RunFolderError: Before anything is written.
        JudgeUnreachableError: No call of a judge or grader got through.
    """
    files = [read(path) for path in paths]
    answers = [answer for file in files for answer in file.answers]
    _no_doubles(answers)
    models = sorted({a.model for a in answers})
    called = sorted({u.model for a in answers for u in a.steps if u.model} - set(models))
    panel = seat(options.roles, models, litellm_complete, options.seed)
    measured = read_throughputs(options.throughput, models)
    table = served_prices(measured, prices([*models, *called, *role_models(options.roles)]))
    identity = {"schema": SCHEMA, "kind": "score", "labels": options.labels, "answers": len(answers)}
    identity |= roles_identity(options.roles, options.seed)
    if evaluators := sorted({file.evaluator for file in files if file.evaluator}):
        identity["grades_of"] = evaluators
    check_folder(out, resume=False, identity=identity)
    out.mkdir(parents=True, exist_ok=True)
    citing = {a.model for a in answers if MARKER.search(a.answer)}
    entries = []
    for i, answer in enumerate(answers):
        entries.append(_entry(answer, out.name, options, citing, panel))
        for model in panel.asked:
            model.raise_if_unreachable()
        progress(i + 1, len(answers))
    packs = with_review_times(_packs({a.domain for a in answers}), _times(answers, entries, options))
    scope = replace(_scope(packs, table, options), throughput=measured)
    accounts = accounts_of(packs, table, entries, scope.token_note) | {"warnings": list(panel.warnings)}
    conditions = conditions_of(answers, _verified(entries, verifier_in_loop(options.roles, options.seed)))
    accounts |= conditions_row(conditions)
    write_json(out / "manifest.json", _manifest(out.name, identity, paths, options) | accounts)
    rows = finish(out, entries, _samples(answers), _documents(answers), scope)
    said = throughput_remarks(measured, conditions)
    steps = step_rows(records_of(entries), table)
    return Scored(rows, tuple(_remarks(files, options)), (*panel.warnings, *said), tuple(steps))


def _verified(entries: Sequence[Mapping[str, Any]], verifier: str) -> dict[str, str]:
    """The models of which some answer was verified in the loop, with the verifier's name."""
    return {e["model"]: verifier for e in entries for a in e["attempts"] if a["record"]["policy_verdict"] is not None}


def _times(answers: Sequence[RecordedAnswer], entries: Sequence[Mapping[str, Any]], options: ScoreOptions) -> Times:
    """The log that was given, else the seconds that answers carry."""
    if options.review_times is not None:
        return read_review_times(options.review_times)
    keys = ("model", "domain", "sample_id", "epoch")
    claims = {tuple(e[k] for k in keys): len(e["attempts"][0]["verdicts"]) for e in entries}
    return times_of_answers(answers, claims)


def _no_doubles(answers: Sequence[RecordedAnswer]) -> None:
    seen = set()
    for a in answers:
        if a.domain == POOLED:
            raise RecordedAnswerError(
                f"sample '{a.sample_id}': domain '{POOLED}' is kept for pooled rows; name another"
            )
        key = (a.model, a.domain, a.sample_id, a.epoch)
        if key in seen:
            raise RecordedAnswerError(
                f"sample '{a.sample_id}' of {a.model} in {a.domain}, epoch {a.epoch}, stands in two of the files"
            )
        seen.add(key)


def _entry(
    recorded: RecordedAnswer, run_id: str, options: ScoreOptions, citing: set[str], panel: Panel
) -> dict[str, Any]:
    began = time.monotonic()
    attempt = _check(recorded, run_id, options, recorded.model in citing, panel)
    record = relabel(attempt.record, recorded, options.labels)
    rows = attempt_rows(replace(attempt, record=record))
    return {
        "model": recorded.model,
        "domain": recorded.domain,
        "sample_id": recorded.sample_id,
        "epoch": recorded.epoch,
        "wall_s": time.monotonic() - began,
        "attempts": [rows],
    }


def _check(recorded: RecordedAnswer, run_id: str, options: ScoreOptions, cites: bool, panel: Panel) -> Attempt:
    sources = recorded.sources
    passages = [Passage(d.doc_id, Span(0, len(d.text)), d.text) for d in sources]
    readable = any(d.text.strip() for d in sources)
    sample = _sample(recorded)
    attempt = check(
        Key(run_id, recorded.model, recorded.epoch),
        sample,
        _answer(recorded, options.count),
        passages,
        Known({d.doc_id: d for d in sources}, options.authorities),
        options.source_policy,
        (panel.judge or LexicalVerifier()) if readable else None,
        require_citations=cites,  # a model that was never asked to cite is not rejected for it
    )
    if panel.grader is None and options.labels == "auto":
        attempt = replace(attempt, record=with_recorded_grade(attempt.record, recorded))
    # beside a person's label, too: where people labelled some answers, it is what corrects the grader
    return graded(attempt, sample, panel.grader) if options.labels in ("auto", "gold") else attempt


def _sample(a: RecordedAnswer) -> Sample:
    kind = "unanswerable" if a.answerable is False else None
    return Sample(
        a.sample_id,
        a.domain,
        a.cluster_id,
        a.question,
        a.targets,
        task="recorded",
        abstain_kind=kind,
        choices=a.choices,
        risk_tier=a.risk_tier,
    )


def _answer(a: RecordedAnswer, count: TokenCounter | None) -> Answer:
    usage = a.steps[-1] if a.steps else a.usage
    delivered = a.delivered_tokens
    if delivered is None and usage is not None:
        delivered = max(usage.output_tokens - usage.reasoning_tokens, 0)
    if a.steps:
        return Answer(a.answer, a.finish_reason, a.confidence, a.latency_s, a.ttft_s, delivered, a.steps)
    if usage is None and count is not None:
        usage, delivered = count.usage(a.model, a.answer), count(a.answer)
    if usage is not None and a.latency_s is not None:
        usage = replace(usage, seconds=a.latency_s)
    return Answer(a.answer, a.finish_reason, a.confidence, a.latency_s, a.ttft_s, delivered, (usage,) if usage else ())


def relabel(record: Record, recorded: RecordedAnswer, labels: str) -> Record:
    """The record with the evaluator that `labels` allows; the person's outcome is kept beside it in any case."""
    human = recorded.human.outcome if recorded.human else None
    harm = recorded.human.harm_class if recorded.human else None
    record = replace(record, human=human, answerable=recorded.answerable, harm_class=harm)
    judged = record.outcome in (Outcome.CORRECT, Outcome.INCORRECT)
    if labels in ("auto", "human") and human is not None:
        graded = record.outcome if judged and labels == "auto" else None
        return replace(record, outcome=human, outcome_by=OutcomeBy.HUMAN, graded=graded)
    if judged and labels in ("human", "none"):
        return replace(record, outcome=Outcome.UNSCORED, outcome_by=None)
    return record


def _packs(domains: set[str]) -> list[DomainPack]:
    """The bundled packs that lend their economics to domains of their names."""
    return [load_pack(name) for name in BUNDLED if name in domains]


def _scope(packs: Sequence[DomainPack], prices: PriceTable, options: ScoreOptions) -> Scope:
    note = f"tokens estimated by {options.count.name}, input not counted" if options.count else ""
    choice = options.label_choice if options.labels == "auto" else None
    return Scope(packs, prices, options.seed, timed=False, token_note=note, label_choice=choice)


def _manifest(run_id: str, identity: Mapping[str, Any], paths: Sequence[str], options: ScoreOptions) -> dict[str, Any]:
    return {
        "run_id": run_id,
        "identity": dict(identity),
        "versions": versions(),
        "git_commit": git_commit(Path.cwd()),
        "files": [Path(p).name for p in paths],
        "seed": options.seed,
        "label_choice": options.label_choice.value if options.labels == "auto" else None,
    }


def _samples(answers: Sequence[RecordedAnswer]) -> list[dict[str, Any]]:
    rows = {(a.domain, a.sample_id): sample_row(_sample(a)) for a in answers}
    return list(rows.values())


def _documents(answers: Sequence[RecordedAnswer]) -> list[dict[str, Any]]:
    """Sources once each: document ids are often numbers within one question, so the sample names them too."""
    found: dict[tuple[str, str, str], tuple[str, str, Document]] = {}
    for a in answers:
        for d in a.sources:
            found[a.domain, a.sample_id, d.doc_id] = (a.domain, a.sample_id, d)
    return [document_row(domain, d) | {"sample_id": sample} for domain, sample, d in found.values()]


def _remarks(files: Sequence[Any], options: ScoreOptions) -> list[str]:
    unread: dict[str, list[str]] = {}
    for file in files:
        if file.unknown_fields:
            unread.setdefault(", ".join(file.unknown_fields), []).append(file.path)
    out = [f"{_named(paths)}: fields not read: {names}" for names, paths in unread.items()]
    graded = [a for f in files for a in f.answers if a.grade is not None]
    out += [f"{file.path}: {remark}" for file in files for remark in file.remarks]
    if graded and options.labels == "auto" and options.roles.grader is None:
        out += grade_remarks(graded)
    elif graded:
        out.append(f"grades of the files are not used ({len(graded)} answers): --labels or --grader says who judges")
    if options.labels == "human":
        missing = sum(a.human is None or a.human.outcome is None for f in files for a in f.answers)
        if missing:
            out.append(f"{missing} answers carry no human outcome: unscored where the model attempted")
    return out


def _named(paths: Sequence[str]) -> str:
    return paths[0] if len(paths) == 1 else f"{paths[0]} and {len(paths) - 1} more"
