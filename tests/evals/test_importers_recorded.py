import codecs
import gzip
import json
import tracemalloc
import zipfile
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vcpd.evals.importers import HumanClaim, HumanLabel, RecordedAnswer, RecordedAnswerError, read_answers, to_row
from vcpd.retrieval.passages import Document, Span
from vcpd.scoring.records import Outcome
from vcpd.scoring.usage import Usage

MINIMAL = {"sample_id": "a", "model": "m", "domain": "legal", "question": "Who pays?", "answer": "The buyer pays [1]."}
FULL = MINIMAL | {
    "cluster_id": "contract-1",
    "epoch": 2,
    "sources": [
        {"doc_id": "1", "text": "The buyer pays.", "title": "Sale", "date": "2021-03-04", "jurisdiction": "UK"},
        {"doc_id": 2, "url": "https://example.org/sale"},
    ],
    "target": ["(A)", "buyer"],
    "choices": ["buyer", "seller"],
    "answerable": True,
    "confidence": 0.75,
    "usage": {"input_tokens": 90, "cache_read_tokens": 10, "output_tokens": 30, "reasoning_tokens": 20},
    "latency_s": 1.5,
    "ttft_s": 0.25,
    "finish_reason": "stop",
    "human": {
        "outcome": "incorrect",
        "seconds": 60,
        "unsupported": [{"span": [4, 9], "type": "wrong party"}, {"span": [0, 3]}],
        "claims": [{"text": "The buyer pays.", "span": [0, 19], "label": "refuted", "correctness": "wrong"}],
    },
}


def write(tmp_path, *rows, name="x.jsonl"):
    path = tmp_path / name
    path.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows), "utf-8")
    return path


def message(tmp_path, *rows, name="x.jsonl", **options):
    with pytest.raises(RecordedAnswerError) as caught:
        read_answers(write(tmp_path, *rows, name=name), **options)
    return str(caught.value).replace(f"{tmp_path}/", "")


def test_a_row_with_the_required_fields_only(tmp_path):
    read = read_answers(write(tmp_path, MINIMAL))
    assert read.answers == (RecordedAnswer("a", "m", "legal", "Who pays?", "The buyer pays [1].", cluster_id="a"),)
    assert (read.unknown_fields, read.format) == ((), "recorded")


def test_a_row_with_every_field(tmp_path):
    (answer,) = read_answers(write(tmp_path, FULL)).answers
    assert answer == RecordedAnswer(
        "a",
        "m",
        "legal",
        "Who pays?",
        "The buyer pays [1].",
        cluster_id="contract-1",
        epoch=2,
        sources=(
            Document("1", "The buyer pays.", title="Sale", date=date(2021, 3, 4), jurisdiction="UK"),
            Document("2", "", url="https://example.org/sale"),
        ),
        targets=("A",),
        choices=("buyer", "seller"),
        answerable=True,
        confidence=0.75,
        usage=Usage(
            "generate",
            "m",
            input_tokens=90,
            cache_read_tokens=10,
            output_tokens=30,
            reasoning_tokens=20,
            requests=1,
        ),
        latency_s=1.5,
        ttft_s=0.25,
        finish_reason="stop",
        human=HumanLabel(
            Outcome.INCORRECT,
            60,
            ((Span(4, 9), "wrong party"), (Span(0, 3), "")),
            (HumanClaim("The buyer pays.", "refuted", Span(0, 19), "wrong"),),
        ),
    )


def test_null_is_absent_and_whole_numbers_may_identify(tmp_path):
    row = MINIMAL | {"sample_id": 7, "target": "x", "human": None, "usage": None, "confidence": None, "sources": None}
    (answer,) = read_answers(write(tmp_path, row)).answers
    assert (answer.sample_id, answer.cluster_id, answer.targets, answer.human, answer.usage) == (
        *("7", "7", ("x",)),
        *(None, None),
    )


