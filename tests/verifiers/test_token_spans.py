"""Detectors of unsupported tokens: offsets, windows, claims, answers, failures, on models made here."""

import runpy
import unicodedata
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vcpd.retrieval.passages import Document, Passage, Span
from vcpd.verifiers.claims import split_claims
from vcpd.verifiers.neural_errors import LabelError, ModelUnavailableError
from vcpd.verifiers.span_prompts import span_prompt
from vcpd.verifiers.token_places import TokenReading, flagged_spans
from vcpd.verifiers.verdict import Claim, Failure, Label, Verdict

pytest.importorskip("torch", reason="needs the extra 'neural' (torch)")
pytest.importorskip("transformers", reason="needs the extra 'neural' (transformers)")

from vcpd.verifiers.token_reader import SpanSettings
from vcpd.verifiers.token_spans import SpanVerifier
from vcpd.verifiers.transformer_models import ModelSettings

tiny = runpy.run_path(str(Path(__file__).with_name("tiny_models.py")))
CPU = ModelSettings(device="cpu")
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=60)
ODD = st.lists(
    st.sampled_from(["bad", "ok", "é", "é", "\r\n", "𝒳", "👩‍⚕️", " ", "\u0301", "ß", "İ", "中文", "40 mg"]), max_size=25
)


def passage(text: str, doc_id: str = "d") -> Passage:
    return Document(doc_id, text).passage(Span(0, len(text)))


def claim(text: str) -> Claim:
    return Claim(text, Span(0, len(text)))


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> SpanVerifier:
    return SpanVerifier(tiny["known_tokens"](tmp_path_factory.mktemp("known")), settings=CPU)


@pytest.fixture(scope="module")
def byte_model(tmp_path_factory: pytest.TempPathFactory) -> SpanVerifier:
    return SpanVerifier(tiny["byte_tokens"](tmp_path_factory.mktemp("bytes")), settings=CPU)


def test_the_word_that_no_source_supports_is_marked(known: SpanVerifier) -> None:
    text = "The dose is bad bad, not 40 mg."
    (found,) = known.verify([(claim(text), [passage("The dose is 40 mg.")])])
    assert isinstance(found, Verdict)
    assert found.label is Label.NOT_ENOUGH_INFO
    assert [s.of(text) for s in found.unsupported] == ["bad bad"]
    assert found.probability < 0.1
    (found,) = known.verify([(claim(text), [passage("It is ok.")])])
    assert isinstance(found, Verdict)
    assert (found.label, found.unsupported) == (Label.SUPPORTED, ())
    assert found.probability > 0.9
    assert [e.text for e in found.evidence] == ["It is ok."]


@pytest.mark.parametrize("labels", [("hallucinated", "supported"), ("supported", "hallucinated")])
def test_the_order_of_the_labels_is_read_from_the_model(labels: tuple[str, ...], tmp_path: Path) -> None:
    verifier = SpanVerifier(tiny["known_tokens"](tmp_path, labels), settings=CPU)
    (found,) = verifier.verify([(claim("It is bad."), [passage("The dose.")])])
    assert isinstance(found, Verdict)
    assert [s.of("It is bad.") for s in found.unsupported] == ["bad"]


def test_generic_labels_need_a_known_family_or_the_user(tmp_path: Path) -> None:
    generic = tiny["known_tokens"](tmp_path / "x", ("s0", "LABEL_1"))
    with pytest.raises(LabelError):
        SpanVerifier(generic, settings=CPU)
    assert SpanVerifier(generic, labels=("supported", "hallucinated"), settings=CPU).name == "spans:x"
    from transformers import BertForTokenClassification

    tokenizer = tiny["words_tokenizer"]()
    plain = BertForTokenClassification(tiny["bert_config"](tokenizer, ("LABEL_0", "LABEL_1")))
    assert SpanVerifier(tiny["save"](tmp_path / "lettucedect-x", plain, tokenizer), settings=CPU)


@pytest.mark.parametrize("at", [0, 25, 49])
def test_what_one_window_supports_is_supported(known: SpanVerifier, at: int) -> None:
    sentences = ["The court is not."] * 50
    text = "It is bad."
    for word, label in (("maybe", Label.NOT_ENOUGH_INFO), ("ok", Label.SUPPORTED)):
        source = " ".join([*sentences[:at], f"It is {word}.", *sentences[at:]])
        (found,) = known.verify([(claim(text), [passage(source)])])
        assert isinstance(found, Verdict)
        assert found.label is label
        assert found.usage.input_tokens > 200
        if label is Label.SUPPORTED:
            assert "ok" in found.evidence[0].text
            assert found.evidence[0].text == found.evidence[0].span.of(source)


