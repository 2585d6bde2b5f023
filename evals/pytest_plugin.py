"""The gate as pytest items, one for each blocking test of each domain: `pytest --vcpd-baseline A --vcpd-candidate B`.

pytest loads this module wherever the package is installed, so it imports nothing but pytest and does nothing unless one
of its options is given.
"""

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

_ENDINGS = ("PASS", "FAIL", "INCONCLUSIVE")


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options; without them the plugin does nothing."""
    group = parser.getgroup("vcpd", "gate for model upgrades")
    group.addoption("--vcpd-baseline", metavar="RUN", help="what the candidate is compared with, as of vcpd gate")
    group.addoption("--vcpd-candidate", metavar="RUN", help="the run that wants to ship; alone: the packs' limits")
    group.addoption(
        "--vcpd-on-inconclusive",
        choices=("fail", "pass", "neutral"),
        default="fail",
        help="what an open test counts as: fail (default), pass, or neutral (skipped)",
    )
    group.addoption("--vcpd-args", default="", metavar="ARGS", help="further options of vcpd gate, in one string")


@pytest.hookimpl(tryfirst=True)  # before -k and -m choose among the items
def pytest_collection_modifyitems(session: pytest.Session, config: pytest.Config, items: list[pytest.Item]) -> None:
    """Add the gate's items, where it is asked for."""
    candidate, baseline = config.getoption("--vcpd-candidate"), config.getoption("--vcpd-baseline")
    if candidate is None:
        if baseline is not None:
            raise pytest.UsageError("--vcpd-baseline needs --vcpd-candidate: the run that wants to ship")
        return
    report = gate_report(candidate, baseline, shlex.split(config.getoption("--vcpd-args")))
    parent = GateNode.from_parent(session, name="vcpd gate", nodeid="vcpd-gate")
    items.extend(parent.gate_items(report, config.getoption("--vcpd-on-inconclusive")))


def gate_report(candidate: str, baseline: str | None, more: list[str]) -> Mapping[str, Any]:
    """The JSON report of `vcpd gate`, run in a process of its own, so that the tests' process stays as it is.

    Raises:
        pytest.UsageError: The gate gave no verdict: the runs do not compare, or an option is wrong.
    """
    words = [sys.executable, "-m", "vcpd", "gate", "--candidate", candidate, "--json"]
    words += ["--baseline", baseline] if baseline is not None else []
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_"))}
    done = subprocess.run([*words, *more], capture_output=True, text=True, encoding="utf-8", env=env, check=False)
    try:
        report = json.loads(done.stdout)
    except ValueError:
        report = None
    if not isinstance(report, dict) or report.get("verdict") not in _ENDINGS:
        said = done.stderr.strip() or done.stdout.strip() or f"exit code {done.returncode}"
        raise pytest.UsageError(f"vcpd gate gave no verdict: {said[-2000:]}")
    return report


class GateFailedError(Exception):
    """A blocking test of the gate that did not pass; the message is what the report says."""


class GateNode(pytest.Collector):
    """Holds the gate's items."""

    def collect(self) -> list[pytest.Item]:
        """Nothing: the items are added after collection."""
        return []

    def gate_items(self, report: Mapping[str, Any], on_inconclusive: str) -> Iterator[pytest.Item]:
        """One item for each test that blocks, and where the gate measured nothing at all one for its verdict."""
        found = [f for f in report.get("findings", []) if f.get("verdict") in _ENDINGS]
        seen: dict[str, int] = {}
        for finding in found:
            name = _name(finding)
            seen[name] = seen.get(name, 0) + 1
            name += f"#{seen[name]}" if seen[name] > 1 else ""
            yield GateItem.from_parent(self, name=name, finding=finding, on_inconclusive=on_inconclusive)
        if not found or (all(f["verdict"] == "PASS" for f in found) and report["verdict"] != "PASS"):
            whole = {"verdict": report["verdict"], "reason": "; ".join(report.get("notes", []))}
            yield GateItem.from_parent(self, name="verdict", finding=whole, on_inconclusive=on_inconclusive)


class GateItem(pytest.Item):
    """One blocking test of the gate: a domain and a measure."""

    def __init__(self, *, finding: Mapping[str, Any], on_inconclusive: str, **others: Any) -> None:
        super().__init__(**others)
        self.finding, self.on_inconclusive = finding, on_inconclusive

    def runtest(self) -> None:
        """Pass, fail or skip as the finding says."""
        verdict, text = self.finding["verdict"], said_of(self.finding)
        if verdict == "INCONCLUSIVE" and self.on_inconclusive == "neutral":
            pytest.skip(text)
        if verdict == "FAIL" or (verdict == "INCONCLUSIVE" and self.on_inconclusive == "fail"):
            raise GateFailedError(text)
        self.add_report_section("call", "vcpd gate", text)  # shown with -rP, and in JUnit XML

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """What the report says, without a traceback: nothing in the code is at fault."""
        if isinstance(excinfo.value, GateFailedError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, None, str]:
        """How the item is named in reports."""
        return Path("vcpd-gate"), None, f"vcpd gate: {self.name}"


def said_of(finding: Mapping[str, Any]) -> str:
    """A finding in a few lines: verdict and reason, numbers with their bounds and margin, what would settle it."""
    lines = [f"{finding['verdict']}: {finding.get('reason') or 'no reason given'}"]
    found = finding.get("evidence")
    if isinstance(found, Mapping):
        loss = f"loss {_number(found, 'loss')} [{_number(found, 'lower')}, {_number(found, 'upper')}]"
        margin = f"margin {_number(finding, 'margin')} ({finding.get('margin_source')})"
        change = f"{_number(found, 'baseline')} to {_number(found, 'candidate')}"
        lines.append(f"{finding.get('measure')} {change}, {loss}, {margin}, n {found.get('n')}")
        if finding["verdict"] == "INCONCLUSIVE" and found.get("more_items"):
            lines.append(f"about {found['more_items']} more {found.get('more_of', 'items')} would settle it")
    return "\n".join(lines)


def _number(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    return f"{value:.3g}" if isinstance(value, int | float) else "-"


def _name(finding: Mapping[str, Any]) -> str:
    against = finding.get("against")
    parts = [finding.get("domain"), finding.get("measure"), finding.get("model")]
    parts += [against] if against not in (None, "baseline") else []
    return "-".join(str(part) for part in parts if part)
