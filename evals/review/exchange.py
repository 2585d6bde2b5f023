"""Answers and labels as files of other tools: CSV, and tasks of Label Studio. Written after redaction only."""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ...reports.desk_views import ItemView
from .labels import CLAIM_LABELS, HARMS, OUTCOMES, Label

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_LEADING = " \u00a0\u3000"
CSV_COLUMNS = (
    *("item", "domain", "question", "answer", "sources", "reviewer", "outcome", "harm", "claims", "note", "seconds"),
    *("claim_texts", "shown", "id"),
)
CONFIG = """<View>
  <Header value="$question"/>
  <Text name="answer" value="$answer"/>
  <Labels name="support" toName="answer">
{claims}
  </Labels>
  <Choices name="outcome" toName="answer" choice="single-radio" required="true">
{outcomes}
  </Choices>
  <Choices name="harm" toName="answer" choice="single-radio" visibleWhen="choice-selected" whenTagName="outcome" \
whenChoiceValue="incorrect">
{harms}
  </Choices>
  <TextArea name="note" toName="answer" rows="2"/>
  <Text name="sources" value="$sources"/>
</View>
"""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One answer on its way out: its view after redaction, the digest of that, and the labels that it has."""

    view: ItemView
    shown: str
    labels: tuple[Label, ...] = ()


def cell(text: str) -> str:
    """A CSV cell that no spreadsheet takes for a formula: an apostrophe goes before what could begin one (OWASP)."""
    return "'" + text if text.lstrip(_LEADING).startswith(_FORMULA) else text


def uncell(text: str) -> str:
    """The inverse of `cell`."""
    return text[1:] if text[:1] == "'" and text[1:].lstrip(_LEADING).startswith(_FORMULA) else text


def as_csv(items: Iterable[Outgoing]) -> str:
    """One row for each label, and one with empty label columns for each answer without any."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\r\n")
    table.writerow(CSV_COLUMNS)
    for item in items:
        for label in item.labels or (None,):
            table.writerow([cell(str(value)) for value in _row(item, label)])
    return out.getvalue()


def _row(item: Outgoing, label: Label | None) -> list[object]:
    view = item.view
    texts = "\n".join(f"{n}: {view.answer[c.start : c.end]}" for n, c in enumerate(view.claims, 1))
    given: list[object] = ["", "", "", "", "", ""]
    if label is not None:
        claims = "; ".join(f"{n + 1}={said}" for n, said in sorted(label.claims.items()))
        given = [label.reviewer, label.outcome, label.harm or "", claims, label.note, f"{label.seconds:g}"]
    return [view.item, view.domain, question(view), view.answer, sources(view), *given, texts, item.shown, _id(label)]


def _id(label: Label | None) -> str:
    return "" if label is None else label.id


def question(view: ItemView) -> str:
    """The question with its choices, a line each."""
    return "\n".join([view.question, *(f"{chr(65 + n)}. {choice}" for n, choice in enumerate(view.choices))])


def sources(view: ItemView) -> str:
    """All sources as one text."""
    return "\n\n".join("\n".join(filter(None, (s.label, s.about, s.text))) for s in view.sources)


def as_label_studio(items: Sequence[Outgoing]) -> list[dict[str, Any]]:
    """Tasks of Label Studio, with the labels so far as annotations; to be used with `label_studio_config`.

    Who annotated is not said in Label Studio's own field: it refuses names that are no user of it.
    """
    return [
        {
            "data": {
                "item": item.view.item,
                "domain": item.view.domain,
                "question": question(item.view),
                "answer": item.view.answer,
                "sources": sources(item.view),
                "claim_spans": [[c.start, c.end] for c in item.view.claims],
                "shown": item.shown,
                "labelled_by": {label.id: label.reviewer for label in item.labels},
            },
            "annotations": [_annotation(item.view, label) for label in item.labels],
        }
        for item in items
    ]


def _annotation(view: ItemView, label: Label) -> dict[str, Any]:
    parts: list[tuple[str, str, dict[str, Any]]] = [("outcome", "choices", {"choices": [label.outcome]})]
    if label.harm:
        parts.append(("harm", "choices", {"choices": [label.harm]}))
    for n, said in sorted(label.claims.items()):
        if n < len(view.claims):
            c = view.claims[n]
            place = {"start": c.start, "end": c.end, "text": view.answer[c.start : c.end], "labels": [said]}
            parts.append(("support", "labels", place))
    if label.note:
        parts.append(("note", "textarea", {"text": [label.note]}))
    result = [
        {"id": f"{label.id}.{n}", "from_name": name, "to_name": "answer", "type": kind, "value": value}
        for n, (name, kind, value) in enumerate(parts)
    ]
    return {"result": result, "lead_time": label.seconds}


def label_studio_config() -> str:
    """The labelling interface (XML) that the tasks are made for."""

    def lines(tag: str, names: Iterable[str]) -> str:
        return "\n".join(f'    <{tag} value="{name}"/>' for name in names)

    return CONFIG.format(
        claims=lines("Label", CLAIM_LABELS), outcomes=lines("Choice", OUTCOMES), harms=lines("Choice", HARMS)
    )


def to_json(tasks: object) -> str:
    """As Label Studio imports it."""
    return json.dumps(tasks, indent=1, ensure_ascii=True, allow_nan=False) + "\n"
