"""Throughput files beside runs: read, matched to the runs' models, and compared with the conditions that gave Q."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from ..scoring.serving import ServingCondition, condition_differences
from ..scoring.throughput import Throughput, ThroughputFileError, read_throughput


def read_throughputs(paths: Sequence[Path], models: Sequence[str]) -> dict[str, Throughput]:
    """The files by the model of the runs that each measures: of its name, or the only one whose name ends in it.

    Raises:
        ThroughputFileError: A file that cannot be read, of no model or of several, or two of one model.
    """
    found: dict[str, Throughput] = {}
    for path in paths:
        one = throughput_file(path)
        names = [m for m in models if m == one.model] or [m for m in models if m.rpartition("/")[2] == one.model]
        if len(names) != 1:
            known = ", ".join(models)
            raise ThroughputFileError(
                f"{path} measures '{one.model}', which is {'several of' if names else 'none of'} the models here "
                f"({known}); make the file with --run-model NAME"
            )
        if names[0] in found:
            raise ThroughputFileError(f"{path}: a second throughput of {names[0]}; give one for each model")
        found[names[0]] = replace(one, model=names[0])
    return found


def throughput_file(path: Path) -> Throughput:
    """Read one file of `vcpd throughput --out`. Raises ThroughputFileError."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ThroughputFileError(f"{path} cannot be read as a throughput file: {error}") from error
    return read_throughput(str(path), data)


def verification_name(verifier: str, retries: Sequence[int]) -> str:
    """A verification policy in the words of a serving condition, e.g. "lexical, 2 retries"."""
    fewest, most = min(retries, default=0), max(retries, default=0)
    said = f"{fewest}" if fewest == most else f"{fewest} to {most}"
    return f"{verifier}, {said} retries" if most else verifier


def throughput_remarks(
    found: Mapping[str, Throughput], conditions: Mapping[str, ServingCondition | None]
) -> tuple[str, ...]:
    """What a reader must see in red: where Q and T are not of one serving condition, and what files warn of.

    Args:
        conditions: Of the runs, by model; None: the run keeps none.
    """
    said = []
    for model, one in found.items():
        quality = conditions.get(model)
        if quality is None:
            said.append(f"{model}: the run does not say under which serving condition its Q was measured")
        elif differ := condition_differences(quality, one.condition):
            said.append(f"{model}: Q and T are not of one serving condition: {', '.join(differ)}")
        if one.tokens_per_s.low is None:
            said.append(f"{model}: its T has no interval and counts as exact, so intervals of dollars are too narrow")
        if one.slo_kept is False:
            said.append(f"{model}: its throughput was measured where the SLO did not hold")
        said += [f"{model}: {text}" for text in one.warnings if text.startswith("client-limited")]
    slos = {str(one.condition.slo) for one in found.values()}
    if len(slos) > 1:
        said.append(f"the throughputs were measured under different SLOs: {'; '.join(sorted(slos))}")
    return tuple(said)
