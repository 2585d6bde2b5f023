"""`vcpd gate --candidate RUN` alone: the launch limits of the packs."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from ..scoring.cell import make_cell
from ..scoring.draws import DrawSettings
from ..scoring.gate import Decision, Finding, GateTest, decide
from ..scoring.launch import Candidate, launch_tests
from ..scoring.power import DEFAULT_TEST, PairedTest
from ..scoring.prices import PriceTable, default_prices, load_prices
from .accounts import GateTerms, gate_terms_in, gate_terms_of, prices_in, tier_in
from .gate_runs import GateRefusedError
from .pack_by_name import load_pack
from .saved_runs import SavedRun, arm_of, label_choice_in, open_run


def launch(
    path: Path,
    test: PairedTest,
    *,
    domains: tuple[str, ...] = (),
    packs: tuple[str, ...] = (),
    prices: str | None = None,
    model: str | None = None,
) -> tuple[Decision, SavedRun]:
    """Judge a run by the limits that its packs declare (those in `packs` go first).

    Raises:
        RunFolderError: No finished run. GateRefusedError: No limit is declared for a domain, or no such model.
    """
    run = open_run(path)
    declared = {pack.name: gate_terms_of(pack) for pack in map(load_pack, packs)}
    table = prices_of(run, prices)
    wanted = [d for d in run.domains if not domains or d in domains]
    missing = [d for d in domains if d not in run.domains]
    if missing:
        raise GateRefusedError(f"{run.name} holds no domain '{missing[0]}'; it holds {', '.join(run.domains)}")
    tests: list[GateTest] = []
    for domain in wanted:
        terms = _limits(declared, run, domain)
        names = [m for m in run.models(domain) if model is None or m == model]
        if not names:
            raise GateRefusedError(f"{run.name} holds no model '{model}' in {domain}")
        for name in names:
            tests += launch_tests(_candidate(run, name, domain, table), terms.limits, terms.sources, test)
    return decide(tests, test.alpha), run


def launch_findings(run: SavedRun, test: PairedTest = DEFAULT_TEST) -> dict[tuple[str, str], list[Finding]]:
    """What the gate finds on each (model, domain) with launch limits, decided over the whole run as by `launch`."""
    table, tests = prices_of(run, None), list[GateTest]()
    for domain in run.domains:
        terms = gate_terms_in(run.manifest, domain)
        for model in run.models(domain) if terms.limits else ():
            tests += launch_tests(_candidate(run, model, domain, table), terms.limits, terms.sources, test)
    found: dict[tuple[str, str], list[Finding]] = {}
    for finding in decide(tests, test.alpha).findings if tests else ():
        found.setdefault((finding.test.model, finding.test.domain), []).append(finding)
    return found


def _limits(declared: Mapping[str, GateTerms], run: SavedRun, domain: str) -> GateTerms:
    terms = declared.get(domain) or gate_terms_in(run.manifest, domain)
    if not terms.limits:
        raise GateRefusedError(
            f"no launch limits are known for the domain '{domain}': give its pack with --pack FOLDER, or a baseline to "
            f"compare with"
        )
    return terms


def _candidate(run: SavedRun, model: str, domain: str, prices: PriceTable) -> Candidate:
    arm = arm_of(run, model, domain, model)
    cell = make_cell(list(arm.records), arm.counts, arm.terms, prices, DrawSettings(), label_choice_in(run.manifest))
    return Candidate(domain, model, arm.records, cell)


def prices_of(run: SavedRun, own: str | None) -> PriceTable:
    """What the run kept before the bundled table; the user's before both."""
    table = PriceTable(prices_in(run.manifest)).over(default_prices())
    if own is not None:
        table = default_prices() if own == "bundled" else load_prices(Path(own)).over(default_prices())
    return replace(table, tier=tier_in(run.manifest))
