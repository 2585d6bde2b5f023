"""The recorded form itself: one flat row, to and from a RecordedAnswer."""

from typing import Any

from ...retrieval.passages import Document, Span
from ...scoring.economics import RISK_TIERS
from ...scoring.records import HarmClass, Outcome, OutcomeBy
from ...scoring.usage import Usage
from ...verifiers.choices import MOST_CHOICES, choice_letters
from .fields import Fields, kind, shown
from .recorded import HumanClaim, HumanLabel, RecordedAnswer, RecordedGrade

REQUIRED = ("sample_id", "model", "domain", "question", "answer")
CLAIM_LABELS = ("supported", "partially_supported", "not_supported", "refuted")
OUTCOMES = tuple(outcome.value for outcome in Outcome if outcome is not Outcome.UNSCORED)
GRADED_BY = ("key", "grader", "reference")
"""Who may have graded: a rule with an answer key, a model, or a rule that compares free text with the target."""

_NUMBERS = ("confidence", "latency_s", "ttft_s")
_KNOWN = frozenset(
    {*REQUIRED, *_NUMBERS, "cluster_id", "epoch", "sources", "target", "choices", "answerable", "usage"}
    | {"finish_reason", "human", "risk_tier", "grade", "steps", "delivered_tokens", "agent"}
)
FIELDS = (*REQUIRED, *sorted(_KNOWN - set(REQUIRED)))
"""Names of the fields of the recorded form, the required ones first."""

_TOKENS = ("input_tokens", "cache_read_tokens", "cache_write_tokens", "output_tokens", "reasoning_tokens")
_STEP = frozenset({*_TOKENS, "model", "seconds"})
_SOURCE_TEXTS = ("title", "source", "jurisdiction", "url", "superseded_by", "license")
_SOURCE_DATES = ("date", "valid_from", "valid_to")
_SOURCE_COUNTS = ("authority", "safety_tier")
_SOURCE = frozenset({"doc_id", "text", "sha256", *_SOURCE_TEXTS, *_SOURCE_DATES, *_SOURCE_COUNTS})
_HUMAN = frozenset({"outcome", "seconds", "unsupported", "claims", "harm_class"})
_CLAIM = frozenset({"text", "label", "span", "correctness"})


def answer_of(row: Fields, model: str | None = None) -> RecordedAnswer:
    """Read one row of the recorded form.

    Args:
        model: Taken where the row names no model.

    Raises:
        RecordedAnswerError: A required field is missing, or a field has the wrong type or range.
    """
    row.note_unknown(_KNOWN)
    sample_id = _required(row, "sample_id")
    model = row.identifier("model") or model or _required(row, "model")
    domain = _required(row, "domain")
    question, answer = _required(row, "question", blank=True), _required(row, "answer", blank=True)
    return RecordedAnswer(
        sample_id=sample_id,
        model=model,
        domain=domain,
        question=question,
        answer=answer,
        cluster_id=row.identifier("cluster_id") or sample_id,
        epoch=row.count("epoch", low=1) or 1,
        sources=_sources(row),
        targets=_lettered(row, row.strings("choices")),
        choices=row.strings("choices"),
        answerable=row.flag("answerable"),
        confidence=row.number("confidence", high=1),
        usage=_usage(row.child("usage"), model),
        latency_s=row.number("latency_s"),
        ttft_s=row.number("ttft_s"),
        finish_reason=row.text("finish_reason"),
        human=_human(row.child("human"), len(answer)),
        risk_tier=_one_of(row, "risk_tier", RISK_TIERS) or "standard",
        grade=_grade(row.child("grade")),
        steps=_steps(row, model),
        delivered_tokens=row.count("delivered_tokens"),
        agent=row.identifier("agent"),
    )


def _required(row: Fields, name: str, blank: bool = False) -> str:
    value = row.text(name) if blank else row.identifier(name)
    if value is None:
        raise row.error(name, f"missing; every row needs {', '.join(REQUIRED[:-1])} and {REQUIRED[-1]}")
    return value


