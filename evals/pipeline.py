"""All that happens before the model speaks (`prepare`) and all that happens after (`check`).

The model stands between the two. inspect-ai, recorded answers and a test each bring their own middle.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ..retrieval.audit import audit
from ..retrieval.corpus import Corpus
from ..retrieval.evidence import EvidenceFound, evidence_found
from ..retrieval.passages import Document, Passage
from ..retrieval.search import Retriever, SearchResult
from ..retrieval.sources import SourcePolicy
from ..scoring.records import Outcome, OutcomeBy, PolicyVerdict, Record
from ..scoring.usage import Usage
from ..verifiers.abstention import Ending, ProtocolAnswer, classify, strip_protocol
from ..verifiers.authorities import AuthorityIndex
from ..verifiers.cascade import AnswerCheck, check_answer
from ..verifiers.choices import extract_choice
from ..verifiers.grader import Graded
from ..verifiers.premise import rejects_premise
from ..verifiers.reference import grade_reference
from ..verifiers.verdict import Verifier
from .context_fill import ContextFill
from .packs import DomainPack
from .prompts import build_prompt
from .samples import LONG_FORM, Sample

_SURROGATES = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Prepared:
    """What the model is about to be asked, and what retrieval found and blocked.

    Attributes:
        found: How much of the gold evidence was retrieved; None where there is none, or nothing was searched.
    """

    prompt: str
    result: SearchResult
    found: EvidenceFound | None

    @property
    def evidence_retrieved(self) -> float | None:
        """Share of the gold evidence among the retrieved passages."""
        return self.found.recall if self.found else None

    @property
    def passages(self) -> tuple[Passage, ...]:
        """The passages in the order of their markers."""
        return tuple(hit.passage for hit in self.result.hits)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back from a model, a file or a person.

    Attributes:
        delivered_tokens: Tokens of the visible text; None where not metered.
        usage: Meter readings of the generation.
        served: The model's name as its provider returned it.
    """

    text: str
    finish_reason: str | None = None
    confidence: float | None = None
    latency_s: float | None = None
    ttft_s: float | None = None
    delivered_tokens: int | None = None
    usage: tuple[Usage, ...] = ()
    served: str | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt, checked: the numeric record, the answer it is about, and what verification and grading found."""

    record: Record
    answer: Answer
    found: AnswerCheck | None
    result: SearchResult | None = None
    graded: Graded | None = None


@dataclass(frozen=True, slots=True)
class Key:
    """What names one attempt."""

    run_id: str
    model: str
    epoch: int = 1
    attempt: int = 1


def well_formed(text: str) -> str:
    """`text` with each lone surrogate replaced by U+FFFD, so that offsets stay and files can be written."""
    return _SURROGATES.sub("\ufffd", text)


def policy_for(sample: Sample, policy: SourcePolicy) -> SourcePolicy:
    """What may be cited for `sample`: what `policy` allows, narrowed by the sample's own policy where it has one."""
    return policy if sample.source_policy is None else replace(sample.source_policy, within=policy)


def prepare(
    sample: Sample,
    pack: DomainPack,
    retriever: Retriever | None,
    policy: SourcePolicy,
    fill: ContextFill | None = None,
) -> Prepared:
    """Retrieve under the source policy, audit what came back, fill the context if asked, and write the prompt.

    Args:
        retriever: None: the question is asked without sources.
        policy: The pack's; a sample's own narrows it.
        fill: Adds distractor passages; measures of retrieval are of what was retrieved.
    """
    allowed = policy_for(sample, policy)
    if retriever is None:
        result = SearchResult((), (), Usage("retrieve"))
    else:
        result = audit(retriever.search(sample.question, pack.k, allowed), pack.corpus, allowed, k=pack.k)
    gold = [(e.doc_id, e.span) for e in sample.evidence] if sample.answerable and retriever is not None else []
    found = evidence_found(result.hits, gold, pack.k) if gold else None
    if fill is not None and retriever is not None:
        result = audit(fill.fill(sample, result, allowed), pack.corpus, allowed)
    prompt = build_prompt(
        sample.question,
        [hit.passage for hit in result.hits],
        documents_by_id(pack.corpus),
        confidence_target=pack.confidence_target,
        choices=sample.choices,
        closed_book=retriever is None or not pack.corpus.documents,
    )
    return Prepared(prompt, result, found)


