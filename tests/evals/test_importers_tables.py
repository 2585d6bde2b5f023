import csv
import json
from datetime import date, datetime

import pyarrow
import pytest
from pyarrow import parquet
from vcpd.evals.importers import HumanClaim, RecordedAnswerError, read_answers, to_row
from vcpd.retrieval.passages import Span
from vcpd.scoring.records import Outcome

FIRST = {
    "sample_id": "a",
    "model": "m",
    "domain": "medical",
    "question": "Which dose?",
    "answer": 'Say "5 mg",\nonce a day [1].',
    "epoch": 2,
    "sources": [{"doc_id": "1", "text": "5 mg once a day", "date": "2020-02-29"}],
    "target": ["A", "B"],
    "choices": ["5 mg", "50 mg"],
    "answerable": False,
    "confidence": 0.5,
    "usage": {"input_tokens": 4, "output_tokens": 2},
    "latency_s": 2.0,
    "human": {"outcome": "abstained", "unsupported": [{"span": [0, 3], "type": "x"}], "claims": [{"text": "5 mg"}]},
}
SECOND = {"sample_id": "b", "model": "m", "domain": "medical", "question": "", "answer": "", "target": "[sic]"}


@pytest.fixture
def expected(tmp_path):
    path = tmp_path / "expected.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in (FIRST, SECOND)))
    return read_answers(path).answers


def cell(value):
    return json.dumps(value) if isinstance(value, dict | list | bool) else value


def write_csv(path, rows, **options):
    with path.open("w", newline="", encoding=options.pop("encoding", "utf-8")) as file:
        writer = csv.DictWriter(file, list(FIRST), **options)
        writer.writeheader()
        writer.writerows({name: cell(value) for name, value in row.items()} for row in rows)
    return path


def test_csv_and_tsv_hold_what_json_lines_hold(tmp_path, expected):
    assert read_answers(write_csv(tmp_path / "x.csv", [FIRST, SECOND])).answers == expected
    assert read_answers(write_csv(tmp_path / "bom.csv", [FIRST, SECOND], encoding="utf-8-sig")).answers == expected
    assert read_answers(write_csv(tmp_path / "x.tsv", [FIRST, SECOND], delimiter="\t")).answers == expected


def test_csv_keeps_the_limit_of_other_readers_and_reads_long_cells(tmp_path):
    before = csv.field_size_limit()
    path = write_csv(tmp_path / "x.csv", [SECOND | {"answer": "x\x00" * 500_000}])
    assert len(read_answers(path).answers[0].answer) == 1_000_000
    assert csv.field_size_limit() == before


HEADER = "sample_id,model,domain,question,answer,confidence,answerable,sources\n"
CSV_ERRORS = [
    (HEADER + "a,m,d,q,x,high,,\n", "x.csv, line 2, field 'confidence': a number is needed, found 'high'"),
    (HEADER + "a,m,d,q,x,1.5,,\n", "x.csv, line 2, field 'confidence': 1.5 is not between 0 and 1"),
    (HEADER + "a,m,d,q,x,nan,,\n", "x.csv, line 2, field 'confidence': nan is not between 0 and 1"),
    (HEADER + "a,m,d,q,x,,maybe,\n", "x.csv, line 2, field 'answerable': true or false is needed, found 'maybe'"),
    (
        HEADER + 'a,m,d,"two\nlines",x,,,\nb,m,d,q,x,,,no json\n',
        "x.csv, line 4, field 'sources': JSON is needed in this column (Expecting value: line 1 column 1 (char 0))",
    ),
    (HEADER + "a,m,d,q,x,,,\nb,m,d\n", "x.csv, line 3: 3 cells under a header of 8"),
    (HEADER + 'a,m,d,q,x,,,\nb,"m,d\n', "x.csv, line 3: not well-formed CSV (unexpected end of data)"),
    ("model,model\nx,y\n", "x.csv, line 1: two columns are named 'model'"),
    (HEADER + ",m,d,q,x,,,\n", "x.csv, line 2, field 'sample_id': missing; every row needs"),
    (HEADER, "x.csv: there are no answers in it"),
    ("", "x.csv: there are no answers in it"),
]


