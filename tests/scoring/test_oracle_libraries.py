"""Against ppi-python and MAPIE where their answer is right; where it is wrong, the test says why."""

import numpy as np
import ppi_py
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from mapie.risk_control import BinaryClassificationController
from mapie.risk_control.methods import compute_hoeffding_bentkus_p_value
from numpy.typing import NDArray
from vcpd.scoring.draws import DrawSettings
from vcpd.scoring.error_rate import post_stratified
from vcpd.scoring.estimate import InsufficientDataError
from vcpd.scoring.judge_tables import JudgeTable, Stratum
from vcpd.scoring.stated import Stated, stated
from vcpd.scoring.thresholds import binomial_p_value, learn_then_test

Floats = NDArray[np.float64]
DRAWS = DrawSettings(n=4000)
THRESHOLDS = tuple(round(0.95 - 0.05 * i, 2) for i in range(18))


def spelled_out(table: JudgeTable) -> tuple[Floats, Floats, Floats]:
    """Labels, the judge's verdicts on the labelled, and on the rest, item by item."""
    f, u = table.flagged, table.unflagged
    wrong = [1] * f.wrong + [0] * (f.labelled - f.wrong) + [1] * u.wrong + [0] * (u.labelled - u.wrong)
    judged = [1] * f.labelled + [0] * u.labelled
    rest = [1] * (f.pool - f.labelled) + [0] * (u.pool - u.labelled)
    return np.array(wrong, float), np.array(judged, float), np.array(rest, float)


@settings(max_examples=25, deadline=None)
@given(st.tuples(*(st.integers(60, 300) for _ in range(4))), st.integers(4, 20))
def test_ppi_plus_plus_agrees_where_errors_are_plenty(labels: tuple[int, ...], times: int) -> None:
    """Post-stratification is the efficient estimator that power tuning approaches (arXiv:2601.05420)."""
    a, b, c, d = labels  # wrong and right among the flagged, then among the unflagged
    assume(a * d > b * c)  # of a judge that is worse than chance PPI++ makes no use
    table = JudgeTable(Stratum(times * (a + b), a + b, a), Stratum(times * (c + d), c + d, c))
    y, judged, unlabelled = spelled_out(table)
    theirs = float(ppi_py.ppi_mean_pointestimate(y, judged, unlabelled).item())
    low, high = (float(x.item()) for x in ppi_py.ppi_mean_ci(y, judged, unlabelled, alpha=0.05))
    ours = post_stratified(table, settings=DRAWS).estimate("p")
    assert ours.low is not None
    assert ours.high is not None
    assert ours.value == pytest.approx(theirs, abs=0.1 * (high - low))
    assert ours.high - ours.low == pytest.approx(high - low, rel=0.15)


def test_ppi_plus_plus_has_no_width_at_zero_labelled_errors() -> None:
    """Its variance is estimated from residuals, all of which are 0: an interval of no width about 0. Ours says 3 %."""
    table = JudgeTable(Stratum(100, 10, 0), Stratum(500, 40, 0))
    y, judged, unlabelled = spelled_out(table)
    low, high = (float(x.item()) for x in ppi_py.ppi_mean_ci(y, judged, unlabelled, alpha=0.05))
    assert (low, high) == (0, 0)
    e = post_stratified(table, settings=DRAWS).estimate("p")
    assert e.high is not None
    assert e.high > 0.02


def test_one_sided_intervals_of_ppi_python_are_two_sided() -> None:
    """ppi-python 0.2.3 drops `alternative` when it tunes lambda itself: its "larger" bound is the two-sided one."""
    table = JudgeTable(Stratum(900, 100, 60), Stratum(2100, 200, 20))
    both = ppi_py.ppi_mean_ci(*spelled_out(table), alpha=0.05)
    larger = ppi_py.ppi_mean_ci(*spelled_out(table), alpha=0.05, alternative="larger")
    assert float(larger[0].item()) == pytest.approx(float(both[0].item()))  # and not the higher one-sided bound


def counts(data: Stated, threshold: float) -> tuple[int, int]:
    taken = data.confidence >= threshold
    return int((taken & (data.right == 0)).sum()), int(taken.sum())


@given(st.integers(0, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), st.floats(0.01, 0.5))
def test_p_values_are_those_of_mapie(counts: tuple[int, int], alpha: float) -> None:
    """Binary losses: both are the exact binomial tail.

    MAPIE rounds n * (errors / n) up, so that an error too many is counted where the product exceeds the count by a
    rounding error of floats (7 errors of 25, say). The comparison allows for that and for nothing else.
    """
    errors, n = counts
    if n == 0:
        return
    theirs = float(compute_hoeffding_bentkus_p_value(np.array([errors / n]), n, alpha, binary=True).item())
    seen = int(np.ceil(n * (errors / n)))
    assert seen in (errors, errors + 1)
    expected = binomial_p_value(min(seen, n), n, alpha=alpha)
    if errors / n <= alpha:
        assert theirs == pytest.approx(expected, rel=1e-9, abs=1e-12)
    else:
        assert theirs >= binomial_p_value(errors, n, alpha=alpha) - 1e-12


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize(("alpha", "delta"), [(0.05, 0.1), (0.1, 0.05), (0.2, 0.1)])
def test_thresholds_are_those_of_mapie(seed: int, alpha: float, delta: float) -> None:
    rng = np.random.default_rng(seed)
    confidence = rng.beta(4, 1.2, 600).round(3)
    right = (rng.random(600) < confidence ** (1.0 if seed % 3 else 4.0)).astype(float)
    controller = BinaryClassificationController(
        lambda x: np.column_stack([1 - x, x]),
        "precision",
        target_level=1 - alpha,
        confidence_level=1 - delta,
        list_predict_params=np.array(THRESHOLDS),
        fwer_method="fixed_sequence",
    ).calibrate(confidence, right)
    data = stated(confidence, right)
    theirs = controller.p_values.ravel()
    exact = [float(binomial_p_value(*counts(data, t), alpha=alpha)) for t in THRESHOLDS]
    one_more = [float(binomial_p_value(e + 1, n, alpha=alpha)) for e, n in (counts(data, t) for t in THRESHOLDS)]
    for p, low, high in zip(theirs, exact, one_more, strict=True):
        assert low - 1e-9 <= p <= high + 1e-9  # rounded up, see above; never below the exact tail
    try:
        ours = learn_then_test(data, THRESHOLDS, alpha=alpha, delta=delta).threshold
    except InsufficientDataError:
        assert len(controller.valid_predict_params) == 0
        return
    k = THRESHOLDS.index(ours)
    rounded = [i for i in range(k + 1) if theirs[i] > delta]  # certified by the exact tail alone
    assert all(exact[i] <= delta < one_more[i] for i in rounded)
    if not rounded:
        assert min(controller.valid_predict_params) == pytest.approx(ours)
