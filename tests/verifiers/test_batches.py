"""Batches: order, sizes, and who pays for a failure."""

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vcpd.verifiers.batches import Unread, run_batches
from vcpd.verifiers.shared_usage import shared_usage


@given(st.lists(st.integers(0, 40), max_size=50), st.integers(1, 9), st.sets(st.integers(0, 49), max_size=6))
def test_only_the_guilty_are_unread(lengths: list[int], size: int, guilty: set[int]) -> None:
    seen: list[list[int]] = []

    def call(batch: Sequence[int]) -> list[int | None]:
        seen.append(list(batch))
        if guilty.intersection(batch):
            raise RuntimeError("no\nmemory")
        return [-i if i % 7 else None for i in batch]

    found = run_batches(range(len(lengths)), lengths, call, size)
    for i, result in enumerate(found):
        if i in guilty:
            assert result == Unread("the model failed on it (RuntimeError: no memory)")
        elif i % 7:
            assert result == -i
        else:
            assert isinstance(result, Unread)
    assert all(1 <= len(batch) <= size for batch in seen)
    assert all(lengths[a] >= lengths[b] for batch in seen for a, b in pairwise(batch))
    if not guilty:
        assert len(seen) == -(-len(lengths) // size)


def test_results_that_do_not_match_are_a_failure() -> None:
    found = run_batches("ab", [1, 1], lambda batch: [0] if len(batch) == 2 else list(batch), 2)
    assert found == ["a", "b"]
    assert isinstance(run_batches("a", [1], lambda _: [], 2)[0], Unread)
    with pytest.raises(ValueError):
        run_batches("a", [1], list, 0)


def test_an_interrupt_is_not_a_failure() -> None:
    def stop(_: Sequence[str]) -> list[str]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_batches("ab", [1, 1], stop, 2)


@given(st.lists(st.integers(0, 1000), max_size=30), st.floats(0, 100))
def test_the_claims_share_what_the_call_took(tokens: list[int], seconds: float) -> None:
    usages = shared_usage("x", tokens, seconds)
    assert [u.input_tokens for u in usages] == tokens
    assert sum(u.requests for u in usages) == int(any(tokens))
    if tokens:
        assert sum(u.seconds for u in usages) == pytest.approx(seconds)
