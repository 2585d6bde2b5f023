"""Rows of published benchmarks as samples: one invented row of each schema, and what a wrong row says."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vcpd.evals.benchmarks.benchmark import Item
from vcpd.evals.benchmarks.row import BenchmarkRow, order
from vcpd.evals.benchmarks.table import BENCHMARKS, find_benchmark
from vcpd.evals.pack_fields import PackError
from vcpd.evals.samples import LONG_FORM

GPQA = {
    "Record ID": "rec1",
    "Question": "Which invented particle is the lightest?",
    "Correct Answer": "the feathon",
    "Incorrect Answer 1": "the leadon",
    "Incorrect Answer 2": "the stonon",
    "Incorrect Answer 3": "the ironon",
}
CLAPNQ = {
    "id": "7",
    "input": "why is the lamp of Orrin kept lit",
    "passages": [{"title": "Orrin", "text": "Orrin has a lamp . It is kept lit for ships .", "sentences": ["..."]}],
    "output": [
        {"answer": "It is kept lit for ships at sea.", "selected_sentences": ["It is kept lit for ships ."]},
        {"answer": "For ships.", "selected_sentences": ["It is kept lit for ships ."]},
    ],
}
DAHL = {"task": "case_existence", "court_level": "coa", "query": "Is Ash v. Elm real?", "citation": "1 F.9d 1"}
PUBMEDQA = {
    "pubid": 11,
    "question": "Does moss calm trout?",
    "context": {"contexts": ["Trout are restless.", "Moss lay in half of the tanks."], "labels": ["A", "B"]},
    "final_decision": "maybe",
}


def item(name: str, row: dict[str, Any]) -> Item:
    [found] = BENCHMARKS[name].items([("rows, line 3", row)])
    return found


def refusal(name: str, row: dict[str, Any]) -> str:
    with pytest.raises(PackError) as caught:
        item(name, row)
    return str(caught.value)


def test_gpqa_shuffles_its_choices_by_the_record_alone() -> None:
    sample = item("gpqa-diamond", GPQA).sample
    assert sorted(sample.choices) == ["the feathon", "the ironon", "the leadon", "the stonon"]
    assert sample.choices["ABCD".index(sample.targets[0])] == "the feathon"
    assert item("gpqa-diamond", {**GPQA, "Question": "Other?"}).sample.choices == sample.choices
    letters = {item("gpqa-diamond", {**GPQA, "Record ID": f"rec{i}"}).sample.targets[0] for i in range(40)}
    assert letters == set("ABCD")


def test_gpqa_messages_never_hold_a_question_or_an_answer() -> None:
    text = refusal("gpqa-diamond", {name: value for name, value in GPQA.items() if name != "Incorrect Answer 2"})
    assert "rows, line 3: column 'Incorrect Answer 2' is missing or empty; the row has Correct" in text
    assert not [value for name, value in GPQA.items() if value in text and name != "Record ID"]


@given(st.integers(1, 12), st.text(), st.integers())
def test_an_order_is_a_permutation_and_depends_on_key_and_seed_alone(count: int, key: str, seed: int) -> None:
    assert sorted(order(count, key, seed)) == list(range(count))
    assert order(count, key, seed) == order(count, key, seed)


def test_the_seed_changes_the_order() -> None:
    assert len({order(8, "key", seed) for seed in range(20)}) > 15


def test_medqa_and_mmlu_pro_keep_the_published_letters() -> None:
    options = {"B": "rest", "A": "tea", "C": "surgery"}
    medqa = item("medqa", {"question": "What first?", "answer": "rest", "options": options, "answer_idx": "B"}).sample
    assert (medqa.choices, medqa.targets) == (("tea", "rest", "surgery"), ("B",))
    row = {"question_id": 70, "question": "Why?", "options": ["a", "b", "N/A", "N/A"], "answer": "B", "category": "law"}
    pro = item("mmlu-pro", row).sample
    assert (pro.sample_id, pro.choices, pro.targets, pro.task) == ("70", ("a", "b"), ("B",), "law")
    assert "names no option" in refusal("mmlu-pro", {**row, "answer": "C"})
    assert "column 'options' is missing" in refusal("mmlu-pro", {**row, "options": ["N/A"] * 10})
    assert "names no option" in refusal("medqa", {"question": "q", "options": options, "answer_idx": "D"})


def test_short_answers_and_questions_that_nobody_can_answer() -> None:
    fact = item("simpleqa", {"metadata": "{}", "problem": "Who built Orrin?", "answer": "Ada Fen"}).sample
    assert (fact.targets, fact.abstain_kind, fact.evidence) == (("Ada Fen",), None, ())
    open_ = {"question_id": 3, "question": "Who built Orrin?", "answer": ["Ada", "Fen"], "answerable": True}
    assert item("selfaware", open_).sample.targets == ("Ada", "Fen")
    unknown = item("selfaware", {**open_, "answer": None, "answerable": False}).sample
    assert (unknown.targets, unknown.abstain_kind) == ((), "unanswerable")
    assert "column 'answer' is missing" in refusal("selfaware", {**open_, "answer": None})
    assert "neither true nor false" in refusal("selfaware", {**open_, "answerable": "perhaps"})
    kuq = {"question": "Why do ghosts eat moss?", "unknown": True, "category": "false assumption", "answer": None}
    assert item("abstentionbench-kuq", kuq).sample.abstain_kind == "false_premise"
    assert item("abstentionbench-kuq", {**kuq, "category": None}).sample.abstain_kind == "unanswerable"


def test_answers_too_long_for_a_rule_are_long_form() -> None:
    row = {"question": "Why?", "reference_answers": [" ".join("abcdefghijklmn")], "should_abstain": False}
    assert item("abstentionbench", row).sample.task == LONG_FORM
    assert item(
        "abstentionbench", {**row, "reference_answers": ["moss", " ".join("abcdefghijklmn")]}
    ).sample.targets == ("moss",)
    assert item("abstentionbench", {**row, "reference_answers": None}).sample.task == LONG_FORM
    assert item("abstentionbench", {**row, "should_abstain": True}).sample.targets == ()


def test_pubmedqa_in_both_published_forms() -> None:
    hub = item("pubmedqa", PUBMEDQA)
    old = {"pubid": "11", "QUESTION": PUBMEDQA["question"], "final_decision": "maybe"}
    file = item("pubmedqa", {**old, "CONTEXTS": PUBMEDQA["context"]["contexts"]})  # type: ignore[index]
    assert hub == file
    assert (hub.sample.choices, hub.sample.targets) == (("yes", "no", "maybe"), ("C",))
    [document] = hub.documents
    assert [e.span.of(document.text) for e in hub.sample.evidence] == [
        "Trout are restless.",
        "Moss lay in half of the tanks.",
    ]
    assert "none of yes, no, maybe" in refusal("pubmedqa", {**PUBMEDQA, "final_decision": "perhaps"})
    assert "column 'context' is missing" in refusal("pubmedqa", {**PUBMEDQA, "context": None})


def test_clapnq_takes_selected_sentences_as_evidence_and_is_long_form() -> None:
    found = item("clapnq", CLAPNQ)
    [document], sample = found.documents, found.sample
    assert sample.targets == ("It is kept lit for ships at sea.", "For ships.")
    assert [e.span.of(document.text) for e in sample.evidence] == ["It is kept lit for ships ."]
    assert (sample.task, sample.cluster_id, sample.abstain_kind) == (LONG_FORM, "Orrin", None)
    none = item("clapnq", {**CLAPNQ, "output": [{"answer": None, "meta": None}]}).sample
    assert (none.abstain_kind, none.targets, none.evidence) == ("unanswerable", (), ())
    assert "is not a list of tables" in refusal("clapnq", {**CLAPNQ, "passages": "text"})


def test_squad2_without_answers_is_unanswerable() -> None:
    row = {"id": "s1", "title": "Orrin", "context": "Orrin has a lamp.", "question": "What has Orrin?"}
    right = item("abstentionbench-squad2", {**row, "answers": {"text": ["a lamp", "a lamp"], "answer_start": [10, 10]}})
    assert (right.sample.targets, right.sample.cluster_id) == (("a lamp",), "Orrin")
    none = item("abstentionbench-squad2", {**row, "answers": {"text": [], "answer_start": []}}).sample
    assert (none.abstain_kind, none.evidence) == ("unanswerable", ())


@pytest.mark.parametrize(
    ("row", "targets", "kind"),
    [
        ({"task": "case_existence", "example_correct_answer": "1"}, ("yes",), None),
        ({"task": "fake_case_existence"}, ("no",), None),
        ({"task": "affirm_reverse", "example_correct_answer": "Reverse"}, ("reverse", "reversed"), None),
        ({"task": "majority_author", "example_correct_answer": "Ada Fen"}, ("Ada Fen",), None),
        ({"task": "year_overruled", "example_correct_answer": 1954.0}, ("1954",), None),
        ({"task": "court_id", "court_level": "scotus"}, ("Supreme Court",), None),
        (
            {"task": "court_id", "example_correct_answer": "2"},
            ("Second Circuit", "Court of Appeals for the Second Circuit", "2nd Circuit"),
            None,
        ),
        ({"task": "fake_dissent"}, (), "false_premise"),
        ({"task": "fake_year_overruled"}, (), "false_premise"),
    ],
)
def test_dahl_tasks(row: dict[str, Any], targets: tuple[str, ...], kind: str | None) -> None:
    sample = item("legal-hallucinations", {**DAHL, **row}).sample
    assert (sample.targets, sample.abstain_kind, sample.cluster_id) == (targets, kind, "1 F.9d 1")


@pytest.mark.parametrize(
    "row",
    [
        {"task": "quotation"},
        {"task": "majority_author", "example_correct_answer": None},
        {"task": "cited_precedent"},
        {"task": "court_id", "court_level": "usdc"},
        {"query": "Is it real?\n\nExamples:\nCase: X v. Y\nAnswer: Yes"},
    ],
)
def test_dahl_rows_that_a_rule_cannot_judge_are_left_out(row: dict[str, Any]) -> None:
    assert list(BENCHMARKS["legal-hallucinations"].items([("w", {**DAHL, **row})])) == []


def test_dahl_answers_of_an_unknown_form_are_refused() -> None:
    assert "neither affirm nor reverse" in refusal(
        "legal-hallucinations", {**DAHL, "task": "affirm_reverse", "example_correct_answer": "vacate"}
    )
    assert "not the number of a circuit" in refusal(
        "legal-hallucinations", {**DAHL, "task": "court_id", "example_correct_answer": "14"}
    )


def test_legalbench_puts_the_clause_into_the_question() -> None:
    row = {"index": "4", "contract": "You may cancel at dawn.", "question": "May I cancel at noon?", "answer": "No"}
    sample = item("legalbench-contracts", row).sample
    assert sample.question == "You may cancel at dawn.\n\nQuestion: May I cancel at noon? Answer yes or no."
    assert (sample.sample_id, sample.targets) == ("4", ("no",))
    same = item("legalbench-contracts", {**row, "index": "5", "question": "May I cancel at dawn?"}).sample
    assert same.cluster_id == sample.cluster_id
    hearsay = item("legalbench-hearsay", {"index": 0, "text": "Ada nodded in court.", "answer": "No"}).sample
    assert "hearsay" in hearsay.question
    assert "neither Yes nor No" in refusal("legalbench-contracts", {**row, "answer": "Maybe"})


@given(
    st.dictionaries(
        st.sampled_from([*GPQA, *CLAPNQ, *DAHL, *PUBMEDQA, "problem", "answer", "options", "answers", "snippets"]),
        st.one_of(st.none(), st.text(), st.integers(), st.lists(st.text()), st.dictionaries(st.text(), st.text())),
    )
)
def test_any_row_is_read_or_refused_with_a_sentence(row: dict[str, Any]) -> None:
    for benchmark in BENCHMARKS.values():
        try:
            found = list(benchmark.items([("w", row)]))
        except PackError:
            continue  # any other exception fails the test
        assert all(i.sample.question and i.sample.sample_id for i in found)


def test_hostile_texts_survive() -> None:
    text = "\x00\ud800" + "a" * 1_000_000
    assert item("simpleqa", {"problem": text, "answer": text}).sample.question == text.strip()
    squad = {"id": "s", "context": text, "question": "q", "answers": {"text": ["a"]}}
    assert item("abstentionbench-squad2", squad).documents[0].text == text.strip()


@pytest.mark.parametrize("name", BENCHMARKS)
def test_every_benchmark_states_its_terms(name: str) -> None:
    known = BENCHMARKS[name]
    assert known.name == name
    assert known.license
    assert "arXiv:" in known.citation
    assert known.url.startswith("https://")
    assert (known.hub is None) <= bool(known.caution)
    assert ("NC" in known.license and "the set" not in known.license) == known.noncommercial


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("gpqa", "bench:gpqa-diamond"),
        ("SimpleQ", "bench:simpleqa"),
        ("pubmed_qa", "bench:pubmedqa"),
        ("", "domain list"),
    ],
)
def test_a_wrong_name_suggests_the_nearest(name: str, near: str) -> None:
    with pytest.raises(PackError, match=near):
        find_benchmark(name)


def test_a_row_names_the_columns_there_are() -> None:
    with pytest.raises(PackError, match="the row has b, c"):
        BenchmarkRow("w", {"c": 1, "b": 2}, "x").text("a")
