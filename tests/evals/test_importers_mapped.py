"""Tables of anybody's with --map, grades of every kind, sources in other forms, and what becomes of them in a score."""

import ast
import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vcpd.evals.cli import run_cli
from vcpd.evals.importers import RecordedAnswerError, read_answers, to_row
from vcpd.evals.importers.fields import Fields
from vcpd.evals.importers.grades import GradeError, GradeReader
from vcpd.evals.importers.listed_sources import SourcesError, listed_sources
from vcpd.evals.importers.reading import Reading, looked_up, parse_mapping
from vcpd.evals.importers.rows import answer_of
from vcpd.scoring.records import Outcome

CSV = "Q,A,ok,topic\nWhat is 2+2?,4,yes,sums\nWhat is 3+3?,I do not know,no,sums\nWhat is 4+4?,9,no,sums\n"
MAP = {"question": "Q", "answer": "A", "domain": "topic"}


def table(tmp_path, text=CSV, name="answers.csv"):
    path = tmp_path / name
    path.write_text(text)
    return path


def refusal(path, **reading):
    with pytest.raises(RecordedAnswerError) as caught:
        read_answers(path, reading=Reading(**reading))
    return str(caught.value).replace(f"{path.parent}/", "")


def test_columns_of_a_csv_become_fields(tmp_path):
    recorded = read_answers(table(tmp_path), reading=Reading(mapping=MAP, model="m"))
    assert [(a.question, a.answer, a.domain, a.model) for a in recorded.answers] == [
        ("What is 2+2?", "4", "sums", "m"),
        ("What is 3+3?", "I do not know", "sums", "m"),
        ("What is 4+4?", "9", "sums", "m"),
    ]
    assert recorded.unknown_fields == ("ok",)


def test_rows_without_an_id_are_named_after_their_question_in_whatever_order(tmp_path):
    lines = CSV.splitlines(keepends=True)
    turned = table(tmp_path, lines[0] + "".join(reversed(lines[1:])), "turned.csv")
    ids = [
        {a.question: a.sample_id for a in read_answers(p, reading=Reading(mapping=MAP, model="m")).answers}
        for p in (table(tmp_path), turned)
    ]
    assert ids[0] == ids[1]


def test_the_same_question_again_is_the_next_epoch(tmp_path):
    path = table(tmp_path, CSV + "What is 2+2?,5,no,sums\n")
    last = read_answers(path, reading=Reading(mapping=MAP, model="m")).answers[-1]
    assert (last.epoch, last.answer) == (2, "5")


def test_a_column_of_grades_needs_to_say_who_judged(tmp_path):
    path = table(tmp_path)
    assert "say who judged: --judged-by key" in refusal(path, mapping=MAP | {"grade": "ok"}, model="m")
    by_key = read_answers(path, reading=Reading(mapping=MAP | {"grade": "ok"}, model="m", judged_by="key"))
    assert [(a.grade.outcome, a.grade.by) for a in by_key.answers] == [
        ("correct", "key"),
        ("incorrect", "key"),
        ("incorrect", "key"),
    ]
    by_people = read_answers(path, reading=Reading(mapping=MAP | {"grade": "ok"}, model="m", judged_by="human"))
    assert [a.human.outcome for a in by_people.answers] == ["correct", "incorrect", "incorrect"]


def test_missing_columns_and_fields_are_named(tmp_path):
    path = table(tmp_path)
    assert refusal(path, mapping={"answer": "reply"}).startswith(
        "answers.csv, line 2: there is no column 'reply' for answer (there are Q, A, ok, topic"
    )
    assert refusal(path, mapping={"question": "Q", "answer": "A"}) == (
        "answers.csv, line 2: no domain; say --domain NAME, or --map domain=COLUMN"
    )


def test_a_model_without_a_name_is_called_like_its_file(tmp_path):
    assert {a.model for a in read_answers(table(tmp_path), reading=Reading(mapping=MAP)).answers} == {"answers"}


