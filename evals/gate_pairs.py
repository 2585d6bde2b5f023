"""The domains and models of two runs that a gate compares, sample by sample, each refused where it cannot be."""

from dataclasses import dataclass, field, replace

import numpy as np

from ..scoring.judge_tables import LabelChoice
from ..scoring.outcome_columns import OutcomeColumns
from ..scoring.paired_shares import Pair
from ..scoring.records import Outcome
from .gate_anchors import answer_texts
from .gate_runs import GateRefusedError, GateRun, check_same_rules
from .saved_runs import label_choice_in


@dataclass(frozen=True, slots=True)
class PairOptions:
    """Which parts of two runs are compared, and what is put up with.

    Attributes:
        domains: Only these; all of the baseline's where empty.
        models: The baseline's and the candidate's, where a run holds several.
        common: Compare on the samples that both answered.
        max_unscored: Share of unscored answers above which an arm is refused.
        changed: What the change is meant to change (`gate_runs.CHANGES`): not refused.
        ignore_labels: Compare by the automatic evaluator alone.
    """

    domains: tuple[str, ...] = ()
    models: tuple[str | None, str | None] = (None, None)
    common: bool = False
    max_unscored: float = 0.05
    changed: tuple[str, ...] = ()
    ignore_labels: bool = False


@dataclass(frozen=True, slots=True)
class PairedRuns:
    """What is compared: pairs, each with the baseline's model, and what the reader must know of it."""

    pairs: tuple[tuple[Pair, str], ...]
    notes: tuple[str, ...] = field(default_factory=tuple)


def pair_runs(old: GateRun, new: GateRun, options: PairOptions, against: str = "baseline") -> PairedRuns:
    """Pair two runs.

    Raises:
        GateRefusedError: They do not compare: a domain, a model or samples are missing, rules differ, too much is
            unscored.
    """
    domains = _domains(old, new, options, against)
    declared = check_same_rules(old, new, domains, options.changed)
    notes = [f"changed as declared: {text}" for text in declared]
    extra = [d for d in new.domains if d not in old.domains and not options.domains]
    notes += [f"{d} has no {against}: not compared" for d in extra]
    found = []
    for domain in domains:
        for one, other in _models(old, new, domain, options.models):
            sides = same_samples(old.cells[one, domain], new.cells[other, domain], domain, common=options.common)
            for side, run in zip(sides, (old, new), strict=True):
                notes += _unscored(side, f"{run.name}, {domain}", options.max_unscored)
            pair = Pair(domain, other, *sides, against=against)
            found.append((_labelled(pair, (old, one), (new, other), ignore=options.ignore_labels), one))
    return PairedRuns(tuple(found), tuple(notes))


def _domains(old: GateRun, new: GateRun, options: PairOptions, against: str) -> list[str]:
    for domain in options.domains:
        if domain not in old.domains:
            raise GateRefusedError(f"the {against} holds no domain '{domain}'; it holds {', '.join(old.domains)}")
    domains = [d for d in old.domains if not options.domains or d in options.domains]
    for domain in domains:
        if domain not in new.domains:
            raise GateRefusedError(
                f"the candidate did not answer the domain '{domain}' of the {against}: run it, or gate the others "
                f"alone with --domain"
            )
    return domains


def _models(old: GateRun, new: GateRun, domain: str, named: tuple[str | None, str | None]) -> list[tuple[str, str]]:
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


def same_samples(
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
        old, new = (s.at(np.array([k in shared for k in keys])) for s, keys in ((old, ours), (new, theirs)))
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


def _unscored(side: OutcomeColumns, where: str, most: float) -> list[str]:
    """A note on unscored answers; too many are refused, since what is left need not be like the rest."""
    count = int(side.ended(Outcome.UNSCORED).sum())
    if count > most * len(side):
        raise GateRefusedError(
            f"{where}: {count} of {len(side)} answers are unscored ({count / len(side):.1%}), more than {most:.1%}: "
            f"what could be judged need not be like the rest. Judge them (labels, a grader), or allow more with "
            f"--max-unscored"
        )
    return [f"{where}: {count} of {len(side)} answers are unscored and outside p"] if count else []


def _labelled(pair: Pair, old: tuple[GateRun, str], new: tuple[GateRun, str], *, ignore: bool) -> Pair:
    """With what corrects an automatic evaluator: who picked the labels, and which answers did not change."""
    if ignore:
        return pair.by_automatic()
    people = [bool(np.isin(side.human.astype(str), ["correct", "incorrect"]).any()) for side in (pair.old, pair.new)]
    if not any(people):
        return pair
    texts = []
    for (run, model), side in ((old, pair.old), (new, pair.new)):
        mine = answer_texts(run.path)
        texts.append(np.array([mine.get((model, pair.domain, *key)) for key in side.keys], dtype=object))
    known = texts[0] != None  # noqa: E711 - an element of objects
    choices = {label_choice_in(run.manifest) for run, _ in (old, new)}
    chosen = LabelChoice.BY_OUTCOME if LabelChoice.BY_OUTCOME in choices else LabelChoice.RANDOM
    return replace(pair, same=np.asarray((texts[0] == texts[1]) & known, bool), chosen=chosen)
