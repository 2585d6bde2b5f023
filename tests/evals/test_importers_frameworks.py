"""Files that Inspect, promptfoo, lm_eval, deepeval and ragas wrote (tests/fixtures/imported), read and compared."""

import json
import shutil
import zipfile
from collections import Counter
from pathlib import Path

import pytest
from vcpd.evals.importers import RecordedAnswerError, read_answers
from vcpd.evals.importers.reading import Reading

FILES = Path(__file__).parents[1] / "fixtures" / "imported"
SAID = {
    "river": "The Anvil bridge crosses the Tamber.",
    "year": "It was opened in 1942.",
    "length": "I don't know.",
    "owner": "The county of Holm owns it.",
    "paint": "",
    "toll": "I cannot help with that request.",
}


def read(name, format="auto", **reading):
    return read_answers(FILES / name, format=format, reading=Reading(**reading))


def grades(recorded):
    return {(a.sample_id, a.epoch): a.grade and a.grade.outcome.value for a in recorded.answers}


def refusal(name, **reading):
    with pytest.raises(RecordedAnswerError) as caught:
        read(name, **reading)
    return str(caught.value).replace(f"{FILES}/", "")


def test_every_letter_of_inspect_has_its_ending():
    recorded = read("inspect/letters.eval")
    found = {sample: grade for (sample, _), grade in grades(recorded).items()}
    assert found == {
        "river": "correct",
        "year": "incorrect",
        "length": "abstained",
        "owner": "incorrect",  # P
        "paint": "unscored",  # NaN
        "toll": "correct",
    }
    assert recorded.remarks == ("1 grades say partly right: counted as incorrect (--correct-at 0.5: correct)",)
    assert recorded.evaluator == "inspect scorer 'letters'"
    assert {a.sample_id: a.answer for a in recorded.answers} == SAID
    first = next(a for a in recorded.answers if a.sample_id == "river")
    assert (first.model, first.domain, first.targets) == ("mockllm/model", "letters", ("Tamber",))
    assert (first.usage.input_tokens, first.usage.output_tokens) == (40, 8)


def test_partly_right_is_right_where_the_user_says_from_where_on():
    assert grades(read("inspect/letters.eval", correct_at=0.5))["owner", 1] == "correct"


def test_epochs_of_inspect_are_epochs():
    found = grades(read("inspect/includes.eval"))
    assert len(found) == 12
    assert found["river", 1] == found["river", 2] == "correct"
    assert found["year", 2] == "incorrect"


def test_one_of_several_scorers_must_be_named():
    assert refusal("inspect/two_scorers.eval") == (
        "inspect/two_scorers.eval: 2 scorers (includes, letters); say which one tells right from wrong: "
        "--scorer 'includes'"
    )
    assert grades(read("inspect/two_scorers.eval", scorer="letters"))["length", 1] == "abstained"
    assert grades(read("inspect/two_scorers.eval", scorer="includes"))["length", 1] == "incorrect"
    assert "there is no score 'nope'; there are includes, letters" in refusal("inspect/two_scorers.eval", scorer="nope")


def test_a_score_of_parts_and_a_share_need_to_be_told():
    assert "choose one as --scorer NAME/PART" in refusal("inspect/parts.eval")
    assert grades(read("inspect/parts.eval", scorer="graded_parts/right"))["river", 1] == "correct"
    assert "0.25 is neither right (1) nor wrong (0)" in refusal("inspect/parts.eval", scorer="graded_parts/overlap")
    shares = grades(read("inspect/parts.eval", scorer="graded_parts/overlap", correct_at=0.2))
    assert set(shares.values()) == {"correct"}


@pytest.mark.parametrize(("name", "by"), [("includes", {"key"}), ("choice", {"key"}), ("model_graded", {"grader"})])
def test_who_judged_is_told_from_the_log(name, by):
    recorded = read(f"inspect/{name}.eval")
    assert {a.grade.by.value for a in recorded.answers} == by
    overruled = read(f"inspect/{name}.eval", judged_by="human")
    assert all(a.grade is None and a.human.outcome is not None for a in overruled.answers)


def test_the_graders_tokens_are_not_the_models():
    assert {a.usage.output_tokens for a in read("inspect/model_graded.eval").answers} == {8}
    own = read("inspect/self_graded.eval")  # one model answered and graded, 16 tokens together
    assert {a.usage.output_tokens for a in own.answers} == {8}
    assert {a.grade.by for a in own.answers} == {"grader"}