def test_marked_places_are_places_in_the_answer(known: SpanVerifier) -> None:
    answer = (
        "Dosis: ok? No.\r\n\r\n- The dose is bad [1] bad , not 40 mg [1][2].\r\n"
        "- The court is bad.[2] It is not bad [1]."
    )
    claims = split_claims(answer, ["a", "b"])
    assert len(claims) == 3
    found = known.verify([(c, [passage("The dose.")]) for c in claims])
    marked = [[s.of(answer) for s in r.unsupported] for r in found if isinstance(r, Verdict)]
    assert marked == [["bad [1] bad"], ["bad"], ["bad"]]
    for c, r in zip(claims, found, strict=True):
        assert isinstance(r, Verdict)
        assert all(c.span.start <= s.start < s.end <= c.span.end for s in r.unsupported)


def test_a_whole_answer_is_read_at_once(known: SpanVerifier) -> None:
    answer = "The dose is bad [1]. The court is not. It is [1] bad [2]."
    claims = split_claims(answer, ["a", "b"])
    found = known.judge_answer(answer, claims, [passage("The dose.")])
    assert [r.label for r in found if isinstance(r, Verdict)] == [
        Label.NOT_ENOUGH_INFO, Label.SUPPORTED, Label.NOT_ENOUGH_INFO,
    ]  # fmt: skip
    assert [[s.of(answer) for s in r.unsupported] for r in found if isinstance(r, Verdict)] == [["bad"], [], ["bad"]]
    assert [s.of(answer) for s in known.unsupported_spans(answer, [passage("The dose.")])] == ["bad", "bad"]
    # "ok" in the answer itself is in the input too: this model then takes all for supported
    assert known.unsupported_spans("It is bad, ok.", [passage("The dose.")]) == []
    assert [r.usage.requests for r in found] == [1, 0, 0]
    assert sum(r.usage.input_tokens for r in found) == sum(
        known.verify([(claim(answer), [passage("The dose.")])])[0].usage.input_tokens for _ in range(1)
    )
    assert known.judge_answer(answer, [], [passage("The dose.")]) == []


def test_the_question_comes_before_the_passages(known: SpanVerifier) -> None:
    assert span_prompt(["a", "b"]) == "\nSummarize the following text:\npassage 1: a\npassage 2: b\noutput:\n"
    asked = span_prompt(["{count} {question}"], "Why {passages}?")
    assert asked.startswith("\nBriefly answer the following question:\nWhy {passages}?\nBear in mind")
    assert "following 1 passages:\npassage 1: {count} {question}\nIn case" in asked
    asking = known.asking("ok?")
    pair = [(claim("It is bad."), [passage("The dose.")])]
    assert [r.label for r in known.verify(pair) if isinstance(r, Verdict)] == [Label.NOT_ENOUGH_INFO]
    (failed,) = asking.verify(pair)
    assert isinstance(failed, Failure)  # the words of the prompt leave no room in 96 tokens
    assert "no room is left for a source" in failed.error


@settings(max_examples=60)
@given(st.one_of(ANY_TEXT, ODD.map("".join)))
def test_stretches_are_exact_in_any_text(text: str) -> None:
    verifier: SpanVerifier = _shared_bytes()
    reader: Any = verifier._reader
    (read,) = reader.read([(text, [passage("The dose is 40 mg.")])])
    if read.error:
        assert not text
        return
    (window,) = read.readings
    covered = {i for t in window for i in range(t.span.start, t.span.end)}
    assert covered == set(range(len(text)))  # bytes: every code point is in some token, none beyond the end
    spans = flagged_spans(text, read.least(), 0.5)
    flagged = {i for t in window if t.unsupported > 0.5 for i in range(t.span.start, t.span.end)}
    marked = {i for s in spans for i in range(s.start, s.end)}
    assert {i for i in flagged if not text[i].isspace() and not unicodedata.combining(text[i])} <= marked
    assert all(a.end <= b.start for a, b in pairwise(spans))
    for span in spans:
        stretch = span.of(text)
        assert stretch
        assert stretch == stretch.strip()
        assert span.end == len(text) or not unicodedata.combining(text[span.end])


def _shared_bytes() -> SpanVerifier:
    return _CACHE["bytes"]


_CACHE: dict[str, SpanVerifier] = {}