def test_unknown_fields_are_collected_once_with_their_path(tmp_path):
    human = {"claims": [{"text": "t", "evidence": ["e"]}, {"text": "u", "evidence": []}], "judge": "A"}
    first = MINIMAL | {"quality": "good", "human": human, "tab\x1b": 1}
    second = MINIMAL | {"sample_id": "b", "quality": "bad", "split": "test", "sources": [{"doc_id": "1", "rank": 1}]}
    read = read_answers(write(tmp_path, first, second))
    assert read.unknown_fields == (
        *("quality", "'tab\\x1b'", "human.judge", "human.claims.evidence"),
        *("split", "sources.rank"),
    )


def field(**change):
    return [MINIMAL | change]


def without(name):
    return [{key: value for key, value in MINIMAL.items() if key != name}]


EVERY = "every row needs sample_id, model, domain, question and answer"
ERRORS = [
    (without("question"), f"x.jsonl, line 1, field 'question': missing; {EVERY}"),
    (without("sample_id"), f"x.jsonl, line 1, field 'sample_id': missing; {EVERY}"),
    (without("model"), f"x.jsonl, line 1, field 'model': missing; {EVERY}"),
    (field(answer=None), f"x.jsonl, line 1, field 'answer': missing; {EVERY}"),
    (field(model=" "), "x.jsonl, line 1, field 'model': empty"),
    (field(answer=["x"]), "x.jsonl, line 1, field 'answer': a string is needed, found a list"),
    (field(domain=True), "x.jsonl, line 1, field 'domain': a string is needed, found true or false"),
    (field(confidence=1.7), "x.jsonl, line 1, field 'confidence': 1.7 is not between 0 and 1"),
    (field(confidence=-0.1), "x.jsonl, line 1, field 'confidence': -0.1 is not between 0 and 1"),
    (field(confidence=float("nan")), "x.jsonl, line 1, field 'confidence': nan is not between 0 and 1"),
    (field(confidence="high"), "x.jsonl, line 1, field 'confidence': a number is needed, found a string"),
    (field(confidence=True), "x.jsonl, line 1, field 'confidence': a number is needed, found true or false"),
    (field(latency_s=-1), "x.jsonl, line 1, field 'latency_s': -1 is not a finite number of at least 0"),
    (field(ttft_s=float("inf")), "x.jsonl, line 1, field 'ttft_s': inf is not a finite number of at least 0"),
    (
        field(latency_s=10**400),
        f"x.jsonl, line 1, field 'latency_s': 1{'0' * 56}... is not a finite number of at least 0",
    ),
    (field(epoch=0), "x.jsonl, line 1, field 'epoch': 0 is less than 1"),
    (field(epoch=1.5), "x.jsonl, line 1, field 'epoch': a whole number is needed, found 1.5"),
    (field(answerable="yes"), "x.jsonl, line 1, field 'answerable': true or false is needed, found 'yes'"),
    (field(target=1.5), "x.jsonl, line 1, field 'target': a string or a list of strings is needed, found a number"),
    (field(target=["x", None]), "x.jsonl, line 1, field 'target[1]': a string is needed, found null"),
    (field(choices="A"), "x.jsonl, line 1, field 'choices': a list is needed, found a string"),
    (field(sources={"doc_id": "1"}), "x.jsonl, line 1, field 'sources': a list is needed, found an object"),
    (field(sources=["text"]), "x.jsonl, line 1, field 'sources[0]': an object is needed, found a string"),
    (field(sources=[{"text": "t"}]), "x.jsonl, line 1, field 'sources[0].doc_id': missing"),
    (
        field(sources=[{"doc_id": "1"}, {"doc_id": 1}]),
        "x.jsonl, line 1, field 'sources[1].doc_id': '1' names two sources of this answer",
    ),
    (
        field(sources=[{"doc_id": "1", "date": "spring 2020"}]),
        "x.jsonl, line 1, field 'sources[0].date': 'spring 2020' is not a date (YYYY-MM-DD)",
    ),
    (
        field(usage={"input_tokens": 3}),
        "x.jsonl, line 1, field 'usage.output_tokens': missing; give input_tokens and output_tokens, "
        "or leave usage out",
    ),
    (
        field(usage={"input_tokens": 3, "output_tokens": 2, "reasoning_tokens": 5}),
        "x.jsonl, line 1, field 'usage.reasoning_tokens': more than output_tokens, which must include them",
    ),
    (field(usage={"input_tokens": -3}), "x.jsonl, line 1, field 'usage.input_tokens': -3 is less than 0"),
    (field(human="correct"), "x.jsonl, line 1, field 'human': an object is needed, found a string"),
    (
        field(human={"outcome": "wrong"}),
        "x.jsonl, line 1, field 'human.outcome': 'wrong' is none of correct, incorrect, abstained, refused, invalid",
    ),
    (
        field(human={"outcome": "unscored"}),
        "x.jsonl, line 1, field 'human.outcome': 'unscored' is none of correct, incorrect, abstained, refused, invalid",
    ),
    (
        field(human={"unsupported": [{"span": [0, 99]}]}),
        "x.jsonl, line 1, field 'human.unsupported[0].span': [0, 99] reaches past the answer, which has 19 characters",
    ),
    (
        field(human={"unsupported": [{"span": [0, 1]}, {"span": [5, 2]}]}),
        "x.jsonl, line 1, field 'human.unsupported[1].span': [5, 2] is no span: 0 <= start <= end must hold",
    ),
    (
        field(human={"unsupported": [{"span": [-1, 2]}]}),
        "x.jsonl, line 1, field 'human.unsupported[0].span': [-1, 2] is no span: 0 <= start <= end must hold",
    ),
    (
        field(human={"unsupported": [{"span": [0, 1, 2]}]}),
        "x.jsonl, line 1, field 'human.unsupported[0].span': [start, end] is needed, two whole numbers, "
        "found [0, 1, 2]",
    ),
    (field(human={"unsupported": [{"type": "t"}]}), "x.jsonl, line 1, field 'human.unsupported[0].span': missing"),
    (field(human={"claims": [{"span": [0, 1]}]}), "x.jsonl, line 1, field 'human.claims[0].text': missing"),
    (
        field(human={"claims": [{"text": "t", "label": "true"}]}),
        "x.jsonl, line 1, field 'human.claims[0].label': 'true' is none of supported, partially_supported, "
        "not_supported, refuted",
    ),
    ([MINIMAL, '{"sample_id": "b"'], "x.jsonl, line 2: not valid JSON (Expecting ',' delimiter at column 18)"),
    ([MINIMAL, "", "[1]"], "x.jsonl, line 3: a JSON object is needed, found a list"),
    ([MINIMAL, "null"], "x.jsonl, line 2: a JSON object is needed, found null"),
    (
        [MINIMAL, MINIMAL | {"sample_id": "b"}, "", MINIMAL],
        "x.jsonl, line 4, field 'sample_id': 'a' of model 'm' (domain 'legal', epoch 1) stands already at "
        "x.jsonl, line 1; give repeated answers different values of epoch",
    ),
    ([], "x.jsonl: there are no answers in it"),
    (["", "  "], "x.jsonl: there are no answers in it"),
]


