"""The embedded verifier on an encoder made of letters: what holds whatever the weights are."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from vcpd.retrieval.passages import Passage, Span
from vcpd.retrieval.tokens import token_spans
from vcpd.scoring.estimate import InsufficientDataError
from vcpd.verifiers.calibration import bundled
from vcpd.verifiers.embedded import EmbeddedVerifier
from vcpd.verifiers.encoder import Encoding
from vcpd.verifiers.labelled import LabelledAnswer, LabelledClaim
from vcpd.verifiers.recalibration import FEWEST_LABELS, fit_line
from vcpd.verifiers.vector_cache import CachedEncoder
from vcpd.verifiers.verdict import Claim, Failure, Label, Verdict

SOURCE = "The bridge was opened in 1937 by the mayor of the town. It is 2,737 metres long and carries six lanes."


class Letters:
    """Counts of letters: alike words have alike vectors. Remembers how many texts it was given."""

    name = "letters"

    def __init__(self) -> None:
        self.seen = 0

    def encode(self, texts: Sequence[str]) -> list[Encoding]:
        self.seen += len(texts)
        return [self._one(text) for text in texts]

    def _one(self, text: str) -> Encoding:
        words = [text[span.start : span.end] for _, span in token_spans(text)]
        rows = np.array([self._vector(word) for word in words], np.float32).reshape(len(words), 27)
        return Encoding(self._vector(text), rows, np.ones(len(words), np.float32))

    def _vector(self, text: str) -> "np.ndarray[tuple[int], np.dtype[np.float32]]":
        counts = np.zeros(27, np.float32)
        for letter in text.lower():
            counts[ord(letter) - 97 if "a" <= letter <= "z" else 26] += 1
        return counts / max(float(np.linalg.norm(counts)), 1e-9)


def verifier() -> EmbeddedVerifier:
    return EmbeddedVerifier(Letters())


def claim(text: str) -> Claim:
    return Claim(text, Span(0, len(text)))


def passage(text: str = SOURCE) -> Passage:
    return Passage("doc", Span(0, len(text)), text)


def judged(text: str, *sources: str) -> Verdict:
    [verdict] = verifier().verify([(claim(text), [passage(s) for s in sources])])
    assert isinstance(verdict, Verdict)
    return verdict


def test_what_stands_in_the_source_is_supported_with_its_place() -> None:
    verdict = judged("The bridge was opened in 1937 by the mayor of the town.", SOURCE)
    assert verdict.label is Label.SUPPORTED
    assert verdict.unsupported == ()
    evidence = verdict.evidence[0]
    assert evidence.text == evidence.span.of(SOURCE)
    assert "1937" in evidence.text
    assert verdict.verifier == "embedded"
    assert "letters" in verdict.version


@pytest.mark.parametrize("sources", [(), ("",), ("   ",)])
def test_no_source_is_no_support(sources: tuple[str, ...]) -> None:
    verdict = judged("The bridge was opened in 1937.", *sources)
    assert (verdict.label, verdict.probability) == (Label.NOT_ENOUGH_INFO, 0.0)


@pytest.mark.parametrize(
    "text",
    [
        "The bridge was opened in 1973 by the mayor of the town.",
        "The bridge was never opened by the mayor of the town.",
    ],
)
def test_a_changed_year_or_a_negation_is_never_supported(text: str) -> None:
    assert judged(text, SOURCE).label is not Label.SUPPORTED


def test_other_matters_are_less_probable_than_the_sentence_itself() -> None:
    said, other = (judged(t, SOURCE) for t in ("It carries six lanes.", "Penicillin was found by Alexander Fleming."))
    assert said.probability > other.probability
    assert other.unsupported


def test_no_claim_no_verdict() -> None:
    assert verifier().verify([]) == []


def test_a_claim_beyond_all_measure_is_a_failure() -> None:
    [verdict] = verifier().verify([(claim("a " * 20_000), [passage()])])
    assert isinstance(verdict, Failure)


@given(st.text(max_size=60))
def test_any_text_gets_a_probability_and_places_within_it(text: str) -> None:
    [verdict] = verifier().verify([(claim(text), [passage()])])
    assert isinstance(verdict, Verdict)
    assert 0 <= verdict.probability <= 1
    assert all(0 <= s.start <= s.end <= len(text) for s in verdict.unsupported)


def test_one_call_gives_what_single_calls_give() -> None:
    texts = ["It carries six lanes.", "It is 2,737 metres long.", "It is 900 metres long."]
    together = verifier().verify([(claim(t), [passage()]) for t in texts])
    apart = [judged(t, SOURCE) for t in texts]
    assert [v.probability for v in together if isinstance(v, Verdict)] == pytest.approx([v.probability for v in apart])


def test_vectors_are_remembered_by_content(tmp_path: object) -> None:
    letters = Letters()
    encoder = CachedEncoder(letters, None)
    one, two = EmbeddedVerifier(encoder), EmbeddedVerifier(encoder)
    one.verify([(claim("It carries six lanes."), [passage()])])
    seen = letters.seen
    two.verify([(claim("It carries six lanes."), [passage()])])
    assert letters.seen == seen


def test_the_bundled_calibration_says_where_it_comes_from() -> None:
    at = bundled()
    assert 0 < at.threshold < 1
    assert at.provenance["digest"] == at.digest
    assert all(entry["claims"] > 100 and entry["source"] for entry in at.provenance["sets"])


def answers(n: int = 60) -> list[LabelledAnswer]:
    made = []
    for i in range(n):
        source = f"In {1900 + i} the town built a bridge of {100 + i} metres over the river."
        good, bad = f"The bridge of {1900 + i} has {100 + i} metres.", f"The council sold the harbour in {1700 + i}."
        claims = tuple(LabelledClaim(claim(t), t is good) for t in (good, bad))
        made.append(LabelledAnswer(f"a{i}", f"c{i}", f"{good} {bad}", (passage(source),), claims))
    return made


def test_it_learns_from_labels_and_keeps_none_of_them() -> None:
    learned = verifier().fitted(answers())
    assert learned.version != verifier().version
    source = "In 2001 the town built a bridge of 77 metres over the river."
    pairs = [(claim(t), [passage(source)]) for t in ("The bridge of 2001 has 77 metres.", "The harbour was sold.")]
    good, bad = learned.verify(pairs)
    assert isinstance(good, Verdict)
    assert isinstance(bad, Verdict)
    assert good.probability > bad.probability
    assert learned.answer_probability([good]) > learned.answer_probability([good, bad])


def test_labels_of_one_kind_teach_nothing() -> None:
    with pytest.raises(InsufficientDataError):
        verifier().fitted([LabelledAnswer("a", "c", "x", (passage(),), (LabelledClaim(claim("It is long."), True),))])


def test_recalibration_moves_probabilities_towards_the_labels() -> None:
    rng = np.random.default_rng(1)
    truth = rng.random(400)
    labels = [bool(x) for x in rng.random(400) < truth]
    overconfident = [float(p**2 / (p**2 + (1 - p) ** 2)) for p in truth]
    line = fit_line(overconfident, labels)
    assert line.slope == pytest.approx(0.5, abs=0.15)
    moved = [line(p) for p in overconfident]
    assert sorted(moved) == [line(p) for p in sorted(overconfident)]
    assert np.mean((np.array(moved) - truth) ** 2) < np.mean((np.array(overconfident) - truth) ** 2)
    with pytest.raises(InsufficientDataError):
        fit_line([0.5] * (FEWEST_LABELS - 1), [True] * (FEWEST_LABELS - 1))
