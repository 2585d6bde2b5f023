"""Serving conditions s = (batch, context, SLO, verification policy): what Q, T and C must have in common.

VCpD(m, s) is a function of s (field note "The Inference Stack in 2026", definition 1): quality measured at one context
and throughput at another do not make one number. The type is frozen and hashed, and goes into a run's manifest.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from math import isfinite
from typing import Any

AS_RUN = "as run"
"""A load that nobody set: whatever the evaluation itself caused."""
AS_RETRIEVED = "as retrieved"
"""A context that nobody filled: the passages that retrieval found, and no more."""

ONE_CALL = "one call"
"""An answer that the model gave in one call, without tools."""


@dataclass(frozen=True, slots=True)
class Slo:
    """A service-level objective: latencies within which a share of requests must stay. None: no limit.

    Attributes:
        ttft_s: Time to first token, from when the request was due, seconds.
        itl_s: Inter-token latency: the time between two consecutive chunks of one answer, seconds. It is not TPOT,
            which is a mean of one answer.
        e2e_s: Until the last token, from when the request was due; with a verification policy until acceptance.
        percentile: The share, in (0, 1): 0.99 puts the limits on the 99th percentile.
    """

    ttft_s: float | None = None
    itl_s: float | None = None
    e2e_s: float | None = None
    percentile: float = 0.99

    def __post_init__(self) -> None:
        for name in ("ttft_s", "itl_s", "e2e_s"):
            limit = getattr(self, name)
            if limit is not None and not (isfinite(limit) and limit > 0):
                raise ValueError(f"the limit {name} of an SLO must be a finite number of seconds above 0, not {limit}")
        if not 0 < self.percentile < 1:
            raise ValueError(f"the percentile of an SLO must lie between 0 and 1, not {self.percentile}")

    @property
    def limits(self) -> dict[str, float]:
        """The limits that are set, by the name of the latency."""
        named = {"ttft": self.ttft_s, "itl": self.itl_s, "e2e": self.e2e_s}
        return {name: limit for name, limit in named.items() if limit is not None}

    def __str__(self) -> str:
        said = ", ".join(f"{name.upper()} <= {limit * 1000:g} ms" for name, limit in self.limits.items())
        return f"p{self.percentile * 100:g} {said}" if said else "none"


@dataclass(frozen=True, slots=True)
class ServingCondition:
    """One serving condition s.

    Attributes:
        batch: The load: "as run", "8 streams" (closed loop) or "3.5 requests/s, Poisson" (open loop).
        context: "as retrieved", or the tokens that a prompt is filled up to, e.g. "32k".
        slo: Limits that were kept while T was measured.
        verification: The policy that stands between the model and the user, e.g. "none" or "lexical, 2 retries".
        agent: What stands around the model: "one call", or an agent that calls it step by step, with its tools and
            limits.
    """

    batch: str = AS_RUN
    context: str = AS_RETRIEVED
    slo: Slo = field(default_factory=Slo)
    verification: str = "none"
    agent: str = ONE_CALL

    @property
    def sha256(self) -> str:
        """Hash of the condition: equal where, and only where, all its parts are."""
        row = asdict(self)
        if self.agent == ONE_CALL:  # as it was before there were agents: kept hashes hold
            del row["agent"]
        return hashlib.sha256(json.dumps(row, sort_keys=True).encode()).hexdigest()


_TEXTS = ("context", "verification", "agent")


def condition_row(condition: ServingCondition) -> dict[str, Any]:
    """A condition as plain fields with its hash, for a manifest or a throughput file."""
    return asdict(condition) | {"sha256": condition.sha256}


def read_condition(where: str, row: object) -> ServingCondition:
    """The inverse of `condition_row`; `where` names the place in messages.

    Raises:
        ValueError: A field is missing, unknown or no text, or the kept hash is another condition's.
    """
    if not isinstance(row, Mapping):
        raise ValueError(f"{where}: the serving condition must be a set of fields")
    fields = dict(row)
    kept = fields.pop("sha256", None)
    try:
        condition = ServingCondition(**{**fields, "slo": Slo(**fields["slo"])})
    except (KeyError, TypeError) as error:
        raise ValueError(f"{where}: the serving condition cannot be read ({error})") from error
    if not all(isinstance(getattr(condition, name), str) for name in ("batch", *_TEXTS)):
        raise ValueError(f"{where}: batch, context, verification and agent of a serving condition are texts")
    if kept is not None and kept != condition.sha256:
        raise ValueError(f"{where}: the serving condition was changed by hand: its hash is another one's")
    return condition


def condition_differences(quality: ServingCondition, throughput: ServingCondition) -> tuple[str, ...]:
    """What differs between the condition in which Q was measured and that in which T was, in words; empty: nothing.

    A load "as run" and an SLO without limits say nothing, so they contradict nothing.
    """
    found = []
    if AS_RUN not in (quality.batch, throughput.batch) and quality.batch != throughput.batch:
        found.append(f"batch (Q at {quality.batch}, T at {throughput.batch})")
    for name in _TEXTS:
        one, other = getattr(quality, name), getattr(throughput, name)
        if one != other:
            found.append(f"{name} (Q with {one}, T with {other})")
    if quality.slo.limits and throughput.slo.limits and quality.slo != throughput.slo:
        found.append(f"SLO (Q under {quality.slo}, T under {throughput.slo})")
    return tuple(found)
