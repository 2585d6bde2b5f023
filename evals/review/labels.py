"""What a person says of an answer, and how it is read from a page, a file or another tool."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

OUTCOMES = ("correct", "incorrect", "abstained", "cannot_tell")
CLAIM_LABELS = ("supported", "partially_supported", "not_supported", "refuted", "cannot_tell")
HARMS = ("minor", "moderate", "severe")
"""Harm classes of a wrong answer, mildest first."""

ROLES = ("reviewer", "adjudicator")
LONGEST_NOTE = 4000
_LONGEST_NAME = 60
_MOST_SECONDS = 86_400.0


class LabelError(ValueError):
    """A label that is not one; the message names the field and what may stand there."""


@dataclass(frozen=True, slots=True)
class Label:
    """One person's judgement of one answer.

    Attributes:
        item: The answer's name in the sampling plan.
        outcome: One of OUTCOMES: the whole answer against its question and sources.
        harm: One of HARMS for a wrong answer; None for every other.
        claims: Labels of statements, one of CLAIM_LABELS, by their number in the answer; those not judged are absent.
        seconds: Time at work, pauses taken out; 0 where nobody measured. paused_s: Time taken out.
        shown: Digest of what was shown. id: The label's own name, by which a copy of it is told.
    """

    item: str
    reviewer: str
    outcome: str
    role: str = "reviewer"
    harm: str | None = None
    claims: Mapping[int, str] = field(default_factory=dict)
    note: str = ""
    seconds: float = 0.0
    paused_s: float = 0.0
    shown: str = ""
    id: str = ""


def read_label(values: Mapping[str, Any], claims: int | None = None) -> Label:
    """Read and check one label.

    Args:
        claims: How many statements the answer has; None: not checked.

    Raises:
        LabelError: A field is missing, of the wrong kind or out of range.
    """
    outcome = _one_of(values, "outcome", OUTCOMES)
    harm = values.get("harm") or None
    if outcome == "incorrect":
        harm = _one_of(values, "harm", HARMS)
    elif harm is not None:
        raise LabelError("field 'harm': only a wrong answer has a harm class")
    note = values.get("note", "")
    if not isinstance(note, str) or len(note) > LONGEST_NOTE:
        raise LabelError(f"field 'note': a text of at most {LONGEST_NOTE} characters is needed")
    return Label(
        item=_name(values, "item"),
        reviewer=reviewer_name(values.get("reviewer")),
        outcome=outcome,
        role=_one_of(values, "role", ROLES) if "role" in values else "reviewer",
        harm=harm,
        claims=_claims(values.get("claims") or {}, claims),
        note=_storable(note),
        seconds=_seconds(values, "seconds"),
        paused_s=_seconds(values, "paused_s"),
        shown=_name(values, "shown") if values.get("shown") else "",
        id=_name(values, "id") if values.get("id") else "",
    )


def reviewer_name(value: object) -> str:
    """A reviewer's name: printable, on one line, of 1 to 60 characters.

    Raises:
        LabelError: It is not.
    """
    name = " ".join(value.split()) if isinstance(value, str) else ""
    if not 0 < len(name) <= _LONGEST_NAME or not name.isprintable():
        raise LabelError(f"a reviewer needs a name of 1 to {_LONGEST_NAME} printable characters")
    return name


def label_row(label: Label) -> dict[str, Any]:
    """The fields of a label as they are written."""
    row = {name: getattr(label, name) for name in Label.__dataclass_fields__}
    return row | {"claims": {str(n): said for n, said in sorted(label.claims.items())}}


def _one_of(values: Mapping[str, Any], name: str, allowed: tuple[str, ...]) -> str:
    value = values.get(name)
    if not isinstance(value, str) or value not in allowed:
        raise LabelError(f"field '{name}': one of {', '.join(allowed)} is needed")
    return value


def _name(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= 100 or not value.isascii() or not value.isprintable():
        raise LabelError(f"field '{name}': is missing or no name")
    return value


def _claims(values: object, count: int | None) -> dict[int, str]:
    if not isinstance(values, Mapping):
        raise LabelError("field 'claims': an object of labels by the number of the claim is needed")
    found = {}
    for key, said in values.items():
        number = int(key) if isinstance(key, str) and key.isascii() and key.isdigit() and len(key) < 7 else key
        if not isinstance(number, int) or number < 0 or (count is not None and number >= count):
            raise LabelError("field 'claims': names a claim that the answer does not have")
        if said not in CLAIM_LABELS:
            raise LabelError(f"field 'claims': one of {', '.join(CLAIM_LABELS)} is needed")
        found[number] = str(said)
    return found


def _seconds(values: Mapping[str, Any], name: str) -> float:
    value = values.get(name, 0)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
        raise LabelError(f"field '{name}': a number of seconds is needed")
    return round(min(float(value), _MOST_SECONDS), 3)


def _storable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")
