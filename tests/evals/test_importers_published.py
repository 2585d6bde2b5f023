import gzip
import json
import zipfile

import pytest
from vcpd.evals.importers import HumanClaim, RecordedAnswerError, read_answers
from vcpd.retrieval.passages import Document, Span
from vcpd.scoring.records import Outcome

QUESTION = "how long does a lease run"
PASSAGES = "passage 1:A lease runs five years. See\npassage 7: below.\n\npassage 2:It may be renewed.\n\n"
SOURCES = [
    {
        "source_id": "9",
        "task_type": "QA",
        "source": "MARCO",
        "source_info": {"question": QUESTION, "passages": PASSAGES},
        "prompt": f"Briefly answer the following question:\n{QUESTION}\n{PASSAGES}output:",
    },
    {
        "source_id": "10",
        "task_type": "Summary",
        "source": "CNN/DM",
        "source_info": "The council met on Monday.",
        "prompt": "Summarize the following news within 9 words:\nThe council met on Monday.\noutput:",
    },
    {
        "source_id": "11",
        "task_type": "Data2txt",
        "source": "Yelp",
        "source_info": {"name": "Fig & Plum", "stars": 4.0},
        "prompt": "Instruction:\nWrite an overview. Structured data:\n{'name': 'Fig & Plum', 'stars': 4.0}\nOverview:",
    },
]


def response(**change):
    answer = "A lease runs six years."
    row = {
        "id": "1",
        "source_id": "9",
        "model": "m",
        "temperature": 0.7,
        "labels": [],
        "split": "test",
        "quality": "good",
    }
    return row | {"response": answer} | change


MARK = {"start": 13, "end": 16, "text": "six", "meta": "", "label_type": "Evident Conflict", "implicit_true": True}


