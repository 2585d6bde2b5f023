"""How far an answer of a finished run can be trusted: by its own confidence, or by its least supported claim."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..scoring.answer_trust import Bargain, trusted
from ..scoring.estimate import InsufficientDataError
from ..scoring.policy import AttemptKey, attempt_key
from ..scoring.thresholds import Threshold
from .saved_runs import SavedRun

SCORES = ("confidence", "support")


@dataclass(frozen=True, slots=True)
class Trusted:
    """One model in one domain; no threshold where none keeps the bargain, and `why`."""

    model: str
    domain: str
    threshold: Threshold | None
    why: str = ""


def trust_of(run: SavedRun, by: str) -> dict[AttemptKey, float]:
    """A score in [0, 1] for each attempt that has one.

    Args:
        by: "confidence": as the model stated it. "support": the least probability of support among its claims, as the
            verifier in the loop gave it; an attempt with a claim that could not be checked has none.
    """
    if by == "confidence":
        return {attempt_key(r): r.confidence for r in run.records if r.confidence is not None}
    import pyarrow.parquet as pq

    columns = ["model", "domain", "sample_id", "epoch", "attempt", "probability"]
    least: dict[AttemptKey, float] = {}
    failed: set[AttemptKey] = set()
    for row in pq.read_table(run.path / "verdicts.parquet", columns=columns).to_pylist():
        key = (row["model"], row["domain"], row["sample_id"], row["epoch"], row["attempt"])
        if row["probability"] is None:
            failed.add(key)
        else:
            least[key] = min(least.get(key, 1.0), row["probability"])
    return {key: value for key, value in least.items() if key not in failed}


def thresholds(run: SavedRun, domains: Sequence[str], by: str, bargain: Bargain, seed: int) -> list[Trusted]:
    """A threshold for each model and domain of `run`, or why there is none."""
    trust = trust_of(run, by)
    found = []
    for domain in domains:
        for model in run.models(domain):
            mine = [r for r in run.records if (r.model, r.domain) == (model, domain)]
            try:
                found.append(Trusted(model, domain, trusted(mine, trust, bargain, seed=seed)))
            except InsufficientDataError as error:
                found.append(Trusted(model, domain, None, str(error)))
    return found
