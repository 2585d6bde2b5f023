"""`vcpd run`: models x packs through Inspect, each finished sample kept at once, then the numbers."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..retrieval.search import Retriever
from ..scoring.estimate import Measurement
from ..scoring.prices import PriceTable
from ..scoring.served import served_prices
from ..scoring.serving import condition_row
from ..verifiers.markers import MARKER
from .accounts import accounts_of
from .blocked import blocked_by_rule
from .budget import Budget
from .config import ModelSpec, RunConfig
from .context_fill import ContextFill
from .journal import Journal, read_journal
from .judges import Panel, seat
from .kept_samples import Cell, Progress, Sink
from .manifest import identity_of, manifest_of, serving_of
from .pack_by_name import load_pack
from .pack_fields import PackError
from .packs import DomainPack
from .results import Scope, finish
from .retrieval_modes import open_retriever
from .review_times import read_review_times, with_review_times
from .rows import document_row, sample_row
from .run_folder import check_folder, write_json
from .run_system import open_system, system_cell
from .throughput_files import read_throughputs


class ModelFailedError(RuntimeError):
    """A model could not be reached, or its provider failed; finished samples are kept."""


def load_packs(config: RunConfig) -> list[DomainPack]:
    """The packs of a run, cut to its limit. Raises PackError."""
    packs = [load_pack(name) for name in config.packs]
    for what, names in (("packs", [p.name for p in packs]), ("models", [m.name for m in config.models])):
        twice = [name for name in names if names.count(name) > 1]
        if twice:
            raise PackError(f"two {what} are named '{twice[0]}'; names must differ within a run")
    return [p if config.limit is None else replace(p, samples=p.samples[: config.limit]) for p in packs]


def run(
    config: RunConfig,
    out: Path,
    prices: PriceTable,
    *,
    resume: bool = False,
    max_cost: float | None = None,
    progress: Progress = lambda *_: None,
    on_kept: Callable[[int], None] = lambda _: None,
) -> list[Measurement]:
    """Run what is not finished yet, write the run folder, return its numbers.

    Raises:
        PackError, ModelNameError, JudgeRoleError, RunFolderError, ThroughputFileError: Before anything is spent or
            written.
        SystemSetupError: The application under test cannot be called as it is named; likewise.
        ModelFailedError, SystemUnreachableError: A model or the application failed for good; run again with `resume`
            to go on.
        MaxCostReachedError: `max_cost` dollars do not pay for another sample; finished ones are kept.
    """
    packs = load_packs(config)
    times = read_review_times(config.review_times) if config.review_times else {}
    measured = read_throughputs(config.throughput, [m.name for m in config.models])
    identity = identity_of(config, packs)
    check_folder(out, resume=resume, identity=identity)
    call = open_system(config.system) if config.system else None
    models, panel = ({} if config.system else _open_models(config)), _seat(config)
    retrievers = {} if config.system else {pack.name: open_retriever(pack, config.retrieval) for pack in packs}
    out.mkdir(parents=True, exist_ok=True)
    serving = serving_of(config, packs)
    kept = {"serving": condition_row(serving)}
    write_json(out / "manifest.json", manifest_of(out.name, identity, config) | kept)
    entries = read_journal(out) if resume else []
    if resume:
        on_kept(len(entries))
    budget = Budget(max_cost, prices, entries)
    with Journal(out, entries) as journal:
        for spec in config.models:
            for pack in packs:
                sink = Sink(out, journal, entries, progress, panel, budget.admits, budget.finished)
                if config.system and call:
                    system_cell(config.system, call, pack, config, sink)
                else:
                    _cell(spec, models[spec.name], pack, retrievers[pack.name], config, sink)
                budget.check(len(entries), len(config.models) * sum(len(p.samples) for p in packs) * config.epochs)
    entries.sort(key=_order(config, packs))
    samples = [sample_row(s) for p in packs for s in p.samples]
    documents = [document_row(p.name, d) for p in packs for d in p.corpus.documents]
    documents += [row for e in entries for row in e.get("documents", ())]
    timed = with_review_times(_of_system(packs, config), times)
    prices = served_prices(measured, prices)
    accounts = accounts_of(timed, prices, entries) | kept | {"blocked": blocked_by_rule(entries)}
    write_json(out / "manifest.json", manifest_of(out.name, identity, config, entries) | accounts)
    scope = Scope(timed, prices, config.seed, cites=_cites(entries, config), throughput=measured)
    return finish(out, entries, samples, documents, scope)


def _open_models(config: RunConfig) -> dict[str, Any]:
    from .inspect_tasks import open_model

    return {s.name: open_model(s.inspect_name, {"max_retries": 5, **s.config}, dict(s.args)) for s in config.models}


def _seat(config: RunConfig) -> Panel:
    if not config.roles.names and not config.roles.verifier:
        return Panel()
    from .inspect_judges import inspect_complete

    return seat(config.roles, [m.name for m in config.models], inspect_complete, config.seed)


def _cell(
    spec: ModelSpec, model: Any, pack: DomainPack, retriever: Retriever | None, config: RunConfig, sink: Sink
) -> None:
    """One model on one pack: whatever the journal does not hold yet."""
    cell = Cell(sink, spec.name, pack, config.epochs)
    pending = list({s.sample_id: s for s, _ in cell.pending}.values())
    if not pending:
        return
    from .inspect_tasks import domain_task, failure_of, run_inspect, setting

    fill = ContextFill(pack.corpus, config.context) if config.context and pack.corpus.documents else None
    at = setting(pack, retriever, spec.name, sink.out.name)
    at = replace(at, panel=sink.panel, admits=sink.admits, fill=fill)
    job = domain_task(at, spec.name, pending, epochs=config.epochs, on_finished=cell.finish)
    log = run_inspect(job, model, log_dir=sink.out / "logs")
    if log.status != "success":
        reason = failure_of(log)
        raise ModelFailedError(f"{spec.name} on {pack.name}: {reason}")


def _of_system(packs: Sequence[DomainPack], config: RunConfig) -> list[DomainPack]:
    """The packs as they price an application: what it rejects or retries within is its own, it is asked once."""
    if config.system is None:
        return list(packs)
    return [replace(p, retry_policy=replace(p.retry_policy, max_retries=0)) for p in packs]


def _cites(entries: Sequence[dict[str, Any]], config: RunConfig) -> bool | None:
    """Whether answers without citations lack them: of an application where any of its answers cites."""
    if config.system is None:
        return None
    return any(MARKER.search(a["answer"]["text"] or "") for e in entries for a in e["attempts"])


def _order(config: RunConfig, packs: Sequence[DomainPack]) -> Callable[[dict[str, Any]], tuple[int, int, int, int]]:
    """Entries in the order of the configuration, whatever order they finished in."""
    models = {m.name: i for i, m in enumerate(config.models)}
    domains = {p.name: i for i, p in enumerate(packs)}
    samples = {(p.name, s.sample_id): i for p in packs for i, s in enumerate(p.samples)}
    return lambda e: (
        models[e["model"]],
        domains[e["domain"]],
        samples[e["domain"], e["sample_id"]],
        e["epoch"],
    )
