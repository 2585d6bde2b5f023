"""FActScore: biographies whose atomic facts people checked against Wikipedia (arXiv 2305.14251).

The published rows name no model and carry no source text: the model is the name of the file
(`labeled/ChatGPT.jsonl`), and the facts stay not checkable until sources are added.
"""

from collections.abc import Iterable, Iterator

from ...scoring.records import Outcome
from .fields import Fields, shown
from .recorded import HumanClaim, HumanLabel, RecordedAnswer

KEYS = frozenset({"input", "output", "topic"})
"""Fields that tell a row of the published files, labelled or not."""

_LABELS = {"S": "supported", "NS": "not_supported"}
_IRRELEVANT = "IR"


def answers_of(rows: Iterable[Fields], model: str | None) -> Iterator[tuple[str, RecordedAnswer]]:
    """One answer a row.

    `annotations: null` is an abstention. Otherwise the answer is incorrect where any fact is not supported ("NS"),
    correct where facts were labelled and all are supported, and without an outcome where there are none. Facts
    that the annotators called irrelevant ("IR") are left out. Rows without the field (the unlabelled set) have
    no human label.

    Raises:
        RecordedAnswerError: A field is missing or wrong, or a label is none of S, NS and IR.
    """
    for row in rows:
        topic = row.needed_identifier("topic")
        yield (
            row.where,
            RecordedAnswer(
                sample_id=f"factscore-{topic}",
                model=model or row.needed_identifier("model"),
                domain="general",
                question=row.needed("input").strip(),
                answer=row.text("output") or "",
                cluster_id=topic,
                human=_human(row) if "annotations" in row.values else None,
            ),
        )


def _human(row: Fields) -> HumanLabel:
    if row.values["annotations"] is None:
        return HumanLabel(outcome=Outcome.ABSTAINED)
    sentences = row.children("annotations")
    claims = tuple(
        claim for sentence in sentences for fact in sentence.children("human-atomic-facts") for claim in _claim(fact)
    )
    if not claims:
        return HumanLabel()
    wrong = any(claim.label == "not_supported" for claim in claims)
    return HumanLabel(outcome=Outcome.INCORRECT if wrong else Outcome.CORRECT, claims=claims)


def _claim(fact: Fields) -> tuple[HumanClaim, ...]:
    label = fact.needed("label")
    if label == _IRRELEVANT:
        return ()
    if label not in _LABELS:
        raise fact.error("label", f"{shown(label)} is none of S, NS, IR")
    return (HumanClaim(fact.needed("text"), _LABELS[label]),)
