"""`vcpd gate` on run folders: what is compared, under which margins, and the verdict. No model is called."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..scoring.false_blocks import FalseBlocks, false_blocks
from ..scoring.gate import Decision, GateTest, Margin, decide
from ..scoring.gate_tests import outcome_tests
from ..scoring.paired_shares import Pair
from ..scoring.power import DEFAULT_TEST, PairedTest
from .gate_margins import check_margins, margins_for
from .gate_pairs import PairedRuns, PairOptions, pair_runs
from .gate_runs import GateRefusedError, GateRun, open_gate_run

PRIMARIES = ("p", "correct", "abstained", "vcpd")
INFORMED_ROWS = 6000
"""Answers of both runs together up to which VCpD is compared without being asked for."""

ANCHOR_FACTOR = 2.0
"""The cumulative margin against the release anchor, in margins of one change."""


@dataclass(frozen=True, slots=True)
class GateOptions:
    """What the user decides about a gate.

    Attributes:
        primaries: What blocks: p (with its guards), correct, abstained, vcpd.
        margins: By "measure", "domain", "domain.measure", or "" for all shares.
        anchor: Run folder of the last release; `anchor_factor`: its cumulative margin, in margins of one change.
        prices, price_tier: The table that prices both arms; None: the candidate's.
        rerun: Whether one confirmatory rerun is declared, or this is it: then half the level is asked for to pass.
    """

    primaries: tuple[str, ...] = ("p",)
    margins: Mapping[str, float] = field(default_factory=dict)
    pairing: PairOptions = field(default_factory=PairOptions)
    anchor: Path | None = None
    anchor_factor: float = ANCHOR_FACTOR
    prices: str | None = None
    price_tier: str | None = None
    rerun: bool = False
    test: PairedTest = DEFAULT_TEST


@dataclass(frozen=True, slots=True)
class GateResult:
    """A verdict and what it rests on."""

    decision: Decision
    baseline: GateRun
    candidate: GateRun
    paired: PairedRuns
    notes: tuple[str, ...] = ()


DEFAULT_OPTIONS = GateOptions()


def gate(baseline: Path, candidate: Path, options: GateOptions = DEFAULT_OPTIONS) -> GateResult:
    """Compare a candidate run with a baseline run, and with the last release where one is named.

    Raises:
        RunFolderError: A folder is no finished run. GateRefusedError: They do not compare; the message says why.
    """
    _check(options)
    old, new = open_gate_run(baseline), open_gate_run(candidate)
    paired = pair_runs(old, new, options.pairing)
    check_margins(options.margins, list(dict.fromkeys(pair.domain for pair, _ in paired.pairs)))
    tests, notes = _tests(old, new, paired, options, 1.0)
    notes = [*paired.notes, *notes]
    if options.anchor is not None:
        release = open_gate_run(options.anchor)
        since = pair_runs(release, new, replace(options.pairing, models=(None, options.pairing.models[1])), ANCHOR)
        more, said = _tests(release, new, since, options, options.anchor_factor)
        tests, notes = tests + more, [*notes, *since.notes, *said]
    alpha = options.test.alpha
    decision = decide(tests, alpha, pass_alpha=alpha / 2 if options.rerun else None)
    return GateResult(decision, old, new, paired, tuple(dict.fromkeys(notes)))


ANCHOR = "release anchor"


def _check(options: GateOptions) -> None:
    unknown = [name for name in options.primaries if name not in PRIMARIES]
    if unknown or not options.primaries:
        raise GateRefusedError(f"'{''.join(unknown[:1])}' cannot block; what can is {', '.join(PRIMARIES)}")
    if set(options.primaries) == {"vcpd"}:
        raise GateRefusedError("VCpD alone cannot block, since it may be undefined: declare p beside it (--primary p)")


def _tests(
    old: GateRun, new: GateRun, paired: PairedRuns, options: GateOptions, factor: float
) -> tuple[list[GateTest], list[str]]:
    tests: list[GateTest] = []
    for pair, model in paired.pairs:
        margins = _times(margins_for(old, model, pair.domain, options.margins), factor)
        tests += outcome_tests(pair, options.primaries, margins, options.test)
    money, notes = _money(old, new, paired, options, factor)
    return tests + money, notes


def _times(margins: Mapping[str, Margin], factor: float) -> dict[str, Margin]:
    """Margins of what may be lost since the last release."""
    if factor == 1:
        return dict(margins)
    return {k: Margin(min(0.99, m.value * factor), f"{factor:g} times {m.source}") for k, m in margins.items()}


def _money(
    old: GateRun, new: GateRun, paired: PairedRuns, options: GateOptions, factor: float
) -> tuple[list[GateTest], list[str]]:
    """The tests of VCpD. They need every row of both runs: of large ones only where they are asked for."""
    asked, rows = "vcpd" in options.primaries, sum(len(side) for run in (old, new) for side in run.cells.values())
    if not asked and rows > INFORMED_ROWS:
        return [], [f"VCpD was not compared: above {INFORMED_ROWS:,} answers it has to be asked for (--primary vcpd)"]
    from .gate_costs import open_accounts, vcpd_test

    accounts = open_accounts(old.path, new.path, options.prices, options.price_tier)
    found = []
    for pair, model in paired.pairs:
        margin = _times(margins_for(old, model, pair.domain, options.margins), factor)["vcpd"]
        found.append(vcpd_test(accounts, pair, (model, pair.model), margin, options.test, asked=asked))
    return found, [accounts.note] * any(t.evidence is not None for t in found)


def aa(result: GateResult, options: GateOptions, repetitions: int, seed: int = 0) -> FalseBlocks:
    """How often this very gate would block where nothing changed: arms swapped at random, item by item.

    Raises:
        InsufficientDataError: Nothing was attempted and judged in an arm.
    """
    pairs: list[Pair] = []
    margins = {}
    for pair, model in result.paired.pairs:
        name = pair.domain if pair.domain not in margins else f"{pair.domain} ({pair.model})"
        margins[name] = margins_for(result.baseline, model, pair.domain, options.margins)
        pairs.append(replace(pair, domain=name))
    return false_blocks(pairs, margins, options.test, repetitions, seed)
