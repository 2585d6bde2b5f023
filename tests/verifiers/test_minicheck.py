"""MiniCheck of both kinds, and models that bring their own code, on models made here."""

import json
import runpy
from pathlib import Path

import pytest
from vcpd.retrieval.passages import Document, Passage, Span
from vcpd.verifiers.neural_errors import ModelUnavailableError, RemoteCodeError
from vcpd.verifiers.verdict import Claim, Label, Verdict, Verifier

pytest.importorskip("torch", reason="needs the extra 'neural' (torch)")
pytest.importorskip("transformers", reason="needs the extra 'neural' (transformers)")

import torch
import transformers
from vcpd.verifiers.hhem import HhemVerifier
from vcpd.verifiers.minicheck import MiniCheckVerifier, minicheck_verifier
from vcpd.verifiers.pair_verifier import PairSettings
from vcpd.verifiers.transformer_models import ModelSettings

tiny = runpy.run_path(str(Path(__file__).with_name("tiny_models.py")))
CPU = ModelSettings(device="cpu")
CODE = """
import torch
from transformers import BertConfig, BertPreTrainedModel
class OddForSequenceClassification(BertPreTrainedModel):
    config_class = BertConfig
    prompt = "Premise: {text1} Hypothesis: {text2}"
    def __init__(self, config):
        super().__init__(config)
        self.head = torch.nn.Linear(1, 1)
        self.post_init()
    def _init_weights(self, module):
        pass
    def predict(self, pairs):
        return torch.tensor([0.9 if "ok" in premise else 0.2 for premise, _ in pairs])
"""


def passage(text: str, doc_id: str = "d") -> Passage:
    return Document(doc_id, text).passage(Span(0, len(text)))


def judged(verifier: Verifier, text: str, source: str) -> Verdict:
    (found,) = verifier.verify([(Claim(text, Span(0, len(text))), [passage(source)])])
    assert isinstance(found, Verdict), found
    return found


def test_the_share_of_1_among_the_first_tokens_that_the_model_would_write(tmp_path: Path) -> None:
    folder = tiny["random_t5"](tmp_path)
    verifier = MiniCheckVerifier(folder, settings=CPU)
    model = transformers.AutoModelForSeq2SeqLM.from_pretrained(folder)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    ids = tokenizer.convert_tokens_to_ids(["0", "1"])
    seen = set()
    for source in ("The dose is 40 mg.", "The court is not.", "ok bad maybe", "a b c d e"):
        found = judged(verifier, "It is ok.", source)
        inputs = tokenizer([f"predict: {source}</s>It is ok."], return_tensors="pt")
        written = model.generate(
            **inputs, max_new_tokens=1, do_sample=False, output_logits=True, return_dict_in_generate=True
        )
        expected = float(torch.softmax(written.logits[0][0, ids], dim=-1)[1])
        assert found.probability == pytest.approx(expected, abs=1e-5)
        assert found.label is (Label.SUPPORTED if expected >= 0.5 else Label.NOT_ENOUGH_INFO)
        seen.add(round(expected, 3))
    assert len(seen) == 4


def test_batches_do_not_change_the_numbers_of_an_encoder_decoder(tmp_path: Path) -> None:
    folder = tiny["random_t5"](tmp_path)
    pairs = [(Claim("ok " * (1 + i % 5), Span(0, 2)), [passage("The court. " * (1 + i % 9))]) for i in range(33)]
    one, many = (
        [r.probability for r in MiniCheckVerifier(folder, pairs=PairSettings(batch_size=n), settings=CPU).verify(pairs)
         if isinstance(r, Verdict)]
        for n in (1, 32)
    )  # fmt: skip
    assert len(one) == 33
    assert one == pytest.approx(many, abs=1e-5)


