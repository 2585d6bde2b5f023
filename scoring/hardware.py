"""What a second of serving costs on hardware: hours x GPUs, utilisation, power; from a dated and sourced table.

`hardware.toml` beside this file, or a user's own of the same form. Every amount names its basis: total cost of
ownership, rental and on-demand prices of one GPU differ by a factor of 2 to 3.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date as Date
from functools import cache
from math import isfinite
from pathlib import Path
from typing import Any

RENTAL = "rental"
OWN = "own price"


class HardwareError(ValueError):
    """Hardware without a known price, or a table that cannot be read; the message says which and what to do."""


@dataclass(frozen=True, slots=True)
class Gpu:
    """One kind of GPU.

    Attributes:
        usd_per_hour: By basis, e.g. "rental". kw: Kilowatts with its share of host, network and cooling; None: unknown.
        valid_from: Day of the prices. source: Where they were read.
    """

    name: str
    usd_per_hour: Mapping[str, float]
    kw: float | None
    valid_from: Date
    source: str


@dataclass(frozen=True, slots=True)
class HardwareCost:
    """What a busy second of serving costs.

    Attributes:
        gpu: Name, or what the user calls it. gpus: How many serve the load together; above 0.
        usd_per_gpu_hour: Price of an hour, without power that is paid apart. basis: What kind of price it is.
        utilisation: Share of the paid hours in which the load is there, in (0, 1]: idle hours are paid too.
        kw: Kilowatts a GPU; None: unknown. usd_per_kwh: Price of power that is paid apart; None: power is in the price.
        valid_from, source: Of the price.
    """

    gpu: str
    gpus: float
    usd_per_gpu_hour: float
    basis: str = OWN
    utilisation: float = 1.0
    kw: float | None = None
    usd_per_kwh: float | None = None
    valid_from: str = ""
    source: str = "given by the user"

    def __post_init__(self) -> None:
        for name in ("gpus", "usd_per_gpu_hour"):
            _above_zero(name, getattr(self, name))
        for name in ("kw", "usd_per_kwh"):
            if (value := getattr(self, name)) is not None:
                _above_zero(name, value)
        if not 0 < self.utilisation <= 1:
            raise HardwareError(f"utilisation is a share above 0 and up to 1, not {self.utilisation}")
        if self.usd_per_kwh is not None and self.kw is None:
            raise HardwareError("a price of power needs the kilowatts of a GPU: give --kw")

    @property
    def usd_per_s(self) -> float:
        """Dollars per second in which the load is served."""
        power = (self.kw or 0.0) * (self.usd_per_kwh or 0.0)  # an idle hour draws less; charged in full
        return self.gpus * (self.usd_per_gpu_hour + power) / 3600 / self.utilisation

    def usd_per_mtok(self, tokens_per_s: float) -> float:
        """Dollars per million output tokens at so many output tokens per second of the whole deployment, above 0."""
        return self.usd_per_s / _above_zero("tokens_per_s", tokens_per_s) * 1e6

    def tokens_per_joule(self, tokens_per_s: float) -> float | None:
        """Output tokens per joule (tokens per second and watt); None where the power is unknown."""
        return None if self.kw is None else tokens_per_s / (self.kw * 1000 * self.gpus)

    def __str__(self) -> str:
        said = f"{self.gpus:g} x {self.gpu} at ${self.usd_per_gpu_hour:g}/h ({self.basis}"
        said += f", {self.valid_from})" if self.valid_from else ")"
        if self.usd_per_kwh is not None:
            said += f", power ${self.usd_per_kwh:g}/kWh x {self.kw:g} kW"
        return said + (f", {self.utilisation:.0%} utilised" if self.utilisation < 1 else "")


def hardware_cost(
    gpu: Gpu, gpus: float, *, basis: str = RENTAL, utilisation: float = 1.0, usd_per_kwh: float | None = None
) -> HardwareCost:
    """What `gpus` of a listed GPU cost a second.

    Raises:
        HardwareError: The table has no price on that basis, or a number out of range.
    """
    if basis not in gpu.usd_per_hour:
        known = ", ".join(gpu.usd_per_hour)
        raise HardwareError(f"{gpu.name} has no price on the basis '{basis}'; it has {known}")
    price, day = gpu.usd_per_hour[basis], gpu.valid_from.isoformat()
    return HardwareCost(gpu.name, gpus, price, basis, utilisation, gpu.kw, usd_per_kwh, day, gpu.source)


def hardware_row(cost: HardwareCost) -> dict[str, Any]:
    """A cost as plain fields, with what follows from them."""
    return asdict(cost) | {"usd_per_s": cost.usd_per_s}


def read_hardware_cost(where: str, row: object) -> HardwareCost:
    """The inverse of `hardware_row`.

    Raises:
        HardwareError: A field is missing, unknown or out of range.
    """
    if not isinstance(row, Mapping):
        raise HardwareError(f"{where}: must be a set of fields")
    try:
        return HardwareCost(**{name: value for name, value in row.items() if name != "usd_per_s"})
    except TypeError as error:
        raise HardwareError(f"{where}: cannot be read as a cost of hardware ({error})") from error


def load_hardware(path: Path) -> dict[str, Gpu]:
    """Read a table: [gpus.NAME] with `kw`, `valid_from`, `source`, and [gpus.NAME.usd_per_hour] by basis.

    Raises:
        HardwareError: Not TOML, or a field that is missing, unknown or no price above 0.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise HardwareError(f"{path}: cannot be read as a table of hardware ({error})") from error
    rows = data.get("gpus")
    if not isinstance(rows, dict) or not rows:
        raise HardwareError(f"{path}: has no [gpus.NAME] section; write one for each kind of GPU")
    return {name: _gpu(f"{path}, [gpus.{name}]", name, row) for name, row in rows.items()}


