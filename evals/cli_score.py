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
    review_times_option,
    roles_of,
    say_warnings,
    show,
    throughput_option,
)


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="FILE...")
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
@click.option("--model-name", help="Model of the answers, where the format does not say.")
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
    model_name: str | None,
    **output: Any,
) -> None:
    """Score recorded answers: a JSON object a line (also .gz, CSV, Parquet), RAGTruth, ExpertQA, FActScore or
    MMLU-Pro outputs, from files or as hf:NAME[:SPLIT]. No model is called, unless --judge or --grader names one.
    """
    from ..retrieval.sources import SourcePolicy
    from ..scoring.judge_tables import LabelChoice
    from .cli_progress import score_progress
    from .config import Roles
    from .importers.detect import read_answers
    from .pack_by_name import load_pack
    from .score import ScoreOptions
    from .score import score as score_files
    from .token_counts import token_counter

    options = ScoreOptions(
        labels=labels,
        review_times=review_times,
        label_choice=LabelChoice(labelled.replace("-", " ")),
        source_policy=load_pack(source_policy).source_policy if source_policy else SourcePolicy(),
        count=token_counter(estimate_tokens) if estimate_tokens else None,
        seed=output["seed"] or 0,
        roles=roles_of(Roles(), output),
        throughput=output["throughput"],
    )
    folder = output["out"] or new_run_folder()
    read = partial(read_answers, format=format_, model=model_name)
    prices = partial(price_table, output["prices"], tier=output["price_tier"])
    with score_progress(quiet=output["quiet"] or output["as_json"]) as progress:
        scored = score_files(paths, folder, prices, options, read=read, progress=progress)
    for remark in scored.remarks:
        click.echo(remark, err=True)
    say_warnings(scored.warnings)
    show(scored.measurements, folder, as_json=output["as_json"], quiet=output["quiet"])
