"""Cross-encoders: labels, forms, windows, batches, failures and usage, on models made here."""

import itertools
import runpy
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from vcpd.retrieval.passages import Document, Passage, Span
from vcpd.retrieval.sources import SourcePolicy
from vcpd.scoring.prices import default_prices
from vcpd.verifiers.cascade import check_answer
from vcpd.verifiers.neural_errors import LabelError, MissingExtraError, ModelUnavailableError
from vcpd.verifiers.verdict import Claim, Failure, Label, Verdict, Verifier

pytest.importorskip("torch", reason="needs the extra 'neural' (torch)")
pytest.importorskip("sentence_transformers", reason="needs the extra 'neural' (sentence-transformers)")

from vcpd.verifiers.cross_encoder import CrossEncoderVerifier
from vcpd.verifiers.pair_verifier import PairSettings
from vcpd.verifiers.transformer_models import ModelSettings

tiny = runpy.run_path(str(Path(__file__).with_name("tiny_models.py")))
NLI = ("entailment", "neutral", "contradiction")
CPU = ModelSettings(device="cpu")
FILLER = "The court is not. " * 60


def passage(text: str, doc_id: str = "d") -> Passage:
    return Document(doc_id, text).passage(Span(0, len(text)))


def claim(text: str = "The dose is 40 mg.") -> Claim:
    return Claim(text, Span(0, len(text)))


def judged(verifier: Verifier, *texts: str, text: str = "The dose is 40 mg.") -> Verdict:
    (found,) = verifier.verify([(claim(text), [passage(t, f"d{i}") for i, t in enumerate(texts)])])
    assert isinstance(found, Verdict), found
    return found


@pytest.fixture(scope="module")
def nli(tmp_path_factory: pytest.TempPathFactory) -> CrossEncoderVerifier:
    return CrossEncoderVerifier(tiny["known_pairs"](tmp_path_factory.mktemp("nli"), NLI), settings=CPU)


@pytest.fixture(scope="module")
def random_model(tmp_path_factory: pytest.TempPathFactory) -> str:
    model: str = tiny["random_pairs"](tmp_path_factory.mktemp("random"), NLI)
    return model


@pytest.mark.parametrize("labels", list(itertools.permutations(NLI)), ids="-".join)
def test_the_order_of_the_labels_is_read_from_the_model(labels: tuple[str, ...], tmp_path: Path) -> None:
    verifier = CrossEncoderVerifier(tiny["known_pairs"](tmp_path, labels), settings=CPU)
    expected = {"It is ok.": Label.SUPPORTED, "It is bad.": Label.REFUTED, "It is.": Label.NOT_ENOUGH_INFO}
    for text, label in expected.items():
        assert judged(verifier, text).label is label
    assert judged(verifier, "It is ok.").probability > 0.9
    assert judged(verifier, "It is bad.").probability < 0.1


@pytest.mark.parametrize("labels", [("supported", "unsupported"), ("not_entailment", "entailment")])
def test_two_labels_tell_support_from_all_else(labels: tuple[str, ...], tmp_path: Path) -> None:
    verifier = CrossEncoderVerifier(tiny["known_pairs"](tmp_path, labels), settings=CPU)
    assert judged(verifier, "It is ok.").label is Label.SUPPORTED
    assert judged(verifier, "It is.").label is Label.NOT_ENOUGH_INFO


def test_one_logit_must_be_said_to_be_support(tmp_path: Path) -> None:
    folder = tiny["known_pairs"](tmp_path / "ranker", ["LABEL_0"])
    with pytest.raises(LabelError, match=r"\['LABEL_0'\].*say labels="):
        CrossEncoderVerifier(folder, settings=CPU)
    verifier = CrossEncoderVerifier(folder, labels=("supported",), settings=CPU)
    assert judged(verifier, "It is ok.").label is Label.SUPPORTED
    assert judged(verifier, "It is.").label is Label.NOT_ENOUGH_INFO
    hhem = CrossEncoderVerifier(tiny["known_pairs"](tmp_path / "hhem-1", ["LABEL_0"]), settings=CPU)
    assert judged(hhem, "It is ok.").label is Label.SUPPORTED


@pytest.mark.parametrize(
    ("labels", "given"),
    [
        (("LABEL_0", "LABEL_1"), None),
        (("LABEL_0", "LABEL_1", "LABEL_2"), None),
        (("entailment", "neutral", "spam"), None),
        (NLI, ("supported", "unsupported")),
        (NLI, ("entailment", "supported", "neutral")),
    ],
)
def test_labels_that_say_nothing_are_an_error(
    labels: tuple[str, ...], given: tuple[str, ...] | None, tmp_path: Path
) -> None:
    with pytest.raises(LabelError):
        CrossEncoderVerifier(tiny["random_pairs"](tmp_path, labels), labels=given, settings=CPU)


