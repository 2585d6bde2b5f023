"""The head whose curves may only rise, or only fall."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from vcpd.verifiers.calibration import DIRECTIONS, bundled, calibration_from, calibration_json
from vcpd.verifiers.embedded_features import FEATURES
from vcpd.verifiers.monotone import Curve, Head, fit, head_from, head_json

DIRECTED = {"up": 1, "down": -1, "either": 0}
ROW = st.lists(st.floats(-3, 3), min_size=3, max_size=3)


def data(n: int = 400, seed: int = 0) -> tuple["np.ndarray[tuple[int, int], np.dtype[np.float64]]", list[bool]]:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 3))
    z = 2 * x[:, 0] - x[:, 1] + 0.5 * x[:, 2]
    return x, [bool(b) for b in rng.random(n) < 1 / (1 + np.exp(-z))]


FITTED = fit(*data(), DIRECTED)


def test_by_hand() -> None:
    """z = 0.5: bias 1, 2 * 0.5, knot .25: 3 * (.25 / .75) + 4 * 1; logistic of 7."""
    head = Head(1.0, (Curve("f", 1, 0.0, 2.0, (0.25,), (2.0, 3.0, 4.0)),))
    assert head.probabilities([[1.0]])[0] == pytest.approx(1 / (1 + np.exp(-7.0)))
    assert head.probabilities([[9.0]])[0] == head.probabilities([[2.0]])[0]  # flat outside its range


@given(ROW, st.floats(0, 3))
def test_more_never_goes_the_wrong_way(row: list[float], more: float) -> None:
    up, down = [row[0] + more, row[1], row[2]], [row[0], row[1] + more, row[2]]
    p, p_up, p_down = FITTED.probabilities([row, up, down])
    assert p_down <= p + 1e-12 <= p_up + 2e-12


def test_a_direction_against_the_data_gives_a_flat_curve() -> None:
    x, labels = data()
    head = fit(x, labels, {"up": -1, "down": 1, "either": 0})
    assert all(w == pytest.approx(0, abs=1e-6) for c in head.curves[:2] for w in c.weights)
    assert any(abs(w) > 0.1 for w in head.curves[2].weights)


def test_straight_lines_agree_with_another_library() -> None:
    """Without directions the head is a ridge logistic regression on features scaled to [0, 1]."""
    sm = pytest.importorskip("statsmodels.api")
    x, labels = data(4000)
    head = fit(x, labels, {"a": 0, "b": 0, "c": 0})
    scaled = np.column_stack([np.clip((x[:, i] - c.low) / (c.high - c.low), 0, 1) for i, c in enumerate(head.curves)])
    design, ridge = sm.add_constant(scaled), np.array([0.0, 10.0, 10.0, 10.0]) / len(labels)
    model = sm.GLM(np.array(labels, float), design, family=sm.families.Binomial())
    other = model.fit_regularized(alpha=ridge, L1_wt=0.0)
    assert np.max(np.abs(head.probabilities(x) - other.predict(design))) < 1e-3


def test_separable_data_stay_finite_and_repeat() -> None:
    x = np.array([[float(i > 5)] for i in range(12)])
    labels = [i > 5 for i in range(12)]
    first, second = (fit(x, labels, {"f": 1}) for _ in range(2))
    assert first == second
    assert all(abs(w) < 20 for w in first.curves[0].weights)


def test_weights_move_the_level() -> None:
    x, labels = np.zeros((10, 1)), [True] * 5 + [False] * 5
    heavy = fit(x, labels, {"f": 1}, [3.0] * 5 + [1.0] * 5)
    assert heavy.probabilities([[0.0]])[0] == pytest.approx(0.75, abs=0.01)


@pytest.mark.parametrize("labels", [[True, True], [True]])
def test_what_cannot_be_fitted_is_refused(labels: list[bool]) -> None:
    with pytest.raises(ValueError, match=r"one kind is missing|one row of"):
        fit(np.zeros((2, 1)), labels, {"f": 1})


def test_a_head_survives_its_file_to_four_digits() -> None:
    again = head_from(json.loads(json.dumps(head_json(FITTED))))
    x, _ = data(100, seed=3)
    assert np.max(np.abs(again.probabilities(x) - FITTED.probabilities(x))) < 1e-3


def test_the_bundled_calibration_is_the_text_that_its_own_numbers_give() -> None:
    text = calibration_json(bundled())
    assert calibration_from(text) == bundled()
    assert calibration_json(calibration_from(text)) == text
    assert set(FEATURES) == {c.feature for c in bundled().head.curves}


def test_every_curve_of_the_bundled_head_keeps_its_direction() -> None:
    for curve in bundled().head.curves:
        assert curve.direction == DIRECTIONS[curve.feature]
        assert curve.direction == 0 or all(w * curve.direction >= 0 for w in curve.weights)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"head": {"bias": 0, "curves": []}}'])
def test_a_file_that_is_no_calibration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a calibration"):
        calibration_from(text)


def test_a_calibration_of_other_features_is_refused() -> None:
    own = bundled()
    fewer = replace(own, head=Head(own.head.bias, own.head.curves[1:]))
    with pytest.raises(ValueError, match="fitted on other features"):
        calibration_from(calibration_json(fewer))
