"""When the next stage pays: the closed form against the cheapest of three, by hand, and at its ends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vcpd.scoring.estimate import InsufficientDataError
from vcpd.scoring.stage_costs import Band, ClaimCosts, expected_usd, undecided

share = st.floats(0.0, 1.0)


def test_by_hand() -> None:
    """L = 10, J = 1, c = .1, Se = .9, phi = .1: high = 8 / 8.2, low = 1 / 1.8."""
    costs = ClaimCosts(10.0, 1.0)
    assert costs.accept_from == pytest.approx(0.9)
    band = undecided(costs, next_usd=0.1, sensitivity=0.9, false_positive_rate=0.1)
    assert (band.low, band.high) == pytest.approx((1.0 / 1.8, 8.0 / 8.2))
    assert band.asks


@given(st.floats(0.01, 0.99), st.floats(0.0, 2.0), share, share, share)
def test_the_band_is_where_asking_is_cheapest(j: float, usd: float, se: float, phi: float, s: float) -> None:
    costs = ClaimCosts(1.0, j)
    band = undecided(costs, next_usd=usd, sensitivity=se, false_positive_rate=phi)
    alone, asking = expected_usd(costs, s), expected_usd(costs, s, ask=(usd, se, phi))
    if band.low + 1e-9 < s < band.high - 1e-9:
        assert asking <= alone + 1e-12
    if s < band.low - 1e-9 or s > band.high + 1e-9:
        assert asking == pytest.approx(alone, abs=1e-9)
    assert band.low <= costs.accept_from <= band.high


@given(st.floats(0.01, 0.9), share, share, st.floats(0.0, 0.5))
def test_a_dearer_stage_is_asked_less(j: float, se: float, phi: float, usd: float) -> None:
    costs = ClaimCosts(1.0, j)
    cheap = undecided(costs, next_usd=usd, sensitivity=se, false_positive_rate=phi)
    dear = undecided(costs, next_usd=usd + 0.2, sensitivity=se, false_positive_rate=phi)
    assert dear.high - dear.low <= cheap.high - cheap.low + 1e-12


@pytest.mark.parametrize(
    ("usd", "se", "phi"), [(0.0, 0.0, 0.0), (0.0, 0.5, 0.5), (5.0, 0.99, 0.01)], ids=["blind", "chance", "too dear"]
)
def test_a_stage_that_never_pays(usd: float, se: float, phi: float) -> None:
    band = undecided(ClaimCosts(2.0, 1.0), next_usd=usd, sensitivity=se, false_positive_rate=phi)
    assert band == Band(0.5, 0.5)
    assert not band.asks


@pytest.mark.parametrize(("loss", "rejection"), [(1.0, 1.0), (1.0, 0.0), (0.0, 1.0), (float("inf"), 1.0)])
def test_costs_that_leave_nothing_to_choose(loss: float, rejection: float) -> None:
    with pytest.raises(InsufficientDataError, match="rejection must cost"):
        ClaimCosts(loss, rejection)


@pytest.mark.parametrize("wrong", [{"sensitivity": 1.1}, {"false_positive_rate": -0.1}, {"next_usd": -1.0}])
def test_nonsense(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"lies in|0 or more"):
        undecided(ClaimCosts(2.0, 1.0), **{"next_usd": 0.1, "sensitivity": 0.9, "false_positive_rate": 0.1, **wrong})
