"""`vcpd review`."""

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .cli_numbers import FiniteRange

if TYPE_CHECKING:
    from .review.desk import Desk
    from .review.plan import Plan, PlanSettings
    from .review.trail import Trail
    from .saved_runs import SavedRun

_PORT = 8517


@click.command()
@click.argument("run", type=click.Path(path_type=Path), metavar="RUN")
@click.option("--labels", type=click.IntRange(0), help="Answers to label beside those that people always see, in all "
              "[default: 100]; more may be asked for later.")  # fmt: skip
@click.option("--double-share", type=FiniteRange(0, 1), help="Share of them that two people label [default: 0.2].")
@click.option("--model", "models", multiple=True, metavar="NAME", help="Only answers of this model; may be repeated.")
@click.option("--domain", "domains", multiple=True, metavar="NAME", help="Only this domain; may be repeated.")
@click.option("--seed", type=click.IntRange(0), help="Seed of the sample [default: 0].")
@click.option("--reviewer", "reviewers", multiple=True, metavar="NAME", help="A reviewer with an address of their own; "
              "may be repeated. Without, the page asks for names.")  # fmt: skip
@click.option("--adjudicator", "adjudicators", multiple=True, metavar="NAME", help="The same for one who decides.")
@click.option("--show", "shows", multiple=True, type=click.Choice(["model", "target", "verdict"]), help="Show what "
              "reviewers are blind to by default; may be repeated.")  # fmt: skip
@click.option("--half-width", type=FiniteRange(0, 0.5, min_open=True, max_open=True), default=0.05,
              show_default=True, help="Wanted half-width of p.")  # fmt: skip
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; others may read along "
              "where it is not this machine's own.")  # fmt: skip
@click.option("--port", type=click.IntRange(0, 65535), default=_PORT, show_default=True, help="0: any free one.")
@click.option("--offline", type=click.Path(path_type=Path), metavar="FILE.html", help="Write one page that a reviewer "
              "elsewhere opens, labels in, and sends back as labels.jsonl.")  # fmt: skip
@click.option("--export", type=click.Path(path_type=Path), metavar="FILE", help="Write answers and labels as .csv or "
              ".json (Label Studio).")  # fmt: skip
@click.option("--import", "imports", multiple=True, type=click.Path(path_type=Path), metavar="FILE", help="Take in "
              "labels: labels.jsonl, .csv, or Label Studio's .json.")  # fmt: skip
@click.option("--redact", type=click.Path(path_type=Path), metavar="FILE.toml", help="Names, patterns and privileged "
              "markers to take out beside the built-in rules.")  # fmt: skip
@click.option("--status", is_flag=True, help="Print how far the review has come, and the reviewers' agreement.")
@click.option("--verify", is_flag=True, help="Check the audit trail.")
@click.option("--head", metavar="HASH", help="With --verify: a hash noted down earlier, which the trail must hold.")
def review(run: Path, **options: Any) -> int | None:
    """Label answers of RUN on a local page: half of them flagged by the judge and half not, one a cluster, and all of
    the highest risk tier. Labels and times are on disk in RUN/labels.jsonl the moment they are given.

    Then `vcpd score RUN` puts them into its numbers.
    """
    from .review.trail import Trail
    from .saved_runs import open_run

    opened, trail = open_run(run), Trail(run)
    if options["verify"]:
        return _verify(opened, options["head"])
    desk = _desk(opened, trail, options)
    handed = [_send(desk, options[name], options["redact"]) for name in ("offline", "export") if options[name]]
    handed += [_take(desk, path) for path in options["imports"]]
    if not handed and not options["status"]:
        _serve(desk, options)
    _status(desk, opened)
    return None


def _desk(run: "SavedRun", trail: "Trail", options: dict[str, Any]) -> "Desk":
    from .review.answers import read_texts
    from .review.desk import Desk

    plan = _plan(run, trail, options)
    texts = read_texts(run.path, [p.key for p in plan.items], options["shows"])
    return Desk(run, trail, plan, texts, options["half_width"])


def _plan(run: "SavedRun", trail: "Trail", options: dict[str, Any]) -> "Plan":
    """The plan in force; a new one where none is, or where more labels are asked for."""
    from .review.plan import PlanError, PlanSettings, last_plan, make_plan, plan_event

    events = trail.refresh()
    before = last_plan(events)
    if before is None and options["labels"] is None and (options["status"] or options["imports"]):
        raise PlanError(f"no review of {run.name} has begun: vcpd review {run.name}")
    asked = {name: options[name] for name in ("labels", "double_share", "seed") if options[name] is not None}
    asked |= {name: options[name] for name in ("models", "domains") if options[name]}
    wanted = replace(before.settings if before else PlanSettings(), **asked)
    if before is not None and wanted == before.settings:
        return before
    plan = make_plan(run.records, run.manifest, wanted)
    begun = any(e["kind"] in ("label", "export") for e in events)
    if before is not None and begun and not {p.item for p in before.items} <= {p.item for p in plan.items}:
        raise PlanError(
            f"the review of {run.name} has begun with {_said(before.settings)}: a plan can grow (--labels), but not "
            f"drop answers that were picked at random"
        )
    trail.append(plan_event(plan))
    short = wanted.labels - sum(not p.certain for p in plan.items)
    if short > 0:
        click.echo(f"the run holds {short} clusters too few for {wanted.labels} labels, one a cluster", err=True)
    return plan


