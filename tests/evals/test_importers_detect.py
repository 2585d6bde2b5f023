import json
import os
import subprocess
import sys

import pytest
from vcpd.evals.importers import FORMATS, RecordedAnswerError, read_answers
from vcpd.evals.importers.hub import HubError

ROW = {"sample_id": "a", "model": "m", "domain": "d", "question": "q", "answer": "x"}
EXPERT = {"question": "q", "answers": {"gpt4": {"answer_string": "x", "claims": []}}, "metadata": {"field": "Law"}}


def write(path, row):
    path.write_text(json.dumps(row) + "\n")
    return path


def refusal(path, **options):
    with pytest.raises(RecordedAnswerError) as caught:
        read_answers(path, **options)
    return str(caught.value)


def test_an_unknown_format_lists_the_known_ones(tmp_path):
    assert refusal(write(tmp_path / "x.jsonl", ROW), format="excel") == (
        "unknown format 'excel'; known are auto, recorded, ragtruth_processed, expertqa, factscore, mmlu_pro, "
        "ragtruth, inspect, promptfoo, lm_eval, deepeval, ragas"
    )


def test_a_missing_path_says_so():
    assert refusal("no/such.jsonl") == "no/such.jsonl: there is no such file or folder"


def test_rows_of_no_known_format_list_their_fields(tmp_path):
    path = write(tmp_path / "x.jsonl", {"claim": "c", "page": "p"})
    assert refusal(path) == (
        f"{path}, line 1: the format is not known from its fields ('claim, page'). Say which columns hold what, for "
        f"example --map question=prompt,answer=response, or name the format with --format: {', '.join(FORMATS)}"
    )


def test_almost_the_recorded_form_is_told_what_it_lacks(tmp_path):
    path = write(tmp_path / "x.jsonl", {"model": "m", "question": "q", "answer": "x"})
    assert refusal(path).startswith(f"{path}, line 1, field 'sample_id': missing")


def test_a_named_format_is_kept_to(tmp_path):
    assert read_answers(write(tmp_path / "x.jsonl", EXPERT), format="expertqa").format == "expertqa"
    assert refusal(tmp_path / "x.jsonl", format="recorded").startswith(f"{tmp_path}/x.jsonl, line 1, field 'sample_id'")
    assert "RAGTruth is a folder with response.jsonl and source_info.jsonl" in refusal(tmp_path, format="ragtruth")


def test_other_folders_and_needless_models_are_refused(tmp_path):
    path = write(tmp_path / "x.jsonl", EXPERT)
    assert "a folder is read where it is a finished run, or holds" in refusal(tmp_path)
    assert refusal(path, model="m") == f"{path}: its rows name their models; leave model='m' out"


def test_a_file_that_may_not_be_read_says_why(tmp_path, monkeypatch):
    path = write(tmp_path / "x.jsonl", ROW)

    def denied(*_args, **_options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(path), "open", denied)
    assert refusal(path) == f"{path}: cannot be read (Permission denied)"


def test_the_hub_is_reached_through_datasets(monkeypatch):
    import datasets

    calls = []

    def load(name, split=None):
        calls.append((name, split))
        rows = datasets.Dataset.from_list([ROW | {"human": {"outcome": "correct"}}, ROW | {"sample_id": "b"}])
        return rows if split else datasets.DatasetDict({"train": rows, "test": rows.select([1])})

    monkeypatch.setattr(datasets, "load_dataset", load)
    whole, test = read_answers("hf:some/set:train"), read_answers("hf:some/set")
    assert calls == [("some/set", "train"), ("some/set", None)]
    assert [answer.sample_id for answer in whole.answers] == ["a", "b"]
    assert [answer.human is None for answer in whole.answers] == [False, True]
    assert [answer.sample_id for answer in test.answers] == ["b"]
    assert (whole.path, whole.format) == ("hf:some/set:train", "recorded")


def test_splits_that_cannot_be_chosen_are_listed(monkeypatch):
    import datasets

    rows = datasets.Dataset.from_list([ROW])
    monkeypatch.setattr(datasets, "load_dataset", lambda name, split=None: {"dev": rows, "train": rows})
    assert refusal("hf:some/set") == "hf:some/set: name one of its splits, hf:some/set:SPLIT (dev, train)"
    assert "an address of the form hf:NAME or hf:NAME:SPLIT is needed" in refusal("hf:")


def test_no_connection_is_one_clear_sentence(monkeypatch):
    import datasets

    def offline(name, split=None):
        raise ConnectionError("Couldn't reach\nthe hub")

    monkeypatch.setattr(datasets, "load_dataset", offline)
    with pytest.raises(HubError) as caught:
        read_answers("hf:some/set:test")
    assert str(caught.value) == (
        "hf:some/set: could not be loaded through Hugging Face datasets (ConnectionError: Couldn't reach the hub). "
        "Check the name, the split and the connection, or download its files and give their path"
    )


def test_a_local_folder_may_stand_for_a_data_set(tmp_path):
    (tmp_path / "set").mkdir()
    write(tmp_path / "set" / "test.jsonl", ROW)
    code = "import sys; from vcpd.evals.importers import read_answers; print(len(read_answers(sys.argv[1]).answers))"
    places = {"HF_HOME": str(tmp_path / "cache"), "HF_HUB_OFFLINE": "1", "HF_DATASETS_DISABLE_PROGRESS_BARS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code, f"hf:{tmp_path}/set:test"],
        capture_output=True,
        text=True,
        env=os.environ | places,
        check=False,
    )
    assert done.stdout.strip() == "1", done.stderr


def test_importing_is_light():
    heavy = ("datasets", "pyarrow", "pandas", "numpy")
    code = f"import sys, vcpd.evals.importers; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
