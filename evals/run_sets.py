"""From run folders to joint draws, a domain at a time: what `vcpd frontier` and `vcpd decompose` begin with."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..scoring.cell import Cell
from ..scoring.comparison import Arm, DifferentSamplesError, check_same_samples, common_samples, joint_cells
from ..scoring.draws import DrawSettings
from ..scoring.prices import PriceTable, default_prices, load_prices
from ..scoring.served import served_prices
from ..scoring.throughput import Throughput
from ..scoring.vcpd_factors import VcpdChange, vcpd_change
from .conditions import condition_in, run_differences
from .saved_runs import IncomparableRunsError, SavedRun, arm_of, arms_of, check_comparable, common_prices, open_run
from .throughput_files import read_throughputs, throughput_remarks


def opened(paths: Sequence[Path], domains: Sequence[str]) -> tuple[list[SavedRun], list[str]]:
    """The runs and the domains asked for, all of the runs' where none is; checked to be comparable.

    Raises:
        RunFolderError, IncomparableRunsError: As `open_run` and `check_comparable`; a run named twice; an unknown
            domain.
    """
    runs = [open_run(path) for path in paths]
    places = [run.path.resolve() for run in runs]
    if len(set(places)) < len(places):
        raise IncomparableRunsError("a run folder is named twice")
    known = list(dict.fromkeys(domain for run in runs for domain in run.domains))
    for domain in domains:
        if domain not in known:
            raise IncomparableRunsError(f"no run holds the domain '{domain}'; they hold {', '.join(known)}")
    wanted = list(domains) or known
    check_comparable(runs, wanted)
    return runs, wanted


def joint_domains(
    paths: Sequence[Path], options: Mapping[str, Any]
) -> Iterator[tuple[str, list[Arm], dict[str, Cell]]]:
    """Each domain with its models and their joint draws.

    Args:
        options: Of `cli_options.comparison_options`: domains, prices, price_tier, seed, common_samples.

    Raises:
        DifferentSamplesError: Models did not answer the same samples, and `common_samples` is off.
    """
    runs, domains = opened(paths, options["domains"])
    measured = throughputs_in(runs, options)
    table = served_prices({t.model: t for t in measured.values()}, one_table(runs, options))
    draws = DrawSettings(seed=options["seed"] or 0)
    for domain in domains:
        arms = same_samples(arms_of(runs, domain), common=options["common_samples"])
        arms = [replace(arm, throughput=measured.get(arm.records[0].model)) for arm in arms]
        yield domain, arms, joint_cells(arms, table, draws)


def throughputs_in(runs: Sequence[SavedRun], options: Mapping[str, Any]) -> dict[str, Throughput]:
    """The throughput files that were named, by model of the runs; empty where none was."""
    models = dict.fromkeys(r.model for run in runs for r in run.records)
    return read_throughputs(options.get("throughput") or (), list(models))


def served_remarks(paths: Sequence[Path], options: Mapping[str, Any]) -> tuple[str, ...]:
    """What a reader must see in red: where runs, or the throughput files beside them, are not of one condition."""
    runs = [open_run(path) for path in paths]
    measured, said = throughputs_in(runs, options), list(run_differences(runs))
    for run in runs:
        mine = {r.model: condition_in(run.manifest, r.model) for r in run.records}
        said += throughput_remarks({m: t for m, t in measured.items() if m in mine}, mine)
    return tuple(dict.fromkeys(said))


def one_table(runs: Sequence[SavedRun], options: Mapping[str, Any]) -> PriceTable:
    """The table that prices all: --prices FILE before the bundled one, `bundled` alone, or what the runs kept."""
    name = options["prices"]
    own = None if name is None else default_prices()
    if name not in (None, "bundled"):
        own = load_prices(Path(name)).over(default_prices())
    return common_prices(runs, own, options["price_tier"])


def same_samples(arms: list[Arm], *, common: bool) -> list[Arm]:
    """The arms; with `common` cut to the samples of all.

    Raises:
        DifferentSamplesError: They differ, or have none in common.
    """
    if common:
        cut = common_samples(arms)
        if not all(arm.records for arm in cut):
            raise DifferentSamplesError(f"{arms[0].records[0].domain}: the models have no sample in common")
        return cut
    try:
        check_same_samples(arms)
    except DifferentSamplesError as error:
        raise DifferentSamplesError(f"{error}. --common-samples compares them on those alone") from error
    return arms


def changes(before: Path, after: Path, order: Sequence[str], options: Mapping[str, Any]) -> list[VcpdChange]:
    """The decomposition of each model and domain that both runs hold.

    Models are paired by name; one model on each side is paired whatever the names. `before` and `after` may be one
    folder, where two of its models are compared.

    Args:
        options: Also `measure`, `model_before` and `model_after`.

    Raises:
        IncomparableRunsError: No model or domain to pair.
    """
    one = before.resolve() == after.resolve()
    runs, domains = opened([before] if one else [before, after], options["domains"])
    sides = runs[0], runs[-1]
    table, draws = one_table(runs, options), DrawSettings(seed=options["seed"] or 0)
    found = []
    for domain in domains:
        for names in _paired(sides, domain, options):
            arms = [arm_of(run, name, domain, f"{name} ({run.name})") for run, name in zip(sides, names, strict=True)]
            arms = same_samples(arms, common=options["common_samples"])
            change = vcpd_change(arms[0], arms[1], table, draws, order=order, measure=options["measure"])
            found.append(replace(change, throughput=_throughput(sides, names, domain)))
    if not found:
        raise IncomparableRunsError(f"{before} and {after} have no domain in common")
    return found


def _throughput(sides: tuple[SavedRun, SavedRun], names: tuple[str, str], domain: str) -> tuple[float, float] | None:
    was, now = (run.value(name, domain, "t_tokens_per_s") for run, name in zip(sides, names, strict=True))
    return None if was is None or now is None else (was, now)


def _paired(sides: tuple[SavedRun, SavedRun], domain: str, options: Mapping[str, Any]) -> list[tuple[str, str]]:
    ours, theirs = (run.models(domain) for run in sides)
    if not ours or not theirs:
        return []
    for run, names, side in ((sides[0], ours, "before"), (sides[1], theirs, "after")):
        name = options[f"model_{side}"]
        if name is not None and name not in names:
            raise IncomparableRunsError(f"{run.name} holds no model '{name}' in {domain}; it holds {', '.join(names)}")
    ours = [options["model_before"]] if options["model_before"] else ours
    theirs = [options["model_after"]] if options["model_after"] else theirs
    if len(ours) == len(theirs) == 1:
        return [(ours[0], theirs[0])]
    shared = [(name, name) for name in ours if name in theirs]
    if not shared:
        raise IncomparableRunsError(
            f"{domain}: no model is in both runs ({', '.join(ours)}; {', '.join(theirs)}); name one of each with "
            f"--model-before and --model-after"
        )
    return shared
