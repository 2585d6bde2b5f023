"""Local models: recorded answers, token counts, what they refuse."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vcpd.evals.local_models import LocalModelError, approximate_tokens, last_prompt, local_answer
from vcpd.evals.prompts import build_prompt
from vcpd.evals.recorded_model import RecordedModelError, read_recorded


def prompt(question: str, choices: tuple[str, ...] = ()) -> str:
    return build_prompt(question, [], {}, confidence_target=0.5, choices=choices)


def row(question: str, answer: str, **more: Any) -> dict[str, Any]:
    base = {"sample_id": "s", "model": "m", "domain": "d", "question": question, "answer": answer}
    return {**base, **more}


def write(path: Path, *rows: dict[str, Any]) -> str:
    path.write_text("".join(json.dumps(r) + "\n" for r in rows), encoding="utf-8")
    return str(path)


def test_recorded_answers_are_served_in_order_of_epoch_and_begin_again(tmp_path: Path) -> None:
    file = write(
        tmp_path / "a.jsonl",
        row("Is it  so?", "second", epoch=2),
        row("Is it so?", "first", epoch=1),
        row("Other?", "other"),
    )
    said = [local_answer("local/recorded", prompt(" Is it\nso? "), {"file": file}).text for _ in range(3)]
    assert said == ["first", "second", "first"]
    assert local_answer("recorded", prompt("Other?"), {"file": file}).text == "other"


def test_usage_and_latency_come_from_the_row(tmp_path: Path) -> None:
    usage = {"input_tokens": 10, "cache_read_tokens": 5, "output_tokens": 7, "reasoning_tokens": 3}
    more = {"usage": usage, "latency_s": 1.5, "ttft_s": 0.25, "finish_reason": "length"}
    file = write(tmp_path / "a.jsonl", row("Q?", "A", **more), row("Bare?", "B"))
    answer = local_answer("recorded", prompt("Q?"), {"file": file})
    assert (answer.input_tokens, answer.cache_read_tokens, answer.output_tokens) == (10, 5, 7)
    assert (answer.reasoning_tokens, answer.latency_s, answer.ttft_s, answer.finish_reason) == (3, 1.5, 0.25, "length")
    assert answer.served_model == "m"
    bare = local_answer("recorded", prompt("Bare?"), {"file": file})
    assert (bare.input_tokens, bare.output_tokens, bare.latency_s, bare.compute_seconds) == (None, None, None, None)


def test_choices_tell_questions_apart(tmp_path: Path) -> None:
    rows = [row("Which?", "A", choices=["x", "y"]), row("Which?", "B", choices=["y", "x"]), row("What?", "C")]
    file = write(tmp_path / "a.jsonl", *rows)
    assert local_answer("recorded", prompt("Which?", ("y", "x")), {"file": file}).text == "B"
    assert local_answer("recorded", prompt("What?", ("y", "x")), {"file": file}).text == "C"
    with pytest.raises(RecordedModelError, match="Which"):
        local_answer("recorded", prompt("Which?", ("z",)), {"file": file})


def test_one_of_several_models(tmp_path: Path) -> None:
    file = write(tmp_path / "a.jsonl", row("Q?", "one"), row("Q?", "two", model="n"))
    with pytest.raises(RecordedModelError, match="of=: m, n"):
        local_answer("recorded", prompt("Q?"), {"file": file})
    assert local_answer("recorded", prompt("Q?"), {"file": file, "of": "n"}).text == "two"
    with pytest.raises(RecordedModelError, match="no recorded answers of x"):
        local_answer("recorded", prompt("Q?"), {"file": file, "of": "x"})


def test_a_changed_file_is_read_again_and_gzip_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    assert local_answer("recorded", prompt("Q?"), {"file": write(path, row("Q?", "old"))}).text == "old"
    assert local_answer("recorded", prompt("Q?"), {"file": write(path, row("Q?", "newer"))}).text == "newer"
    packed = tmp_path / "a.jsonl.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert local_answer("recorded", prompt("Q?"), {"file": str(packed)}).text == "newer"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "no recorded answers"),
        ("{", "line 1: not JSON"),
        ('\n{"question": "q"}', "line 2: the field 'answer' is missing"),
        ("[1]", "line 1: a JSON object is expected, not list"),
        ('{"question": "q", "answer": "a", "model": "m", "latency_s": "x"}', "latency_s must be a number"),
        ('{"question": "q", "answer": "a", "model": "m", "epoch": true}', "epoch must be a number"),
        ("[" * 100_000, "line 1: not JSON"),
    ],
)
def test_bad_files_are_named_with_line_and_field(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text(content)
    with pytest.raises(RecordedModelError, match=r"bad\.jsonl") as caught:
        read_recorded(path)
    assert message in str(caught.value)


def test_what_recorded_refuses(tmp_path: Path) -> None:
    with pytest.raises(RecordedModelError, match="needs the file"):
        local_answer("recorded", prompt("Q?"))
    with pytest.raises(RecordedModelError, match=r"cannot read .*none\.jsonl"):
        local_answer("recorded", prompt("Q?"), {"file": str(tmp_path / "none.jsonl")})
    file = write(tmp_path / "a.jsonl", row("Q?", "A"))
    with pytest.raises(RecordedModelError, match="no recorded answer to the question 'New one"):
        local_answer("recorded", prompt("New one?"), {"file": file})
    with pytest.raises(RecordedModelError, match="cannot tell which question"):
        local_answer("recorded", "Q?", {"file": file})


def test_surrogates_in_a_recorded_question_match(tmp_path: Path) -> None:
    file = write(tmp_path / "a.jsonl", row("Q\ud800?", "A\udfff"))
    assert local_answer("recorded", prompt("Q\ud800?"), {"file": file}).text == "A\udfff"


@pytest.mark.parametrize("threshold", ["high", -0.1, 1.5, float("nan")])
def test_unusable_thresholds(threshold: object) -> None:
    with pytest.raises(LocalModelError, match="threshold must be a number from 0 to 1"):
        local_answer("extractive", prompt("Q?"), {"threshold": threshold})


def test_unknown_local_model() -> None:
    with pytest.raises(LocalModelError, match="there are extractive, extractive-bold, recorded"):
        local_answer("local/gpt", "Q?")


def test_the_prompt_is_the_last_user_message_of_the_protocol() -> None:
    first, later = prompt("First?"), "Please answer again."
    messages = [
        {"role": "system", "content": prompt("System?")},
        {"role": "user", "content": [{"type": "text", "text": first}]},
        {"role": "assistant", "content": None},
        {"role": "user", "content": later},
    ]
    assert last_prompt(messages) == first
    assert last_prompt(messages[2:]) == later
    assert last_prompt([]) == ""


_TEXT = (
    "The Court held that the Fourteenth Amendment's equal protection clause forbids segregation in public schools. "
    "In 1954, after 3 years of litigation, the judgment was reversed by nine votes to none; see 347 U.S. 483 (1954). "
    "Patients with an estimated glomerular filtration rate below 30 mL/min should not start metformin. "
)


def test_token_counts_are_near_a_real_tokenizers(monkeypatch: pytest.MonkeyPatch) -> None:
    from importlib.util import find_spec

    tiktoken = pytest.importorskip("tiktoken")
    spec = find_spec("litellm")
    assert spec is not None
    assert spec.origin is not None
    folder = Path(spec.origin).parent / "litellm_core_utils" / "tokenizers"
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(folder))
    true = len(tiktoken.get_encoding("o200k_base").encode(_TEXT))
    assert approximate_tokens(_TEXT) == pytest.approx(true, rel=0.15)


@given(st.text(), st.text())
def test_token_counts_add_up(a: str, b: str) -> None:
    assert approximate_tokens("") == 0
    assert approximate_tokens(a + "\n" + b) == approximate_tokens(a) + approximate_tokens(b)
    assert approximate_tokens(a) <= len(a)
