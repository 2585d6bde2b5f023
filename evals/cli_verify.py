"""`vcpd verify ANSWER`, and what is done with labelled answers: `bench`, `recalibrate`, `tune`."""

import json
from pathlib import Path
from typing import Any

import click

from .cli_numbers import FiniteRange

_ONE = "ANSWER"
_verifier_option = click.option(
    "--verifier",
    default="default",
    help="default, embedded, lexical, cross-encoder:NAME (or another neural one), judge:MODEL, cascade:FILE, or "
    "package.module:factory.",
)


_cache_option = click.option(
    "--cache",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Keep verdicts here, by claim, evidence and version: nothing is judged twice.",
)


class _Verify(click.Group):
    """A group in which whatever is no command of it is the answer to check."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in ("bench", "recalibrate", "tune", "-h", "--help"):
            args = [_ONE, *args]
        return super().parse_args(ctx, args)


@click.group(cls=_Verify, subcommand_metavar="ANSWER --sources DIR | bench FILE | recalibrate FILE | tune FILE")
def verify() -> None:
    """Check one answer against its sources, measure a verifier against human labels, or fit its probabilities to yours.

    `vcpd verify ANSWER --help`, and `--help` after each of the others, say more. A file that is called bench is
    ./bench.
    """


@verify.command(name=_ONE, short_help="Check one answer: `vcpd verify answer.txt --sources DIR`.")
@click.argument("answer", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--sources", type=click.Path(path_type=Path), required=True, help="Folder of .txt and .md files, or of "
              "a corpus.jsonl; or one such file. Marker [n] is the n-th of them by name.")  # fmt: skip
@click.option("--source-policy", metavar="PACK", help="Check citations against the source policy of this pack.")
@click.option("--authorities", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE.jsonl",
              help="Decisions that exist, one a line; by default those among the sources or of the pack.")  # fmt: skip
@_verifier_option
@_cache_option
@click.option(
    "--recalibration", type=click.Path(path_type=Path), help="Of `vcpd verify recalibrate`, for this verifier."
)
@click.option("--json", "as_json", is_flag=True, help="Print claims, verdicts and findings as JSON.")
def one(
    answer: Path,
    sources: Path,
    source_policy: str | None,
    authorities: Path | None,
    verifier: str,
    cache: Path | None,
    recalibration: Path | None,
    as_json: bool,
) -> None:
    """Check every claim, citation and quotation of ANSWER (a text file, or - for standard input).

    Exits with 0 when the check was made, whatever it found: read `accept` in the JSON. 64 on bad input.
    """
    from ..retrieval.sources import SourcePolicy
    from .answer_check_json import check_json
    from .verify_answer import read_answer_text, verify_answer

    policy, known = SourcePolicy(), None
    if source_policy:
        from .pack_by_name import load_pack

        pack = load_pack(source_policy)
        policy, known = pack.source_policy, pack.authorities
    if authorities is not None:
        from ..verifiers.authority_file import read_authorities

        known = read_authorities(authorities)
    judge = _loaded(verifier, cache)
    if recalibration is not None:
        from .recalibrate import recalibrated_by

        judge = recalibrated_by(recalibration, judge)
    checked = verify_answer(read_answer_text(answer), sources, policy, judge, known)
    if as_json:
        click.echo(json.dumps(check_json(checked), allow_nan=False))
        return
    from .answer_check_view import print_check

    print_check(checked)


@verify.command(short_help="Measure a verifier against human labels.")
@click.argument("file", metavar="FILE")
@_verifier_option
@_cache_option
@click.option("--cross-validate", is_flag=True, help="Fit the verifier and choose thresholds on other clusters only.")
@click.option("--folds", type=click.IntRange(3), default=5, show_default=True, help="Folds of --cross-validate.")
@click.option("--train-on", multiple=True, metavar="FILE", help="Fit on this file too; may be repeated.")
@click.option("--seed", type=click.IntRange(0), default=0, help="Seed of folds and of all draws.")
@click.option("--quiet", is_flag=True, help="No progress and no table.")
@click.option("--json", "as_json", is_flag=True, help="Print estimates as JSON on stdout.")
@click.option("--out", type=click.Path(path_type=Path), help="Also write estimates.json into this folder.")
def bench(file: str, verifier: str, cross_validate: bool, folds: int, train_on: tuple[str, ...], **rest: Any) -> None:
    """Measure a verifier on FILE: recorded answers with human labels, or claims of WiCE, HealthVer or K-QA.

    Unsupported is the positive class. Without --cross-validate the verifier is measured as it is, with its own
    thresholds: on data that it was fitted on that flatters.
    """
    from ..verifiers.cross_validation import Folds
    from .bench import BenchOptions, bench_json
    from .bench import bench as measure
    from .cli_progress import claim_progress
    from .run_folder import empty_folder, write_json

    out = None if rest["out"] is None else empty_folder(rest["out"])
    options = BenchOptions(Folds(folds, rest["seed"]) if cross_validate else None, train_on, rest["seed"])
    with claim_progress(quiet=rest["quiet"] or rest["as_json"]) as progress:
        found = measure(file, _loaded(verifier, rest["cache"]), options, progress=progress)
    for remark in found.remarks:
        click.echo(remark, err=True)
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        write_json(out / "estimates.json", bench_json(found))
    if rest["as_json"]:
        click.echo(json.dumps(bench_json(found), allow_nan=False))
    elif not rest["quiet"]:
        from ..reports.bench_table import print_bench

        title = f"Verifier {found.verifier} {found.version} on {Path(file).name}: {found.how}"
        print_bench(found.measurements, found.published, title)


@verify.command(short_help="Tune a cascade: the cheap verifier first.")
@click.argument("file", metavar="FILE")
@click.option("--stages", default="lexical,embedded", show_default=True, metavar="NAME,...",
              help="Verifiers, cheapest first, as --verifier names them.")  # fmt: skip
@click.option("--loss", type=FiniteRange(0, min_open=True), help="Dollars lost by an unsupported claim let out.")
@click.option("--rejection", type=FiniteRange(0, min_open=True), help="Dollars of rejecting a claim: retry, look.")
@click.option("--domain", metavar="PACK", help="Take both from this pack's economics where they are not given.")
@click.option("--alpha", type=FiniteRange(0, 1, min_open=True, max_open=True),
              help="Promise: at most this share of what is accepted is unsupported.")  # fmt: skip
@click.option("--delta", type=FiniteRange(0, 1, min_open=True, max_open=True), default=0.1, show_default=True,
              help="Chance that the promise fails.")  # fmt: skip
@click.option("--prices", type=click.Path(path_type=Path), help="A price table that goes before the bundled one.")
@click.option("--seed", type=click.IntRange(0), default=0, help="Seed of the two halves.")
@click.option("--json", "as_json", is_flag=True, help="Print what is written as JSON on stdout.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the cascade here (JSON).")
def tune(file: str, stages: str, as_json: bool, out: Path | None, **rest: Any) -> None:
    """Tune a cascade on FILE, labelled as for `bench`: the cheap verifier decides where asking the next one costs more.

    Bands come from dollars and measured errors on one half of the clusters; the other half measures the cascade beside
    each verifier alone and certifies the promise. Use the result with --verifier cascade:FILE.
    """
    from .tune_command import tune_file, write_cascade

    found = tune_file(file, [name.strip() for name in stages.split(",") if name.strip()], rest, quiet=as_json)
    if out is not None:
        write_cascade(out, found)
    if as_json:
        click.echo(json.dumps(found.as_json, allow_nan=False))
        return
    found.show()
    if out is not None:
        click.echo(f"written to {out}; use it with --verifier cascade:{out}", err=True)


@verify.command(short_help="Fit probabilities to your labels.")
@click.argument("file", metavar="LABELLED")
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="Where the line is written."
)
@click.option("--labels", type=click.IntRange(20), help="Fit on so many claims, drawn at random; by default on all.")
@_verifier_option
@click.option("--seed", type=click.IntRange(0), default=0, help="Seed of the draw.")
@click.option("--quiet", is_flag=True, help="No progress and no figures.")
def recalibrate(file: str, out: Path, labels: int | None, verifier: str, seed: int, quiet: bool) -> None:
    """Fit the probabilities of a verifier to the human labels of LABELLED; about 100 claims do.

    Only what a probability says changes, never which claim passes. With --labels, the other claims of the file show
    the calibration error before and after. Use it with `vcpd verify ANSWER --recalibration FILE`.
    """
    from ..verifiers.recalibration_file import recalibration_json
    from .cli_progress import claim_progress
    from .recalibrate import recalibrate as fit
    from .run_folder import write_json

    with claim_progress(quiet=quiet) as progress:
        made, check = fit(file, _loaded(verifier), labels, seed=seed, progress=progress)
    write_json(out, recalibration_json(made))
    if quiet:
        return
    click.echo(f"{out}: {made.verifier}, logit p -> {made.line.intercept:+.3f} {made.line.slope:+.3f} logit p, "
               f"from {made.labels} labels, {made.supported} of them supported")  # fmt: skip
    if check is not None:
        click.echo(f"calibration error (smECE) on the other {check.n} claims: {check.before:.3f} before, "
                   f"{check.after:.3f} after; a calibrated verifier stays below {check.limit:.3f} in 95 %")  # fmt: skip


def _loaded(name: str, cache: Path | None = None) -> Any:
    """The verifier of that name; which one the default is goes to stderr where it is not the best one."""
    from .verifier_names import verifier_of

    verifier = verifier_of(name)
    if cache is not None:
        from ..verifiers.cache import CachedVerifier
        from ..verifiers.cross_validation import is_trainable

        if is_trainable(verifier):
            raise click.UsageError(f"--cache: the {verifier.name} verifier needs none; it is for models that judge")
        verifier = CachedVerifier(verifier, folder=cache)
    if name == "default" and verifier.name == "lexical":
        click.echo("the lexical verifier judges: the extra neural, or its weights, is not installed", err=True)
    return verifier
