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


def test_a_few_labels_hardly_move_what_is_nearly_right_and_many_do() -> None:
    """Four in five right at a stated .7: half way in logits is .75; a hundred labels go less far, ten thousand all."""
    few, many = (fit_line([0.7, 0.2] * (5 * n), [True, False, True, False, True, True, True, False, False, False] * n)
                 for n in (10, 1_000))  # fmt: skip
    assert 0.7 < few(0.7) < many(0.7) == pytest.approx(0.8, abs=0.01)


def test_far_off_probabilities_are_followed() -> None:
    """Heavy tails: .98 stated, half of them right."""
    line = fit_line([0.98, 0.96] * 50, [True, True, False, False] * 25)
    assert line(0.97) == pytest.approx(0.5, abs=0.06)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=20, max_size=60))
def test_any_labels_give_a_rising_finite_line(rows: list[tuple[float, bool]]) -> None:
    if len({s for _, s in rows}) < 2:
        rows = [*rows, (0.5, True), (0.5, False)]
    line = fit_line([p for p, _ in rows], [s for _, s in rows])
    assert line.slope > 0
    assert abs(line.intercept) < 100


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
