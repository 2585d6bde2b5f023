"""Whether a trail is whole: its chain, what its labels were given for, and the head that a scored run kept."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ... import __version__
from .labels import LabelError, read_label
from .trail import NAME, Trail, TrailError


@dataclass(frozen=True, slots=True)
class Audit:
    """What was found.

    Attributes:
        events: Lines read. head: Hash of the last one: noted down elsewhere, it also tells a tail cut off later.
        people: Labels and decisions by reviewer. problems: Sentences; empty where the trail is whole.
        uncompared: Labels given under another version of vcpd, which may have shown the same answer otherwise: what
            was shown is not compared with the run folder.
    """

    events: int
    head: str
    people: Mapping[str, int] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    uncompared: int = 0


def audit(
    run: Path, manifest: Mapping[str, Any], shown: Callable[[str, Sequence[str]], str] | None, head: str | None = None
) -> Audit:
    """Check the trail of a run.

    Args:
        shown: Digest of an answer as the run folder holds it now, by its name and what reviewers are blind to; None:
            not compared.
        head: A hash noted down earlier, which the chain must hold.
    """
    trail = Trail(run)
    if not trail.path.exists():
        return Audit(0, trail.head, problems=(f"{trail.path}: there is none: nobody has reviewed this run",))
    try:
        events = trail.refresh()
    except TrailError as error:
        return Audit(len(trail.events), trail.head, problems=(str(error),))
    problems = []
    if trail.path.read_bytes()[-1:] not in (b"", b"\n"):
        problems.append(f"{trail.path}: its last line is torn; nobody was told that it was saved")
    hashes = {e["hash"] for e in events}
    kept = (manifest.get("review") or {}).get("head")
    for known, said in ((kept, "manifest.json keeps"), (head, "you name")):
        if known and known not in hashes:
            problems.append(
                f"{trail.path}: does not hold the line with hash {known[:16]}... that {said}: it was cut off"
            )
    people: dict[str, int] = {}
    views: dict[str, set[str]] = {}
    uncompared = 0
    for event in events:
        line = f"{NAME}, line {event['seq'] + 1}"
        if event["kind"] == "export":
            for item, value in event["shown"].items():
                views.setdefault(item, set()).add(value)
        if event["kind"] not in ("label", "adjudication"):
            continue
        try:
            label = read_label(event)
        except LabelError as error:
            problems.append(f"{line}: {error}")
            continue
        people[label.reviewer] = people.get(label.reviewer, 0) + 1
        if event.get("vcpd") != __version__:
            uncompared += 1
            continue
        now = set() if shown is None else {shown(label.item, event.get("blind_to") or ())}
        sent = set() if event.get("via") == "page" else views.get(label.item, set())
        if shown is not None and label.shown not in now | sent:
            problems.append(f"{line}: what {label.reviewer} was shown is not what the run folder holds now")
    return Audit(len(events), trail.head, people, tuple(problems), uncompared)