def _targets(row: Fields) -> tuple[str, ...]:
    target = row.values.get("target")
    if isinstance(target, str):
        return (target,)
    if target is not None and not isinstance(target, list):
        raise row.error("target", f"a string or a list of strings is needed, found {kind(target)}")
    return row.strings("target")


def _lettered(row: Fields, choices: tuple[str, ...]) -> tuple[str, ...]:
    """The targets; of multiple choice, as letters."""
    targets = _targets(row)
    if not choices:
        return targets
    try:
        return choice_letters(targets, choices)
    except ValueError as error:
        raise row.error("target" if len(choices) <= MOST_CHOICES else "choices", str(error)) from None


def _sources(row: Fields) -> tuple[Document, ...]:
    documents: dict[str, Document] = {}
    for source in row.children("sources"):
        source.note_unknown(_SOURCE)
        doc_id = source.needed_identifier("doc_id")
        if doc_id in documents:
            raise source.error("doc_id", f"{shown(doc_id)} names two sources of this answer")
        known = described(source)
        documents[doc_id] = Document(doc_id, source.text("text") or "", sha256=source.text("sha256") or "", **known)
    return tuple(documents.values())


def described(source: Fields) -> dict[str, Any]:
    """What a row says of a source beside its id, its text and its hash, by the names of `Document`."""
    texts = {name: source.text(name) or "" for name in _SOURCE_TEXTS}
    dates = {name: source.date(name) for name in _SOURCE_DATES}
    return {**texts, **dates, **{name: source.count(name) or 0 for name in _SOURCE_COUNTS}}


def _usage(fields: Fields | None, model: str) -> Usage | None:
    if fields is None:
        return None
    fields.note_unknown(frozenset(_TOKENS))
    return Usage(stage="generate", model=model, requests=1, **_tokens(fields))


def _steps(row: Fields, model: str) -> tuple[Usage, ...]:
    """The model calls of a trajectory; a step that names no model is the answer's."""
    steps = tuple(row.children("steps"))
    if steps and row.values.get("usage") is not None:
        raise row.error("usage", "is given beside steps, which hold the tokens of each call; leave one out")
    found = []
    for step in steps:
        step.note_unknown(_STEP)
        by, seconds = step.identifier("model") or model, step.number("seconds") or 0.0
        found.append(Usage(stage="generate", model=by, requests=1, seconds=seconds, **_tokens(step)))
    return tuple(found)


def _tokens(fields: Fields) -> dict[str, int]:
    counts = {name: fields.count(name) for name in _TOKENS}
    for name in ("input_tokens", "output_tokens"):
        # A count that is unknown must not be priced as 0.
        if counts[name] is None:
            raise fields.error(name, "missing; give input_tokens and output_tokens, or leave usage out")
    tokens = {name: count or 0 for name, count in counts.items()}
    if tokens["reasoning_tokens"] > tokens["output_tokens"]:
        raise fields.error("reasoning_tokens", "more than output_tokens, which must include them")
    return tokens


def _human(fields: Fields | None, length: int) -> HumanLabel | None:
    if fields is None:
        return None
    fields.note_unknown(_HUMAN)
    outcome = _one_of(fields, "outcome", OUTCOMES)
    harm = _one_of(fields, "harm_class", tuple(HarmClass))
    if harm is not None and outcome != Outcome.INCORRECT:
        raise fields.error("harm_class", "only an answer whose outcome is incorrect has one")
    return HumanLabel(
        outcome=None if outcome is None else Outcome(outcome),
        seconds=fields.number("seconds"),
        unsupported=_stretches(fields, length),
        claims=tuple(_claim(part, length) for part in fields.children("claims")),
        harm_class=None if harm is None else HarmClass(harm),
    )


def _grade(fields: Fields | None) -> RecordedGrade | None:
    if fields is None:
        return None
    fields.note_unknown(frozenset({"outcome", "by"}))
    outcome = _one_of(fields, "outcome", tuple(Outcome))
    if outcome is None:
        raise fields.error("outcome", f"missing; one of {', '.join(Outcome)}")
    by = _one_of(fields, "by", GRADED_BY)
    if by is None and outcome != Outcome.UNSCORED:
        raise fields.error("by", f"missing; who graded: {', '.join(GRADED_BY)} (what people said goes under human)")
    return RecordedGrade(Outcome(outcome), OutcomeBy(by) if by and outcome != Outcome.UNSCORED else None)