def _said(settings: "PlanSettings") -> str:
    parts = [f"--labels {settings.labels}", f"--seed {settings.seed}"]
    return " ".join(parts + [f"--model {m}" for m in settings.models] + [f"--domain {d}" for d in settings.domains])


def _send(desk: "Desk", path: Path, rules: Path | None) -> bool:
    from .review.deidentify import read_rules
    from .review.handover import send_out

    written, kept = send_out(desk, path, read_rules(rules), scope=_scope(desk))
    click.echo(f"{written} answers written to {path}, after redaction by rules: read it before you send it", err=True)
    if kept:
        click.echo(f"{kept} answers kept back: question or answer is marked as privileged", err=True)
    return True


def _take(desk: "Desk", path: Path) -> bool:
    from .review.handover import take_in

    fresh, known = take_in(desk, path)
    click.echo(f"{path}: {fresh} labels taken in{f', {known} were there already' if known else ''}", err=True)
    return True


def _scope(desk: "Desk") -> str:
    """What tells this review from others in a browser's storage, without naming the run."""
    first = desk.trail.refresh()[0]
    return f"vcpd-review/{first['hash'][:16]}/"


def _serve(desk: "Desk", options: dict[str, Any]) -> None:
    from ..reports.review_page import review_page
    from .review.labels import reviewer_name
    from .review.server import Person, ReviewServer

    people = [Person(reviewer_name(name)) for name in options["reviewers"]]
    people += [Person(reviewer_name(name), "adjudicator") for name in options["adjudicators"]]
    page = review_page({"scope": _scope(desk)})
    with ReviewServer(desk, page, tuple(people), options["host"], options["port"]) as server:
        if options["host"] not in ("127.0.0.1", "localhost", "::1"):
            click.secho(
                f"warning: listening on {options['host']} without encryption: the network can read along",
                fg="red",
                err=True,
            )
        for person, address in server.addresses:
            click.echo(f"{f'{person.name} ({person.role}): ' if person.name else ''}{address}")
        click.echo("Ctrl+C ends the server; every label is saved as it is given.", err=True)
        try:
            server.serve_forever(poll_interval=0.2)
        except KeyboardInterrupt:
            click.echo("", err=True)


def _status(desk: "Desk", run: "SavedRun") -> None:
    from ..reports.numbers import printable, share_interval
    from ..scoring.estimate import InsufficientDataError
    from .review.progress import agreement, clusters_of, counts, wage_left, work_left
    from .review.sentences import cell_sentence, work_sentence

    stand = desk.standings()
    now = counts(stand, "")
    click.echo(
        f"{now['complete']} of {now['answers']} answers done, {now['labels_given']} of {now['labels_wanted']} labels "
        f"by {now['reviewers']} reviewers; {now['disputed']} disputed, {now['decided']} decided",
        err=True,
    )
    try:
        alpha = agreement(stand, clusters_of(run.records))
        click.echo(
            f"agreement of reviewers (Krippendorff's alpha, {alpha.n} answers): {share_interval(alpha)}", err=True
        )
    except InsufficientDataError as error:
        click.echo(f"agreement of reviewers: undefined: {error}", err=True)
    with suppress(InsufficientDataError):
        click.echo(work_sentence(work_left(stand), wage_left(run, stand)), err=True)
    for cell in desk.cells():
        click.echo(printable(cell_sentence(cell, desk.wanted)), err=True)
    click.echo(f"head of the audit trail: {desk.trail.head}", err=True)


def _verify(run: "SavedRun", head: str | None) -> int:
    from dataclasses import asdict

    from .review.answers import SHOWS, read_texts
    from .review.audit import audit
    from .review.plan import last_plan
    from .review.trail import Trail, TrailError, digest

    try:
        plan = last_plan(Trail(run.path).refresh())
    except TrailError:
        plan = None
    shown = None
    if plan is not None:
        planned = {p.item: p for p in plan.items}
        texts = read_texts(run.path, [p.key for p in plan.items])

        def shown(item: str, blind_to: Any) -> str:
            if item not in planned:
                return ""
            return digest(asdict(replace(texts, shows=frozenset(SHOWS) - set(blind_to)).view(planned[item])))

    found = audit(run.path, run.manifest, shown, head)
    for problem in found.problems:
        click.echo(problem, err=True)
    people = ", ".join(f"{name} {n}" for name, n in found.people.items()) or "none"
    click.echo(f"{found.events} events, head {found.head}; labels and decisions: {people}")
    if found.uncompared:
        click.echo(f"{found.uncompared} of them were given under another version: what was shown is not compared")
    click.echo("the trail is not whole" if found.problems else "the trail is whole")
    return 1 if found.problems else 0
