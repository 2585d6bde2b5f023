"""Serving conditions of finished answers: kept by model in a manifest, and compared between runs."""

from collections.abc import Mapping, Sequence
from typing import Any

from ..scoring.serving import ServingCondition, condition_row, read_condition
from .importers.recorded import RecordedAnswer
from .saved_runs import SavedRun

_UNNAMED = "an agent that is not named"
_TOLD = ("context", "verification", "agent")


def conditions_of(answers: Sequence[RecordedAnswer], verified: Mapping[str, str]) -> dict[str, ServingCondition | None]:
    """The condition of each model's recorded answers; None where the files do not say by what they were answered.

    Args:
        verified: The verifier in the loop by model, where one spoke.
    """
    found: dict[str, ServingCondition | None] = {}
    for model in dict.fromkeys(a.model for a in answers):
        by_domain = {a.domain: a.agent or (_UNNAMED if a.steps else None) for a in answers if a.model == model}
        agents = set(by_domain.values())
        if None in agents:
            found[model] = None
            continue
        said = "; ".join(f"{domain}: {agent}" for domain, agent in sorted(by_domain.items()))
        agent = str(agents.pop()) if len(agents) == 1 else said
        found[model] = ServingCondition(verification=verified.get(model, "none"), agent=agent)
    return found


def conditions_row(found: Mapping[str, ServingCondition | None]) -> dict[str, Any]:
    """The fields of a manifest that keep the conditions of a run's models: `serving` where all have one."""
    kept = {model: condition_row(c) for model, c in found.items() if c is not None}
    if len(kept) == len(found) and len(set(found.values())) == 1:
        return {"serving": next(iter(kept.values()))}
    return {"serving_by_model": kept} if kept else {}


def condition_in(manifest: Mapping[str, Any], model: str) -> ServingCondition | None:
    """The serving condition of a model that a manifest keeps; None where it keeps none."""
    kept = manifest.get("serving") or (manifest.get("serving_by_model") or {}).get(model)
    return read_condition("manifest.json, serving", kept) if kept else None


def run_differences(runs: Sequence[SavedRun]) -> tuple[str, ...]:
    """What a reader must see in red where models are compared that were not asked under one serving condition.

    One sentence for each of context, verification and agent that differs; runs that keep no condition say nothing.
    """
    known = {}
    for run in runs:
        for model in dict.fromkeys(r.model for r in run.records):
            if (condition := condition_in(run.manifest, model)) is not None:
                known[run.name, model] = condition
    several = len({model for _, model in known}) < len(known)
    said = []
    for name in _TOLD:
        values = {key: str(getattr(condition, name)) for key, condition in known.items()}
        if len(set(values.values())) > 1:
            listed = "; ".join(f"{model}{f' ({run})' if several else ''}: {v}" for (run, model), v in values.items())
            said.append(f"not of one serving condition, the {name} differs: {listed}")
    return tuple(said)
