"""`vcpd run`: models x packs through Inspect, each finished sample kept at once, then the numbers."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..scoring.estimate import Measurement
from ..scoring.prices import PriceTable
from ..scoring.served import served_prices
from ..scoring.serving import condition_row
from .accounts import accounts_of
from .config import ModelSpec, RunConfig
from .context_fill import ContextFill
from .journal import Journal, read_journal
from .judges import Panel, seat
from .manifest import identity_of, manifest_of, serving_of
from .pack_by_name import load_pack
from .pack_fields import PackError
from .packs import DomainPack
from .pipeline import Attempt
from .results import Scope, finish
from .review_times import read_review_times, with_review_times
from .rows import attempt_rows, document_row, sample_row
from .run_folder import check_folder, write_json
from .samples import Sample
from .throughput_files import read_throughputs

Progress = Callable[[str, str, int, int], None]  # model, domain, done, total


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
    progress: Progress = lambda *_: None,
    on_kept: Callable[[int], None] = lambda _: None,
) -> list[Measurement]:
    """Run what is not finished yet, write the run folder, return its numbers.

    Raises:
        PackError, ModelNameError, JudgeRoleError, RunFolderError, ThroughputFileError: Before anything is spent or
            written.
        ModelFailedError: A model failed for good; run again with `resume` to go on.
    """
    packs = load_packs(config)
    times = read_review_times(config.review_times) if config.review_times else {}
    measured = read_throughputs(config.throughput, [m.name for m in config.models])
    identity = identity_of(config, packs)
    check_folder(out, resume=resume, identity=identity)
    models, panel = _open_models(config), _seat(config)
    out.mkdir(parents=True, exist_ok=True)
    serving = serving_of(config, packs)
    kept = {"serving": condition_row(serving)}
    write_json(out / "manifest.json", manifest_of(out.name, identity, config) | kept)
    entries = read_journal(out) if resume else []
    if resume:
        on_kept(len(entries))
    with Journal(out, entries) as journal:
        for spec in config.models:
            for pack in packs:
                _cell(spec, models[spec.name], pack, config, _Sink(out, journal, entries, progress, panel))
    entries.sort(key=_order(config, packs))
    samples = [sample_row(s) for p in packs for s in p.samples]
    documents = [document_row(p.name, d) for p in packs for d in p.corpus.documents]
    timed = with_review_times(packs, times)
    prices = served_prices(measured, prices)
    accounts = accounts_of(timed, prices, entries) | kept
    write_json(out / "manifest.json", manifest_of(out.name, identity, config, entries) | accounts)
    return finish(out, entries, samples, documents, Scope(timed, prices, config.seed, throughput=measured))


def _open_models(config: RunConfig) -> dict[str, Any]:
    from .inspect_tasks import open_model

    return {s.name: open_model(s.inspect_name, {"max_retries": 5, **s.config}, dict(s.args)) for s in config.models}


def _seat(config: RunConfig) -> Panel:
    if not config.roles.names and not config.roles.verifier:
        return Panel()
    from .inspect_judges import inspect_complete

    return seat(config.roles, [m.name for m in config.models], inspect_complete, config.seed)


@dataclass(frozen=True, slots=True)
class _Sink:
    """Where the finished samples of a run go, and who judges them."""

    out: Path
    journal: Journal
    entries: list[dict[str, Any]]
    progress: Progress
    panel: Panel = field(default_factory=Panel)


def _cell(spec: ModelSpec, model: Any, pack: DomainPack, config: RunConfig, sink: _Sink) -> None:
    """One model on one pack: whatever the journal does not hold yet."""
    done = {(e["sample_id"], e["epoch"]) for e in sink.entries if (e["model"], e["domain"]) == (spec.name, pack.name)}
    total = len(pack.samples) * config.epochs
    sink.progress(spec.name, pack.name, len(done), total)
    pending = [s for s in pack.samples if any((s.sample_id, e) not in done for e in range(1, config.epochs + 1))]
    if not pending:
        return
    clock: float | None = None  # runs from the first answer: setting up the framework is not the model's time

    def on_finished(sample: Sample, epoch: int, attempts: Sequence[Attempt]) -> None:
        nonlocal clock
        if (sample.sample_id, epoch) in done:
            return
        now = time.monotonic()
        entry = {
            "model": spec.name,
            "domain": pack.name,
            "sample_id": sample.sample_id,
            "epoch": epoch,
            "wall_s": _seconds(attempts) if clock is None else now - clock,
            "attempts": [attempt_rows(a) for a in attempts],
        }
        clock = now
        sink.journal.add(entry)
        sink.entries.append(entry)
        done.add((sample.sample_id, epoch))
        sink.progress(spec.name, pack.name, len(done), total)

    from .inspect_tasks import domain_task, run_inspect, setting

    fill = ContextFill(pack.corpus, config.context) if config.context and pack.corpus.documents else None
    at = replace(setting(pack, spec.name, sink.out.name), panel=sink.panel, fill=fill)
    job = domain_task(at, spec.name, pending, epochs=config.epochs, on_finished=on_finished)
    log = run_inspect(job, model, log_dir=sink.out / "logs")
    if log.status != "success":
        reason = log.error.message.strip() if log.error else log.status
        raise ModelFailedError(f"{spec.name} on {pack.name}: {reason}")


def _seconds(attempts: Sequence[Attempt]) -> float:
    return sum(u.seconds for a in attempts for u in a.record.usage if not u.stage.startswith("grade"))


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