def test_two_scorers_of_one_kind_are_told_apart():
    assert "2 scorers (includes, includes1)" in refusal("inspect/same_twice.eval")
    assert grades(read("inspect/same_twice.eval", scorer="includes1"))["river", 1] == "correct"


def test_multiple_choice_keeps_letters_and_choices():
    first = read("inspect/choice.eval").answers[0]
    assert (first.targets, first.choices, first.grade.outcome) == (("B",), ("Holm", "Tamber", "Anvil"), "correct")


@pytest.mark.parametrize(
    ("target", "choices", "kept"),
    [("A", ["x", "y"], (("A",), ("x", "y"))), (["A", "B"], ["x", "y"], ((), ())), ("free text", ["x", "y"], ((), ()))],
)
def test_a_target_that_is_no_choice_does_not_stop_a_graded_log(tmp_path, target, choices, kept):
    from vcpd.evals.importers.inspect_zip import header_of, samples_of

    log = FILES / "inspect" / "choice.eval"
    sample = next(s for _, s in samples_of(log)) | {"target": target, "choices": choices}
    path = tmp_path / "log.json"
    path.write_text(json.dumps({**header_of(log), "samples": [sample]}))
    answer = read_answers(path).answers[0]
    assert (answer.targets, answer.choices) == kept
    assert answer.grade.outcome == "correct"


def test_a_sample_that_broke_is_unscored_and_an_aborted_log_is_refused():
    recorded = read("inspect/errors.eval")
    assert grades(recorded)["toll", 1] == "unscored"
    assert recorded.remarks == ("1 samples ended in an error: unscored",)
    assert next(a for a in recorded.answers if a.sample_id == "toll").usage is None
    assert "the log's status is 'error': only part of its samples may be there" in refusal("inspect/aborted.eval")


def test_messages_as_input_become_the_question_of_the_user():
    assert read("inspect/chat.eval").answers[0].question == "Which river does the Anvil bridge cross?"


def test_inspect_itself_reads_the_same(tmp_path):
    from inspect_ai.log import read_eval_log, write_eval_log

    for name in ("letters", "includes", "model_graded", "choice", "errors"):
        log = read_eval_log(str(FILES / "inspect" / f"{name}.eval"))
        ours = {(a.sample_id, a.epoch): a for a in read(f"inspect/{name}.eval").answers}
        assert ours.keys() == {(str(s.id), s.epoch) for s in log.samples}
        for sample in log.samples:
            answer = ours[str(sample.id), sample.epoch]
            assert answer.answer == sample.output.completion
            letter = next(iter(sample.scores.values())).value if sample.scores else None
            expected = {"C": "correct", "I": "incorrect", "N": "abstained", "P": "incorrect"}
            assert answer.grade.outcome == (expected.get(letter, "unscored") if isinstance(letter, str) else "unscored")
        as_json = tmp_path / f"{name}.json"
        write_eval_log(log, str(as_json), format="json")
        assert grades(read_answers(as_json)) == grades(read(f"inspect/{name}.eval"))


def test_share_of_right_answers_is_the_accuracy_of_the_log():
    from inspect_ai.log import read_eval_log

    log = read_eval_log(str(FILES / "inspect" / "model_graded.eval"), header_only=True)
    counts = Counter(grades(read("inspect/model_graded.eval")).values())
    assert counts["correct"] / counts.total() == pytest.approx(log.results.scores[0].metrics["accuracy"].value)


def test_a_folder_of_logs_is_read_whole(tmp_path):
    for name in ("letters", "choice"):
        shutil.copy(FILES / "inspect" / f"{name}.eval", tmp_path)
    assert len(read_answers(tmp_path).answers) == 8


def test_other_versions_and_logs_without_a_header_are_refused(tmp_path):
    document = {"version": 9, "status": "success", "eval": {"model": "m", "task": "t"}, "samples": []}
    path = tmp_path / "log.json"
    path.write_text(json.dumps(document))
    with pytest.raises(RecordedAnswerError, match=r"Inspect log version 9; this reads version 2"):
        read_answers(path)
    running = tmp_path / "running.eval"
    with zipfile.ZipFile(running, "w") as archive:
        archive.writestr("_journal/start.json", "{}")
    with pytest.raises(RecordedAnswerError, match="the run was not finished"):
        read_answers(running)


