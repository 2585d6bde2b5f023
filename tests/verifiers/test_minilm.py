"""The real encoder, where the extra `neural` and its weights are installed."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from vcpd.retrieval.passages import Passage, Span
from vcpd.retrieval.tokens import tokenize
from vcpd.verifiers.embedded import EmbeddedVerifier
from vcpd.verifiers.minilm import EncoderMissingError, SentenceEncoder, find_weights, neural_is_installed
from vcpd.verifiers.verdict import Claim, Label, Verdict

LEAFLET = (
    "Zolvane is a tablet for high blood pressure. The usual dose for adults is 40 mg once daily. "
    "It must not be taken during pregnancy. The limitation period does not apply to minors."
)


@pytest.fixture(scope="module")
def encoder() -> SentenceEncoder:
    try:
        return SentenceEncoder()
    except EncoderMissingError as error:
        pytest.skip(str(error))


def test_a_folder_without_a_model_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(EncoderMissingError, match=r"config\.json"):
        find_weights(str(tmp_path))


def test_nothing_heavy_loads_before_the_first_claim() -> None:
    if not neural_is_installed():
        pytest.skip("the extra neural is not installed")
    code = (
        "import sys\nfrom vcpd.verifiers.embedded import EmbeddedVerifier\n"
        "from vcpd.verifiers.minilm import EncoderMissingError\n"
        "try:\n    EmbeddedVerifier()\nexcept EncoderMissingError:\n    pass\n"
        "print('torch' in sys.modules, 'transformers' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_a_vector_for_each_word_and_one_for_the_text(encoder: SentenceEncoder) -> None:
    texts = ["The usual dose is 40 mg.", "", "\ud800 na\u00efve \u0000 caf\u00e9", "word " * 2000]
    for text, found in zip(texts, encoder.encode(texts), strict=True):
        assert found.words.shape == (len(tokenize(text)), len(found.sentence))
        assert found.rarity.shape == (len(tokenize(text)),)
        assert np.linalg.norm(found.sentence) == pytest.approx(1, abs=1e-5)
        assert not len(found.rarity) or 0 < found.rarity.min() <= found.rarity.max() <= 1


def test_batches_change_nothing_that_matters(encoder: SentenceEncoder) -> None:
    texts = ["Short.", "A somewhat longer sentence about the weather in spring.", "Another one, of middling length."]
    for text, together in zip(texts, encoder.encode(texts), strict=True):
        [alone] = encoder.encode([text])
        assert np.max(np.abs(alone.sentence - together.sentence)) < 1e-5


def test_paraphrase_is_nearer_than_other_matters(encoder: SentenceEncoder) -> None:
    a, b, c = (
        e.sentence for e in encoder.encode(["The doctor cured him.", "A physician healed the man.", "Buy shares."])
    )
    assert a @ b > a @ c + 0.3


def test_numbers_and_rare_words_tell_more_than_common_ones(encoder: SentenceEncoder) -> None:
    [found] = encoder.encode(["people 1937 chromodynamics"])
    people, year, rare = found.rarity
    assert people < year == 1.0
    assert people < rare


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("The usual dose for adults is 40 mg once daily.", Label.SUPPORTED),
        ("Adults usually take 40 mg once a day.", Label.SUPPORTED),
        ("Zolvane treats high blood pressure.", Label.SUPPORTED),
        ("The usual dose for adults is 80 mg once daily.", Label.REFUTED),
        ("The limitation period applies to minors.", Label.REFUTED),
        ("The harbour was dredged by volunteers in autumn.", Label.NOT_ENOUGH_INFO),
    ],
)
def test_labels(encoder: SentenceEncoder, text: str, label: Label) -> None:
    passages = [Passage("leaflet", Span(0, len(LEAFLET)), LEAFLET)]
    [verdict] = EmbeddedVerifier(encoder).verify([(Claim(text, Span(0, len(text))), passages)])
    assert isinstance(verdict, Verdict)
    assert verdict.label is label, (verdict.probability, verdict.reason)
    assert all(e.span.of(LEAFLET) == e.text for e in verdict.evidence)
