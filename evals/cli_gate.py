"""`vcpd gate`."""

import json
from pathlib import Path
from typing import Any

import click


@click.command()
@click.option("--baseline", type=click.Path(path_type=Path), metavar="RUN")
@click.option("--candidate", type=click.Path(path_type=Path), metavar="RUN", required=True)
@click.option("--json", "as_json", is_flag=True, help="Print the verdict as JSON on stdout.")
def gate(baseline: Path, candidate: Path, as_json: bool, **options: Any) -> int:
    """May this change ship? PASS (exit 0), FAIL (1) or INCONCLUSIVE (3)."""
    from ..reports.gate_json import gate_json
    from .gate import gate as decide

    result = decide(baseline, candidate)
    click.echo(json.dumps(gate_json(result.decision), allow_nan=False, indent=1))
    return {"PASS": 0, "FAIL": 1, "INCONCLUSIVE": 3}[result.decision.verdict]
