"""A measured throughput put to work: T and C at the SLO, and what a token costs on hardware, in the draws of a cell.

On hardware a second costs the same whatever is asked, so a token that the server makes costs dollars per second over
tokens per second at the SLO. Written as a price it stands beside API prices on one axis: every attempt is charged for
its tokens, retries exactly once. T is uncertain too: its log-t draws move the generation's dollars.
"""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date as Date

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from .cell import Cell, Served
from .draws import DrawSettings
from .estimate import Estimate
from .prices import Price, PriceTable
from .records import Record
from .steps import GENERATE, has_trajectories
from .throughput import Throughput
from .vcpd import PerRequest

Floats = NDArray[np.float64]


def served_prices(found: Mapping[str, Throughput], table: PriceTable) -> PriceTable:
    """The table with a price per output token for each model that was measured on hardware; input is part of it."""
    prices = {}
    for model, t in found.items():
        if t.hardware is not None and t.usd_per_mtok is not None:
            day = Date.fromisoformat(t.hardware.valid_from) if t.hardware.valid_from else None
            source = f"{t.hardware} at {t.raw_tokens_per_s:.6g} output tokens/s ({t.tool}); {t.hardware.source}"
            price = Price(input=0.0, output=t.usd_per_mtok, valid_from=day, source=source)
            prices[model] = replace(price, tiers={table.tier: price}) if table.tier != "standard" else price
    return PriceTable(prices, table.tier).over(table)


def speed_draws(rate: Estimate, settings: DrawSettings, name: str) -> Floats:
    """T relative to its value, 1 first and then draws: log-t with the windows' degrees of freedom (STATISTICS 4.6).

    All ones where T has no interval.
    """
    if rate.low is None or rate.high is None or rate.n_clusters < 2 or rate.high <= rate.low:
        return np.ones(settings.n + 1)
    degrees = rate.n_clusters - 1
    critical = float(stdtrit(degrees, 1 - (1 - rate.confidence_level) / 2))
    error = (rate.high - rate.value) / critical / rate.value
    rng = np.random.default_rng([settings.seed, zlib.crc32(name.encode(errors="replace"))])
    return np.concatenate([[1.0], np.exp(np.clip(error * rng.standard_t(degrees, settings.n), -20, 20))])


def served_cell(cell: Cell, records: Sequence[Record], found: Throughput) -> Cell:
    """The cell with T and C of a measured throughput; dollars move with T where it is priced by hardware."""
    speed = speed_draws(found.tokens_per_s, cell.settings, found.model)
    joint = cell.joint
    if found.hardware is not None:
        joint = _at_speed(joint, speed)
        cell = replace(cell, plain=None if cell.plain is None else _at_speed(cell.plain, speed))
    return replace(cell, joint=joint, served=Served(_requests_per_s(cell, records, found) * speed, said_of(found)))


def _at_speed(joint: PerRequest, speed: Floats) -> PerRequest:
    return replace(joint, first=joint.first / speed, retries=joint.retries / speed)


def _requests_per_s(cell: Cell, records: Sequence[Record], found: Throughput) -> float:
    """Requests per second that T is enough for: by delivered tokens, or by all that the attempts took.

    Of a trajectory only its last message is delivered, whatever the policy: all that its steps took counts.
    """
    delivered = float(cell.joint.tokens[0])
    if found.condition.verification != "none" and delivered > 0 and not has_trajectories(records):
        return found.tokens_per_s.value / delivered
    readings = [u for r in records for u in r.usage if u.stage == GENERATE]
    own = [u for u in readings if u.model == found.model] or readings  # other models of a trajectory are served apart
    made = sum(u.output_tokens for u in own)
    if made > 0 and cell.requests:
        return found.raw_tokens_per_s * len(cell.requests) / made
    return found.requests_per_s


def said_of(found: Throughput) -> str:
    """Under which condition T was measured, in words."""
    kept = "" if found.slo_kept is not False else ", which was NOT kept"
    slo = f"at the SLO {found.condition.slo}{kept}" if found.condition.slo.limits else "free-running, no SLO"
    return f"{slo}; {found.condition.batch}, measured by {found.tool}"
