"""Where a gate's margins come from: the command line, else the pack (from money), else the default."""

from collections.abc import Mapping

from ..scoring.gate import Margin
from .gate_runs import GateRun

DEFAULT = {"p": 0.03, "correct": 0.03, "abstained": 0.03, "vcpd": 0.05}
"""Points of a share; of VCpD the share that may be lost."""


def margins_for(run: GateRun, domain: str, given: Mapping[str, float]) -> dict[str, Margin]:
    """Margins by measure."""
    found = {}
    for measure, value in DEFAULT.items():
        found[measure] = Margin(value, "default")
        for key in (f"{domain}.{measure}", measure, domain, ""):
            if key in given:
                found[measure] = Margin(given[key], "--margin")
                break
    return found
