"""A verifier moved along a line: only its probabilities change."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vcpd.retrieval.passages import Passage, Span
from vcpd.scoring.estimate import InsufficientDataError
from vcpd.verifiers.labelled import LabelledClaim
from vcpd.verifiers.lexical import LexicalVerifier
from vcpd.verifiers.recalibration import LogitLine, RecalibratedVerifier, fit_line, recalibrated
from vcpd.verifiers.verdict import Claim, Failure, Verdict

SOURCE = "The bridge has six lanes. The mayor opened the bridge in spring."
PASSAGE = Passage("d", Span(0, len(SOURCE)), SOURCE)


def claim(text: str) -> Claim:
    return Claim(text, Span(0, len(text)))


def test_by_hand() -> None:
    """logit(.8) = ln 4; half of it is ln 2, which is 2/3."""
    assert LogitLine(0.0, 0.5)(0.8) == pytest.approx(2 / 3)
    assert LogitLine()(0.37) == pytest.approx(0.37)


@given(st.floats(0, 1), st.floats(0, 1), st.floats(-5, 5), st.floats(0, 5))
def test_order_is_kept_and_probabilities_stay_inside(p: float, q: float, intercept: float, slope: float) -> None:
    line = LogitLine(intercept, slope)
    low, high = line(min(p, q)), line(max(p, q))
    assert 0 < low <= high < 1


def test_labels_against_the_order_give_a_flat_line_not_a_falling_one() -> None:
    line = fit_line([0.1, 0.9] * 50, [True, False] * 50)
    assert line.slope == pytest.approx(0, abs=0.05)


def test_only_probabilities_change() -> None:
    pairs = [(claim(t), [PASSAGE]) for t in ("The bridge has six lanes.", "Penguins!", "x " * 20_000)]
    plain = LexicalVerifier()
    before, after = plain.verify(pairs), RecalibratedVerifier(plain, LogitLine(-1.0, 0.5)).verify(pairs)
    first, moved = before[0], after[0]
    assert isinstance(first, Verdict)
    assert isinstance(moved, Verdict)
    assert moved.probability == pytest.approx(LogitLine(-1.0, 0.5)(first.probability))
    assert (moved.label, moved.evidence, moved.unsupported) == (first.label, first.evidence, first.unsupported)
    assert moved.version != first.version
    assert isinstance(after[1], Verdict)
    assert after[1].probability == 0.0  # nothing in common stays nothing
    assert isinstance(after[2], Failure)


def test_from_labelled_claims() -> None:
    labels = [
        (LabelledClaim(claim(t), good), [PASSAGE])
        for t, good in [("The bridge has six lanes.", True), ("The lanes have a mayor.", False)] * 15
    ]
    found = recalibrated(LexicalVerifier(), labels)
    good, bad = found.verify([(c.claim, p) for c, p in labels[:2]])
    assert isinstance(good, Verdict)
    assert isinstance(bad, Verdict)
    assert good.probability > 0.8
    assert bad.probability < 0.2
    with pytest.raises(InsufficientDataError, match="20 labelled claims"):
        recalibrated(LexicalVerifier(), labels[:10])
