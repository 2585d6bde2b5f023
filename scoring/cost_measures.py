"""The measures that follow from the replayed policy: Q, T, C, H, C_v, kappa, VCpD, from one table of draws."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from .cell import Cell
from .draws import estimate_of
from .economics import Economics
from .estimate import Estimate, InsufficientDataError
from .harm import loss_note, loss_per_error
from .intervals import cluster_numbers, clustered_proportion
from .loss import break_even_loss
from .policy import End, Request
from .request_draws import delivered_rate
from .review_time import FEWEST
from .vcpd import PerRequest, pooled

Floats = NDArray[np.float64]
Computed = tuple[str, Callable[[], Estimate], str]

POOLED = "all"
"""The domain of pooled rows."""

NO_PEOPLE = "no human dollars are counted (no economics are declared for this domain)"
"""Said beside every number of dollars without people in it."""

_RECORDED = "the answers were recorded, not run: there is no wall time"
_LOSSES = ("loss_per_escaped_usd", "escaped_loss_usd", "vcpd_l", "vcpd_l_plain")
_ERRORS_ALONE = ("escaped_rate", "loss_per_escaped_usd", "escaped_loss_usd")
_WITHOUT_MONEY = ("q", "q_tokens", "verified_answer_rate", "t_tokens_per_s", *_ERRORS_ALONE)
_WITHOUT_TOKENS = (
    *_ERRORS_ALONE,
    "q", "verified_answer_rate", "kappa_usd", "h_usd", "c_v_usd", "c_g_usd", "verification_usd", "retries_usd",
    "people_usd", "break_even_loss_usd",
    "verified_answers_per_usd", "usd_per_verified_answer", "c_usd_per_s",
)  # fmt: skip


def cost_measures(cell: Cell, wall: float | None) -> list[Computed]:
    """Every measure of the policy, each as (name, how to compute it, note).

    Args:
        wall: Seconds that the run took for these requests; None where answers were recorded. A measured throughput
            of the cell goes before it.
    """
    joint, economics = cell.joint, cell.economics
    rate: Floats | float | None = cell.served.requests_per_s if cell.served else None
    if rate is None and wall:
        rate = len(cell.requests) / wall
    values: dict[str, Floats | str] = {
        **_arrays(joint),
        "c_v_usd": _per_error(joint, cell.error),
        "t_tokens_per_s": joint.tokens * rate if rate is not None else _RECORDED,
        "c_usd_per_s": joint.kappa * rate if rate is not None else _RECORDED,
        **_with_losses(cell),
        "vcpd_plain": cell.plain.vcpd if cell.plain else _no_verifier(cell),
        "vcpd_floor": _floor(joint, economics),
        "break_even_loss_usd": _break_even(cell),
    }
    computed = [(name, _estimate(name, value, cell), _note(name, cell)) for name, value in values.items()]
    return [("p_escaped", lambda: _escaped(cell), ""), *computed]


def pooled_measures(cells: Mapping[str, Cell]) -> list[Computed]:
    """Domain `all`: domains added with their declared traffic weights."""
    weights = {d: c.economics.traffic_weight if c.economics else 1.0 for d, c in cells.items()}
    total = sum(weights.values())
    note = "pooled with traffic weights " + ", ".join(f"{d} {w / total:.2f}" for d, w in sorted(weights.items()))
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
        "escaped_rate": joint.escaped,
        "q": joint.q,
        "q_tokens": joint.q_tokens,
        "c_g_usd": joint.first,
        "verification_usd": joint.verification,
        "retries_usd": joint.retries,
        "people_usd": joint.human,
        "h_usd": joint.overhead,
        "kappa_usd": joint.kappa,
        "vcpd": joint.vcpd,
        "verified_answers_per_usd": joint.answers_per_usd,
        "usd_per_verified_answer": joint.usd_per_answer,
    }


def _with_losses(cell: Cell) -> dict[str, Floats | str]:
    """What escaped errors cost, as measured and as if no verifier had been in the loop."""
    if cell.economics is None:
        return dict.fromkeys(_LOSSES, "no economics are declared for this domain")
    loss = loss_per_error(cell.requests, cell.economics, cell.settings)
    return {
        "loss_per_escaped_usd": loss,
        "escaped_loss_usd": np.asarray(loss * cell.joint.escaped),
        "vcpd_l": cell.joint.vcpd_with_loss(loss),
        "vcpd_l_plain": cell.plain.vcpd_with_loss(loss) if cell.plain else _no_verifier(cell),
    }


def _no_verifier(cell: Cell) -> str:
    return cell.quality_note or cell.price_note or "no verifier ran in the loop"


def _per_error(joint: PerRequest, error: Floats | None) -> Floats | str:
    if error is None or error[0] <= 0:
        return "no error was observed, and C_v = H / p"
    return np.asarray(joint.overhead / error)


def _break_even(cell: Cell) -> Floats | str:
    if cell.plain is None:
        return _no_verifier(cell)
    loss = break_even_loss(cell.joint, cell.plain)
    if np.isinf(loss[0]):
        return "verifying lets no fewer errors escape per right answer: no loss is enough"
    return loss


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
    if cell.quality_note and np.isnan(cell.joint.right[0]):
        return cell.quality_note
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
        parts.append(NO_PEOPLE)
    if name == "kappa_usd" and cell.economics is not None:
        parts.append(_wages(cell.joint, cell.economics))
    if name in ("t_tokens_per_s", "c_usd_per_s"):
        parts.append(cell.served.note if cell.served else "as run, no SLO")
    if name in _LOSSES and cell.economics is not None:
        parts.append(f"loss per escaped error {loss_note(cell.requests, cell.economics)}")
    if cell.token_note and name not in ("q", "verified_answer_rate", *_ERRORS_ALONE):
        parts.append(cell.token_note)
    if name in ("q_tokens", "vcpd") and any(r.end is End.ESCALATED for r in cell.requests):
        parts.append("a person's answer counts the mean length of the model's")
    return "; ".join(parts)


def _review_note(economics: Economics) -> str:
    n = len(economics.review_log)
    if n >= FEWEST:
        return f"; review time measured over {n} reviews"
    return f"; review time as declared ({n} reviews were timed, {FEWEST} are needed)" if n else ""


def _wages(joint: PerRequest, e: Economics) -> str:
    machine, human = float(joint.machine[0]), float(joint.human[0])
    if not e.wage_base or not np.isfinite(machine):
        return f"wage {e.wage_base:g} usd/h{_review_note(e)}"
    low, high = (machine + human * wage / e.wage_base for wage in (e.wage_low, e.wage_high))
    return f"wage {e.wage_base:g} usd/h; {low:.3g} at {e.wage_low:g}, {high:.3g} at {e.wage_high:g}{_review_note(e)}"


def _escaped(cell: Cell) -> Estimate:
    if cell.marks is not None:
        corrected = delivered_rate(cell.requests, cell.settings, cell.marks.chosen)
        if corrected is None:
            raise InsufficientDataError("no delivered answer was judged")
        return corrected.estimate("p")
    among: Sequence[Request] = [r for r in cell.requests if r.right is not None]
    if not among:
        raise InsufficientDataError(cell.quality_note or "no delivered answer was judged")
    wrong = np.array([r.right is False for r in among], float)
    clusters = cluster_numbers([r.cluster_id for r in among])
    level = cell.settings.confidence_level
    return clustered_proportion(wrong, np.ones(len(among)), clusters, confidence_level=level)
