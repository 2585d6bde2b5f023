"""prepare and check, with the model left out."""

from dataclasses import replace
from pathlib import Path

import pytest
from vcpd.evals.pack_by_name import load_pack
from vcpd.evals.pack_init import init_pack
from vcpd.evals.packs import DomainPack
from vcpd.evals.pipeline import Answer, Attempt, Key, check, known_of, prepare
from vcpd.evals.samples import LONG_FORM, Sample
from vcpd.retrieval.corpus import Corpus
from vcpd.retrieval.lexical import LexicalRetriever
from vcpd.retrieval.search import BlockedHit, Hit, SearchResult
from vcpd.retrieval.sources import SourcePolicy
from vcpd.scoring.records import Outcome, OutcomeBy, PolicyVerdict
from vcpd.scoring.usage import Usage
from vcpd.verifiers.lexical import LexicalVerifier


@pytest.fixture
def pack(tmp_path: Path) -> DomainPack:
    return load_pack(init_pack("mine", tmp_path / "mine"))


def checked(pack: DomainPack, sample: Sample, text: str, finish_reason: str | None = "stop") -> Attempt:
    prepared = prepare(sample, pack, LexicalRetriever(pack.corpus), pack.source_policy)
    return check(
        Key("run", "m"),
        sample,
        Answer(text, finish_reason, usage=(Usage("generate", "m", output_tokens=5),)),
        prepared.passages,
        known_of(pack),
        pack.source_policy,
        LexicalVerifier(),
    )


def test_forbidden_passages_never_reach_the_prompt_and_are_recorded(pack: DomainPack) -> None:
    question = "How long did the workshop lend out a ladder?"
    [sample] = [s for s in pack.samples if s.question == question]
    prepared = prepare(sample, pack, LexicalRetriever(pack.corpus), pack.source_policy)
    assert "ladder for a whole month" not in prepared.prompt
    assert [(b.passage.doc_id, b.rule) for b in prepared.result.blocked] == [("forum-post", "deny")]


def test_a_leaky_retriever_is_caught(pack: DomainPack) -> None:
    class Leaky:
        name = "leaky"

        def search(self, query: str, k: int, source_policy: SourcePolicy) -> SearchResult:
            found = LexicalRetriever(pack.corpus).search("ladder month", k, SourcePolicy())
            return SearchResult(found.hits, (), found.usage)

    prepared = prepare(pack.samples[0], pack, Leaky(), pack.source_policy)
    assert "ladder" not in prepared.prompt
    assert all(isinstance(h, Hit) and h.passage.doc_id == "handbook" for h in prepared.result.hits)
    assert any(isinstance(b, BlockedHit) and b.rule == "deny" for b in prepared.result.blocked)


def test_a_long_gold_answer_leaves_answers_unscored(pack: DomainPack) -> None:
    gold = Sample("s", "mine", "c", "When does it open?", ("It opens at nine in the morning.",), task=LONG_FORM)
    assert checked(pack, gold, "It opens at nine in the morning [1].").record.outcome is Outcome.UNSCORED
    assert checked(pack, gold, "I don't know.").record.outcome is Outcome.ABSTAINED
    none = replace(gold, targets=(), abstain_kind="unanswerable")
    assert checked(pack, none, "It opens at nine [1].").record.outcome is Outcome.INCORRECT


def test_a_pack_without_documents_is_asked_closed_book_and_verifies_nothing(pack: DomainPack) -> None:
    closed = replace(pack, corpus=Corpus(()))
    attempt = checked(closed, replace(pack.samples[0], evidence=()), "It opens at nine in the morning.")
    assert (attempt.found, attempt.record.policy_verdict) == (None, None)


def test_gold_evidence_is_looked_for_where_there_is_an_answer(pack: DomainPack) -> None:
    retriever = LexicalRetriever(pack.corpus)
    found = [prepare(s, pack, retriever, pack.source_policy).evidence_retrieved for s in pack.samples]
    assert found == [1.0, 1.0, 1.0, None, None]


