"""`vcpd index`."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from ..retrieval.ingestion.job import IndexReport

_SHOWN = 20
_MIB = 2**20


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="Folder of the index [default: FOLDER.index beside it].")
@click.option("--dense", is_flag=True, help="Encode passages too, for dense and hybrid search (extra neural).")
@click.option("--encoder", metavar="NAME|FOLDER", default="", help="Sentence encoder of --dense [default: MiniLM].")
@click.option("--max-words", type=click.IntRange(1), default=120, show_default=True, help="Words of a passage.")
@click.option("--jobs", type=click.IntRange(1), default=2, show_default=True, help="Processes that read files.")
@click.option("--max-file-mb", type=click.IntRange(1), default=64, show_default=True, help="Largest file that is read.")
@click.option("--quiet", is_flag=True, help="No progress and no summary.")
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON on stdout.")
def index(folder: Path, out: Path | None, quiet: bool, as_json: bool, **options: Any) -> None:
    """Index the text, Markdown, HTML, PDF, DOCX and JSONL files of FOLDER, subfolders included.

    What was indexed before is taken over where its content has not changed; an indexing that was killed goes on where
    it stopped, and until it is complete the earlier index is the one that is searched. PDF and DOCX need the extra
    documents. A file sources.toml in FOLDER says what the files are: tables [[files]] with match = "statutes/*.pdf" and
    title, source, date, jurisdiction, authority, license, valid_from, valid_to, superseded_by, safety_tier, url.

    Files that cannot be read are named and left out; links are not followed. Exits with 64 where nothing is left.
    """
    from ..retrieval.ingestion.indexing import index_folder
    from ..retrieval.ingestion.job import IndexSettings
    from ..retrieval.ingestion.parsed import Limits
    from .cli_progress import index_progress

    encoder = None
    if options["dense"] or options["encoder"]:
        from ..retrieval.encoders import encoder_named

        encoder = encoder_named(options["encoder"])
    limits = Limits(file_bytes=options["max_file_mb"] * _MIB)
    settings = IndexSettings(options["max_words"], options["jobs"], limits)
    where = out or folder.resolve().with_name(folder.resolve().name + ".index")
    with index_progress(quiet=quiet or as_json) as progress:
        report = index_folder(folder, where, settings, encoder=encoder, on_progress=progress)
    if as_json:
        click.echo(json.dumps({"index": str(where), **asdict(report)}))
    elif not quiet:
        _say(report, where)


def _say(report: "IndexReport", where: Path) -> None:
    from ..reports.numbers import printable

    for title, problems in (("not indexed", report.problems), ("left out as duplicates", report.duplicates)):
        if problems:
            click.echo(f"{len(problems)} {title}:", err=True)
        for problem in problems[:_SHOWN]:
            click.echo(f"  {printable(str(problem))}", err=True)
        if len(problems) > _SHOWN:
            click.echo(f"  and {len(problems) - _SHOWN} more (all with --json)", err=True)
    click.echo(f"{report.documents:,} documents, {report.passages:,} passages, {report.terms:,} terms in {where}")
    encoded = f", {report.encoded:,} passages encoded" if report.encoded else ""
    click.echo(f"{report.read:,} read now, {report.kept:,} taken over{encoded}")
