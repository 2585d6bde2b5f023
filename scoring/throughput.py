"""T at an SLO as a result that can be kept, whoever measured it: this package's load generator or another tool's.

A throughput names what it counts (tokens that the server made, or tokens that a verification policy delivered), the
condition it holds for, and what may be wrong with it.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from math import isfinite
from typing import Any

from .estimate import Estimate
from .hardware import HardwareCost, hardware_row, read_hardware_cost
from .serving import ServingCondition, condition_row, read_condition

SCHEMA = 1
KIND = "vcpd throughput"


class ThroughputFileError(ValueError):
    """A throughput file that cannot be read; the message names file and field."""


@dataclass(frozen=True, slots=True)
class WorkloadUsed:
    """What was asked while T was measured.

    Attributes:
        name: A run folder, a pack, or how another tool made its prompts.
        sha256: Hash of prompts and limits; "" where another tool did not keep them.
        prompts: How many different ones. input_tokens, output_tokens: Means per request; None: not known.
    """

    name: str
    sha256: str = ""
    prompts: int = 0
    input_tokens: float | None = None
    output_tokens: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Throughput:
    """T of a model under one serving condition.

    Attributes:
        tool: What measured it, with its version. measured_at: Day, or "" where the file does not say.
        tokens_per_s: T: output tokens per second of delivered answers. Without an interval where the file holds one
            measurement. raw_tokens_per_s: With the tokens of rejected attempts; equal where no policy was at work.
        requests_per_s: Answers per second. goodput_per_s: Of these, such that kept the SLO; None: not known.
        slo_kept: Whether the SLO held; None where none was set or the file does not tell.
        latencies: Seconds by name and statistic, e.g. {"ttft": {"p50": .2, "p99": .3}}; ITL and TPOT as
            `served_requests` defines them.
        endings: Requests by ending.
        hardware: What a second costs; None: an API, or not said.
        details: All else that the tool found, for the reader. warnings: What must be read beside the numbers.
    """

    model: str
    tool: str
    measured_at: str
    condition: ServingCondition
    tokens_per_s: Estimate
    raw_tokens_per_s: float
    requests_per_s: float
    goodput_per_s: float | None = None
    slo_kept: bool | None = None
    workload: WorkloadUsed = field(default_factory=lambda: WorkloadUsed("unknown"))
    latencies: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    endings: Mapping[str, int] = field(default_factory=dict)
    hardware: HardwareCost | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        rates = {"tokens_per_s": self.tokens_per_s.value, "raw_tokens_per_s": self.raw_tokens_per_s}
        for name, value in {**rates, "requests_per_s": self.requests_per_s}.items():
            if not (isfinite(value) and value > 0):
                raise ThroughputFileError(f"{name} of {self.model} must be a finite number above 0, not {value}")

    @property
    def usd_per_mtok(self) -> float | None:
        """Dollars per million output tokens that the server makes, on this hardware at this load; None without it."""
        return None if self.hardware is None else self.hardware.usd_per_mtok(self.raw_tokens_per_s)


def throughput_json(found: Throughput) -> dict[str, Any]:
    """A throughput as the object of its file."""
    row = {"schema": SCHEMA, "kind": KIND, **asdict(found)}
    row["condition"] = condition_row(found.condition)
    row["hardware"] = None if found.hardware is None else hardware_row(found.hardware)
    row["usd_per_mtok"] = found.usd_per_mtok
    row["warnings"] = list(found.warnings)
    return row


def read_throughput(where: str, data: object) -> Throughput:
    """The inverse of `throughput_json`.

    Raises:
        ThroughputFileError: Another kind of file, another schema, or a field that is missing or no number.
    """
    if not isinstance(data, dict) or data.get("kind") != KIND:
        raise ThroughputFileError(f"{where} is no throughput file: make one with `vcpd throughput MODEL --out FILE`")
    if data.get("schema") != SCHEMA:
        raise ThroughputFileError(f"{where} is of schema {data.get('schema')!r}; this version reads schema {SCHEMA}")
    row = {name: value for name, value in data.items() if name not in ("schema", "kind", "usd_per_mtok")}
    try:
        row["tokens_per_s"] = Estimate(**row["tokens_per_s"])
        row["condition"] = read_condition(where, row["condition"])
        row["workload"] = WorkloadUsed(**row["workload"])
        row["hardware"] = row["hardware"] and read_hardware_cost(f"{where}, hardware", row["hardware"])
        row["warnings"] = tuple(row["warnings"])
        return Throughput(**row)
    except (KeyError, TypeError, ValueError) as error:
        raise ThroughputFileError(f"{where} cannot be read as a throughput file: {error}") from error