@pytest.mark.parametrize(
    ("family", "expected"),
    [
        ("nli", "[CLS] a [SEP] b [SEP]"),
        ("minicheck", "[CLS] a [SEP] b [SEP]"),
        ("vitaminc", "[CLS] b [SEP] a [SEP]"),
        ("factcg", "[CLS] a [UNK]"),
    ],
)
def test_each_family_has_its_form(family: str, expected: str, tmp_path: Path) -> None:
    labels = NLI if family in ("nli", "vitaminc") else ("LABEL_0", "LABEL_1")
    verifier = CrossEncoderVerifier(tiny["random_pairs"](tmp_path, labels), family=family, settings=CPU)
    reader: Any = verifier._reader
    (tokens,) = reader.tokens([("a", "b")])
    written = " ".join(tiny["words_tokenizer"]().convert_ids_to_tokens(tokens.fields["input_ids"]))
    assert written.startswith(expected.removesuffix(" [UNK]"))
    assert (written == expected) == (family != "factcg")


def test_signs_of_the_tokenizer_in_a_text_are_text(random_model: str) -> None:
    reader: Any = CrossEncoderVerifier(random_model, settings=CPU)._reader
    (plain, hostile, broken) = reader.tokens([("a", "b"), ("a[SEP]ok[SEP]", "[CLS]b[PAD]"), ("a\ud800\x00", "b")])
    ids = [list(t.fields["input_ids"]) for t in (plain, hostile, broken)]
    assert ids[0].count(3) == ids[1].count(3) == ids[2].count(3) == 2
    assert ids[1].count(2) == 1
    assert 0 not in ids[1]


def test_the_same_numbers_as_the_library_gives(random_model: str) -> None:
    from sentence_transformers import CrossEncoder

    sources = ["The dose is 40 mg.", "The court is not ok, maybe.", "bad bad", "a b c d e f g h"]
    found = [judged(CrossEncoderVerifier(random_model, settings=CPU), s) for s in sources]
    expected = CrossEncoder(random_model, device="cpu").predict(
        [(s, "The dose is 40 mg.") for s in sources], apply_softmax=True
    )
    assert [v.probability for v in found] == pytest.approx(expected[:, 0].tolist(), abs=1e-6)
    assert len({round(v.probability, 4) for v in found}) == 4


def test_a_batch_of_32_is_as_32_batches_of_one(random_model: str) -> None:
    pairs = [
        (claim("The dose is " + "not " * (i % 7) + "40 mg."), [passage("The court is maybe ok. " * (1 + i % 11))])
        for i in range(40)
    ]
    found = [
        CrossEncoderVerifier(random_model, pairs=PairSettings(batch_size=n), settings=CPU).verify(pairs)
        for n in (1, 32)
    ]
    singly = [CrossEncoderVerifier(random_model, settings=CPU).verify([pair])[0] for pair in pairs[:8]]
    numbers = [[v.probability for v in verdicts if isinstance(v, Verdict)] for verdicts in (*found, singly)]
    assert len(numbers[0]) == len(numbers[1]) == 40
    assert numbers[0] == pytest.approx(numbers[1], abs=1e-5)
    assert numbers[2] == pytest.approx(numbers[0][:8], abs=1e-5)
    assert len({round(p, 3) for p in numbers[0]}) > 5


@pytest.mark.parametrize("word", ["ok", "bad"])
@pytest.mark.parametrize("place", [0, 400, 1000])
def test_the_evidence_is_found_wherever_it_stands(nli: CrossEncoderVerifier, word: str, place: int) -> None:
    place = FILLER.find("The", place)
    text = f"{FILLER[:place]}Maybe it is {word} .\n\n{FILLER[place:]}"
    document = Document("long", "x" * 5 + text)
    source = document.passage(Span(5, len(document.text)))
    (found,) = nli.verify([(claim(), [passage("The court is not.", "other"), source])])
    assert isinstance(found, Verdict)
    assert found.label is (Label.SUPPORTED if word == "ok" else Label.REFUTED)
    (evidence,) = found.evidence
    assert evidence.doc_id == "long"
    assert evidence.text == f"Maybe it is {word} ."
    assert evidence.span.of(document.text) == evidence.text


def test_a_window_may_span_passages(nli: CrossEncoderVerifier) -> None:
    found = judged(nli, "The court is not.", "It is ok.", "The dose is not.")
    assert [(e.doc_id, e.text) for e in found.evidence] == [("d1", "It is ok.")]
    whole = CrossEncoderVerifier.__new__(CrossEncoderVerifier)
    whole.__dict__.update(nli.__dict__)
    whole._settings = replace(nli._settings, sentences=False)
    assert [e.doc_id for e in judged(whole, "The court is not.", "It is ok.").evidence] == ["d0", "d1"]


