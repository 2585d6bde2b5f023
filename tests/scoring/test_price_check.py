"""Two price tables side by side: what differs is said, and nothing else."""

from dataclasses import replace

import pytest
from vcpd.scoring.price_check import price_differences
from vcpd.scoring.prices import LongContext, Price, PriceTable

OURS = Price(2.0, 8.0, cache_read=0.5, source="list", tiers={"batch": Price(1.0, 4.0)})


def differences(ours: Price, theirs: Price, **more: bool) -> list[tuple[str, float | None, float]]:
    found = price_differences(PriceTable({"m": ours}), PriceTable({"m": theirs}), ["m"], **more)
    return [(d.field, d.ours, d.theirs) for d in found]


@pytest.mark.parametrize(
    ("theirs", "found"),
    [
        (OURS, []),
        (replace(OURS, input=2.001), []),  # a rounding
        (replace(OURS, input=2.5), [("input", 2.0, 2.5)]),
        (replace(OURS, cache_read=None), []),  # theirs says nothing
        (replace(OURS, cache_write=2.5), [("cache write", None, 2.5)]),
        (replace(OURS, tiers={"batch": Price(1.0, 5.0)}), [("batch output", 4.0, 5.0)]),
        (replace(OURS, tiers={"flex": Price(9.0, 9.0)}), []),  # a tier that only one table has prices nothing here
        (
            replace(OURS, long_context=LongContext(200_000, 4.0, 12.0)),
            [("long context input", None, 4.0), ("long context output", None, 12.0)],
        ),
    ],
)
def test_what_differs(theirs: Price, found: list[tuple[str, float | None, float]]) -> None:
    assert differences(OURS, theirs) == found


def test_what_only_they_have_may_be_left_out() -> None:
    assert differences(OURS, replace(OURS, cache_write=2.5, input=3.0), missing=False) == [("input", 2.0, 3.0)]


def test_seconds_and_unknown_models_have_nothing_to_differ_on() -> None:
    assert differences(Price(per_second=1.0), OURS) == []
    assert price_differences(PriceTable({}), PriceTable({"m": OURS}), ["m"]) == []


def test_a_difference_is_a_sentence() -> None:
    [found] = price_differences(
        PriceTable({"m": OURS}), PriceTable({"m": replace(OURS, input=3.0, source="map")}), ["m"]
    )
    assert str(found) == "m, input: 2 here (list), 3 in map"
