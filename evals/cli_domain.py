"""`vcpd domain init`, `vcpd domain check` and `vcpd domain list`."""

import json
from dataclasses import asdict
from pathlib import Path

import click


@click.group()
def domain() -> None:
    """Start a domain pack, check one, or list those that are known."""


@domain.command(short_help="Write a small pack of your own to start from.")
@click.argument("name")
@click.option("--out", type=click.Path(path_type=Path), help="Folder of the new pack [default: ./NAME].")
def init(name: str, out: Path | None) -> None:
    """Write a small pack of your own to start from: pack.toml, corpus.jsonl, samples.jsonl."""
    from .pack_init import init_pack

    folder = init_pack(name, out or Path(name))
    click.echo(f"{folder}: pack.toml, corpus.jsonl and samples.jsonl written; replace the examples, then run")
    click.echo(f"  vcpd domain check {folder}\n  vcpd run --domain {folder}")


@domain.command(short_help="Check packs: schema, spans, duplicates, leaks.")
@click.argument("packs", nargs=-1, metavar="[PACK]...")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@click.pass_context
def check(ctx: click.Context, packs: tuple[str, ...], as_json: bool) -> None:
    """Check packs (default: the bundled ones): schema, spans, duplicates, leaks, abstentions, clusters."""
    from .pack_by_name import load_pack
    from .pack_check import check_pack
    from .packs import BUNDLED

    reports = [check_pack(load_pack(name)) for name in packs or BUNDLED]
    if as_json:
        click.echo(json.dumps([{"pack": r.pack, "facts": r.facts, "problems": r.problems} for r in reports]))
    for report in reports if not as_json else ():
        click.echo(f"{report.pack}: " + ", ".join(f"{value} {name}" for name, value in report.facts.items()))
        for problem in report.problems:
            click.echo(f"  {problem}")
        click.echo("  sound" if not report.problems else f"  {len(report.problems)} problems")
    if any(r.problems for r in reports):
        ctx.exit(1)


@domain.command("list", short_help="List bundled packs and published benchmarks.")
@click.option("--json", "as_json", is_flag=True, help="Print the list as JSON.")
def list_known(as_json: bool) -> None:
    """List the bundled packs and the published benchmarks: licence, size where known, what to cite.

    Nothing is loaded from anywhere. Run one with: vcpd run --domain NAME
    """
    from .known_packs import known_packs

    known = known_packs()
    if as_json:
        click.echo(json.dumps([asdict(entry) for entry in known]))
        return
    for entry in known:
        size = f"{entry.size:,} samples" if entry.size is not None else "size not published"
        click.echo(f"{entry.name}: {entry.title} ({size})")
        for label, text in entry.lines():
            click.echo(f"    {label}: {text}")