@pytest.fixture(scope="module", autouse=True)
def _made_once(byte_model: SpanVerifier) -> None:
    _CACHE["bytes"] = byte_model


@pytest.mark.parametrize(
    ("text", "flagged", "expected"),
    [
        ("a bad\r\nb", [(2, 5)], ["bad"]),
        ("bad  bad", [(0, 3), (5, 8)], ["bad  bad"]),
        ("bad, bad", [(0, 3), (5, 8)], ["bad", "bad"]),
        ("e\u0301tude", [(0, 1)], ["e\u0301"]),
        ("e\u0301tude", [(1, 2)], ["e\u0301"]),
        ("x \U0001d4b3y", [(1, 3)], ["\U0001d4b3"]),
        ("x\r\n", [(1, 3)], []),
        ("ab", [(0, 0)], []),
    ],
)
def test_merging_by_hand(text: str, flagged: list[tuple[int, int]], expected: list[str]) -> None:
    edges = sorted({0, len(text), *(e for pair in flagged for e in pair)})
    cells = [(a, b) for a, b in pairwise(edges)] + [f for f in flagged if f[0] == f[1]]
    tokens = [
        TokenReading(Span(a, b), 0.9 if (a, b) in flagged else 0.1)
        for a, b in sorted(cells)
        if (a, b) in flagged or text[a:b].strip()
    ]
    assert [s.of(text) for s in flagged_spans(text, tokens, 0.5)] == expected


def test_without_claims_or_sources_the_model_is_not_called(
    known: SpanVerifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    def called(*_: object) -> None:
        raise AssertionError("the model was called")

    monkeypatch.setattr(known._reader.model, "logits", called)
    assert known.verify([]) == []
    for sources in ([], [passage(" \n ")]):
        (found,) = known.verify([(claim("It is ok."), sources)])
        assert isinstance(found, Verdict)
        assert (found.label, found.probability) == (Label.NOT_ENOUGH_INFO, 0.0)
        assert found.unsupported == (found.claim.span,)
        assert found.usage.requests == 0
        assert known.unsupported_spans(" It is ok. ", sources) == [Span(1, 10)]


def test_a_poisonous_claim_takes_no_other_down(known: SpanVerifier, monkeypatch: pytest.MonkeyPatch) -> None:
    model: Any = known._reader.model
    logits, poison = model.logits, tiny["words_tokenizer"]().convert_tokens_to_ids("court")

    def brittle(batch: Any) -> Any:
        if any(poison in tokens.fields["input_ids"] for tokens in batch):
            raise RuntimeError("out of memory")
        return logits(batch)

    monkeypatch.setattr(model, "logits", brittle)
    texts = ["It is bad.", "The court is ok.", "It is ok."]
    found = known.verify([(claim(t), [passage("The dose.")]) for t in texts])
    assert [type(r) for r in found] == [Verdict, Failure, Verdict]
    assert "out of memory" in found[1].error  # type: ignore[union-attr]


def test_a_text_without_room_or_tokens_is_a_failure(known: SpanVerifier) -> None:
    long, empty = known.verify([(claim("the " * 90), [passage("ok")]), (claim("\u200b"), [passage("ok")])])
    assert isinstance(long, Failure)
    assert "no room is left" in long.error
    assert isinstance(empty, Failure)
    assert "no token" in empty.error
    with pytest.raises(ValueError, match="no room is left"):
        known.unsupported_spans("the " * 90, [passage("ok")])


def test_a_batch_of_many_is_as_one_by_one(byte_model: SpanVerifier, tmp_path: Path) -> None:
    pairs = [(claim("x" * (1 + i % 9) + " is 40 mg"), [passage("dose " * (1 + 7 * i % 40))]) for i in range(12)]
    together = [r.probability for r in byte_model.verify(pairs) if isinstance(r, Verdict)]
    alone = [r.probability for pair in pairs for r in byte_model.verify([pair]) if isinstance(r, Verdict)]
    assert len(together) == 12
    assert together == pytest.approx(alone, abs=1e-5)


def test_models_that_are_not_there(tmp_path: Path) -> None:
    pairs = tiny["known_pairs"](tmp_path / "pairs", ("entailment", "neutral", "contradiction"))
    for model in (pairs, str(tmp_path / "nowhere")):
        with pytest.raises(ModelUnavailableError):
            SpanVerifier(model, settings=ModelSettings(local_files_only=True))


@pytest.mark.parametrize("fields", [{"threshold": 1.0}, {"window": 3}, {"batch_size": 0}])
def test_settings_out_of_range(fields: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        SpanSettings(**fields)
