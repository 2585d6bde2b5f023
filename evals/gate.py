"""`vcpd gate` on two run folders: what is compared, under which margins, and the verdict. No model is called."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ..scoring.gate import Decision, GateTest, Margin, decide
from ..scoring.gate_tests import Pair, outcome_tests
from ..scoring.outcome_columns import OutcomeColumns
from ..scoring.power import DEFAULT_TEST, PairedTest
from .gate_runs import GateRefusedError, GateRun, check_same_rules, open_gate_run
from .gate_margins import margins_for


@dataclass(frozen=True, slots=True)
class GateOptions:
    """What the user decides about a gate.

    Attributes:
        primaries: What blocks: p (with its guards), correct, abstained, vcpd.
        margins: By "measure", "domain" or "domain.measure"; "" for all.
        domains: Only these; all of the baseline's where empty.
        models: The baseline's and the candidate's, where a run holds several.
        common: Compare on the samples that both answered.
        max_unscored: Share of unscored answers above which an arm is refused.
        changed: What the change is meant to change (prompt, corpus, ...): not refused.
    """

    primaries: tuple[str, ...] = ("p",)
    margins: Mapping[str, float] = field(default_factory=dict)
    domains: tuple[str, ...] = ()
    models: tuple[str | None, str | None] = (None, None)
    common: bool = False
    max_unscored: float = 0.05
    changed: tuple[str, ...] = ()
    test: PairedTest = DEFAULT_TEST


@dataclass(frozen=True, slots=True)
class GateResult:
    """A verdict and what it rests on."""

    decision: Decision
    baseline: GateRun
    candidate: GateRun
    pairs: tuple[Pair, ...]
    notes: tuple[str, ...] = ()


def gate(baseline: Path, candidate: Path, options: GateOptions = GateOptions()) -> GateResult:  # noqa: B008 - frozen
    """Compare a candidate run with a baseline run.

    Raises:
        RunFolderError: A folder is no finished run. GateRefusedError: They do not compare; the message says why.
    """
    old, new = open_gate_run(baseline), open_gate_run(candidate)
    pairs = paired(old, new, options)
    tests: list[GateTest] = []
    for pair in pairs:
        margins = margins_for(old, pair.domain, options.margins)
        tests += outcome_tests(pair, options.primaries, margins, options.test)
    return GateResult(decide(tests, options.test.alpha), old, new, tuple(pairs))


def paired(old: GateRun, new: GateRun, options: GateOptions, against: str = "baseline") -> list[Pair]:
    """The domains and models that are compared, each refused where it cannot be."""
    domains = [d for d in old.domains if not options.domains or d in options.domains]
    unknown = [d for d in options.domains if d not in old.domains]
    if unknown:
        raise GateRefusedError(f"the {against} holds no domain '{unknown[0]}'; it holds {', '.join(old.domains)}")
    missing = [d for d in domains if d not in new.domains]
    if missing:
        raise GateRefusedError(
            f"the candidate did not answer the domain '{missing[0]}' of the {against}: run it, or gate others alone "
            f"with --domain"
        )
    check_same_rules(old, new, domains, options.changed)
    found = []
    for domain in domains:
        for one, other in models_of(old, new, domain, options.models):
            sides = same_items(old.cells[one, domain], new.cells[other, domain], domain, common=options.common)
            for side, run in zip(sides, (old, new), strict=True):
                check_scored(side, f"{run.name}, {domain}", options.max_unscored)
            found.append(Pair(domain, other, *sides, against=against))
    return found


def models_of(old: GateRun, new: GateRun, domain: str, named: tuple[str | None, str | None]) -> list[tuple[str, str]]:
    """Pairs of models: the named ones, the only ones, or those of one name."""
    sides = []
    for run, name in ((old, named[0]), (new, named[1])):
        known = run.models(domain)
        if name is not None and name not in known:
            raise GateRefusedError(f"{run.name} holds no model '{name}' in {domain}; it holds {', '.join(known)}")
        sides.append([name] if name is not None else known)
    ours, theirs = sides
    if len(ours) == len(theirs) == 1:
        return [(ours[0], theirs[0])]
    shared = [(name, name) for name in ours if name in theirs]
    if not shared:
        raise GateRefusedError(
            f"{domain}: no model is in both runs ({', '.join(ours)}; {', '.join(theirs)}); name one of each with "
            f"--baseline-model and --candidate-model"
        )
    return shared


def same_items(
    old: OutcomeColumns, new: OutcomeColumns, domain: str, *, common: bool
) -> tuple[OutcomeColumns, OutcomeColumns]:
    """Both arms, row by row the same sample and epoch.

    Raises:
        GateRefusedError: An arm lacks samples and `common` is off, or a sample changed its cluster.
    """
    ours, theirs = old.keys, new.keys
    if ours != theirs:
        shared = set(ours) & set(theirs)
        if not common or not shared:
            lacks = [_lacks("the candidate", set(ours) - shared), _lacks("the baseline", set(theirs) - shared)]
            raise GateRefusedError(
                f"{domain}: the runs did not answer the same samples: {'; '.join(filter(None, lacks))}; {len(shared)} "
                f"are common to both. Run what is missing, or compare on those alone with --common-samples"
            )
        old = old.at(np.array([key in shared for key in ours]))
        new = new.at(np.array([key in shared for key in theirs]))
    moved = np.flatnonzero(old.clusters != new.clusters)
    if len(moved):
        raise GateRefusedError(
            f"{domain}: sample '{old.samples[moved[0]]}' is in cluster '{old.clusters[moved[0]]}' of the baseline and "
            f"'{new.clusters[moved[0]]}' of the candidate; the same sample belongs to one cluster"
        )
    return old, new


def _lacks(who: str, keys: set[tuple[str, int]]) -> str:
    if not keys:
        return ""
    shown = ", ".join(f"'{name}'" + (f" epoch {epoch}" if epoch > 1 else "") for name, epoch in sorted(keys)[:3])
    return f"{who} lacks {len(keys)} ({shown}{', ...' if len(keys) > 3 else ''})"


def check_scored(side: OutcomeColumns, where: str, most: float) -> None:
    """Refuse an arm of which too much is unscored: what is left need not be like the rest."""
    from ..scoring.records import Outcome

    share = float(side.ended(Outcome.UNSCORED).mean())
    if share > most:
        raise GateRefusedError(
            f"{where}: {share:.1%} of the answers are unscored, more than {most:.1%}: what could be judged need not be "
            f"like the rest. Judge them (labels, a grader), or allow more with --max-unscored"
        )


def domains_of(pairs: Sequence[Pair]) -> list[str]:
    """The domains, in order."""
    return list(dict.fromkeys(p.domain for p in pairs))


__all__ = ["GateOptions", "GateResult", "Margin", "gate"]