def _gpu(where: str, name: str, row: object) -> Gpu:
    known = {"kw", "valid_from", "source", "usd_per_hour"}
    if not isinstance(row, dict):
        raise HardwareError(f"{where}: must be a section of fields")
    if unknown := sorted(set(row) - known):
        raise HardwareError(f"{where}: unknown field '{unknown[0]}'; the fields are {', '.join(sorted(known))}")
    day, source, prices = (row.get(field) for field in ("valid_from", "source", "usd_per_hour"))
    if type(day) is not Date:
        raise HardwareError(f"{where}, field 'valid_from': {day!r} is not a date like 2026-04-03 (without quotes)")
    if not isinstance(source, str) or not source.strip():
        raise HardwareError(f"{where}, field 'source': is missing; a price without a source cannot be checked")
    if not isinstance(prices, dict) or not prices:
        raise HardwareError(f"{where}: has no [gpus.{name}.usd_per_hour]; write a price by basis")
    usd = {basis: _above_zero(f"{where}, usd_per_hour.{basis}", value) for basis, value in prices.items()}
    kw = None if "kw" not in row else _above_zero(f"{where}, field 'kw'", row["kw"])
    return Gpu(name, usd, kw, day, source)


def _above_zero(where: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value) or value <= 0:
        raise HardwareError(f"{where}: {value!r} is not a finite number above 0")
    return float(value)


@cache
def default_hardware() -> dict[str, Gpu]:
    """The table that ships with this package (`hardware.toml` beside this file)."""
    return load_hardware(Path(__file__).with_name("hardware.toml"))


def listed_gpu(name: str, table: Mapping[str, Gpu]) -> Gpu:
    """A GPU of the table by its name, in any case.

    Raises:
        HardwareError: It is not listed.
    """
    if name.lower() not in table:
        known = ", ".join(sorted(table))
        raise HardwareError(f"no price of the GPU '{name}' is known; listed are {known}. Give --usd-per-gpu-hour")
    return table[name.lower()]