def _stretches(fields: Fields, length: int) -> tuple[tuple[Span, str], ...] | None:
    if fields.values.get("unsupported") is None:
        return None
    return tuple(_unsupported(part, length) for part in fields.children("unsupported"))


def _unsupported(part: Fields, length: int) -> tuple[Span, str]:
    part.note_unknown(frozenset({"span", "type"}))
    span = part.span("span", length)
    if span is None:
        raise part.error("span", "missing")
    return span, part.text("type") or ""


def _claim(part: Fields, length: int) -> HumanClaim:
    part.note_unknown(_CLAIM)
    label = _one_of(part, "label", CLAIM_LABELS)
    return HumanClaim(part.needed("text"), label, part.span("span", length), part.text("correctness"))


def _one_of(fields: Fields, name: str, allowed: tuple[str, ...]) -> str | None:
    value = fields.text(name)
    if value is not None and value not in allowed:
        raise fields.error(name, f"{shown(value)} is none of {', '.join(allowed)}")
    return value


def to_row(answer: RecordedAnswer) -> dict[str, object]:
    """The row of the recorded form that `answer_of` reads back as `answer`; what has no value is left out.

    Of `usage` only the token counts are kept: the form has no place for its stage, model, seconds and requests; of
    `steps` also model and seconds.
    """
    row: dict[str, object] = {name: getattr(answer, name) for name in REQUIRED}
    if answer.cluster_id != answer.sample_id:
        row["cluster_id"] = answer.cluster_id
    if answer.epoch != 1:
        row["epoch"] = answer.epoch
    if answer.sources:
        row["sources"] = [_source_row(document) for document in answer.sources]
    if answer.targets:
        row["target"] = answer.targets[0] if len(answer.targets) == 1 else list(answer.targets)
    if answer.choices:
        row["choices"] = list(answer.choices)
    if answer.usage is not None:
        row["usage"] = {name: getattr(answer.usage, name) for name in _TOKENS}
    if answer.steps:
        row["steps"] = [{name: getattr(step, name) for name in ("model", *_TOKENS, "seconds")} for step in answer.steps]
    if answer.human is not None:
        row["human"] = _human_row(answer.human)
    if answer.risk_tier != "standard":
        row["risk_tier"] = answer.risk_tier
    if answer.grade is not None:
        by = {"by": answer.grade.by.value} if answer.grade.by else {}
        row["grade"] = {"outcome": answer.grade.outcome.value} | by
    optional = {
        name: getattr(answer, name) for name in ("answerable", *_NUMBERS, "finish_reason", "delivered_tokens", "agent")
    }
    return row | _present(optional)


def _source_row(document: Document) -> dict[str, object]:
    row: dict[str, object] = {"doc_id": document.doc_id}
    named = ("text", "sha256", *_SOURCE_TEXTS, *_SOURCE_COUNTS)
    row |= {name: value for name in named if (value := getattr(document, name))}
    return row | {name: day.isoformat() for name in _SOURCE_DATES if (day := getattr(document, name)) is not None}


def _human_row(human: HumanLabel) -> dict[str, object]:
    row = _present({"outcome": human.outcome and human.outcome.value, "seconds": human.seconds})
    row |= _present({"harm_class": human.harm_class and human.harm_class.value})
    if human.unsupported is not None:
        row["unsupported"] = [
            {"span": _edges(span)} | ({"type": name} if name else {}) for span, name in human.unsupported
        ]
    if human.claims:
        row["claims"] = [_claim_row(claim) for claim in human.claims]
    return row


def _claim_row(claim: HumanClaim) -> dict[str, object]:
    span = None if claim.span is None else _edges(claim.span)
    return {"text": claim.text} | _present({"label": claim.label, "span": span, "correctness": claim.correctness})


def _present(values: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in values.items() if value is not None}


def _edges(span: Span) -> list[int]:
    return [span.start, span.end]
