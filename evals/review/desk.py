"""The reviewers' desk: who looks at what next, what they said of it, and how far the review has come.

Threads share it. Whatever a reviewer is told is saved has been written to the trail, and is on disk.
"""

import threading
import time
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from ... import __version__
from ..saved_runs import SavedRun
from .answers import RunTexts
from .labels import Label, LabelError, label_row, read_label
from .plan import Plan, Planned
from .progress import cells_progress, counts
from .standing import Standing, standings
from .trail import Event, Trail, digest

_HELD = 1800.0  # seconds for which an answer stays with the reviewer who has it on screen
_SLACK = 5.0  # seconds by which a page's clock may run ahead of ours


class Desk:
    """The open review of one run.

    Args:
        wanted: Half-width of p to plan further labels for.
    """

    def __init__(self, run: SavedRun, trail: Trail, plan: Plan, texts: RunTexts, wanted: float = 0.05) -> None:
        self.run, self.trail, self.plan, self.texts, self.wanted = run, trail, plan, texts, wanted
        self._planned = {p.item: p for p in plan.items}
        self._lock = threading.RLock()
        self._held: dict[str, tuple[str, float]] = {}  # item: reviewer, since when
        self._open: set[tuple[str, str]] = set()  # reviewer, item: handed out, and the trail says so
        self._standings: tuple[int, list[Standing]] = (-1, [])
        self._cells: tuple[int, list[dict[str, Any]]] = (-1, [])
        self.view = lru_cache(maxsize=64)(self._view)

    def standings(self) -> list[Standing]:
        """Where each answer stands now."""
        with self._lock:
            events = self.trail.refresh()
            if self._standings[0] != len(events):
                self._standings = len(events), standings(self.plan, events)
            return self._standings[1]

    def next_item(self, reviewer: str) -> str | None:
        """The next answer for this reviewer, and keeps it for them; None where nothing is left for them."""
        with self._lock:
            now = time.monotonic()
            for standing in self.standings():
                item = standing.planned.item
                holder, since = self._held.get(item, ("", -_HELD))
                others = int(holder not in ("", reviewer) and now - since < _HELD)
                mine = any(label.reviewer == reviewer for label in standing.labels)
                if not mine and standing.decided is None and len(standing.labels) + others < standing.wanted:
                    self._held[item] = reviewer, now
                    return item
            return None

    def disputed(self) -> list[Standing]:
        """Answers on which reviewers disagree and nobody has decided, in the order of the queue."""
        return [s for s in self.standings() if s.disputed]

    def labelled_by(self, reviewer: str) -> list[str]:
        """What this reviewer has labelled, oldest first."""
        mine = {s.planned.item for s in self.standings() if any(label.reviewer == reviewer for label in s.labels)}
        order = [e["item"] for e in self.trail.events if e["kind"] == "label" and e["reviewer"] == reviewer]
        return [item for item in dict.fromkeys(reversed(order)) if item in mine][::-1]

    def hand_out(self, item: str, reviewer: str, role: str) -> dict[str, Any]:
        """The answer as it is shown to the reviewer, with their own label if there is one; the trail says so.

        Raises:
            LabelError: There is no such answer in the plan.
        """
        view, shown = self.view(self.planned(item).item)
        with self._lock:
            if (reviewer, item) not in self._open:
                event = {"kind": "shown", "item": item, "reviewer": reviewer, "role": role, "shown": shown}
                self.trail.append(event | {"blind_to": self.blind_to})
            self._open.add((reviewer, item))
            standing = self.standing(item)
        own = next((label_row(label) for label in standing.labels if label.reviewer == reviewer), None)
        return {"view": view, "shown": shown, "mine": own}

    @property
    def blind_to(self) -> list[str]:
        """What reviewers are not shown."""
        return sorted({"model", "target", "verdict"} - self.texts.shows)

    def standing(self, item: str) -> Standing:
        """Where one answer stands. Raises LabelError where the plan has no such answer."""
        self.planned(item)
        return next(s for s in self.standings() if s.planned.item == item)

    def planned(self, item: str) -> Planned:
        """The answer of that name. Raises LabelError where the plan has no such answer."""
        if item not in self._planned:
            raise LabelError("field 'item': the plan of this review has no such answer; reload the page")
        return self._planned[item]

    def save(self, kind: str, values: Mapping[str, Any], via: str = "page") -> Event:
        """Write a label or an adjudication; a copy of one that is saved already changes nothing.

        Args:
            kind: "label" or "adjudication". values: The fields of a label.

        Raises:
            LabelError: A field is wrong, or there is nothing to decide.
        """
        label = self.check(values)
        planned = self.planned(label.item)
        with self._lock:
            for event in self.trail.refresh():
                if event["kind"] == kind and label.id and event.get("id") == label.id:
                    return event
            if via == "page":
                self._was_shown(label)
            if kind == "adjudication":
                self._may_decide(label)
            return self._write(kind, planned, self._timed(label), {"via": via, "given_at": _day(values.get("at"))})

    def check(self, values: Mapping[str, Any]) -> Label:
        """The label that the fields give. Raises LabelError where they are wrong or name no answer of the plan."""
        view, _ = self.view(self.planned(str(values.get("item"))).item)
        return read_label(values, len(view["claims"]))

    def _was_shown(self, label: Label) -> None:
        """A label of the page is of what this server, or one before it, has shown."""
        before = {e["shown"] for e in self.trail.events if e["kind"] == "shown" and e["item"] == label.item}
        if label.shown not in before | {self.view(label.item)[1]}:
            raise LabelError("field 'shown': the answer was not shown like this; reload the page")

    def _may_decide(self, label: Label) -> None:
        standing = self.standing(label.item)
        if standing.decided is None and not standing.disputed:
            raise LabelError("nobody disagrees on this answer: there is nothing to decide")

    def _timed(self, label: Label) -> Label:
        """Nobody works longer on an answer than since it was first shown to them, or shown again after a label."""
        self._open.discard((label.reviewer, label.item))
        self._held.pop(label.item, None)
        began: datetime | None = None
        for event in self.trail.events:
            if event.get("item") == label.item and event.get("reviewer") == label.reviewer:
                began = None if event["kind"] != "shown" else began or datetime.fromisoformat(event["at"])
        if began is None:
            return label
        passed = (datetime.now(UTC) - began).total_seconds() + _SLACK
        return replace(label, seconds=min(label.seconds, round(max(0.0, passed), 3)))

    def _write(self, kind: str, planned: Planned, label: Label, how: Mapping[str, Any]) -> Event:
        where = {name: getattr(planned, name) for name in ("model", "domain", "sample_id", "epoch", "attempt")}
        row = {"kind": kind, **label_row(label), **where, **how, "blind_to": self.blind_to, "vcpd": __version__}
        if kind == "adjudication":
            labels = self.standing(label.item).labels
            row["of"] = [label_row(one) for one in labels]
            row["own"] = any(one.reviewer == label.reviewer for one in labels)
        return self.trail.append(row)

    def progress(self, reviewer: str) -> dict[str, Any]:
        """How far the review has come, in all and for this reviewer."""
        return counts(self.standings(), reviewer)

    def cells(self) -> list[dict[str, Any]]:
        """Per model and domain: labels so far, and how many more reach the wanted width. Models by letters."""
        with self._lock:
            now, seen, known = self.standings(), self._standings[0], self._cells
        if known[0] == seen:
            return known[1]
        found = cells_progress(self.run, now, self.wanted, named="model" in self.texts.shows)  # nobody waits for it
        with self._lock:
            self._cells = seen, found
        return found

    def _view(self, item: str) -> tuple[dict[str, Any], str]:
        view = asdict(self.texts.view(self._planned[item]))
        return view, digest(view)


def _day(value: object) -> str | None:
    """When a label was given elsewhere, as its file says."""
    return value[:40] if isinstance(value, str) and value.isascii() and value.isprintable() else None
