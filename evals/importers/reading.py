"""What a user says of a file that does not say it itself: column names, model, domain, which score counts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from .fields import shown
from .recorded import RecordedAnswerError
from .rows import FIELDS

HUMAN = "human"
JUDGES = ("key", "grader", HUMAN)
_DEEPEST = 12
_ABSENT = object()


@dataclass(frozen=True, slots=True)
class Reading:
    """How a file is to be read.

    Attributes:
        model, domain: Of answers whose file does not say it.
        mapping: Field of the recorded form to column, or to a path into nested objects ("metadata.case.id").
        scorer: Which score of the file counts, where it holds several.
        correct_at: From what share on a score says right; None: shares between 0 and 1 are refused.
        judged_by: One of `JUDGES`; None: told from the file.
    """

    model: str | None = None
    domain: str | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)
    scorer: str | None = None
    correct_at: float | None = None
    judged_by: str | None = None

    @property
    def of_frameworks(self) -> tuple[str, ...]:
        """Options given here that only outputs of evaluation frameworks, or a mapped column of grades, can use."""
        given = {"--scorer": self.scorer, "--correct-at": self.correct_at, "--judged-by": self.judged_by}
        return tuple(name for name, value in given.items() if value is not None)


AS_IT_IS = Reading()
"""A file that says everything itself."""


def parse_mapping(texts: Sequence[str]) -> dict[str, str]:
    """`--map` options: each FIELD=COLUMN[,FIELD=COLUMN...].

    Raises:
        RecordedAnswerError: No such field, no column, or a field named twice.
    """
    mapping: dict[str, str] = {}
    for pair in (part for text in texts for part in text.split(",")):
        name, equals, column = (part.strip() for part in pair.partition("="))
        if not equals or not name or not column:
            raise RecordedAnswerError(f"--map {shown(pair)}: FIELD=COLUMN is needed, for example --map answer=response")
        if name not in FIELDS:
            raise RecordedAnswerError(f"--map: there is no field {shown(name)}; there are {', '.join(FIELDS)}")
        if name in mapping:
            raise RecordedAnswerError(f"--map names {name} twice")
        mapping[name] = column
    return mapping


def looked_up(values: Mapping[str, object], path: str) -> object:
    """What stands at `path`: a field of that name, else nested objects and list places split at dots; None if absent.

    Raises:
        KeyError: There is no such column in a row, which differs from an empty one.
    """
    found = _found(values, path)
    if found is _ABSENT:
        raise KeyError(path)
    return found


def mapped(where: str, values: Mapping[str, object], mapping: Mapping[str, str]) -> Iterator[tuple[str, object]]:
    """The mapped fields of one row.

    Raises:
        RecordedAnswerError: A column is not there; the message lists those that are.
    """
    for name, path in mapping.items():
        try:
            yield name, looked_up(values, path)
        except KeyError:
            columns = ", ".join(str(key) for key in values)
            problem = f"there is no column {shown(path)} for {name} (there are {columns[:300]})"
            raise RecordedAnswerError(f"{where}: {problem}") from None


def _found(value: object, path: str) -> object:
    if isinstance(value, Mapping) and path in value:
        return value[path]
    for _ in range(_DEEPEST):
        head, dot, path = path.partition(".")
        if isinstance(value, Mapping):
            value = value.get(head, _ABSENT)
        elif isinstance(value, list) and head.isdecimal() and len(head) < 9:
            value = value[int(head)] if int(head) < len(value) else _ABSENT
        elif value is not None:
            return _ABSENT
        if not dot:
            return value
    return _ABSENT