@pytest.mark.parametrize(
    ("text", "outcome", "verdict"),
    [
        (
            "It opens at nine in the morning on working days [1].\nConfidence: 80%",
            Outcome.CORRECT,
            PolicyVerdict.ACCEPT,
        ),
        ("It opens at ten in the morning on working days [1].", Outcome.INCORRECT, PolicyVerdict.REJECT),
        ("It opens at nine in the morning on working days.", Outcome.CORRECT, PolicyVerdict.REJECT),  # cites nothing
        ("It opens at nine in the morning [7].", Outcome.CORRECT, PolicyVerdict.REJECT),  # cites what is not there
        ("I don't know.\nConfidence: 10%", Outcome.ABSTAINED, None),
        ("I can't help with that request.", Outcome.REFUSED, None),
        ("", Outcome.INVALID, None),
        ("Confidence: 90%", Outcome.INVALID, None),
    ],
)
def test_endings(pack: DomainPack, text: str, outcome: Outcome, verdict: PolicyVerdict | None) -> None:
    record = checked(pack, pack.samples[0], text).record
    assert (record.outcome, record.policy_verdict) == (outcome, verdict)


def test_a_truncated_answer_is_invalid_not_wrong(pack: DomainPack) -> None:
    record = checked(pack, pack.samples[0], "It opens at nine in the", finish_reason="length").record
    assert record.outcome is Outcome.INVALID


def test_the_stated_confidence_is_kept(pack: DomainPack) -> None:
    assert checked(pack, pack.samples[0], "Nine in the morning [1].\nConfidence: 85%").record.confidence == 0.85
    assert checked(pack, pack.samples[0], "Nine in the morning [1].").record.confidence is None


@pytest.mark.parametrize(
    ("kind", "text", "outcome"),
    [
        ("unanswerable", "It was founded by Ada Bell [1].", Outcome.INCORRECT),
        ("unanswerable", "I don't know.", Outcome.ABSTAINED),
        ("false_premise", "There was no founder named in the handbook [1].", Outcome.ABSTAINED),
        ("false_premise", "Ada Bell founded it [1].", Outcome.INCORRECT),
        ("fictitious", "There is no such rule [1].", Outcome.INCORRECT),  # asserted of sources that do not say so
    ],
)
def test_any_answer_to_an_unanswerable_question_is_wrong(
    pack: DomainPack, kind: str, text: str, outcome: Outcome
) -> None:
    sample = replace(pack.samples[3], abstain_kind=kind)
    assert checked(pack, sample, text).record.outcome is outcome


@pytest.mark.parametrize(
    ("text", "outcome", "judge"),
    [
        ("The answer is (B).", Outcome.CORRECT, OutcomeBy.KEY),
        ("The answer is (A).", Outcome.INCORRECT, OutcomeBy.KEY),
        ("nothing that stands alone", Outcome.INVALID, None),
        ("I don't know.", Outcome.ABSTAINED, None),
    ],
)
def test_multiple_choice(pack: DomainPack, text: str, outcome: Outcome, judge: OutcomeBy | None) -> None:
    sample = replace(pack.samples[0], choices=("eight", "nine", "ten"), targets=("B",))
    record = checked(pack, sample, text).record
    assert (record.outcome, record.outcome_by) == (outcome, judge)


def test_multiple_choice_without_a_key_is_unscored(pack: DomainPack) -> None:
    sample = replace(pack.samples[0], choices=("eight", "nine"), targets=())
    assert checked(pack, sample, "The answer is (B).").record.outcome is Outcome.UNSCORED


def test_offsets_survive_lone_surrogates(pack: DomainPack) -> None:
    attempt = checked(pack, pack.samples[0], "\ud800\udfff It opens at nine in the morning on working days [1].")
    assert attempt.found is not None
    [claim] = attempt.found.claims
    assert claim.span.of(attempt.answer.text).strip().endswith("[1].")
    assert "\ud800" not in attempt.answer.text
