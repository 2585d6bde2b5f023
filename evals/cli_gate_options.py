"""The options of `vcpd gate`."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from .cli_numbers import FiniteRange
from .cli_options import reading_options

F = TypeVar("F", bound=Callable[..., Any])
_CHANGES = ["prompt", "corpus", "k", "source_policy", "retry_policy", "economics", "judge"]
_PATH = click.Path(path_type=Path, dir_okay=False)


def gate_options(command: F) -> F:
    """All of them, in the order in which --help shows them."""
    for option in reversed([*_PAIRING, *_MONEY, *_REPEATED, *_OUTPUT]):
        command = option(command)
    command = reading_options(command)
    for option in reversed([*_RUNS, *_TESTS]):
        command = option(command)
    return command


_RUNS = (
    click.option(
        "--baseline",
        metavar="RUN",
        help="What the candidate is compared with: a run folder, a folder of a commit (main:runs/baseline) or a URL "
        "(s3://bucket/baseline). Without one the limits of the packs decide.",
    ),
    click.option("--candidate", metavar="RUN", required=True, help="What wants to ship: a run folder, or answers."),
    click.option("--baseline-model", metavar="NAME", help="Model of --baseline, where it holds several."),
    click.option(
        "--answers-domain", "domain", metavar="NAME", help="Domain of answers that are no run yet and name none."
    ),
    click.option("--candidate-model", metavar="NAME", help="Model of --candidate, where it holds several."),
)
_TESTS = (
    click.option(
        "--primary",
        "primaries",
        multiple=True,
        type=click.Choice(["p", "correct", "abstained", "vcpd"]),
        help="What blocks; may be repeated [default: p, with right answers and abstentions guarded beside it].",
    ),
    click.option(
        "--margin",
        "margins",
        multiple=True,
        metavar="[DOMAIN.][MEASURE=]X",
        help="Loss that is accepted: 0.02, p=0.02, legal=0.02, legal.p=0.02, vcpd=0.05 [default: the pack's, or 0.03].",
    ),
    click.option("--alpha", type=FiniteRange(0, 0.5, min_open=True), default=0.05, help="Level of each test [0.05]."),
    click.option(
        "--pack", "packs", multiple=True, metavar="PACK", help="Launch limits from this pack; may be repeated."
    ),
)
_PAIRING = (
    click.option("--domain", "domains", multiple=True, metavar="NAME", help="Only this domain; may be repeated."),
    click.option("--common-samples", is_flag=True, help="Compare on the samples that both runs answered."),
    click.option("--max-unscored", type=FiniteRange(0, 1), default=0.05, help="Refuse above this share [0.05]."),
    click.option(
        "--changed",
        multiple=True,
        type=click.Choice(_CHANGES),
        help="What the change is meant to change, so that it is no reason to refuse; may be repeated.",
    ),
    click.option("--ignore-labels", is_flag=True, help="Compare by the automatic evaluator alone."),
)
_MONEY = (
    click.option("--prices", metavar="FILE|bundled", help="Price both runs with this table, not with the candidate's."),
    click.option("--price-tier", metavar="TIER", help="Price tokens at this tier, e.g. batch."),
)
_REPEATED = (
    click.option("--anchor", metavar="RUN", help="The last release: what may be lost since then, against creep."),
    click.option(
        "--anchor-factor", type=FiniteRange(1), default=2.0, help="Margins of one change that it may lose [2]."
    ),
    click.option(
        "--judge-anchors",
        nargs=2,
        type=click.Path(path_type=Path),
        metavar="THEN NOW",
        help="The frozen anchor set, judged when the baseline was made and again now: refused where the judge drifted.",
    ),
    click.option("--declare-rerun", is_flag=True, help="Declare one confirmatory rerun, at half the level to pass."),
    click.option("--confirms", type=_PATH, metavar="FILE.json", help="This is the rerun that this --report declared."),
    click.option("--aa", type=click.IntRange(1), metavar="N", help="Swap the arms at random N times: false blocks."),
    click.option("--seed", type=click.IntRange(0), default=None, help="Seed of --aa."),
)
_OUTPUT = (
    click.option("--markdown", type=_PATH, metavar="FILE.md", help="Write the comment for the pull request."),
    click.option("--junit", type=_PATH, metavar="FILE.xml", help="Write JUnit XML."),
    click.option("--report", type=_PATH, metavar="FILE.json", help="Write the JSON report (gate.schema.json)."),
    click.option("--json", "as_json", is_flag=True, help="Print the JSON report on stdout."),
    click.option("--quiet", is_flag=True, help="Print nothing."),
    click.option(
        "--on-inconclusive",
        type=click.Choice(["fail", "pass", "neutral"]),
        default="neutral",
        help="Exit code of INCONCLUSIVE: 1, 0 or 3 [default: neutral, 3].",
    ),
    click.option("--update-baseline", is_flag=True, help="Put the candidate in the baseline's place where it passes."),
)