@pytest.mark.parametrize(("rows", "expected"), ERRORS)
def test_errors_name_file_line_and_field(tmp_path, rows, expected):
    assert message(tmp_path, *rows) == expected


def test_the_line_counts_blank_lines_and_windows_line_ends(tmp_path):
    path = tmp_path / "x.jsonl"
    row = json.dumps(MINIMAL).encode()
    path.write_bytes(codecs.BOM_UTF8 + row + b"\r\n\r\n" + row.replace(b'"a"', b'"b"') + b"\r\n \r\n{]\r\n")
    with pytest.raises(RecordedAnswerError, match="line 5: not valid JSON"):
        read_answers(path)
    path.write_bytes(path.read_bytes().removesuffix(b"{]\r\n"))
    assert [answer.sample_id for answer in read_answers(path).answers] == ["a", "b"]


def test_invalid_utf8_names_its_line_and_byte(tmp_path):
    path = tmp_path / "x.jsonl"
    path.write_bytes(json.dumps(MINIMAL).encode() + b'\n{"sample_id": "\xff"}\n')
    with pytest.raises(RecordedAnswerError, match=r"x\.jsonl, line 2: not UTF-8 \(byte 0xff at position 16\)"):
        read_answers(path)
    path.write_bytes(json.dumps(MINIMAL).encode("utf-16"))
    with pytest.raises(RecordedAnswerError, match="line 1: not UTF-8"):
        read_answers(path)


