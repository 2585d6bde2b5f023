"""`vcpd thresholds`."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from .cli_figures import json_option
from .cli_numbers import FiniteRange

_LEVEL = FiniteRange(0, 1, min_open=True, max_open=True)


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--alpha", type=_LEVEL, default=0.05, show_default=True, help="Highest risk of what goes out unseen.")
@click.option("--delta", type=_LEVEL, default=0.1, show_default=True, help="Chance that the promise fails.")
@click.option("--by", type=click.Choice(["confidence", "support"]), default="confidence", show_default=True,
              help="The model's stated confidence, or the least support of a claim of the answer.")  # fmt: skip
@click.option("--joint", is_flag=True, help="Bound P(accepted and wrong) in expectation (conformal risk control).")
@click.option("--domain", "domains", multiple=True, metavar="NAME", help="Only this domain; may be repeated.")
@click.option("--seed", type=click.IntRange(0), default=0, help="Seed of which label of a cluster is kept.")
@json_option
def thresholds(run: Path, domains: tuple[str, ...], as_json: bool, **asked: Any) -> None:
    """From which confidence on may answers go out unseen, so that few of them are wrong?

    Learn-then-Test on the labelled answers of RUN, for each model and domain: P(wrong | accepted) is at most --alpha
    with probability 1 - --delta. Labels are answer keys and people, one a cluster; no model is called.
    """
    from ..scoring.answer_trust import Bargain, Promise
    from .run_sets import opened
    from .trust import thresholds as find

    runs, wanted = opened([run], domains)
    bargain = Bargain(asked["alpha"], asked["delta"], Promise.JOINT if asked["joint"] else Promise.CONDITIONAL)
    found = find(runs[0], wanted, asked["by"], bargain, asked["seed"])
    if as_json:
        rows = [
            {"model": f.model, "domain": f.domain, "by": asked["by"], "note": f.why,
             "threshold": None if f.threshold is None else asdict(f.threshold) | {"coverage": f.threshold.coverage}}
            for f in found
        ]  # fmt: skip
        click.echo(json.dumps({"schema": 1, "alpha": bargain.alpha, "delta": bargain.delta, "thresholds": rows}))
        return
    from ..reports.trust_tables import print_trust

    said = "stated confidence" if asked["by"] == "confidence" else "support of the least supported claim"
    print_trust([(f.model, f.domain, f.threshold, f.why) for f in found], f"Accept an answer by its {said}")
