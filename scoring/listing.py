"""Listing 1 of the field note "The Inference Stack in 2026": VCpD of one workload point, as it stands there.

    q = run_bench(model, bench_set, conditions=workload.serving)
    tps = sustained_tps(model, workload, slo=workload.slo_p99_ms)
    c_per_sec = hw_cost_per_second + workload.verification_cost_per_sec
    p_retry = retry_rate(model, bench_set)
    return (q * tps) / (c_per_sec / (1 - p_retry))

The listing leaves two things open, each of which counts retries twice if guessed wrongly: whether the throughput
counts every attempt or only delivered answers, and whether Q is the quality of attempts or of delivered answers.
Both are declared with the workload; as it stands, the listing reads raw throughput and delivered quality.
Emerging: not peer reviewed. Runs are priced by `vcpd.py`, from replayed requests.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from math import isfinite
from typing import Generic, TypeVar

from .estimate import InsufficientDataError

B = TypeVar("B")  # a benchmark set
S = TypeVar("S")  # serving conditions


class Counts(StrEnum):
    """What a measured number counts: every attempt, retried ones included, or delivered answers alone."""

    RAW = "raw"
    DELIVERED = "delivered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload(Generic[S]):
    """One workload point.

    Attributes:
        serving: Conditions under which quality is measured: batch, context, verification policy.
        slo_p99_ms: 99th percentile of latency at which throughput is sustained, milliseconds, above 0.
        verification_cost_per_sec: Dollars per second of everything that checks answers, 0 or more.
        throughput_counts: Whether `sustained_tps` counts the tokens of rejected attempts ("raw") or only
            delivered ones. Raw throughput is charged with 1/(1 - p_retry); delivered throughput is not.
        quality_counts: Whether `run_bench` gives the share right among delivered answers, or among all
            attempts, a retried attempt counting as not right ("raw").
    """

    serving: S
    slo_p99_ms: float
    verification_cost_per_sec: float
    throughput_counts: Counts
    quality_counts: Counts = Counts.DELIVERED

    def __post_init__(self) -> None:
        for name in ("throughput_counts", "quality_counts"):
            if getattr(self, name) not in tuple(Counts):
                raise ValueError(f"{name} must be raw or delivered, not {getattr(self, name)!r}")


@dataclass(frozen=True, slots=True)
class Model(Generic[B, S]):
    """The three measurements of Listing 1 on one model.

    Attributes:
        run_bench: Quality Q in [0, 1] on a benchmark set under serving conditions.
        sustained_tps: Output tokens per second of a workload while its SLO holds.
        retry_rate: p_retry, the share of attempts on a benchmark set that are tried again.
    """

    run_bench: Callable[[B, S], float]
    sustained_tps: Callable[[Workload[S], float], float]
    retry_rate: Callable[[B], float]


def measured(q: float, tps: float, p_retry: float = 0.0) -> Model[object, object]:
    """A model whose three measurements are at hand as numbers."""
    return Model(lambda *_: q, lambda *_: tps, lambda _: p_retry)


def vcpd(model: Model[B, S], workload: Workload[S], bench_set: B, hw_cost_per_second: float) -> float:
    """Verified Capability per Dollar at one workload point (Listing 1), quality-tokens per dollar, 0 or more.

    Args:
        hw_cost_per_second: Dollars per second of serving, on a named price basis (list, rental, own).

    Raises:
        InsufficientDataError: p_retry >= 1 (nothing is ever delivered), or dollars per second are 0.
        ValueError: A measurement outside its range.
    """
    q = _within("run_bench", model.run_bench(bench_set, workload.serving), 0, 1)
    tps = _within("sustained_tps", model.sustained_tps(workload, workload.slo_p99_ms), 0)
    c_per_sec = _within("hw_cost_per_second", hw_cost_per_second, 0)
    c_per_sec += _within("verification_cost_per_sec", workload.verification_cost_per_sec, 0)
    p_retry = _within("retry_rate", model.retry_rate(bench_set), 0)
    if p_retry >= 1:
        raise InsufficientDataError(f"VCpD is undefined: p_retry is {p_retry:g}, so no attempt is ever delivered")
    if c_per_sec <= 0:
        raise InsufficientDataError("VCpD is undefined: the cost is 0 dollars per second; name a price")
    return q * tps / effective_cost(c_per_sec, p_retry, workload)


def effective_cost(c_per_sec: float, p_retry: float, workload: Workload[S]) -> float:
    """Step 4 of Listing 1: dollars per second, with retries charged exactly once. Undefined at p_retry >= 1.

    Raw throughput with delivered quality is divided by 1 - p_retry, as printed. If both count attempts, or both
    delivered answers, nothing is left to correct. Attempt quality with delivered throughput: multiplied.
    """
    delivered = (workload.quality_counts is Counts.DELIVERED) - (workload.throughput_counts is Counts.DELIVERED)
    return cost_retried(c_per_sec, p_retry) if delivered > 0 else c_per_sec * (1 - p_retry) ** -delivered


def cpm(model: Model[B, S], workload: Workload[S], bench_set: B, hw_cost_per_second: float) -> float:
    """Dollars per million tokens: the reciprocal of VCpD with Q silently set to 1 (field note 2.1).

    Raises:
        InsufficientDataError: As `vcpd`, or no token is produced.
    """
    every_token = replace(model, run_bench=lambda *_: 1.0)
    per_dollar = vcpd(every_token, workload, bench_set, hw_cost_per_second)
    if per_dollar <= 0:
        raise InsufficientDataError("dollars per token are undefined: no token is produced")
    return 1e6 / per_dollar


def vcpd_at_price(q: float, usd_per_mtok: float) -> float:
    """VCpD of a hosted model that is billed by output tokens alone: quality-tokens per dollar.

    Raises:
        InsufficientDataError: The price is 0: T/C is unbounded.
    """
    if _within("usd_per_mtok", usd_per_mtok, 0) <= 0:
        raise InsufficientDataError("VCpD is undefined at a price of 0 dollars per million tokens")
    return _within("q", q, 0, 1) * 1e6 / usd_per_mtok


def cost_additive(c: float, p: float, c_v: float) -> float:
    """Verification as the field note's text has it (2.1): C + p * C_v, paid per wrong answer.

    Special case of the policy model: every error caught, no false alarm, a free check, no retry and a person who
    always puts it right (then Q = 1); or no verifier and a loss C_v per escaped error (then Q = 1 - p).
    """
    return _within("c", c, 0) + _within("p", p, 0, 1) * _within("c_v", c_v, 0)


def cost_retried(c: float, p_retry: float, *, verification: float = 0.0) -> float:
    """Verification as Listing 1 has it: (C + verification) / (1 - p_retry), paid on every attempt.

    Special case of the policy model: unlimited independent retries and no people; p_retry is then the share of
    attempts that are rejected, p * sensitivity + (1 - p) * false-positive rate, not p. The first two terms of the
    series, c * (1 + p_retry), are one retry. Human dollars are added after the division, never divided.

    Raises:
        InsufficientDataError: p_retry >= 1.
    """
    if _within("p_retry", p_retry, 0) >= 1:
        raise InsufficientDataError(f"1 / (1 - p_retry) is undefined at p_retry = {p_retry:g}")
    return (_within("c", c, 0) + _within("verification", verification, 0)) / (1 - p_retry)


def _within(name: str, value: float, low: float, high: float = float("inf")) -> float:
    if not (isfinite(value) and low <= value <= high):
        limits = f"in [{low:g}, {high:g}]" if isfinite(high) else f"{low:g} or more"
        raise ValueError(f"{name} must be a finite number {limits}, not {value}")
    return value
