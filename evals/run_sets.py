"""From run folders to joint draws, a domain at a time: what `vcpd frontier` and `vcpd decompose` begin with."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..scoring.comparison import Arm, DifferentSamplesError, check_same_samples, common_samples, joint_cells
from ..scoring.cost_measures import Cell
from ..scoring.draws import DrawSettings
from ..scoring.prices import PriceTable, default_prices, load_prices
from .saved_runs import IncomparableRunsError, SavedRun, arms_of, check_comparable, common_prices, open_run


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
    table = one_table(runs, options)
    draws = DrawSettings(seed=options["seed"] or 0)
    for domain in domains:
        arms = same_samples(arms_of(runs, domain), common=options["common_samples"])
        yield domain, arms, joint_cells(arms, table, draws)


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
