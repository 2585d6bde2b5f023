"""What goes out of a review and what comes back, each with a line in the trail."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from ...reports.review_page import review_page
from ..run_folder import write_text
from .deidentify import WITHHELD, Rules
from .desk import Desk
from .exchange import Outgoing, as_csv, as_label_studio, label_studio_config, to_json
from .incoming import IncomingError, complete, file_digest, own_name, read_file
from .labels import Label, LabelError, read_label
from .outgoing import outgoing
from .standing import Standing
from .trail import Event, digest


class HandoverError(ValueError):
    """A file that cannot be written or taken in; the message says why and what to do."""


def send_out(desk: Desk, path: Path, rules: Rules, *, scope: str) -> tuple[int, int]:
    """Write the answers of the review to `path` (.html offline page, .csv, or .json for Label Studio), redacted.

    The offline page holds the answers that still need labels, the others all with the labels they have.

    Returns:
        Answers written, and answers kept back because question or answer is privileged.

    Raises:
        HandoverError: The file's ending is not known, or nothing may leave.
    """
    kind = {".html": "offline", ".csv": "csv", ".json": "label-studio"}.get(path.suffix.lower())
    if kind is None:
        raise HandoverError(f"{path}: the ending says the form: .html (offline page), .csv or .json (Label Studio)")
    if path.resolve().parent == desk.run.path.resolve():
        raise HandoverError(f"{path}: choose a place outside the run folder for what is to leave it")
    among = [s for s in desk.standings() if kind != "offline" or not (s.complete or s.decided)]
    items = [item for s in among if (item := _item(desk, s, rules)) is not None]
    if not items:
        raise HandoverError("nothing is to be sent: all answers have their labels, or all are privileged")
    shown = {item.view.item: item.shown for item in items}
    event = {"kind": "export", "form": kind, "rules": rules.digest, "shown": shown, "blind_to": desk.blind_to}
    written = desk.trail.append(event)
    if kind == "offline":
        write_text(path, _offline(items, desk, written, scope))
    elif kind == "csv":
        write_text(path, as_csv(items))
    else:
        write_text(path, to_json(as_label_studio(items)))
        write_text(path.with_suffix(".xml"), label_studio_config())
    return len(items), len(among) - len(items)


def _item(desk: Desk, standing: Standing, rules: Rules) -> Outgoing | None:
    view = outgoing(desk.texts.view(standing.planned), rules)
    if view is None:
        return None
    labels = tuple(_without_secrets(label, rules) for label in standing.labels)
    return Outgoing(view, digest(asdict(view)), labels)


def _without_secrets(label: Label, rules: Rules) -> Label:
    note = WITHHELD if rules.is_privileged(label.note) else rules.apply(label.note).text
    return replace(label, note=note)


def _offline(items: Sequence[Outgoing], desk: Desk, event: Event, scope: str) -> str:
    data = {
        "scope": f"{scope}{event['hash'][:16]}/",
        "export": event["hash"],
        "blind_to": desk.blind_to,
        "items": [{"view": asdict(item.view), "shown": item.shown} for item in items],
    }
    html, _ = review_page(data, offline=True)
    return html


def take_in(desk: Desk, path: Path) -> tuple[int, int]:
    """Take the labels of a file into the trail: all of them, or none.

    Returns:
        Labels taken in, and labels that were there already.

    Raises:
        HandoverError: A label is wrong, of another run, or of an answer that was not shown as this run holds it.
    """
    try:
        via, rows = read_file(path)
        labels = [(where, complete(where, values, via)) for where, values in rows]
    except IncomingError as error:
        raise HandoverError(str(error)) from error
    if not labels:
        raise HandoverError(f"{path}: holds no label")
    known = {e["id"]: e for e in desk.trail.refresh() if e["kind"] == "label"}
    for where, values in labels:
        _checked(desk, where, values)
        if values["id"] in known and _said(values) != _said(known[values["id"]]):
            values["id"] = own_name(values, via)  # changed elsewhere: a label of its own, the later one
    fresh = [(where, values) for where, values in labels if values["id"] not in known]
    if fresh:
        desk.trail.append({"kind": "import", "form": via, "sha256": file_digest(path), "labels": len(fresh)})
    for _, values in fresh:
        desk.save("label", values, via=via)
    return len(fresh), len(labels) - len(fresh)


def _said(values: Mapping[str, Any]) -> tuple[Any, ...]:
    """What a label says; not its note, which is redacted on its way out."""
    label = read_label(values)
    return label.reviewer, label.outcome, label.harm, sorted(label.claims.items())


def _checked(desk: Desk, where: str, values: dict[str, Any]) -> None:
    try:
        desk.check(values)
    except LabelError as error:
        raise HandoverError(f"{where}: {error}") from error
    item = values["item"]
    shown = {e["shown"].get(item) for e in desk.trail.events if e["kind"] == "export"} | {desk.view(item)[1]}
    if values.get("shown") not in shown:
        raise HandoverError(
            f"{where}: the answer that was labelled is not the one that this run sent out: labels of another run, or "
            f"of a changed file"
        )