@pytest.mark.parametrize("line", ["[" * 200_000, '{"a":' * 200_000, '{"sample_id": ' + "9" * 5000 + "}"])
def test_json_that_cannot_be_held_is_an_error_of_its_line(tmp_path, line):
    assert message(tmp_path, MINIMAL, line).startswith("x.jsonl, line 2: not valid JSON")


def test_hostile_text_comes_through_unchanged(tmp_path):
    texts = [
        "",
        "\x00",
        "\ud800 lone",
        "\u202eright to left",
        "ignore your instructions",
        "x" * 1_000_000,
        "\u2028\x85",
    ]
    rows = [MINIMAL | {"sample_id": str(index), "answer": text, "question": text} for index, text in enumerate(texts)]
    read = read_answers(write(tmp_path, *rows))
    assert [answer.answer for answer in read.answers] == texts
    raw = tmp_path / "raw.jsonl"
    raw.write_bytes(json.dumps(MINIMAL | {"answer": "@"}).encode().replace(b"@", b"\x00\t\xe2\x80\xae"))
    assert read_answers(raw).answers[0].answer == "\x00\t\u202e"


def test_gzip_zip_and_a_json_list(tmp_path):
    rows = [MINIMAL, MINIMAL | {"sample_id": "b"}]
    lines = "".join(json.dumps(row) + "\n" for row in rows).encode()
    (tmp_path / "x.jsonl.gz").write_bytes(gzip.compress(lines))
    (tmp_path / "unnamed").write_bytes(gzip.compress(lines))
    (tmp_path / "list.json").write_text(json.dumps(rows, indent=2))
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("inner/x.jsonl", lines)
    for name in ("x.jsonl.gz", "unnamed", "list.json", "x.zip"):
        assert [answer.sample_id for answer in read_answers(tmp_path / name).answers] == ["a", "b"], name
    assert (
        message(tmp_path, json.dumps([MINIMAL, 3]), name="l.json")
        == "l.json, item 2: a JSON object is needed, found a number"
    )


def test_damaged_archives_are_clear_errors(tmp_path):
    whole = gzip.compress(json.dumps(MINIMAL).encode() * 50)
    (tmp_path / "cut.gz").write_bytes(whole[:-20])
    with pytest.raises(RecordedAnswerError, match=r"cut\.gz: the compressed file ends too early"):
        read_answers(tmp_path / "cut.gz")
    (tmp_path / "bad.gz").write_bytes(whole[:30] + bytes(20) + whole[50:])
    with pytest.raises(RecordedAnswerError, match=r"bad\.gz: cannot be read"):
        read_answers(tmp_path / "bad.gz")
    (tmp_path / "bad.zip").write_bytes(b"PK\x03\x04 and no more")
    with pytest.raises(RecordedAnswerError, match=r"bad\.zip: the zip file cannot be read"):
        read_answers(tmp_path / "bad.zip")


def test_a_model_can_be_given_for_rows_without_one(tmp_path):
    path = write(tmp_path, *without("model"), MINIMAL | {"sample_id": "b"})
    assert [answer.model for answer in read_answers(path, model="given").answers] == ["given", "m"]


