"""ExpertQA: answers to experts' questions, judged claim by claim by experts of the field (arXiv 2309.07852)."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from hashlib import sha256

from ...retrieval.passages import Document, Span
from ...scoring.records import Outcome
from .fields import Fields
from .recorded import HumanClaim, HumanLabel, RecordedAnswer

KEYS = frozenset({"question", "answers", "metadata"})
"""Fields that tell a row of the published file (r2_compiled_anon.jsonl)."""

_DOMAINS = {"Law": "legal", "Healthcare / Medicine": "medical"}
_LABELS = {
    "Complete": "supported",
    "Partial": "partially_supported",
    "Incomplete": "not_supported",
    "Missing": "not_supported",
}
_WRONG = frozenset({"Definitely incorrect", "Likely incorrect"})
# "[3] https://..." and, after a blank line, the passage where the system showed one.
_EVIDENCE = re.compile(r"\s*\[(\d{1,6})\][^\S\n]*([^\n]*)\n?(.*)", re.DOTALL)
_URL = re.compile(r"https?://\S+")


def answers_of(rows: Iterable[Fields], _model: str | None = None) -> Iterator[tuple[str, RecordedAnswer]]:
    """One answer for each system that a row holds; the systems are the models.

    An answer is incorrect where an expert found any claim "Likely incorrect" or "Definitely incorrect", correct
    where claims were judged and none was; "Unsure" is not incorrect. Support "Complete" is supported, "Partial"
    partially supported, "Incomplete" and "Missing" not supported, anything else unlabelled. The domain is legal
    for the field Law, medical for Healthcare / Medicine, general otherwise. Sources are the attributed links,
    with their passage where the row has it. Seconds are the expert's time for the whole answer.

    Raises:
        RecordedAnswerError: A field is missing or has the wrong type.
    """
    for row in rows:
        question = row.needed("question")
        metadata, systems = row.child("metadata"), row.child("answers")
        field = None if metadata is None else metadata.text("field")
        domain = _DOMAINS.get(field or "", "general")
        for name in () if systems is None else systems.values:
            answer = systems.child(name) if systems is not None else None
            if answer is not None:
                yield row.where, _answer(answer, name, domain, question)


def _answer(answer: Fields, model: str, domain: str, question: str) -> RecordedAnswer:
    question_id = sha256(question.encode(errors="surrogatepass")).hexdigest()[:12]
    text = answer.needed("answer_string")
    claims = tuple(answer.children("claims"))
    return RecordedAnswer(
        sample_id=f"expertqa-{question_id}",
        model=model,
        domain=domain,
        question=question,
        answer=text,
        cluster_id=question_id,
        sources=_sources(answer, claims),
        human=HumanLabel(
            outcome=_outcome(claims),
            seconds=answer.number("annotation_time"),
            claims=tuple(_claims(claims, text)),
        ),
    )


def _outcome(claims: tuple[Fields, ...]) -> Outcome | None:
    judged = [correctness for claim in claims if (correctness := claim.text("correctness"))]
    if not judged:
        return None
    return Outcome.INCORRECT if _WRONG.intersection(judged) else Outcome.CORRECT


def _claims(claims: tuple[Fields, ...], answer: str) -> Iterator[HumanClaim]:
    place = 0
    for claim in claims:
        text = claim.needed("claim_string")
        span = _place(text.strip(), answer, place)
        place = place if span is None else span.end
        yield HumanClaim(text, _LABELS.get(claim.text("support") or ""), span, claim.text("correctness"))


def _place(text: str, answer: str, start: int) -> Span | None:
    """Where a claim stands in its answer, at or after `start`; None where it was reworded."""
    found = answer.find(text, start) if text else -1
    return None if found < 0 else Span(found, found + len(text))


def _sources(answer: Fields, claims: tuple[Fields, ...]) -> tuple[Document, ...]:
    documents: dict[str, Document] = {}
    for fields, name in [(answer, "attribution"), *((claim, "evidence") for claim in claims)]:
        for entry in fields.strings(name):
            if (document := _document(entry)) is None:
                continue
            known = documents.setdefault(document.doc_id, document)
            if len(document.text) > len(known.text):
                documents[document.doc_id] = replace(known, text=document.text)
    return tuple(documents.values())


def _document(evidence: str) -> Document | None:
    match = _EVIDENCE.fullmatch(evidence)
    if match is None:
        return None
    marker, head, passage = match.groups()
    url = _URL.search(head)
    title = "" if url is not None and url[0] == head.strip() else head.strip()
    return Document(str(int(marker)), passage.strip(), title=title, url="" if url is None else url[0])
