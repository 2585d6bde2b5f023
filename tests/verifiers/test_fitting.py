"""What is fitted beside the head: thresholds, and how claims combine to an answer."""

from collections.abc import Sequence
from hashlib import sha256

import numpy as np
import pytest
from vcpd.retrieval.passages import Passage, Span
from vcpd.retrieval.tokens import tokenize
from vcpd.verifiers.alignment import Aligner
from vcpd.verifiers.calibration import AnswerHead, answer_features
from vcpd.verifiers.encoder import Encoding
from vcpd.verifiers.fitting import fit_calibration, rows_of
from vcpd.verifiers.labelled import LabelledAnswer, LabelledClaim
from vcpd.verifiers.verdict import Claim

SOURCE = "The bridge has six lanes. The mayor opened the bridge in spring. Ferries stopped that summer."
GOOD = ("The bridge has six lanes.", "The mayor opened the bridge in spring.", "Ferries stopped that summer.")
BAD = ("Penguins guard the northern gate.", "Bakers sold cinnamon rolls cheaply.", "Violins rang across valleys.")


class Hashes:
    """Every word a random direction of its own."""

    name = "hashes"

    def encode(self, texts: Sequence[str]) -> list[Encoding]:
        return [self._one(tokenize(text)) for text in texts]

    def _one(self, words: list[str]) -> Encoding:
        rows = np.array([self._vector(w) for w in words], np.float32).reshape(len(words), 16)
        total = rows.sum(0) if words else np.ones(16, np.float32)
        return Encoding(total / np.linalg.norm(total), rows, np.ones(len(words), np.float32))

    def _vector(self, word: str) -> "np.ndarray[tuple[int], np.dtype[np.float32]]":
        seed = int.from_bytes(sha256(word.encode()).digest()[:4])
        v = np.random.default_rng(seed).normal(size=16)
        return np.asarray(v / np.linalg.norm(v), np.float32)


def marked(i: int, wrong: bool) -> LabelledAnswer:
    """An answer of two sentences, the second unsupported where `wrong`; people marked the stretch."""
    first, second = GOOD[i % 3], BAD[i % 3] if wrong else GOOD[(i + 1) % 3]
    text = f"{first} {second}"
    spans = (Span(len(first) + 1, len(text)),) if wrong else ()
    passages = (Passage("d", Span(0, len(SOURCE)), SOURCE),)
    return LabelledAnswer(f"a{i}", f"c{i}", text, passages, unsupported=spans)


ANSWERS = [marked(i, i % 2 == 0) for i in range(60)]


def test_rows_hold_what_people_marked() -> None:
    rows = rows_of(ANSWERS[:2], Aligner(Hashes()))
    assert rows.labels.tolist() == [True, False, True, True]
    assert rows.answers.tolist() == [0, 0, 1, 1]
    assert rows.shared.tolist() == [0, len(BAD[0]), 0, 0]
    assert rows.lengths.tolist()[:2] == [len(GOOD[0]), len(BAD[0])]


def test_answers_that_nobody_marked_count_for_no_stretch() -> None:
    claims = (LabelledClaim(Claim(GOOD[0], Span(0, 9)), True),)
    rows = rows_of([LabelledAnswer("a", "c", "x" * 9, ANSWERS[0].passages, claims)], Aligner(Hashes()))
    assert rows.lengths.tolist() == rows.shared.tolist() == [0]


def test_what_can_be_told_apart_is_told_apart() -> None:
    found = fit_calibration(ANSWERS, Aligner(Hashes()))
    right, wrong = ([a for a in ANSWERS if bool(a.unsupported) is kind] for kind in (False, True))
    good = found.head.probabilities(rows_of(right, Aligner(Hashes())).features)
    bad = found.head.probabilities(rows_of(wrong, Aligner(Hashes())).features[1::2])
    assert bad.max() < found.threshold < good.min()
    assert bad.max() < found.span_threshold < good.min()
    low, high = found.answer.probability([0.99, float(bad.mean())]), found.answer.probability([float(good.mean())] * 2)
    assert low < found.answer_threshold < high


def test_the_same_labels_give_the_same_numbers() -> None:
    assert fit_calibration(ANSWERS, Aligner(Hashes())) == fit_calibration(ANSWERS, Aligner(Hashes()))


def test_single_claims_teach_nothing_of_answers() -> None:
    single = []
    for i in range(40):
        text = (GOOD if i % 2 else BAD)[i % 3]
        claim = LabelledClaim(Claim(text, Span(0, len(text))), bool(i % 2))
        single.append(LabelledAnswer(f"a{i}", f"c{i}", text, ANSWERS[0].passages, (claim,)))
    assert fit_calibration(single, Aligner(Hashes())).answer == AnswerHead()


def test_of_the_head_for_answers_only_the_bias_is_fitted() -> None:
    few, many = (fit_calibration(some, Aligner(Hashes())).answer for some in (_mostly(wrong=10), _mostly(wrong=30)))
    assert (few.lowest, few.joint, many.lowest, many.joint) == (0.5,) * 4
    assert few.bias > many.bias


def _mostly(wrong: int) -> list[LabelledAnswer]:
    bad = [a for a in ANSWERS if a.unsupported][:wrong]
    return [a for a in ANSWERS if not a.unsupported] + bad


def test_the_head_of_answers_by_hand() -> None:
    lowest, joint = answer_features([0.5, 0.8])
    assert [lowest, joint] == pytest.approx([0.0, np.log(0.4)])
    head = AnswerHead(bias=1.0, lowest=2.0, joint=1.0)
    assert head.probability([0.5, 0.8]) == pytest.approx(1 / (1 + np.exp(-1.0) / 0.4))
    assert head.probability([]) == 1.0
    assert head.probability([0.5, 0.8, 0.9]) < head.probability([0.5, 0.8])
