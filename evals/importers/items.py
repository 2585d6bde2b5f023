"""One result of another tool, as a row of the recorded form with what the tool said of it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from . import rows
from .fields import Fields, kind, shown
from .grades import GradeError, GradeReader
from .listed_sources import SourcesError, listed_sources
from .reading import HUMAN, Reading, mapped
from .recorded import RecordedAnswer, RecordedAnswerError

_GRADED = "grade"


@dataclass(frozen=True, slots=True)
class Item:
    """One result.

    Attributes:
        where: File and place, for messages.
        row: Fields of the recorded form; `grade` is left to `graded`.
        raw: The result as the tool wrote it: where --map looks things up.
        graded: Whether the tool graded this answer at all.
        value: Its grade, as it stands in the file.
        by: "key", "grader" or "human".
    """

    where: str
    row: Mapping[str, object]
    raw: Mapping[str, object]
    graded: bool = False
    value: object = None
    by: str = "grader"


@dataclass(slots=True)
class Notes:
    """What there is to say of a file once it is read: which grades counted, and remarks."""

    evaluator: str = ""
    remarks: list[str] = field(default_factory=list)


def answers_of(
    items: Iterable[Item], reading: Reading, notes: Notes, unknown: dict[str, None]
) -> Iterator[tuple[str, RecordedAnswer]]:
    """The answers of `items`, with what --map, --model-name and --domain say in the place of what the file says.

    Raises:
        RecordedAnswerError: A field is missing or wrong, or a grade says neither right nor wrong.
    """
    grades = GradeReader(reading.correct_at)
    for item in items:
        row = dict(item.row)
        for name, value in (("model", reading.model), ("domain", reading.domain)):
            row |= {name: value} if value is not None else {}
        row |= mapped(item.where, item.raw, {k: v for k, v in reading.mapping.items() if k != _GRADED})
        row = graded_row(with_sources(item.where, row), _mapped_grade(item, reading), reading, grades)
        yield item.where, rows.answer_of(Fields(item.where, present(row), unknown))
    notes.remarks += grades.remarks()


def with_sources(where: str, row: Mapping[str, object]) -> dict[str, object]:
    """`row` with its sources in the recorded form."""
    try:
        return {**row, "sources": listed_sources(row.get("sources"))}
    except SourcesError as error:
        raise RecordedAnswerError(f"{where}, field 'sources': {error}") from None


def _mapped_grade(item: Item, reading: Reading) -> Item:
    """The item with its grade taken from the column that --map names, where it names one."""
    if _GRADED not in reading.mapping:
        return item
    if reading.judged_by is None:
        raise RecordedAnswerError(
            "--map grade=...: say who judged: --judged-by key (a rule compared with an answer key), grader (a model) "
            "or human"
        )
    value = dict(mapped(item.where, item.raw, {_GRADED: reading.mapping[_GRADED]}))[_GRADED]
    return Item(item.where, item.row, item.raw, True, value, reading.judged_by)


def graded_row(row: Mapping[str, object], item: Item, reading: Reading, grades: GradeReader) -> dict[str, object]:
    """`row` with the grade of `item`, under `human` where people judged."""
    if not item.graded:
        return dict(row)
    try:
        outcome = grades.outcome(item.value)
    except GradeError as error:
        raise RecordedAnswerError(f"{item.where}: {error}") from None
    by = reading.judged_by or item.by
    if by != HUMAN:
        return {**row, "grade": {"outcome": outcome.value, "by": by}}
    return dict(row) if outcome == "unscored" else {**row, "human": {"outcome": outcome.value}}


def present(row: Mapping[str, object]) -> dict[str, object]:
    """`row` without fields that have no value."""
    return {name: value for name, value in row.items() if value is not None}


def part(where: str, values: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The object under `name`; empty where it is absent or null.

    Raises:
        RecordedAnswerError: Something else stands there.
    """
    value = values.get(name)
    if value is not None and not isinstance(value, Mapping):
        raise RecordedAnswerError(f"{where}, field '{name}': an object is needed, found {kind(value)}")
    return value or {}


def parts(where: str, values: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """The objects of the list under `name`; none where it is absent or null.

    Raises:
        RecordedAnswerError: No list, or not of objects.
    """
    found = values.get(name)
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(entry, Mapping) for entry in found):
        raise RecordedAnswerError(f"{where}, field '{name}': a list of objects is needed, found {kind(found)}")
    return found


def question_id(*parts: str) -> str:
    """A name for a sample whose file gives none: twelve hexadecimal digits of what was asked, in whatever order."""
    return sha256("\0".join(parts).encode(errors="surrogatepass")).hexdigest()[:12]


@dataclass(slots=True)
class Repeats:
    """Counts answers of one model to one sample: the second is epoch 2."""

    seen: dict[tuple[str, ...], int] = field(default_factory=dict)

    def epoch(self, *key: str) -> int:
        """The epoch of the next answer under `key`, from 1."""
        self.seen[key] = self.seen.get(key, 0) + 1
        return self.seen[key]


def chosen(where: str, names: Iterable[str], reading: Reading, what: str) -> str | None:
    """Which of the scores `names` counts: the one that --scorer names, else the only one; None where there is none.

    Raises:
        RecordedAnswerError: Several, and none is named; or the named one is not there.
    """
    known = list(dict.fromkeys(names))
    if reading.scorer is not None:
        if reading.scorer in known:
            return reading.scorer
        raise RecordedAnswerError(
            f"{where}: there is no {what} {shown(reading.scorer)}; there are {shown(', '.join(known)) or 'none'}"
        )
    if len(known) > 1:
        raise RecordedAnswerError(
            f"{where}: {len(known)} {what}s ({', '.join(known)[:300]}); say which one tells right from wrong: "
            f"--scorer '{known[0][:80]}'"
        )
    return known[0] if known else None
