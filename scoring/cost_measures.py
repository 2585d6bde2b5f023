"""The measures that follow from the replayed policy: Q, T, C, H, C_v, kappa, VCpD, from one table of draws."""

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from .abstention import ATTEMPTED, first_attempts
from .draws import DrawSettings, bootstrap_means, estimate_of, rate_draws
from .economics import Economics, RetryPolicy
from .estimate import Estimate, InsufficientDataError
from .intervals import cluster_numbers, clustered_proportion, posterior_size
from .policy import AttemptKey, End, Request, replay
from .prices import PriceTable, UnpricedError
from .records import ClaimCounts, Outcome, Record
from .vcpd import PerRequest, per_request, pooled, rate_order

Floats = NDArray[np.float64]
Computed = tuple[str, Callable[[], Estimate], str]

POOLED = "all"
"""The domain of pooled rows."""

_RECORDED = "the answers were recorded, not run: there is no wall time"
_WITHOUT_MONEY = ("q", "q_tokens", "verified_answer_rate", "t_tokens_per_s")
_WITHOUT_TOKENS = (
    "q", "verified_answer_rate", "kappa_usd", "h_usd", "c_v_usd", "c_g_usd", "verification_usd",
    "verified_answers_per_usd", "usd_per_verified_answer", "c_usd_per_s",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class DomainTerms:
    """What a domain's pack declares; None: no pack matches, so no human dollars are counted."""

    economics: Economics | None = None
    retry_policy: RetryPolicy = field(default_factory=RetryPolicy)


@dataclass(frozen=True, slots=True)
class Cell:
    """One model in one domain under its policy, with the draws that all its numbers share.

    Attributes:
        error: Draws of p of the first attempt; None where nothing was attempted and judged.
        price_note: Why dollars are unknown; "" where they are known.
        token_note: Said beside numbers that rest on estimated tokens.
    """

    requests: list[Request]
    joint: PerRequest
    error: Floats | None
    economics: Economics | None
    settings: DrawSettings
    n_clusters: int
    price_note: str = ""
    token_note: str = ""


def make_cell(
    records: list[Record],
    counts: Mapping[AttemptKey, ClaimCounts],
    terms: DomainTerms,
    prices: PriceTable,
    draws: DrawSettings,
) -> Cell:
    """Replay the policy over the records of one model in one domain, and draw."""
    # independent between domains, common to all models of one domain
    settings = replace(draws, seed=draws.seed + zlib.crc32(records[0].domain.encode(errors="replace")))
    price_note = ""
    try:
        requests = replay(records, terms.retry_policy, counts, prices)
    except UnpricedError as error:
        requests, price_note = replay(records, terms.retry_policy, counts, None), str(error)
    if not any(u.stage == "generate" for r in records for u in r.usage):
        requests = [replace(r, dollars=None) for r in requests]
        price_note = "usage was not recorded, so what was spent is unknown"
    return Cell(
        requests,
        per_request(requests, terms.retry_policy, terms.economics, settings),
        _error_draws(records, settings),
        terms.economics,
        settings,
        len({r.cluster_id for r in records}),
        price_note,
    )


def _error_draws(records: list[Record], settings: DrawSettings) -> Floats | None:
    first = sorted(first_attempts(records), key=lambda r: (r.sample_id, r.epoch))  # the order of the requests
    attempted = np.array([r.outcome in ATTEMPTED for r in first], float)
    if not attempted.any():
        return None
    wrong = np.array([r.outcome is Outcome.INCORRECT for r in first], float)
    clusters = cluster_numbers([r.cluster_id for r in first])
    p, n, _ = posterior_size(wrong, attempted, clusters, confidence_level=settings.confidence_level)
    counts = np.zeros((2, 0))
    if settings.paired:
        counts = len(first) * bootstrap_means(np.column_stack([wrong, attempted]), clusters, settings).T
    [order] = rate_order(settings, (counts[0], counts[1]))  # the seed of the escapes: comonotone with them
    return rate_draws(p * n, n, order)


def cost_measures(cell: Cell, wall: float | None) -> list[Computed]:
    """Every measure of the policy, each as (name, how to compute it, note).

    Args:
        wall: Seconds that the run took for these requests; None where answers were recorded.
    """
    joint, economics = cell.joint, cell.economics
    rate = len(cell.requests) / wall if wall else None
    no_pack = "no pack of this name declares it"
    values: dict[str, Floats | str] = {
        **_arrays(joint),
        "c_v_usd": _per_error(joint, cell.error),
        "t_tokens_per_s": joint.tokens * rate if rate else _RECORDED,
        "c_usd_per_s": joint.kappa * rate if rate else _RECORDED,
        "vcpd_l": joint.vcpd_with_loss(economics.loss_per_escaped_error) if economics else no_pack,
        "vcpd_floor": _floor(joint, economics),
    }
    computed = [(name, _estimate(name, value, cell), _note(name, cell)) for name, value in values.items()]
    return [("p_escaped", lambda: _escaped(cell), ""), *computed]


def pooled_measures(cells: Mapping[str, Cell]) -> list[Computed]:
    """Domain `all`: domains added with their declared traffic weights."""
    weights = {d: c.economics.traffic_weight if c.economics else 1.0 for d, c in cells.items()}
    total = sum(weights.values())
    note = "pooled with traffic weights " + ", ".join(f"{d} {w / total:.2f}" for d, w in weights.items())
    joint = pooled([(weights[d], c.joint) for d, c in cells.items()])
    price_note = next((c.price_note for c in cells.values() if c.price_note), "")
    one = next(iter(cells.values()))
    requests = [r for c in cells.values() for r in c.requests]
    whole = replace(
        one, requests=requests, joint=joint, price_note=price_note, n_clusters=sum(c.n_clusters for c in cells.values())
    )
    values = _arrays(joint)
    errors = [(weights[d], c.error) for d, c in cells.items() if c.error is not None]
    if len(errors) == len(cells):
        values["p"] = np.asarray(sum(w / total * e for w, e in errors))
        values["c_v_usd"] = np.asarray(joint.overhead / values["p"])
    return [(name, _estimate(name, value, whole), note) for name, value in values.items()]


def _arrays(joint: PerRequest) -> dict[str, Floats]:
    return {
        "verified_answer_rate": joint.right,
        "q": joint.q,
        "q_tokens": joint.q_tokens,
        "c_g_usd": joint.first,
        "verification_usd": joint.verification,
        "h_usd": joint.overhead,
        "kappa_usd": joint.kappa,
        "vcpd": joint.vcpd,
        "verified_answers_per_usd": joint.answers_per_usd,
        "usd_per_verified_answer": joint.usd_per_answer,
    }


def _per_error(joint: PerRequest, error: Floats | None) -> Floats | str:
    if error is None or error[0] <= 0:
        return "no error was observed, and C_v = H / p"
    return np.asarray(joint.overhead / error)


def _floor(joint: PerRequest, economics: Economics | None) -> Floats | str:
    if economics is None or economics.q_min is None:
        return "no floor q_min is declared"
    q = float(joint.q_tokens[0])
    if q < economics.q_min:
        return f"Q = {q:.3f} misses the floor Q_min = {economics.q_min:g}"
    return joint.vcpd


def _estimate(name: str, value: Floats | str, cell: Cell) -> Callable[[], Estimate]:
    def compute() -> Estimate:
        if isinstance(value, str):
            raise InsufficientDataError(value)
        if not np.isfinite(value[0]):
            raise InsufficientDataError(_why(name, cell))
        return estimate_of(value, cell.settings, len(cell.requests), cell.n_clusters)

    return compute


def _why(name: str, cell: Cell) -> str:
    """Why a measure has no finite value."""
    if cell.price_note and name not in _WITHOUT_MONEY:
        return cell.price_note
    delivered = [r for r in cell.requests if r.end is End.DELIVERED]
    if delivered and all(r.right is None for r in delivered):
        return "no delivered answer was judged"
    if name not in _WITHOUT_TOKENS and any(r.tokens is None for r in delivered):
        return "the tokens of the answers were not recorded"
    if not cell.joint.delivered[0] > 0:
        return "no answer was delivered"
    return "no answer was right" if name == "usd_per_verified_answer" else "its denominator is 0"


def _note(name: str, cell: Cell) -> str:
    """What a measure rests on: the wage scenario, estimated tokens, a reference length."""
    parts = []
    if name not in _WITHOUT_MONEY and cell.economics is None:
        parts.append("no human dollars are counted (no pack of this name)")
    if name == "kappa_usd" and cell.economics is not None:
        parts.append(_wages(cell.joint, cell.economics))
    if name in ("t_tokens_per_s", "c_usd_per_s"):
        parts.append("as run, no SLO")
    if cell.token_note and name not in ("q", "verified_answer_rate"):
        parts.append(cell.token_note)
    if name in ("q_tokens", "vcpd") and any(r.end is End.ESCALATED for r in cell.requests):
        parts.append("a person's answer counts the mean length of the model's")
    return "; ".join(parts)


def _wages(joint: PerRequest, e: Economics) -> str:
    machine, human = float(joint.machine[0]), float(joint.human[0])
    if not e.wage_base or not np.isfinite(machine):
        return f"wage {e.wage_base:g} usd/h"
    low, high = (machine + human * wage / e.wage_base for wage in (e.wage_low, e.wage_high))
    return f"wage {e.wage_base:g} usd/h; {low:.3g} at {e.wage_low:g}, {high:.3g} at {e.wage_high:g}"


def _escaped(cell: Cell) -> Estimate:
    among: Sequence[Request] = [r for r in cell.requests if r.right is not None]
    if not among:
        raise InsufficientDataError("no delivered answer was judged")
    wrong = np.array([r.right is False for r in among], float)
    clusters = cluster_numbers([r.cluster_id for r in among])
    level = cell.settings.confidence_level
    return clustered_proportion(wrong, np.ones(len(among)), clusters, confidence_level=level)
