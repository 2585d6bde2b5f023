"""`vcpd score`."""

from functools import partial
from pathlib import Path
from typing import Any

import click

from .cli_options import (
    judge_options,
    new_run_folder,
    output_options,
    price_table,
    reading_of,
    reading_options,
    review_times_option,
    roles_of,
    say_warnings,
    show,
    throughput_option,
)


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="FILE...|RUN")
@click.option("--format", "format_", default="auto", help="Source format [default: auto].")
@click.option("--labels", type=click.Choice(["auto", "human", "gold", "none"]), default="auto", help="What may judge.")
@click.option(
    "--labelled",
    type=click.Choice(["at-random", "by-verdict", "by-outcome"]),
    default="at-random",
    help="How people picked the answers that they labelled, where they labelled some only.",
)
@click.option(
    "--estimate-tokens", metavar="NAME", help="Estimate missing token counts: chars4, o200k_base, cl100k_base."
)
@click.option("--source-policy", metavar="PACK", help="Check citations against the source policy of this pack.")
@click.option("--model-name", metavar="NAME", help="Model of the answers, where the format does not say.")
@click.option("--domain", metavar="NAME", help="Domain of the answers, where the format does not say.")
@reading_options
@throughput_option
@review_times_option
@judge_options
@output_options
def score(
    paths: tuple[str, ...],
    format_: str,
    labels: str,
    labelled: str,
    review_times: Path | None,
    estimate_tokens: str | None,
    source_policy: str | None,
    **output: Any,
) -> None:
    """Score recorded answers: a JSON object a line (also .gz, CSV, Parquet; columns of other names with --map), logs
    of Inspect, results of promptfoo, lm-evaluation-harness, deepeval and ragas, RAGTruth, ExpertQA, FActScore or
    MMLU-Pro outputs, from files or as hf:NAME[:SPLIT]. No model is called, unless --judge or --grader names one.

    A RUN folder is scored again in place with the labels that people gave in `vcpd review RUN`.
    """
    if any((Path(path) / "manifest.json").exists() for path in paths):
        _rescore(paths, review_times, output)
        return
    from ..retrieval.sources import SourcePolicy
    from ..scoring.judge_tables import LabelChoice
    from .cli_progress import score_progress
    from .config import Roles
    from .importers.detect import read_answers
    from .pack_by_name import load_pack
    from .score import ScoreOptions
    from .score import score as score_files
    from .token_counts import token_counter

    reading = reading_of(output)
    pack = load_pack(source_policy) if source_policy else None
    options = ScoreOptions(
        labels=labels,
        review_times=review_times,
        label_choice=LabelChoice(labelled.replace("-", " ")),
        source_policy=pack.source_policy if pack else SourcePolicy(),
        authorities=pack.authorities if pack else None,
        count=token_counter(estimate_tokens) if estimate_tokens else None,
        seed=output["seed"] or 0,
        roles=roles_of(Roles(), output),
        throughput=output["throughput"],
    )
    folder = output["out"] or new_run_folder()
    read = partial(read_answers, format=format_, reading=reading)
    prices = partial(price_table, output["prices"], tier=output["price_tier"])
    with score_progress(quiet=output["quiet"] or output["as_json"]) as progress:
        scored = score_files(paths, folder, prices, options, read=read, progress=progress)
    for remark in scored.remarks:
        click.echo(remark, err=True)
    say_warnings(scored.warnings)
    show(scored.measurements, folder, as_json=output["as_json"], quiet=output["quiet"])
    if scored.steps and not (output["as_json"] or output["quiet"]):
        from ..reports.step_table import print_steps

        print_steps(scored.measurements, scored.steps)


def _rescore(paths: tuple[str, ...], review_times: Path | None, output: dict[str, Any]) -> None:
    from ..scoring.prices import default_prices, load_prices
    from .rescore import rescore

    unfit = {"--out": output["out"], "--judge": output["judge"], "--grader": output["grader"]}
    said = [name for name, value in unfit.items() if value] + (["--review-times"] if review_times else [])
    if len(paths) > 1 or said:
        raise click.UsageError(
            f"a run folder is scored again in place, alone{' and without ' + said[0] if said else ''}: vcpd score RUN"
        )
    own = load_prices(output["prices"]).over(default_prices()) if output["prices"] else None
    scored = rescore(Path(paths[0]), own, output["price_tier"], output["seed"])
    for remark in scored.remarks:
        click.echo(remark, err=True)
    show(scored.measurements, Path(paths[0]), as_json=output["as_json"], quiet=output["quiet"])
