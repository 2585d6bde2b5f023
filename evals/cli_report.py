"""`vcpd report`."""

import json
from pathlib import Path

import click


@click.command()
@click.argument("runs", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="RUN...")
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="HTML file [default: risk_review.html in the run]."
)
@click.option("--pdf", "as_pdf", is_flag=True, help="Write the same as PDF beside it (needs the extra pdf).")
@click.option("--json", "as_json", is_flag=True, help="Print the JSON twin on stdout.")
@click.option("--queue", type=click.Path(path_type=Path, dir_okay=False), help="Write the escalation queue as CSV.")
@click.option(
    "--worst", type=click.IntRange(0), default=5, show_default=True, help="Answers in full, each model and domain."
)
@click.option("--quiet", is_flag=True, help="Say nothing.")
def report(
    runs: tuple[Path, ...], out: Path | None, as_pdf: bool, as_json: bool, queue: Path | None, worst: int, quiet: bool
) -> None:
    """The risk review of finished run folders: may it ship, per domain, and why.

    One self-contained HTML file that counsel, a clinician or an auditor can read, print and sign; several runs of the
    same questions stand side by side. No model is called and nothing is loaded from anywhere.
    """
    from ..reports.risk_review import review_html, review_json
    from .report import review_of
    from .report_files import check_suffix, queue_csv, say, write_bytes
    from .run_folder import write_text
    from .saved_runs import open_run

    opened = [open_run(path) for path in runs]
    target = check_suffix(out or (runs[0] / "risk_review.html"), ".html", "--out")
    if queue is not None:
        check_suffix(queue, ".csv", "--queue")
    review = review_of(opened, worst)
    page = review_html(review)
    files = [target]
    write_text(target, page)
    if as_pdf:
        from ..reports.pdf import pdf

        files.append(target.with_suffix(".pdf"))
        write_bytes(files[-1], pdf(page))
    if queue is not None:
        files.append(queue)
        write_text(queue, queue_csv(opened))
    if as_json:
        click.echo(json.dumps(review_json(review), allow_nan=False))
    if not quiet:
        say(review, files, err=as_json)