def test_mapped_cells_are_typed_like_the_fields_they_become(tmp_path):
    text = 'q,a,d,can,docs\n2+2,4,x,false,"[\'one\', ""two\'s""]"\n'
    mapping = {"question": "q", "answer": "a", "domain": "d", "answerable": "can", "sources": "docs"}
    answer = read_answers(table(tmp_path, text), reading=Reading(mapping=mapping, model="m")).answers[0]
    assert answer.answerable is False
    assert [(s.doc_id, s.text) for s in answer.sources] == [("1", "one"), ("2", "two's")]


def test_paths_reach_into_objects_and_lists(tmp_path):
    row = {"in": {"text": "q"}, "out": [{"text": "a"}], "meta": {"case.id": 7}, "domain": "d", "model": "m"}
    path = table(tmp_path, json.dumps(row) + "\n", "a.jsonl")
    mapping = parse_mapping(["question=in.text,answer=out.0.text", "cluster_id=meta.case.id"])
    with pytest.raises(RecordedAnswerError, match=r"no column 'meta.case.id'"):
        read_answers(path, reading=Reading(mapping=mapping))
    answer = read_answers(path, reading=Reading(mapping=mapping | {"cluster_id": "meta"} | {"cluster_id": "model"}))
    assert (answer.answers[0].question, answer.answers[0].answer, answer.answers[0].cluster_id) == ("q", "a", "m")
    assert looked_up({"a.b": 1}, "a.b") == 1
    with pytest.raises(KeyError):
        looked_up({"a": {"b": 1}}, "a.c")


def test_map_says_what_it_needs():
    for text, words in [("answer", "FIELD=COLUMN is needed"), ("reply=x", "there is no field 'reply'")]:
        with pytest.raises(RecordedAnswerError, match=words):
            parse_mapping([text])
    with pytest.raises(RecordedAnswerError, match="names answer twice"):
        parse_mapping(["answer=a", "answer=b"])


def test_options_for_other_files_are_refused_where_they_would_do_nothing(tmp_path):
    row = {"sample_id": "a", "model": "m", "domain": "d", "question": "q", "answer": "x"}
    path = table(tmp_path, json.dumps(row) + "\n", "a.jsonl")
    assert "--scorer" in refusal(path, scorer="x")
    assert read_answers(path, reading=Reading(domain="other")).answers[0].domain == "d"


KINDS = {
    "correct": ["C", True, 1.0, "Pass", " 1 ", "yes"],
    "incorrect": ["i", "P", 0, False, "fail", "0.0"],
    "abstained": ["N", "not_attempted"],
    "unscored": [None, math.nan, "", "NaN"],
    "refused": [{o.value: float(o == "refused") for o in Outcome} | {"p": math.nan}],
}


@pytest.mark.parametrize(("outcome", "value"), [(o, v) for o, values in KINDS.items() for v in values])
def test_grades_of_every_kind(outcome, value):
    assert GradeReader().outcome(value) == outcome


@pytest.mark.parametrize("value", [0.5, 3, -1, "maybe", [1], {"a": 1}, "0.7", math.inf])
def test_what_says_neither_right_nor_wrong_is_refused(value):
    with pytest.raises(GradeError):
        GradeReader().outcome(value)


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_bar_splits_shares_in_two(value, bar):
    assert GradeReader(bar).outcome(value) == ("correct" if value >= bar else "incorrect")


@given(st.floats(allow_nan=False).filter(lambda x: not 0 <= x <= 1))
def test_a_bar_is_for_shares_alone(value):
    with pytest.raises(GradeError):
        GradeReader(0.5).outcome(value)


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=20), min_size=1, max_size=5))
def test_a_list_in_python_form_is_that_list(texts):
    found = listed_sources(repr(texts))
    assert [s["text"] for s in found] == ast.literal_eval(repr(texts))


@given(st.one_of(st.text(), st.recursive(st.none() | st.text() | st.integers(), st.lists, max_leaves=5)))
def test_sources_are_read_or_refused_with_a_sentence(value):
    try:
        found = listed_sources(value)
    except SourcesError:
        return
    assert found is None or all(isinstance(s["doc_id"], str) for s in found)


def test_a_list_that_numpy_printed_is_refused():
    with pytest.raises(SourcesError, match="as NumPy prints it"):
        listed_sources("['one' 'two']")


