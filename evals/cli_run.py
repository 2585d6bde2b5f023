"""`vcpd run`."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from .cli_numbers import FiniteRange
from .cli_options import (
    judge_options,
    new_run_folder,
    output_options,
    price_table,
    review_times_option,
    roles_of,
    system_of,
    system_options,
    throughput_option,
)
from .cli_run_arms import RunOutput, run_arms


@click.command()
@click.argument("config", type=click.Path(path_type=Path), required=False)
@click.option("--model", "models", multiple=True, metavar="NAME", help="A model as litellm names it; may be repeated.")
@click.option(
    "--domain",
    "domains",
    multiple=True,
    metavar="PACK",
    help="A bundled pack, a folder, or a benchmark as bench:NAME or bench:NAME=PATH; may be repeated.",
)
@click.option("--limit", type=click.IntRange(1), help="Only the first N samples of each pack.")
@click.option("--epochs", type=click.IntRange(1), help="Ask each question N times.")
@click.option(
    "--retrieval",
    "modes",
    multiple=True,
    type=click.Choice(["off", "lexical", "dense", "hybrid"]),
    help="How passages are found [default: lexical]; given twice or more, each is run and compared with the first.",
)
@click.option("--encoder", metavar="NAME|FOLDER", help="Sentence encoder of dense and hybrid [default: MiniLM].")
@click.option("--rerank", metavar="NAME|FOLDER", help="Cross-encoder that orders the best passages again.")
@click.option("--resume", is_flag=True, help="Go on with the run in --out; starts afresh where there is none.")
@click.option("--require-cost", is_flag=True, help="Refuse to start where a model's price is unknown.")
@system_options
@click.option(
    "--max-cost", type=FiniteRange(0, min_open=True), metavar="USD", help="Start no sample that would exceed this."
)
@click.option("--context", metavar="SIZE", help="Fill prompts with distractor passages up to 4k, 32k, 128k tokens.")
@throughput_option
@review_times_option
@judge_options
@output_options
def run(
    config: Path | None,
    models: tuple[str, ...],
    domains: tuple[str, ...],
    resume: bool,
    require_cost: bool,
    out: Path | None,
    as_json: bool,
    quiet: bool,
    **others: Any,
) -> None:
    """Benchmark models, or an application of your own (--system), on domain packs: p, C_v, Q and VCpD with intervals.

    Without arguments: the bundled packs (legal, medical, general) and the bundled local models, offline, no key.
    """
    from ..scoring.prices import UnpricedError
    from ..scoring.served import served_prices
    from .config import RunConfig, override, read_config
    from .context_fill import context_tokens
    from .judges import role_models, role_warnings
    from .manifest import serving_of
    from .run import load_packs
    from .throughput_files import read_throughputs, throughput_remarks

    if others["context"]:
        context_tokens(others["context"])
    others["throughput"] = others["throughput"] or None
    tier, max_cost, modes = others.pop("price_tier"), others.pop("max_cost"), others.pop("modes")
    given = read_config(config) if config else RunConfig()
    roles, system, found = roles_of(given.roles, others), system_of(given.system, others), _retrieval(given, others)
    if system and models:
        raise click.UsageError("--system takes the place of --model; run them one after the other")
    if system and modes:
        raise click.UsageError("--system brings sources of its own: --retrieval is for models")
    settings = override(given, models=models, packs=domains, roles=roles, system=system, **others)
    if system:
        settings = replace(settings, models=(system.as_model,))
    tested = [m.name for m in settings.models]
    billed = [system.priced_as or system.label] if system else tested
    warnings = role_warnings(roles, [*tested, *billed])
    packs = load_packs(settings)
    serving = serving_of(settings, packs)
    measured = read_throughputs(settings.throughput, tested)
    warnings = (*warnings, *throughput_remarks(measured, dict.fromkeys(tested, serving)))
    table = price_table(settings.prices, [*billed, *role_models(roles)], tier)
    served = served_prices(measured, table)
    paid = [*billed, *role_models(replace(roles, grader=None))]  # the grader's dollars are in no measure
    unpriced = [name for name in paid if served.price(name) is None]
    if max_cost is not None:  # the grader's, too, are spent
        unpriced += [name for name in role_models(roles) if table.price(name) is None and name not in unpriced]
    if (require_cost or max_cost is not None) and unpriced:
        raise UnpricedError(unpriced[0], "token")
    if resume and out is None:
        raise click.UsageError("--resume needs --out: the run folder to go on with")
    for pack in packs:
        for warning in pack.warnings:
            click.echo(f"{pack.name}: {warning}", err=True)
    order = tuple(dict.fromkeys(modes)) or (found.mode,)
    if max_cost is not None and len(order) > 1:
        raise click.UsageError("--max-cost is for one retrieval mode at a time")
    arms = [replace(settings, retrieval=replace(found, mode=mode)) for mode in order]
    output = RunOutput(out or new_run_folder(), resume, as_json, quiet, tuple(warnings), max_cost)
    run_arms(arms, packs, table, output)


def _retrieval(given: Any, others: dict[str, Any]) -> Any:
    """The configured retrieval with what the command line says; its options are taken out of `others`."""
    encoder, reranker = others.pop("encoder"), others.pop("rerank")
    return replace(
        given.retrieval,
        encoder=encoder or given.retrieval.encoder,
        reranker=reranker or given.retrieval.reranker,
    )
