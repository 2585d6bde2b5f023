"""Several samples of one judgement, and the meter readings of what they took."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vcpd.scoring.usage import Usage
from vcpd.verifiers.metering import shared, summed
from vcpd.verifiers.voting import majority, order, tally

VOTES = st.lists(st.sampled_from(["supported", "refuted", "nei", None]), min_size=1, max_size=7)


@pytest.mark.parametrize(
    ("votes", "winner"),
    [
        ([], None),
        ([None], None),
        (["a"], "a"),
        (["a", "b"], None),
        (["a", None], None),
        (["a", "a", None], "a"),
        (["a", "b", None], None),
        (["a", "a", "b", "b"], None),
        (["b", "a", "b", "b"], "b"),
    ],
)
def test_majority_by_hand(votes: list[str | None], winner: str | None) -> None:
    assert majority(votes) == winner


@given(votes=VOTES)
def test_a_majority_is_what_inspects_mode_says(votes: list[str | None]) -> None:
    """Oracle: where more than half of the samples agree, inspect-ai's reducer `mode` gives the same."""
    from inspect_ai.scorer import Score, mode_score

    ours = majority(votes)
    most, n = Counter(votes).most_common(1)[0]
    assert ours == (most if n > len(votes) / 2 else None)
    if ours is not None:
        assert mode_score()([Score(value=v or "unusable") for v in votes]).value == ours


@given(n=st.integers(0, 12), sample=st.integers(0, 5), seed=st.text(max_size=5))
def test_an_order_holds_everything_once(n: int, sample: int, seed: str) -> None:
    places = order(n, sample, seed)
    assert sorted(places) == list(range(n))
    assert places == order(n, sample, seed)
    assert sample or places == list(range(n))


def test_votes_in_words() -> None:
    assert tally(["not_enough_info", None, "not_enough_info"]) == "2 not enough info, 1 unusable"


COUNT = st.integers(0, 10**9)


@given(
    counts=st.tuples(COUNT, COUNT, COUNT, COUNT, COUNT),
    seconds=st.floats(0, 1e6),
    requests=COUNT,
    among=st.integers(1, 9),
)
def test_shares_add_up_to_what_was_metered(
    counts: tuple[int, int, int, int, int], seconds: float, requests: int, among: int
) -> None:
    usage = Usage("verify:judge:m", "m", *counts, seconds, requests)
    parts = shared(usage, among)
    [total] = summed(parts)
    assert len(parts) == among
    assert total.seconds == pytest.approx(seconds)
    assert total == Usage("verify:judge:m", "m", *counts, total.seconds, requests)
    assert max(p.input_tokens for p in parts) - min(p.input_tokens for p in parts) <= 1


def test_nothing_is_shared_among_nobody() -> None:
    with pytest.raises(ValueError, match="1 or more, not 0"):
        shared(Usage("x"), 0)


def test_readings_of_different_stages_and_models_stay_apart() -> None:
    readings = [Usage("a", "m", 1), Usage("b", "m", 2), Usage("a", None, 4), Usage("a", "m", 8)]
    assert summed(readings) == (Usage("a", "m", 9), Usage("b", "m", 2), Usage("a", None, 4))