def test_a_damaged_log_is_a_sentence(tmp_path):
    whole = (FILES / "inspect" / "letters.eval").read_bytes()
    at = whole.index(b"samples/year_epoch_1.json") + 60
    broken = tmp_path / "broken.eval"
    broken.write_bytes(whole[:at] + b"\0\1\2\3" * 20 + whole[at + 80 :])
    with pytest.raises(RecordedAnswerError, match=r"samples/year_epoch_1.json: cannot be read"):
        read_answers(broken)


def test_promptfoo_assertions_are_grades_and_none_is_no_grade():
    recorded = read("promptfoo/promptfoo.json")
    by_answer = {a.answer: a.grade for a in recorded.answers}
    assert by_answer["The Anvil bridge crosses the Tamber."].outcome == "correct"
    assert by_answer["It is red."].outcome == "incorrect"
    assert by_answer["The county of Holm owns it."].by == "key"
    assert by_answer[""].outcome == "unscored"  # the call failed
    assert by_answer["Holm is nearest."] is None  # promptfoo says "passed": only its latency was asserted
    first = recorded.answers[0]
    assert (first.model, first.domain, first.targets) == ("dummy-7b", "bridges", ("Tamber",))
    assert first.sources[0].text == "The Anvil bridge crosses the river Tamber at Holm."
    assert (first.usage.input_tokens, first.usage.output_tokens) == (40, 8)
    assert recorded.remarks == ("1 answers without a verdict (calls or graders that failed): unscored",)


def test_promptfoo_lines_say_the_same():
    assert grades(read("promptfoo/promptfoo.jsonl")) == grades(read("promptfoo/promptfoo.json"))


def test_promptfoo_repeats_are_epochs_and_prompts_are_models():
    recorded = read("promptfoo/repeated.json")
    assert Counter((a.model, a.epoch) for a in recorded.answers) == {
        (model, epoch): 2 for model in ("dummy-7b [{{question}}]", "dummy-7b [brief]") for epoch in (1, 2)
    }


def test_a_named_assertion_counts_alone_and_where_it_is_missing_nothing_steps_in():
    assert read("promptfoo/promptfoo.jsonl", scorer="latency").answers[4].grade.outcome == "correct"
    found = [a.grade.outcome for a in read("promptfoo/promptfoo.jsonl", scorer="icontains").answers]
    assert found == ["correct", "unscored", "unscored", "correct", "unscored", "unscored", "unscored"]


def test_promptfoo_says_itself_what_a_threshold_and_a_set_of_assertions_pass():
    graded = read("promptfoo/graded.json").answers[0].grade
    assert (graded.outcome, graded.by) == ("correct", "grader")
    rules = read("promptfoo/graded.json", scorer="contains").answers[0].grade
    assert (rules.outcome, rules.by) == ("incorrect", "key")
    assert read("promptfoo/graded.json", scorer="Right").answers[0].grade.outcome == "correct"
    assert "there is no assertion 'nope'" in refusal("promptfoo/graded.json", scorer="nope")


def test_a_threshold_over_latency_says_nothing_of_right(tmp_path):
    document = json.loads((FILES / "promptfoo" / "promptfoo.json").read_text())
    document["results"]["results"][0]["testCase"]["threshold"] = 0.5
    path = tmp_path / "results.json"
    path.write_text(json.dumps(document))
    with pytest.raises(RecordedAnswerError, match=r"--scorer 'icontains'"):
        read_answers(path)


def test_promptfoo_of_another_version_is_refused(tmp_path):
    document = json.loads((FILES / "promptfoo" / "promptfoo.json").read_text())
    document["results"]["version"] = 2
    path = tmp_path / "old.json"
    path.write_text(json.dumps(document))
    with pytest.raises(RecordedAnswerError, match="promptfoo results of version 2; this reads version 3"):
        read_answers(path)


def lm_file(task):
    return next((FILES / "lm_eval").glob(f"*/samples_{task}_2*.jsonl")).relative_to(FILES)