def test_either_kind_by_its_configuration(tmp_path: Path) -> None:
    t5 = tiny["random_t5"](tmp_path / "t5")
    roberta = tiny["random_pairs"](tmp_path / "enc", ("LABEL_0", "LABEL_1"))
    assert minicheck_verifier(t5, settings=CPU).name == "minicheck:t5"
    encoder = minicheck_verifier(roberta, settings=CPU)
    assert encoder.name == "minicheck:enc"
    # the authors' own input: source, end sign, claim, as one text; the second output is support
    model = transformers.AutoModelForSequenceClassification.from_pretrained(roberta)
    tokenizer = transformers.AutoTokenizer.from_pretrained(roberta)
    inputs = tokenizer(["The dose is 40 mg.[SEP]It is ok."], return_tensors="pt")
    expected = float(torch.softmax(model(**inputs).logits[0], dim=-1)[1])
    assert judged(encoder, "It is ok.", "The dose is 40 mg.").probability == pytest.approx(expected, abs=1e-5)
    with pytest.raises(ModelUnavailableError, match="was saved as BertForSequenceClassification"):
        MiniCheckVerifier(roberta, settings=CPU)


def test_a_vocabulary_without_0_and_1_is_refused(tmp_path: Path) -> None:
    folder = Path(tiny["random_t5"](tmp_path))
    data = json.loads((folder / "tokenizer.json").read_text())
    del data["model"]["vocab"]["0"], data["model"]["vocab"]["1"]
    (folder / "tokenizer.json").write_text(json.dumps(data))
    with pytest.raises(ModelUnavailableError, match="cannot answer '0' or '1'"):
        MiniCheckVerifier(str(folder), settings=CPU)


@pytest.fixture
def own_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A model whose code leaves a mark when it is run."""
    import transformers.dynamic_module_utils as modules

    monkeypatch.setattr(modules, "HF_MODULES_CACHE", str(tmp_path / "modules"))
    monkeypatch.syspath_prepend(str(tmp_path / "modules"))
    tokenizer = tiny["words_tokenizer"]()
    folder = tmp_path / "odd"
    config = tiny["bert_config"](tokenizer, ("LABEL_0",))
    config.architectures = ["OddForSequenceClassification"]
    config.auto_map = {"AutoModelForSequenceClassification": "modeling_odd.OddForSequenceClassification"}
    folder.mkdir()
    (folder / "modeling_odd.py").write_text(f"open({str(tmp_path / 'mark')!r}, 'w').close()\n{CODE}")
    config.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    torch.save({"head.weight": torch.zeros(1, 1), "head.bias": torch.zeros(1)}, folder / "pytorch_model.bin")
    return str(folder)


def test_code_of_the_model_runs_only_where_it_is_allowed(own_code: str, tmp_path: Path) -> None:
    for allowed in (False, 1, "yes"):
        with pytest.raises(RemoteCodeError, match="runs on this machine with your rights"):
            HhemVerifier(own_code, trust_remote_code=allowed, settings=CPU)  # type: ignore[arg-type]
    assert not (tmp_path / "mark").exists()
    verifier = HhemVerifier(own_code, trust_remote_code=True, settings=CPU)
    assert (tmp_path / "mark").exists()
    assert verifier.name == "hhem:odd"
    supported = judged(verifier, "It is.", "The court. It is ok. The dose.")
    assert supported.label is Label.SUPPORTED
    assert supported.probability == pytest.approx(0.9)
    assert [e.text for e in supported.evidence] == ["It is ok."]
    assert judged(verifier, "It is.", "The court.").label is Label.NOT_ENOUGH_INFO
    # premise : the court . hypothesis : it is . - letters where a word is not in the vocabulary
    assert judged(verifier, "is", "the").usage.input_tokens == len("premise") + 1 + 1 + len("hypothesis") + 1 + 1 + 2


def test_a_classifier_without_predict_is_refused(tmp_path: Path) -> None:
    folder = tiny["random_pairs"](tmp_path, ("entailment", "neutral", "contradiction"))
    with pytest.raises(ModelUnavailableError, match="no method 'predict'"):
        HhemVerifier(folder, trust_remote_code=True, settings=CPU)
