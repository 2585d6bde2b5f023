"""What a reader of the tables must not miss, each said once, with where it holds."""

import re
from collections.abc import Mapping

from ..scoring.cost_measures import NO_PEOPLE
from ..scoring.estimate import Measurement
from .numbers import printable, share

Cells = Mapping[str, Measurement]
_COUNT = re.compile(r" \(\d+\)")


def remarks(by_cell: Mapping[tuple[str, str], Cells]) -> list[str]:
    """Sentences on who judged, what nobody could judge, missed floors, and dollars that are unknown or not counted."""
    kinds = (_columns, _judges, _unjudged, _floors, _undefined, _estimated, _people, _losses, _pools)
    return [printable(line) for kind in kinds for line in kind(by_cell)]


def _columns(by_cell: Mapping[tuple[str, str], Cells]) -> list[str]:
    shown = any(c[m].estimate for c in by_cell.values() for m in ("citation_precision", "citation_recall") if m in c)
    said = "cite P: citations that support their claim; cite R: claims so cited; recall: gold evidence retrieved."
    return [said] if shown else []


def _judges(by_cell: Mapping[tuple[str, str], Cells]) -> list[str]:
    said = [cell["correct"].note for cell in by_cell.values() if "correct" in cell]
    notes = [note.removeprefix("judged by ") for note in said if note.startswith("judged by ")]
    names = dict.fromkeys(name for note in notes for name in _COUNT.sub("", note).split(", "))
    return [f"Right and wrong as judged by {' and '.join(names)}."] if names else []


def _unjudged(by_cell: Mapping[tuple[str, str], Cells]) -> list[str]:
    lines = []
    for name in ("invalid", "refused", "unscored"):
        found = []
        for (model, domain), cell in by_cell.items():
            e = cell[name].estimate if name in cell else None
            if e is not None and e.value > 0:
                found.append(f"{model} {domain} {share(e)}")
        if found:
            lines.append(f"{name.capitalize()} answers, outside p: {_list(found)}.")
    return lines


def misses_floor(cell: Cells) -> bool:
    """Whether Q is below the floor that the domain's pack declares."""
    return "vcpd_floor" in cell and "misses the floor" in cell["vcpd_floor"].note


def _floors(by_cell: Mapping[tuple[str, str], Cells]) -> list[str]:
    missed = []
    for (model, domain), cell in by_cell.items():
        if misses_floor(cell):
            q, floor = cell["vcpd_floor"].note.removeprefix("undefined: Q = ").split(" misses the floor Q_min = ")
            missed.append(f"{model} {domain} ({q.lstrip('0')} < {floor.lstrip('0')})")
    said = "* Q by tokens misses the pack's floor Q_min, fit to ship at no price (the launch itself: vcpd gate)"
    return [f"{said}: {_list(missed)}."] if missed else []


def _undefined(by_cell: Mapping[tuple[str, str], Cells]) -> list[str]:
    where: dict[str, list[str]] = {}
    for (model, domain), cell in by_cell.items():
        for name, said in _SAID.items():
            if name in cell and cell[name].estimate is None:
                where.setdefault(f"{said} is {cell[name].note}", []).append(f"{model} {domain}")
    return [f"{text} ({_list(places)}){_what_to_do(text)}." for text, places in where.items()]


_SAID = {"correct": "The share of right answers", "p": "p", "vcpd": "VCpD"}


def _what_to_do(text: str) -> str:
    if "usage was not recorded" not in text:
        return ""
    return ": record `usage` with each answer, or estimate tokens (vcpd score --estimate-tokens o200k_base)"


def _estimated(by_cell: Mapping[tuple[str, str], Cells]) -> list[str]:
    """Dollars and tokens that rest on estimated counts."""
    where: dict[str, list[str]] = {}
    for (model, domain), cell in by_cell.items():
        note = cell["c_g_usd"].note if "c_g_usd" in cell else ""
        for part in note.split("; "):
            if part.startswith("tokens estimated by"):
                where.setdefault(part, []).append(f"{model} {domain}")
    return [f"Dollars and VCpD rest on {text}: {_list(places)}." for text, places in where.items()]


def _losses(by_cell: Mapping[tuple[str, str], Cells]) -> list[str]:
    known = [c for c in by_cell.values() if "break_even_loss_usd" in c]
    if not any(c["break_even_loss_usd"].estimate for c in known):
        vain = sum("no loss is enough" in c["break_even_loss_usd"].note for c in known)
        return ["Verifying in the loop pays at no loss per escaped error: it stops too few."] if vain else []
    return ["L*: the loss per escaped error above which verifying in the loop pays; -: at none."]


def _people(by_cell: Mapping[tuple[str, str], Cells]) -> list[str]:
    cells = [(domain, c["kappa_usd"]) for (_, domain), c in by_cell.items() if "kappa_usd" in c]
    uncounted = dict.fromkeys(domain for domain, kappa in cells if kappa.estimate and NO_PEOPLE in kappa.note)
    said = "No dollars of people are counted, as no economics are declared"
    return [f"{said}: {_list(list(uncounted))}."] if uncounted else []


def _pools(by_cell: Mapping[tuple[str, str], Cells]) -> list[str]:
    notes = {c["q"].note for (_, domain), c in by_cell.items() if domain == "all" and c["q"].note}
    return [f"Domain all is {note}." for note in notes]


def _list(items: list[str], most: int = 6) -> str:
    return ", ".join(items[:most]) + (f" and {len(items) - most} more" if len(items) > most else "")