def with_evidence(record: Record, prepared: Prepared) -> Record:
    """`record` with what retrieval found of the gold evidence."""
    found = prepared.found
    if found is None:
        return record
    return replace(
        record,
        evidence_retrieved=found.recall,
        evidence_ndcg=found.ndcg,
        evidence_rr=found.reciprocal_rank,
        evidence_char_precision=found.character_precision,
        evidence_char_recall=found.character_recall,
    )


def documents_by_id(corpus: Corpus) -> Mapping[str, Document]:
    """The corpus as a mapping."""
    return {document.doc_id: document for document in corpus.documents}


@dataclass(frozen=True, slots=True)
class Known:
    """What there is to cite: documents by id, and the decisions that exist; None: those among the documents."""

    documents: Mapping[str, Document]
    authorities: AuthorityIndex | None = None


def known_of(pack: DomainPack) -> Known:
    """What a pack knows."""
    return Known(documents_by_id(pack.corpus), pack.authorities)


def check(
    key: Key,
    sample: Sample,
    answer: Answer,
    passages: Sequence[Passage],
    known: Known,
    policy: SourcePolicy,
    verifier: Verifier | None,
    *,
    require_citations: bool = True,
) -> Attempt:
    """Recognise, verify and grade one answer. `verifier` None: nothing is verified in the loop."""
    text = well_formed(answer.text)
    parsed = strip_protocol(text)
    ending = classify(text, answer.finish_reason)
    outcome, judge = grade(sample, parsed, ending)
    found = None
    policy = policy_for(sample, policy)
    if verifier is not None and ending is Ending.ANSWERED and passages:
        found = check_answer(
            text,
            passages,
            known.documents,
            policy,
            verifier,
            require_citations=require_citations,
            authorities=known.authorities,
        )
    stated = answer.confidence if answer.confidence is not None else parsed.confidence
    record = Record(
        run_id=key.run_id,
        model=key.model,
        domain=sample.domain,
        sample_id=sample.sample_id,
        cluster_id=sample.cluster_id,
        epoch=key.epoch,
        attempt=key.attempt,
        outcome=outcome,
        outcome_by=judge,
        policy_verdict=_policy_verdict(found),
        answerable=sample.answerable,
        risk_tier=sample.risk_tier,
        confidence=stated,
        output_tokens=sum(u.output_tokens for u in answer.usage) if answer.usage else None,
        delivered_tokens=answer.delivered_tokens,
        latency_s=answer.latency_s,
        ttft_s=answer.ttft_s,
        usage=(*answer.usage, *(found.usage if found else ())),
    )
    return Attempt(
        record,
        replace(
            answer,
            text=text,
            confidence=stated,
            finish_reason=answer.finish_reason and well_formed(answer.finish_reason),
        ),
        found,
    )


def grade(sample: Sample, parsed: ProtocolAnswer, ending: Ending) -> tuple[Outcome, OutcomeBy | None]:
    """The evaluator: the answer against the gold target.

    Any answer to an unanswerable question is incorrect; saying that a false premise is false is no answer to it.
    """
    if sample.choices and ending is Ending.ANSWERED:  # "I don't know" is not the letter I
        letter = extract_choice(parsed.body, len(sample.choices))
        if letter is not None and not sample.targets and sample.answerable:
            return Outcome.UNSCORED, None
        if letter is not None:
            return _right(letter in sample.targets), OutcomeBy.KEY
        ending = Ending.INVALID
    endings = {Ending.ABSTAINED: Outcome.ABSTAINED, Ending.REFUSED: Outcome.REFUSED, Ending.INVALID: Outcome.INVALID}
    if ending in endings:
        return endings[ending], None
    if not sample.answerable:
        rejected = sample.abstain_kind == "false_premise" and rejects_premise(parsed.body)
        return (Outcome.ABSTAINED, None) if rejected else (Outcome.INCORRECT, OutcomeBy.KEY)
    long_form = sample.task == LONG_FORM  # a right paragraph is never the gold one, word by word
    right = None if long_form else grade_reference(parsed.body, sample.targets, sample.wrong)
    return (Outcome.UNSCORED, None) if right is None else (_right(right), OutcomeBy.REFERENCE)


def _right(right: bool) -> Outcome:
    return Outcome.CORRECT if right else Outcome.INCORRECT


def _policy_verdict(found: AnswerCheck | None) -> PolicyVerdict | None:
    if found is None or found.accept is None:
        return None
    return PolicyVerdict.ACCEPT if found.accept else PolicyVerdict.REJECT
