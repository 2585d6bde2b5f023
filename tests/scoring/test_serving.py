"""Serving conditions: frozen, hashed, compared."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vcpd.scoring.serving import ServingCondition, Slo, condition_differences, condition_row, read_condition

seconds = st.none() | st.floats(1e-3, 1e3)
conditions = st.builds(
    ServingCondition,
    batch=st.sampled_from(["as run", "8 streams", "3 requests/s, Poisson"]),
    context=st.sampled_from(["as retrieved", "32k"]),
    slo=st.builds(Slo, seconds, seconds, seconds, st.floats(0.5, 0.999)),
    verification=st.sampled_from(["none", "lexical, 1 retries"]),
    agent=st.sampled_from(["one call", "react(tools=search)"]),
)


@given(conditions, conditions)
def test_equal_conditions_and_only_those_have_one_hash(one: ServingCondition, other: ServingCondition) -> None:
    assert (one == other) == (one.sha256 == other.sha256)
    assert read_condition("here", condition_row(one)) == one
    assert condition_differences(one, one) == ()


def test_a_condition_kept_before_there_were_agents_is_read() -> None:
    row = condition_row(ServingCondition(context="4k"))
    del row["agent"]
    assert read_condition("here", row) == ServingCondition(context="4k", agent="one call")
    kept = '{"batch": "as run", "context": "4k", "slo": {"e2e_s": null, "itl_s": null, "percentile": 0.99, '
    kept += '"ttft_s": null}, "verification": "none"}'
    assert row["sha256"] == hashlib.sha256(kept.encode()).hexdigest()


def test_a_condition_changed_by_hand_is_refused() -> None:
    row = condition_row(ServingCondition(context="4k")) | {"context": "128k"}
    with pytest.raises(ValueError, match="changed by hand"):
        read_condition("here", row)


def test_what_differs_is_named() -> None:
    quality = ServingCondition("as run", "4k", verification="lexical, 1 retries")
    throughput = ServingCondition("8 streams", "128k", Slo(ttft_s=0.5), "none")
    assert condition_differences(quality, throughput) == (
        "context (Q with 4k, T with 128k)",
        "verification (Q with lexical, 1 retries, T with none)",
    )
    batch = ServingCondition("4 streams", "128k", verification="none")
    assert condition_differences(batch, throughput) == ("batch (Q at 4 streams, T at 8 streams)",)


@pytest.mark.parametrize("limit", [0.0, -1.0, float("inf"), float("nan")])
def test_a_limit_that_is_no_time_is_refused(limit: float) -> None:
    with pytest.raises(ValueError, match="itl_s"):
        Slo(itl_s=limit)


def test_an_slo_reads_as_people_write_it() -> None:
    assert str(Slo(0.5, 0.05, 2.0)) == "p99 TTFT <= 500 ms, ITL <= 50 ms, E2E <= 2000 ms"
    assert str(Slo()) == "none"
