"""Files of labelled answers: recorded answers and the published sets of claims."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from vcpd.evals.importers import RecordedAnswerError
from vcpd.evals.labelled import read_labelled
from vcpd.retrieval.passages import Passage, Span
from vcpd.verifiers.labelling import labelled_claims

ANSWER = "The term is 5 years. The rent is due monthly."
ROW: dict[str, Any] = {
    "sample_id": "s1",
    "model": "m",
    "domain": "legal",
    "question": "?",
    "answer": ANSWER,
    "cluster_id": "lease",
    "sources": [{"doc_id": "1", "text": "Five years."}],
}


def written(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_marked_stretches(tmp_path: Path) -> None:
    bad = ROW | {"human": {"unsupported": [{"span": [12, 13], "type": "t"}]}}
    good = ROW | {"sample_id": "s2", "human": {"outcome": "correct", "unsupported": []}}
    file = read_labelled(written(tmp_path / "x.jsonl", bad, good))
    assert [(a.answer_id, a.cluster_id, a.text) for a in file.answers] == [
        ("m/s1/1", "lease", ANSWER),
        ("m/s2/1", "lease", ANSWER),
    ]
    assert [a.unsupported for a in file.answers] == [(Span(12, 13),), ()]
    assert file.answers[0].passages == (Passage("1", Span(0, 11), "Five years."),)
    assert [[c.supported for c in labelled_claims(a)] for a in file.answers] == [[False, True], [True, True]]
    assert (file.unlabelled, file.unread, file.data_set) == (0, 0, "")


def test_labelled_claims_and_what_partial_support_is(tmp_path: Path) -> None:
    claims = [
        {"text": "The term is 5 years.", "label": "supported", "span": [0, 20]},
        {"text": "Rent is monthly.", "label": "partially_supported"},
        {"text": "Rent is due.", "label": "refuted"},
        {"text": "Nobody judged this."},
    ]
    [answer] = read_labelled(written(tmp_path / "x.jsonl", ROW | {"human": {"claims": claims}})).answers
    assert [(c.claim.text, c.supported) for c in answer.claims] == [
        ("The term is 5 years.", True),
        ("Rent is monthly.", False),
        ("Rent is due.", False),
    ]
    assert answer.claims[0].claim.span == Span(0, 20)
    assert answer.claims[1].claim.span == Span(0, len(ANSWER))  # reworded: somewhere in the answer
    assert answer.unsupported is None


def test_stretches_count_only_where_every_claim_has_a_place(tmp_path: Path) -> None:
    marks = [{"span": [12, 13]}]
    verbatim = {"text": "The rent is due monthly.", "label": "supported"}
    reworded = {"text": "Rent: monthly.", "label": "supported"}
    placed, lost = read_labelled(
        written(
            tmp_path / "x.jsonl",
            ROW | {"human": {"unsupported": marks, "claims": [verbatim]}},
            ROW | {"sample_id": "s2", "human": {"unsupported": marks, "claims": [verbatim, reworded]}},
        )
    ).answers
    assert placed.claims[0].claim.span == Span(21, 45)
    assert (placed.unsupported, lost.unsupported) == ((Span(12, 13),), None)


def test_what_cannot_be_used_is_left_out_and_counted(tmp_path: Path) -> None:
    label = {"unsupported": []}
    rows = [
        ROW | {"human": label, "sample_id": "factscore-kept"},
        ROW | {"sample_id": "factscore-nobody"},
        ROW | {"human": {"outcome": "correct"}, "sample_id": "factscore-whole"},
        ROW | {"human": {"claims": [{"text": "x"}]}, "sample_id": "factscore-unjudged"},
        ROW | {"human": label, "sample_id": "factscore-none", "sources": []},
        ROW | {"human": label, "sample_id": "factscore-blank", "sources": [*ROW["sources"], {"doc_id": "2"}]},
    ]
    file = read_labelled(written(tmp_path / "x.jsonl", *rows))
    assert [a.answer_id for a in file.answers] == ["m/factscore-kept/1"]
    assert (file.unlabelled, file.unread, file.data_set) == (3, 2, "factscore")
    with pytest.raises(RecordedAnswerError, match="nothing to measure on: 1 answers have no human label"):
        read_labelled(written(tmp_path / "y.jsonl", rows[1], rows[4]))


def test_wice_claims(tmp_path: Path) -> None:
    row = {"claim": "It rained.", "label": "partially_supported", "sentences": ["Wet.", "Cold."], "cluster_id": "p1"}
    file = read_labelled(written(tmp_path / "x.jsonl", row))
    [answer] = file.answers
    assert (file.data_set, answer.cluster_id, answer.text) == ("wice", "p1", "It rained.")
    assert answer.passages[0].text == "Wet.\nCold."
    assert [(c.claim.text, c.supported) for c in answer.claims] == [("It rained.", False)]


def test_wice_tokens(tmp_path: Path) -> None:
    row = {
        "claim": "It is the only one.",
        "label": "partially_supported",
        "claim_tokens": ["It", "is", "the", "only", "one", "."],
        "non_supported_spans": [False, False, True, True, False, False],
        "evidence": ["One of five."],
    }
    [answer] = read_labelled(written(tmp_path / "x.jsonl", row)).answers
    assert [s.of(answer.text) for s in answer.unsupported or ()] == ["the", "only"]
    short = row | {"non_supported_spans": [True]}
    with pytest.raises(RecordedAnswerError, match=r"x.jsonl, line 1, field 'non_supported_spans': true or false for"):
        read_labelled(written(tmp_path / "x.jsonl", short))
    foreign = row | {"claim_tokens": ["It", "was", "the", "only", "one", "."]}
    with pytest.raises(RecordedAnswerError, match=r"line 1, field 'claim_tokens\[1\]': 'was' is not in the claim"):
        read_labelled(written(tmp_path / "x.jsonl", foreign))


def test_healthver_and_kqa(tmp_path: Path) -> None:
    health = tmp_path / "h.csv"
    health.write_text(
        "id,evidence,claim,label,topic_ip,question\n1,E one.,C one,Supports,1,Q\n2,E two.,C two,Neutral,1,Q\n"
    )
    file = read_labelled(health)
    assert [(a.claims[0].claim.text, a.claims[0].supported, a.cluster_id) for a in file.answers] == [
        ("C one", True, "Q"),
        ("C two", False, "Q"),
    ]
    kqa = tmp_path / "k.csv.gz"
    head = ",Question,llm_x,answer,claim,category_x,majority_label,label_0,label_1,label_2\n"
    kqa.write_bytes(gzip.compress((head + "0,Q,gpt4,An answer.,A fact,Must_have,Contradiction,,,\n").encode()))
    [answer] = read_labelled(kqa).answers
    assert (answer.text, answer.passages[0].text, answer.claims[0].supported) == ("A fact", "An answer.", False)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"claim": "c", "label": "yes", "sentences": ["s"]}, "line 1, field 'label': 'yes' is none of supported"),
        ({"claim": "c", "label": "supported", "sentences": "s"}, "line 1, field 'sentences': a list is needed"),
        ({"claim": 5, "label": "supported", "sentences": ["s"]}, "line 1, field 'claim': a string is needed"),
        ({"claim": " ", "label": "supported", "sentences": ["s"]}, "line 1, field 'claim': empty"),
        ({"claim": "c", "label": "Neutral", "evidence": 5}, "line 1, field 'evidence': a string is needed"),
        (
            ROW | {"human": {"unsupported": [{"span": [0, 99]}]}},
            r"unsupported\[0\].span': \[0, 99\] reaches",
        ),
        ({"text": "x"}, "the format is not known"),
    ],
)
def test_errors_name_file_line_and_field(tmp_path: Path, row: dict[str, Any], message: str) -> None:
    with pytest.raises(RecordedAnswerError, match=message) as caught:
        read_labelled(written(tmp_path / "x.jsonl", row))
    assert "x.jsonl" in str(caught.value)


def test_empty_and_missing_files(tmp_path: Path) -> None:
    with pytest.raises(RecordedAnswerError, match="no answers"):
        read_labelled(written(tmp_path / "x.jsonl"))
    with pytest.raises(RecordedAnswerError, match="no such file"):
        read_labelled(tmp_path / "none.jsonl")


def test_claims_without_evidence_text_are_not_checkable(tmp_path: Path) -> None:
    rows = [{"claim": c, "label": "supported", "sentences": s} for c, s in (("a", ["x"]), ("b", []), ("c", [" "]))]
    file = read_labelled(written(tmp_path / "x.jsonl", *rows))
    assert (len(file.answers), file.unread) == (1, 2)