@pytest.mark.parametrize(
    ("task", "metric"),
    [
        ("bridges", "exact_match,strict"),
        ("bridges", "exact_match,lower"),
        ("bridges_choice", "acc,none"),
        ("bridges_choice", "acc_norm,none"),
    ],
)
def test_share_of_right_answers_is_the_harness_metric(task, metric):
    results = json.loads(next((FILES / "lm_eval").glob("*/results_*.json")).read_text())
    recorded = read(lm_file(task), scorer=metric)
    right = sum(a.grade.outcome == "correct" for a in recorded.answers)
    assert right / len(recorded.answers) == pytest.approx(results["results"][task][metric])
    assert {(a.model, a.domain) for a in recorded.answers} == {("dummy-7b", task)}


def test_the_harness_answer_to_a_choice_is_the_likeliest_one():
    found = {a.question: a.answer for a in read(lm_file("bridges_choice"), scorer="acc_norm").answers}
    assert found["Which river does the Anvil bridge cross?"] == "Tamber"
    assert found["Who owns the Anvil bridge?"] == "the county of Holm"
    plain = {a.question: a.answer for a in read(lm_file("bridges_choice"), scorer="acc").answers}
    assert plain["Who owns the Anvil bridge?"] == "Holm"


def test_several_filters_must_be_told_apart():
    assert "2 metrics (exact_match,strict, exact_match,lower)" in refusal(lm_file("bridges"))


def test_deepeval_metrics_are_grades():
    assert "2 metrics (Holds The Key, Exact Match)" in refusal("deepeval/test_run.json")
    recorded = read("deepeval/test_run.json", scorer="Holds The Key")
    assert grades(recorded) == {
        ("river", 1): "correct",
        ("year", 1): "incorrect",
        ("length", 1): "incorrect",
        ("owner", 1): "correct",
        ("paint", 1): "incorrect",
        ("toll", 1): "unscored",  # the metric failed
    }
    first = recorded.answers[0]
    assert (first.model, first.grade.by) == ("dummy-7b", "grader")
    assert first.sources[0].text == "The Anvil bridge crosses the river Tamber at Holm."
    exact = read("deepeval/test_run.json", scorer="Exact Match", domain="bridges")
    assert {(a.grade.by, a.domain) for a in exact.answers if a.grade.by} == {("key", "bridges")}


def test_conversations_are_refused(tmp_path):
    path = tmp_path / "run.json"
    path.write_text(json.dumps({"testCases": [], "conversationalTestCases": [{}]}))
    with pytest.raises(RecordedAnswerError, match="conversations of several turns are not read"):
        read_answers(path)


@pytest.mark.parametrize("name", ["ragas.csv", "ragas.parquet", "ragas.jsonl"])
def test_ragas_tables_say_the_same_in_every_form(name):
    recorded = read(f"ragas/{name}", scorer="string_present")
    assert [a.grade.outcome for a in recorded.answers] == ["correct"] + ["incorrect"] * 5
    assert [len(a.sources) for a in recorded.answers] == [1, 2, 1, 1, 1, 1]
    assert recorded.answers[1].sources[1].text == "It was repaired in 1942."
    assert (recorded.answers[0].model, recorded.answers[0].domain) == ("ragas", "ragas")


def test_a_share_of_ragas_needs_a_bar():
    assert "--correct-at 0.8" in refusal("ragas/ragas.csv", scorer="non_llm_string_similarity")
    found = read("ragas/ragas.csv", scorer="non_llm_string_similarity", correct_at=0.15)
    assert [a.grade.outcome for a in found.answers].count("correct") == 2


def test_a_ragas_metric_without_value_is_unscored(tmp_path):
    row = {"user_input": "q", "response": "I don't know.", "reference": "x", "faithfulness": None}
    path = tmp_path / "r.jsonl"
    path.write_text(json.dumps(row) + "\n")
    assert read_answers(path, reading=Reading(correct_at=0.5)).answers[0].grade.outcome == "unscored"
    path.write_text(json.dumps(row | {"noise_sensitivity(mode=relevant)": 0.1}).replace("faithfulness", "n") + "\n")
    with pytest.raises(RecordedAnswerError, match="less is better"):
        read_answers(path, reading=Reading(scorer="noise_sensitivity(mode=relevant)", correct_at=0.5))


def test_an_output_is_not_read_as_what_another_tool_wrote():
    with pytest.raises(RecordedAnswerError, match="not a file that promptfoo wrote; it is of inspect"):
        read("inspect/letters.eval", format="promptfoo")
    with pytest.raises(RecordedAnswerError, match="not a file that deepeval wrote"):
        read("ragas/ragas.csv", format="deepeval")
