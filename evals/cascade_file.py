"""A tuned cascade as a small readable file: its stages with their versions, bands and lines, and what it rests on."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from math import isfinite
from pathlib import Path
from typing import Any

from ..scoring.estimate import Estimate
from ..scoring.stage_costs import Band, ClaimCosts
from ..verifiers.recalibration import LogitLine
from ..verifiers.stage_tuning import Promise, Tuned
from ..verifiers.staged import Stage, StagedVerifier
from ..verifiers.verdict import Verifier

SCHEMA = 1


class CascadeFileError(ValueError):
    """A file that is no tuned cascade, or was tuned for other versions of its verifiers."""


def cascade_json(
    found: Tuned, names: list[str], costs: ClaimCosts, promise: Promise | None, data: str
) -> dict[str, Any]:
    """What `vcpd verify tune` writes and prints.

    Args:
        names: Under which each stage's verifier is made again. data: Where the labels came from.
    """
    floor = found.floor
    return {
        "schema": SCHEMA,
        "stages": [
            {"verifier": name, "name": s.verifier.name, "version": s.verifier.version, "low": s.band.low,
             "high": s.band.high, "intercept": s.line.intercept, "slope": s.line.slope}
            for name, s in zip(names, found.stages, strict=True)
        ],
        "floor": floor.threshold if floor else 0.0,
        "promise": None if promise is None else asdict(promise) | {
            "kept": floor is not None, "guarantee": floor.guarantee if floor else "", "note": found.why},
        "tuned_on": {"data": data, "claims": found.n_tuning, "measured_on": found.n_measuring} | asdict(costs),
        "worth": [
            {"name": w.name, "decided": list(w.decided), "checking_usd": w.checking_usd, "usd": _estimate(w.usd),
             "sensitivity": _estimate(w.sensitivity), "specificity": _estimate(w.specificity)}
            for w in found.worth
        ],
    }  # fmt: skip


def _estimate(e: Estimate) -> dict[str, Any]:
    return {"value": e.value, "low": e.low, "high": e.high, "n": e.n, "n_clusters": e.n_clusters, "method": e.method}


def read_cascade(path: Path, make: Callable[[str], Verifier]) -> StagedVerifier:
    """The cascade of a file.

    Args:
        make: A verifier by its name, see `verifier_names.verifier_of`.

    Raises:
        CascadeFileError: No such file, not of this form, or a stage has another version than the one tuned.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if data["schema"] != SCHEMA:
            raise CascadeFileError(f"{path}: schema {data['schema']} is not {SCHEMA}; tune again")
        stages = [_stage(path, row, make) for row in data["stages"]]
        return StagedVerifier(stages, floor=_number(data, "floor"))
    except OSError as error:
        raise CascadeFileError(f"{path}: cannot be read: {error.strerror}") from error
    except CascadeFileError:
        raise
    except (ValueError, KeyError, TypeError) as error:
        raise CascadeFileError(f"{path}: no tuned cascade (`vcpd verify tune` writes one): {error!r}") from error


def stage_names(path: Path) -> list[str]:
    """The names of the stages of a file, cheapest first; nothing is loaded. Raises CascadeFileError as above."""
    try:
        return [str(row["verifier"]) for row in json.loads(path.read_text(encoding="utf-8"))["stages"]]
    except OSError as error:
        raise CascadeFileError(f"{path}: cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise CascadeFileError(f"{path}: no tuned cascade (`vcpd verify tune` writes one): {error!r}") from error


def _stage(path: Path, row: Mapping[str, Any], make: Callable[[str], Verifier]) -> Stage:
    if row["verifier"].startswith("cascade:"):
        raise CascadeFileError(f"{path}: a cascade cannot be a stage of a cascade")
    verifier = make(row["verifier"])
    if verifier.version != row["version"]:
        raise CascadeFileError(
            f"{path}: stage '{row['verifier']}' was tuned at version {row['version']} and is now {verifier.version}; "
            "tune again"
        )
    band = Band(_number(row, "low"), _number(row, "high"))
    return Stage(verifier, band, LogitLine(_number(row, "intercept"), _number(row, "slope")))


def _number(row: Mapping[str, Any], name: str) -> float:
    value = row[name]
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise ValueError(f"'{name}' is {value!r}, not a number")
    return float(value)
