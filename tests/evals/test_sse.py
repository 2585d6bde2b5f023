"""Server-sent events: cut anywhere, written any way, hostile."""

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vcpd.evals.sse import Reader, ServerCount
from vcpd.scoring.served_requests import Ending


def event(**delta: object) -> str:
    return "data: " + json.dumps({"choices": [{"delta": delta, "finish_reason": None}], "usage": None})


COUNTS = {"prompt_tokens": 7, "completion_tokens": 3, "prompt_tokens_details": {"cached_tokens": 2}}
USAGE = "data: " + json.dumps({"choices": [], "usage": COUNTS})
STREAM = [
    event(role="assistant", content=""),
    event(content='say "content":"x"'),
    ": a comment",
    event(reasoning_content="hm"),
    event(content="two\n\nlines é"),
    'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}',
    USAGE,
    "data: [DONE]",
]


def read(text: bytes, cuts: list[int]) -> Reader:
    reader, places = Reader(keep_text=True), [0, *sorted(c % len(text) for c in cuts), len(text)]
    for i, (start, end) in enumerate(pairwise(places)):
        reader.feed(text[start:end], float(i))
    return reader


@given(st.lists(st.integers(0, 5000), max_size=8), st.sampled_from(["\n\n", "\r\n\r\n"]))
def test_however_a_stream_is_cut_it_reads_the_same(cuts: list[int], end: str) -> None:
    reader = read((end.join(STREAM) + end).encode(), cuts)
    assert len(reader.arrivals) == 3  # the empty first chunk, the comment, finish and usage carry no text
    assert list(reader.arrivals) == sorted(reader.arrivals)
    assert reader.ending() is Ending.OK
    assert reader.usage() == ServerCount(7, 3, 2)
    assert reader.text() == 'say "content":"x"two\n\nlines é'


@pytest.mark.parametrize(
    ("events", "ending"),
    [
        (STREAM[:5], Ending.CUT_OFF),
        ([*STREAM[:3], 'data: {"error": {"message": "out of memory"}}'], Ending.SERVER_ERROR),
        ([STREAM[0], *STREAM[5:]], Ending.EMPTY),
        ([], Ending.CUT_OFF),
        ([event(content="x"), "data: [DONE]"], Ending.OK),
    ],
)
def test_endings(events: list[str], ending: Ending) -> None:
    reader = Reader()
    for line in events:
        reader.feed(f"{line}\n\n".encode(), 1.0)
    assert reader.ending() is ending


def test_the_last_event_needs_no_empty_line() -> None:
    reader = Reader()
    reader.feed(f"{event(content='x')}\n\n{USAGE}\n\ndata: [DONE]".encode(), 1.0)
    assert reader.ending() is Ending.OK
    assert reader.usage().output == 3


@pytest.mark.parametrize("count", ["-1", "1e9", '"7"', "true", "null", "99999999999999999999"])
def test_a_count_that_is_none_is_not_believed(count: str) -> None:
    reader = Reader()
    reader.feed(f'data: {{"usage": {{"completion_tokens": {count}}}}}\n\n'.encode(), 1.0)
    assert reader.usage().output is None


@given(st.binary(max_size=300))
def test_any_bytes_are_survived(noise: bytes) -> None:
    reader = Reader(keep_text=True)
    reader.feed(noise, 0.0)
    reader.feed(b'data: {"choices": [{"delta": {"content": "\\ud800"}}]}\n\n' + noise + b"\n\n", 1.0)
    assert reader.ending() in tuple(Ending)
    assert reader.usage().output is None or reader.usage().output >= 0
    reader.text()


def test_an_event_without_an_end_is_given_up() -> None:
    reader = Reader()
    for _ in range(10):
        reader.feed(b"x" * 2**20, 0.0)
    assert reader.ending() is Ending.SERVER_ERROR