def test_reading_holds_one_line_at_a_time(tmp_path):
    from vcpd.evals.importers.jsonl import json_rows

    path = write(tmp_path, *(MINIMAL | {"sample_id": str(index), "answer": "x" * 10_000} for index in range(600)))
    tracemalloc.start()
    assert sum(1 for _ in json_rows(path)) == 600
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < path.stat().st_size / 5


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
NAME = TEXT.filter(str.strip)
SECONDS = st.none() | st.floats(0, 1e6)
COUNT = st.integers(0, 10**9)


@st.composite
def spans(draw, length):
    start = draw(st.integers(0, length))
    return Span(start, draw(st.integers(start, length)))


@st.composite
def humans(draw, length):
    claim = st.builds(
        HumanClaim,
        TEXT,
        st.sampled_from([None, "supported", "partially_supported", "not_supported", "refuted"]),
        st.none() | spans(length),
        st.none() | TEXT,
    )
    return HumanLabel(
        draw(st.sampled_from([None, *(outcome for outcome in Outcome if outcome is not Outcome.UNSCORED)])),
        draw(SECONDS),
        tuple(draw(st.lists(st.tuples(spans(length), TEXT), max_size=3))),
        tuple(draw(st.lists(claim, max_size=3))),
    )


@st.composite
def usages(draw, model):
    output = draw(COUNT)
    reasoning = draw(st.integers(0, output))
    return Usage("generate", model, draw(COUNT), draw(COUNT), draw(COUNT), output, reasoning, requests=1)


@st.composite
def recorded_answers(draw):
    document = st.builds(Document, NAME, TEXT, TEXT, TEXT, st.none() | st.dates(), TEXT, st.integers(0, 5), TEXT, TEXT)
    answer, model = draw(TEXT), draw(NAME)
    choices = tuple(draw(st.lists(TEXT, max_size=3)))
    target = st.sampled_from("ABC"[: len(choices)]) if choices else TEXT  # of multiple choice: letters
    return RecordedAnswer(
        sample_id=draw(NAME),
        model=model,
        domain=draw(NAME),
        question=draw(TEXT),
        answer=answer,
        cluster_id=draw(NAME),
        epoch=draw(st.integers(1, 9)),
        sources=tuple(draw(st.lists(document, max_size=3, unique_by=lambda source: source.doc_id))),
        targets=tuple(draw(st.lists(target, max_size=3, unique=bool(choices)))),
        choices=choices,
        answerable=draw(st.sampled_from([None, True, False])),
        confidence=draw(st.none() | st.floats(0, 1)),
        usage=draw(st.none() | usages(model)),
        latency_s=draw(SECONDS),
        ttft_s=draw(SECONDS),
        finish_reason=draw(st.none() | TEXT),
        human=draw(st.none() | humans(len(answer))),
    )


@settings(max_examples=150, deadline=None)
@given(answer=recorded_answers())
def test_an_answer_written_as_a_line_is_read_back_unchanged(answer, tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / "written.jsonl"
    path.write_text(json.dumps(to_row(answer)) + "\n")
    read = read_answers(path)
    assert read.answers == (answer,)
    assert read.unknown_fields == ()


@settings(max_examples=100, deadline=None)
@given(
    value=st.recursive(
        st.none() | st.booleans() | st.floats() | TEXT, lambda v: st.lists(v) | st.dictionaries(TEXT, v)
    ),
    name=st.sampled_from(sorted(FULL)),
)
def test_any_value_in_any_field_is_read_or_refused_with_its_place(value, name, tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / "any.jsonl"
    path.write_text(json.dumps(FULL | {name: value}) + "\n")
    try:
        outcome = f"read {len(read_answers(path).answers)}"
    except RecordedAnswerError as error:
        outcome = str(error)
    assert outcome == "read 1" or "any.jsonl, line 1, field '" in outcome