def test_without_claims_or_sources_the_model_is_not_called(
    nli: CrossEncoderVerifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    def called(*_: object) -> None:
        raise AssertionError("the model was called")

    monkeypatch.setattr(nli._reader, "read", called, raising=False)
    assert nli.verify([]) == []
    for sources in ([], [passage("")], [passage(" \n\t ")], [passage("\x00 ... \u200b")]):
        (found,) = nli.verify([(claim("It is ok."), sources)])
        assert isinstance(found, Verdict)
        assert (found.label, found.probability, found.evidence) == (Label.NOT_ENOUGH_INFO, 0.0, ())
        assert found.unsupported == (found.claim.span,)
        assert (found.usage.requests, found.usage.input_tokens) == (0, 0)


def test_a_poisonous_claim_takes_no_other_down(random_model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    verifier = CrossEncoderVerifier(random_model, settings=CPU)
    poison = tiny["words_tokenizer"]().convert_tokens_to_ids("bad")
    pairs = [
        (claim("It is bad." if i in (3, 17) else f"It is {i}."), [passage("The dose is 40 mg.")]) for i in range(20)
    ]
    expected = verifier.verify(pairs)
    reader: Any = verifier._reader
    read = reader.read
    calls = []

    def brittle(batch: Any) -> Any:
        calls.append(len(batch))
        if any(poison in tokens.fields["input_ids"] for tokens in batch):
            raise RuntimeError("CUDA error: device-side assert")
        return read(batch)

    monkeypatch.setattr(reader, "read", brittle)
    found = verifier.verify(pairs)
    failed = [i for i, result in enumerate(found) if isinstance(result, Failure)]
    assert failed == [3, 17]
    assert "device-side assert" in found[3].error  # type: ignore[union-attr]
    assert max(calls) == 20
    for i, (before, after) in enumerate(zip(expected, found, strict=True)):
        if i not in failed:
            assert isinstance(before, Verdict)
            assert isinstance(after, Verdict)
            assert after.probability == pytest.approx(before.probability, abs=1e-5)


def test_a_text_that_the_tokenizer_fails_on_takes_no_other_down(
    nli: CrossEncoderVerifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = nli._reader.tokens

    def brittle(pairs: Any) -> Any:
        if any("court" in source for source, _ in pairs) or any("mg" in text for _, text in pairs):
            raise ValueError("no such text")
        return tokens(pairs)

    monkeypatch.setattr(nli._reader, "tokens", brittle)
    texts = [("It is.", "It is ok."), ("40 mg", "It is ok."), ("It is.", "The court."), ("It is.", "It is bad.")]
    found = nli.verify([(claim(text), [passage(source)]) for text, source in texts])
    assert [type(r) for r in found] == [Verdict, Failure, Failure, Verdict]


def test_an_answer_checked_with_it(nli: CrossEncoderVerifier) -> None:
    documents = {i: Document(i, text) for i, text in (("a", "It is ok."), ("b", "The dose."))}
    shown = [d.passage(Span(0, len(d.text))) for d in documents.values()]
    check = check_answer("The dose is 40 mg [1]. It is not maybe [2].", shown, documents, SourcePolicy(), nli)
    assert [v.label for v in check.verdicts if isinstance(v, Verdict)] == [Label.SUPPORTED, Label.SUPPORTED]
    assert check.citation_supported == (True, False)
    assert check.accept is False
    spent = [u for u in check.usage if u.stage == f"verify:{nli.name}"]
    assert [u.requests for u in spent] == [2]
    assert default_prices().total(check.usage) > 0


def test_no_number_is_no_verdict(random_model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    verifier = CrossEncoderVerifier(random_model, settings=CPU)
    model: Any = verifier._reader.model  # type: ignore[attr-defined]
    monkeypatch.setattr(
        model, "logits", lambda batch: np.array([[np.nan, 0, 0], [np.inf, 0, 0], [9, 0, 0]])[: len(batch)]
    )
    found = verifier.verify(
        [(claim("a a a a"), [passage("b")]), (claim("a a"), [passage("b")]), (claim("a"), [passage("b")])]
    )
    assert [type(r) for r in found] == [Failure, Failure, Verdict]
    monkeypatch.setattr(model, "logits", lambda batch: np.zeros((len(batch), 2)))
    assert isinstance(verifier.verify([(claim(), [passage("b")])])[0], Failure)


def test_a_claim_that_leaves_no_room_is_a_failure(nli: CrossEncoderVerifier) -> None:
    pairs = [(claim("the " * 60), [passage("It is ok.")]), (claim("the"), [passage("It is ok.")])]
    long, short = nli.verify(pairs)
    assert isinstance(long, Failure)
    assert "no room is left for a source" in long.error
    assert isinstance(short, Verdict)
    assert short.label is Label.SUPPORTED


def test_hostile_text_survives(nli: CrossEncoderVerifier) -> None:
    sources = ["\ud800 ok \x00", "\u202e\u0301" * 500, "[SEP]" * 300, "ok" * 5000, "\r\n".join(["The dose"] * 300)]
    for text in sources:
        (found,) = nli.verify([(claim("\udfff The dose\x00 [SEP] is"), [passage(text)])])
        assert isinstance(found, Verdict)
        assert all(e.text == e.span.of(text) for e in found.evidence)


def test_usage_is_that_of_the_call(random_model: str) -> None:
    verifier = CrossEncoderVerifier(random_model, pairs=PairSettings(sentences=False), settings=CPU)
    source = "The dose is not 40 mg."  # 7 tokens
    results = verifier.verify([(claim("It is ok."), []), *[(claim("the dose is"), [passage(source)])] * 3])
    assert [r.usage.requests for r in results] == [0, 1, 0, 0]
    assert [r.usage.input_tokens for r in results] == [0, *[3 + 7 + 3] * 3]
    assert {r.usage.stage for r in results} == {f"verify:{verifier.name}"}
    assert {r.usage.model for r in results} == {f"local/{verifier.name}"}
    assert all(r.usage.seconds > 0 for r in results[1:])


def test_the_version_says_which_model(random_model: str, tmp_path: Path) -> None:
    verifier = CrossEncoderVerifier(random_model, settings=CPU)
    assert verifier.name == f"cross-encoder:{Path(random_model).name}"
    for part in ("sentence-transformers ", "transformers ", "torch ", "@sha256:", "threshold 0.5", "float32"):
        assert part in verifier.version
    assert str(Path(random_model).parent) not in verifier.version + verifier.name
    other = tiny["random_pairs"](tmp_path / Path(random_model).name, NLI, hidden_size=16)
    assert CrossEncoderVerifier(other, settings=CPU).version != verifier.version
    again = CrossEncoderVerifier(random_model, settings=CPU)
    assert again.version == verifier.version
    assert CrossEncoderVerifier(random_model, pairs=PairSettings(threshold=0.7), settings=CPU).version != again.version


def test_bfloat16_stays_close(random_model: str) -> None:
    half = CrossEncoderVerifier(random_model, settings=ModelSettings(device="cpu", dtype="bfloat16"))
    full = CrossEncoderVerifier(random_model, settings=CPU)
    assert judged(half, "It is ok.").probability == pytest.approx(judged(full, "It is ok.").probability, abs=0.05)
    assert half.version != full.version


def test_models_that_are_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    offline = ModelSettings(device="cpu", local_files_only=True)
    (tmp_path / "empty").mkdir()
    encoder = tiny["known_tokens"](tmp_path / "tokens")
    for model in ("nobody/no-such-model", str(tmp_path / "nowhere"), str(tmp_path / "empty"), encoder, "../../etc"):
        with pytest.raises(ModelUnavailableError, match="verifier model") as caught:
            CrossEncoderVerifier(model, settings=offline)
        assert isinstance(caught.value, RuntimeError)
        assert "\n" not in str(caught.value)


def test_a_head_of_random_numbers_is_refused(tmp_path: Path) -> None:
    from transformers import BertModel

    tokenizer = tiny["words_tokenizer"]()
    folder = tiny["save"](tmp_path, BertModel(tiny["bert_config"](tokenizer, NLI)), tokenizer)
    with pytest.raises(ModelUnavailableError, match="was saved as BertModel"):
        CrossEncoderVerifier(folder, settings=CPU)


def test_onnx_says_what_to_install(random_model: str) -> None:
    settings = ModelSettings(device="cpu", backend="onnx")
    if find_spec("optimum") is None:
        with pytest.raises(MissingExtraError, match=r"sentence-transformers\[onnx\]"):
            CrossEncoderVerifier(random_model, settings=settings)
        return
    onnx, torch = (CrossEncoderVerifier(random_model, settings=s) for s in (settings, CPU))
    assert judged(onnx, "It is ok.").probability == pytest.approx(judged(torch, "It is ok.").probability, abs=1e-4)


@pytest.mark.parametrize(
    "made",
    [
        lambda: PairSettings(threshold=0.0),
        lambda: PairSettings(window=1),
        lambda: PairSettings(batch_size=0),
        lambda: ModelSettings(dtype="int8"),
        lambda: ModelSettings(backend="tensorrt"),
        lambda: ModelSettings(backend="onnx", dtype="float16"),
    ],
)
def test_settings_out_of_range(made: Any) -> None:
    with pytest.raises(ValueError):
        made()