def write_lines(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def write_ragtruth(folder, *responses):
    write_lines(folder / "source_info.jsonl", SOURCES)
    write_lines(folder / "response.jsonl", responses)
    return folder


def test_ragtruth_joins_responses_to_their_passages(tmp_path):
    folder = write_ragtruth(tmp_path, response(labels=[MARK]), response(id="2", model="n", quality="truncated"))
    read = read_answers(folder)
    wrong, right = read.answers
    assert (read.format, read.unknown_fields) == ("ragtruth", ())
    assert (wrong.sample_id, wrong.cluster_id, wrong.model, wrong.domain) == ("ragtruth-9", "9", "m", "general")
    assert wrong.question == QUESTION
    assert wrong.sources == (
        Document("1", "A lease runs five years. See\npassage 7: below."),
        Document("2", "It may be renewed."),
    )
    assert (wrong.human.outcome, wrong.human.unsupported) == (Outcome.INCORRECT, ((Span(13, 16), "Evident Conflict"),))
    assert (right.human.outcome, right.human.unsupported) == (Outcome.CORRECT, ())
    assert (wrong.finish_reason, right.finish_reason) == (None, "length")
    assert read_answers(folder / "response.jsonl").answers == read.answers


def test_ragtruth_asks_the_instruction_where_there_is_no_question(tmp_path):
    news, data = read_answers(write_ragtruth(tmp_path, response(source_id="10"), response(source_id="11"))).answers
    assert news.question == "Summarize the following news within 9 words:"
    assert news.sources == (Document("1", "The council met on Monday."),)
    assert data.question == "Instruction:\nWrite an overview."
    assert data.sources == (Document("1", "{'name': 'Fig & Plum', 'stars': 4.0}"),)


def test_ragtruth_errors(tmp_path):
    with pytest.raises(
        RecordedAnswerError, match=r"response\.jsonl, line 1, field 'source_id': '99' is not in source_info"
    ):
        read_answers(write_ragtruth(tmp_path, response(source_id="99")))
    with pytest.raises(RecordedAnswerError, match=r"field 'labels\[0\]\.end': \[13, 99\] reaches past the answer"):
        read_answers(write_ragtruth(tmp_path, response(labels=[MARK | {"end": 99}])))
    with pytest.raises(RecordedAnswerError, match=r"line 1, field 'labels\[0\]\.start': missing"):
        read_answers(write_ragtruth(tmp_path, response(labels=[{"end": 3}])))
    with pytest.raises(RecordedAnswerError, match=r"line 2, field 'response': missing"):
        read_answers(write_ragtruth(tmp_path, response(), response(model="n", response=None)))


def processed(**change):
    row = {"id": "1", "query": QUESTION, "context": PASSAGES, "output": "A lease runs six years.", "task_type": "QA"}
    row |= {"quality": "good", "model": "m", "temperature": 0.7, "hallucination_labels": json.dumps([MARK])}
    return row | {"hallucination_labels_processed": {"evident_conflict": 1, "baseless_info": 0}} | change


def test_ragtruth_in_the_joined_form_pairs_models_by_query_and_context(tmp_path):
    rows = [processed(), processed(model="n", hallucination_labels="[]"), processed(id="3"), processed(query="other")]
    read = read_answers(write_lines(tmp_path / "x.jsonl", rows))
    first, second, again, other = read.answers
    assert read.format == "ragtruth_processed"
    assert [answer.human.outcome for answer in read.answers[:2]] == [Outcome.INCORRECT, Outcome.CORRECT]
    assert first.human.unsupported == ((Span(13, 16), "Evident Conflict"),)
    assert first.sample_id == second.sample_id == again.sample_id != other.sample_id
    assert [answer.epoch for answer in read.answers] == [1, 1, 2, 1]
    assert len(first.sources) == 2


def claim(text, support=None, correctness=None, **more):
    return {"claim_string": text, "support": support, "correctness": correctness, "reliability": "Reliable"} | more


def expert_row(*claims, field="Law", **answer):
    text = "Notice is due. It must be written [1]. Oral notice is void [2]."
    answer = {"answer_string": text, "claims": list(claims), "annotation_time": 340.5, "usefulness": "Useful"} | answer
    return {
        "question": "Must notice be written?",
        "annotator_id": "x",
        "answers": {"gpt4": answer},
        "metadata": {"field": field, "question_type": "t", "specific_field": ""},
    }


CLAIMS = (
    claim("Notice is due.", "Complete", "Definitely correct"),
    claim(" It must be written [1].", "Partial", "Unsure", evidence=["[1] https://a.example/1\n\nNotice in writing."]),
    claim("Oral notice is void [2].", "Incomplete", "Probably correct", evidence=["[2] https://a.example/2"]),
    claim("Reworded by hand.", "Missing", None, evidence=["no marker"]),
    claim("Nothing said.", "N/A", None),
)


def test_expertqa_keeps_claims_sources_and_the_time(tmp_path):
    row = expert_row(*CLAIMS, attribution=["[1] https://a.example/1", "[3] Code of Trade (1999)"])
    read = read_answers(write_lines(tmp_path / "r2.jsonl", [row]))
    (answer,) = read.answers
    assert (read.format, answer.model, answer.domain) == ("expertqa", "gpt4", "legal")
    assert answer.human.outcome is Outcome.CORRECT
    assert answer.human.seconds == 340.5
    assert answer.human.claims == (
        HumanClaim("Notice is due.", "supported", Span(0, 14), "Definitely correct"),
        HumanClaim(" It must be written [1].", "partially_supported", Span(15, 38), "Unsure"),
        HumanClaim("Oral notice is void [2].", "not_supported", Span(39, 63), "Probably correct"),
        HumanClaim("Reworded by hand.", "not_supported"),
        HumanClaim("Nothing said."),
    )
    assert answer.sources == (
        Document("1", "Notice in writing.", url="https://a.example/1"),
        Document("3", "", title="Code of Trade (1999)"),
        Document("2", "", url="https://a.example/2"),
    )


@pytest.mark.parametrize(
    ("judged", "outcome"),
    [
        (["Definitely correct", "Likely incorrect"], Outcome.INCORRECT),
        (["Definitely incorrect"], Outcome.INCORRECT),
        (["Probably correct", "Unsure", None], Outcome.CORRECT),
        ([None, None], None),
        ([], None),
    ],
)
def test_expertqa_is_wrong_where_any_claim_is(tmp_path, judged, outcome):
    row = expert_row(*(claim("c", correctness=value) for value in judged))
    assert read_answers(write_lines(tmp_path / "r2.jsonl", [row])).answers[0].human.outcome is outcome


def test_expertqa_fields_systems_and_errors(tmp_path):
    first, second = expert_row(field="Healthcare / Medicine"), expert_row(field="Military or Law Enforcement")
    first["answers"]["bing_chat"] = first["answers"]["gpt4"]
    second["question"] = "Another?"
    read = read_answers(write_lines(tmp_path / "r2.jsonl", [first, second]))
    assert [(a.model, a.domain) for a in read.answers] == [
        ("gpt4", "medical"),
        ("bing_chat", "medical"),
        ("gpt4", "general"),
    ]
    del first["answers"]["gpt4"]["answer_string"]
    with pytest.raises(RecordedAnswerError, match=r"line 1, field 'answers\.gpt4\.answer_string': missing"):
        read_answers(write_lines(tmp_path / "r2.jsonl", [first]))


def biography(topic, annotations, output="Born in 1900."):
    row = {"input": f"Question: Tell me a bio of {topic}.", "output": output, "topic": topic, "cat": ["rare", "Asia"]}
    return row if annotations is ... else row | {"annotations": annotations}


def sentence(*labels):
    facts = [{"text": f"fact {index}", "label": label} for index, label in enumerate(labels)]
    return {"text": "Born in 1900.", "is-relevant": True, "model-atomic-facts": [], "human-atomic-facts": facts}


def test_factscore_outcomes(tmp_path):
    rows = [
        biography("Ann Ash", [sentence("S", "IR"), sentence("S")]),
        biography("Bo Beck", [sentence("S"), sentence("NS")]),
        biography("Cy Cole", None, output=""),
        biography("Di Dunn", [{"text": "t", "is-relevant": False, "human-atomic-facts": None}]),
        biography("Ed Eng", ...),
    ]
    path = tmp_path / "ChatGPT-3.5.jsonl.gz"
    path.write_bytes(gzip.compress("".join(json.dumps(row) + "\n" for row in rows).encode()))
    read = read_answers(path)
    assert (read.format, {answer.model for answer in read.answers}) == ("factscore", {"ChatGPT-3.5"})
    assert [answer.human and answer.human.outcome for answer in read.answers] == [
        *(Outcome.CORRECT, Outcome.INCORRECT, Outcome.ABSTAINED),
        *(None, None),
    ]
    first = read.answers[0]
    assert (first.sample_id, first.cluster_id, first.domain) == ("factscore-Ann Ash", "Ann Ash", "general")
    assert first.question == "Question: Tell me a bio of Ann Ash."
    assert first.human.claims == (HumanClaim("fact 0", "supported"), HumanClaim("fact 0", "supported"))
    assert read.answers[4].human is None
    assert {answer.model for answer in read_answers(path, model="mine").answers} == {"mine"}


def test_factscore_refuses_an_unknown_label(tmp_path):
    path = write_lines(tmp_path / "m.jsonl", [biography("Ann Ash", [sentence("S", "maybe")])])
    with pytest.raises(
        RecordedAnswerError,
        match=r"line 1, field 'annotations\[0\]\.human-atomic-facts\[1\]\.label': 'maybe' is none of S, NS, IR",
    ):
        read_answers(path)


def choice(number, category, **output):
    row = {"question_id": number, "question": "Which?", "options": ["one", "two"], "answer": "B", "answer_index": 1}
    row |= {"cot_content": "", "category": category, "src": "s", "pred": "A"}
    return row | (output or {"model_outputs": "The answer is (A)."})


def test_mmlu_pro_reads_a_results_file_and_its_zip(tmp_path):
    rows = [choice(1, "law"), choice(2, "health"), choice(3, "computer science"), choice(4, "law", model_outputs=None)]
    path = tmp_path / "model_outputs_Some-Model-7B_5shots.json"
    path.write_text(json.dumps(rows))
    read = read_answers(path)
    assert (read.format, {answer.model for answer in read.answers}) == ("mmlu_pro", {"Some-Model-7B"})
    assert [answer.domain for answer in read.answers] == ["legal", "medical", "general", "legal"]
    assert [answer.answer for answer in read.answers[2:]] == ["The answer is (A).", ""]
    first = read.answers[0]
    assert (first.sample_id, first.cluster_id, first.targets, first.choices) == (
        *("mmlu-pro-1", "1"),
        *(("B",), ("one", "two")),
    )
    zipped = path.with_suffix(".zip")
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.write(path, path.name)
    assert read_answers(zipped).answers == read.answers


def test_mmlu_pro_reads_a_folder_of_categories_as_one_model(tmp_path):
    folder = tmp_path / "gpt4o"
    folder.mkdir()
    (folder / "law_result.json").write_text(json.dumps([choice(1, "law", response="B")]))
    (folder / "health_result.json").write_text(json.dumps([choice(2, "health", response="A")]))
    assert [(a.model, a.domain, a.answer) for a in read_answers(folder).answers] == [
        ("gpt4o", "medical", "A"),
        ("gpt4o", "legal", "B"),
    ]
    assert read_answers(folder / "law_result.json").answers[0].model == "gpt4o"
    assert read_answers(folder, model="mine").answers[0].model == "mine"


def test_mmlu_pro_without_outputs_is_an_error(tmp_path):
    path = tmp_path / "questions.json"
    path.write_text(json.dumps([{key: v for key, v in choice(1, "law").items() if key != "model_outputs"}]))
    with pytest.raises(RecordedAnswerError, match=r"questions\.json, item 1, field 'model_outputs': missing"):
        read_answers(path)