@pytest.mark.parametrize(("text", "expected"), CSV_ERRORS)
def test_csv_errors_name_the_line_where_the_row_begins(tmp_path, text, expected):
    path = tmp_path / "x.csv"
    path.write_text(text)
    with pytest.raises(RecordedAnswerError) as caught:
        read_answers(path)
    assert str(caught.value).replace(f"{tmp_path}/", "").startswith(expected)


def test_csv_that_is_not_utf8_names_its_line(tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes(HEADER.encode() + b"a,m,d,q,caf\xe9,,,\n")
    with pytest.raises(RecordedAnswerError, match="line 2: not UTF-8"):
        read_answers(path)


def write_parquet(path, rows):
    parquet.write_table(pyarrow.Table.from_pylist(rows), path)
    return path


def test_parquet_with_structs(tmp_path, expected):
    rows = [FIRST, SECOND | {"target": ["[sic]"]}]
    read = read_answers(
        write_parquet(tmp_path / "x.parquet", [{name: row.get(name) for name in FIRST} for row in rows])
    )
    assert read.answers == expected
    assert read.unknown_fields == ()


def test_parquet_with_json_strings(tmp_path, expected):
    rows = [
        {name: cell(value) if name != "answerable" else value for name, value in row.items()} for row in (FIRST, SECOND)
    ]
    path = write_parquet(tmp_path / "x.parquet", [{name: row.get(name) for name in FIRST} for row in rows])
    assert read_answers(path).answers == expected


def test_parquet_with_its_own_dates_missing_floats_and_integer_names(tmp_path):
    base = {"model": "m", "domain": "d", "question": "q", "answer": "x"}
    rows = [
        base
        | {"sample_id": 1, "confidence": 0.5, "epoch": 1.0, "sources": [{"doc_id": "1", "date": date(2020, 1, 2)}]},
        base | {"sample_id": 2, "confidence": float("nan"), "epoch": None, "sources": None},
    ]
    first, second = read_answers(write_parquet(tmp_path / "x.parquet", rows)).answers
    assert (first.sample_id, first.epoch, first.sources[0].date) == ("1", 1, date(2020, 1, 2))
    assert (second.confidence, second.sources, second.epoch) == (None, (), 1)
    stamped = base | {"sample_id": "a", "sources": [{"doc_id": "1", "date": datetime(2020, 1, 2, 3)}]}
    assert read_answers(write_parquet(tmp_path / "y.parquet", [stamped])).answers[0].sources[0].date == date(2020, 1, 2)


def test_parquet_errors(tmp_path):
    rows = [FIRST | {"sample_id": str(index), "confidence": 0.5} for index in range(300)]
    rows[290]["confidence"] = 2.0
    with pytest.raises(
        RecordedAnswerError, match=r"x\.parquet, row 291, field 'confidence': 2\.0 is not between 0 and 1"
    ):
        read_answers(write_parquet(tmp_path / "x.parquet", rows))
    (tmp_path / "bad.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(RecordedAnswerError, match=r"bad\.parquet: cannot be read as Parquet"):
        read_answers(tmp_path / "bad.parquet")


def test_rows_written_as_parquet_are_read_back(tmp_path, expected):
    path = write_parquet(
        tmp_path / "x.parquet", [{name: to_row(answer).get(name) for name in FIRST} for answer in expected[:1]]
    )
    assert read_answers(path).answers == expected[:1]
    human = read_answers(path).answers[0].human
    assert human is not None
    assert (human.outcome, human.unsupported, human.claims) == (
        Outcome.ABSTAINED,
        ((Span(0, 3), "x"),),
        (HumanClaim("5 mg"),),
    )