def test_documents_of_other_libraries_keep_what_they_say():
    found = listed_sources([{"page_content": "t", "metadata": {"source": "gov", "id": 7}}, {"text": "u", "url": "x"}])
    assert found == [{"doc_id": 7, "text": "t", "source": "gov"}, {"doc_id": "2", "text": "u", "url": "x"}]
    assert listed_sources("[1] is no list") == [{"doc_id": "1", "text": "[1] is no list"}]


def test_a_grade_goes_to_a_row_and_back():
    row = {"sample_id": "a", "model": "m", "domain": "d", "question": "q", "answer": "x"}
    for grade in ({"outcome": "correct", "by": "key"}, {"outcome": "unscored"}):
        answer = answer_of(Fields("here", row | {"grade": grade}, {}))
        assert to_row(answer)["grade"] == grade
    for grade, words in [({"outcome": "correct"}, "who graded"), ({"by": "key"}, "field 'grade.outcome': missing")]:
        with pytest.raises(RecordedAnswerError, match=words):
            answer_of(Fields("here", row | {"grade": grade}, {}))


def scored(tmp_path, capsys, *arguments):
    code = run_cli(["score", *map(str, arguments), "--out", str(tmp_path / "run"), "--json"])
    out, err = capsys.readouterr()
    assert code == 0, err
    return {row["measure"]: row["value"] for row in json.loads(out)["estimates"]}, err


def test_a_grade_counts_unless_the_answer_abstains(tmp_path, capsys):
    options = ["--map", "question=Q,answer=A,domain=topic,grade=ok", "--judged-by", "key", "--model-name", "m"]
    measured, err = scored(tmp_path, capsys, table(tmp_path), *options)
    assert (measured["correct"], measured["wrong"], measured["abstained"]) == pytest.approx((1 / 3, 1 / 3, 1 / 3))
    assert measured["p"] == 0.5
    assert "1 answers graded incorrect abstain in their text: counted as abstained" in err
    assert json.loads((tmp_path / "run" / "manifest.json").read_text())["identity"]["grades_of"] == ["column 'ok'"]


def test_a_models_grades_alone_give_no_p(tmp_path, capsys):
    options = ["--map", "question=Q,answer=A,domain=topic,grade=ok", "--judged-by", "grader", "--model-name", "m"]
    measured, _ = scored(tmp_path, capsys, table(tmp_path), *options)
    assert measured["p"] is None
    assert measured["wrong"] == pytest.approx(1 / 3)


def test_people_correct_a_models_grades(tmp_path, capsys):
    rows = [
        {"sample_id": f"q{i}", "model": "m", "domain": "d", "question": "q", "answer": "It is so."}
        | {"grade": {"outcome": "incorrect" if i % 4 == 0 else "correct", "by": "grader"}}
        | ({"human": {"outcome": "incorrect" if i % 8 == 0 else "correct"}} if i % 3 == 0 else {})
        for i in range(240)
    ]
    path = table(tmp_path, "".join(json.dumps(row) + "\n" for row in rows), "a.jsonl")
    measured, _ = scored(tmp_path, capsys, path)
    assert measured["p"] == pytest.approx(0.125, abs=0.02)  # the model says .25, people find half of that


def test_gold_sets_the_grades_of_the_file_aside(tmp_path, capsys):
    options = ["--map", "question=Q,answer=A,domain=topic,target=A,grade=ok", "--judged-by", "key", "--model-name", "m"]
    measured, err = scored(tmp_path, capsys, table(tmp_path), *options, "--labels", "gold")
    assert measured["wrong"] == 0
    assert "grades of the files are not used (3 answers)" in err


def test_neither_inspect_nor_litellm_is_imported_to_read_a_log(tmp_path):
    import subprocess
    import sys
    from pathlib import Path

    log = Path(__file__).parents[1] / "fixtures" / "imported" / "inspect" / "letters.eval"
    code = (
        "import sys; from vcpd.evals.importers import read_answers; "
        f"read_answers({str(log)!r}); print(*[m for m in ('inspect_ai', 'litellm') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
