"""Timed requests to throughput, latencies and goodput: by hand, by property, and in simulated servers."""

import heapq
import math
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from vcpd.scoring.estimate import InsufficientDataError
from vcpd.scoring.load_summary import check_tokens, client_limited, compared_with_tokenizer, summarise_load
from vcpd.scoring.saturation import Probe, SearchRange, highest_kept, next_level
from vcpd.scoring.served_requests import Ending, ServedRequest, at_percentile, keeps, latencies
from vcpd.scoring.serving import Slo
from vcpd.scoring.steady import grows, mser_cut, rate_estimate, steady_window, token_rate


class Client(NamedTuple):
    lag_p99_s: float
    cpu_share: float


def request(due: float, ttft: float = 0.2, itl: float = 0.02, tokens: int = 64, **other: object) -> ServedRequest:
    arrivals = tuple(due + ttft + itl * i for i in range(tokens))
    fields = {"sent": due, "end": arrivals[-1], "ending": Ending.OK, "arrivals": arrivals, "output_tokens": tokens}
    return ServedRequest(due, **{**fields, **other})  # type: ignore[arg-type]


def streams(n: int, seconds: float, **other: float) -> list[ServedRequest]:
    """A closed loop on a server of fixed times, its streams spread over one request."""
    one = request(0.0, **other).e2e_s  # type: ignore[arg-type]
    starts = [one * i / n for i in range(n)]
    return [
        request(s + k * one, **other)  # type: ignore[arg-type]
        for s in starts
        for k in range(int((seconds - s) / one) + 1)
    ]


def test_names_of_latencies_are_what_they_say() -> None:
    r = request(1.0, ttft=0.2, itl=0.02, tokens=64, sent=1.05)
    assert r.ttft_s == pytest.approx(0.2)  # from when it was due, not from when it was sent
    assert r.tpot_s == pytest.approx(0.02)  # vLLM's TPOT; guidellm's would be 1.46 / 64
    assert r.e2e_s == pytest.approx(1.46)
    found = latencies([r])
    assert found.client_delay is not None
    assert found.client_delay.p99 == pytest.approx(0.05)
    four = request(0.0, tokens=16, output_tokens=64)  # four tokens a chunk
    assert four.tpot_s == pytest.approx(15 * 0.02 / 63)
    assert four.gaps_s.mean() == pytest.approx(0.02)


@pytest.mark.parametrize("n", [1, 8, 64])
def test_a_server_of_fixed_times_has_the_throughput_it_has(n: int) -> None:
    found = summarise_load(streams(n, 40), Slo(), 3.0, 40.0)
    assert found.tokens_per_s is not None
    assert found.tokens_per_s.value == pytest.approx(n * 64 / 1.46, rel=0.01)
    assert found.tokens_per_s.n_clusters >= 5
    assert found.kept
    assert found.requests_per_s == pytest.approx(n / 1.46, rel=0.04)


def test_failures_are_counted_and_in_no_average() -> None:
    good = streams(8, 40)
    failed = [ServedRequest(t, t, t + 30, Ending.TIMEOUT) for t in np.arange(5, 35, 0.5)]
    failed += [ServedRequest(t, t, t + 0.001, Ending.RATE_LIMITED) for t in np.arange(5, 35, 0.5)]
    alone, mixed = (summarise_load(r, Slo(e2e_s=2.0), 3.0, 40.0) for r in (good, good + failed))
    assert mixed.latencies == alone.latencies
    assert mixed.tokens_per_s == alone.tokens_per_s
    assert (alone.kept, mixed.kept) == (True, False)
    assert mixed.endings == {"ok": alone.endings["ok"], "timeout": 60, "rate_limited": 60}
    assert mixed.attained is not None
    assert mixed.attained.value == pytest.approx(alone.endings["ok"] / (alone.endings["ok"] + 120))


def test_percentiles_count_a_failure_as_infinitely_late() -> None:
    slo = Slo(ttft_s=1.0, percentile=0.9)
    nine = [request(i) for i in range(9)]
    assert at_percentile([*nine, ServedRequest(9, 9, 9, Ending.SERVER_ERROR)], slo)["ttft"] < 1
    worse = [*nine[:8], *(ServedRequest(9, 9, 9, Ending.SERVER_ERROR) for _ in range(2))]
    assert at_percentile(worse, slo)["ttft"] == float("inf")


def test_goodput_asks_each_request() -> None:
    slo = Slo(ttft_s=0.5, itl_s=0.05, e2e_s=2.0)
    assert keeps(request(0.0), slo)
    assert not keeps(request(0.0, ttft=0.6), slo)
    assert not keeps(request(0.0, itl=0.06), slo)
    assert not keeps(request(0.0, tokens=128), slo)
    assert not keeps(request(0.0, delivered=False), slo)


def test_rejected_attempts_are_made_but_not_delivered() -> None:
    requests = [request(i, tokens=10, wasted_tokens=10 * (i % 2), attempts=1 + i % 2) for i in range(40)]
    found = summarise_load(requests, Slo(), 2.0, 40.0)
    assert found.tokens_per_s is not None
    assert found.tokens_per_s.value == pytest.approx(10, rel=0.05)
    assert found.raw_tokens_per_s == pytest.approx(1.5 * found.tokens_per_s.value, rel=0.05)


def test_an_overloaded_server_is_told_by_its_queue_not_by_its_throughput() -> None:
    # one request each 0.2 s on a server that takes 0.25 s each: the queue grows by 50 ms a request
    late = [request(0.2 * i, ttft=0.05 + 0.05 * i, itl=0.01, tokens=20) for i in range(200)]
    found = summarise_load(late, Slo(), 2.0, 40.0)
    assert not found.kept
    assert "queue builds up" in found.why
    assert not grows([0.2, 0.21] * 50)
    assert not grows(np.random.default_rng(0).exponential(1.0, 500))


@given(st.integers(4, 60), st.floats(0.1, 10))
def test_mser_cuts_a_warm_up_and_nothing_else(cut: int, level: float) -> None:
    steady = level + 0.01 * level * np.sin(np.arange(120))
    assert mser_cut(np.concatenate([np.zeros(cut), steady])) >= cut
    assert mser_cut(np.full(50, level)) == 0


def test_windows_that_are_too_few_give_no_number() -> None:
    with pytest.raises(InsufficientDataError, match="5"):
        rate_estimate([1.0] * 4, 0.95, 4)
    with pytest.raises(InsufficientDataError, match="measure for longer"):
        token_rate([request(0.0)], (0.0, 2.0))
    with pytest.raises(InsufficientDataError, match="warm-up"):
        steady_window([], 5.0, 5.0)


def test_the_interval_of_t_covers_the_truth() -> None:
    """Batch means of a Poisson stream of answers: at least 90 of 100 intervals of 95 % hold the truth."""
    rng, held = np.random.default_rng(1), 0
    for _ in range(100):
        due = np.cumsum(rng.exponential(0.2, 400))
        due = due[due < 60]
        found = token_rate([request(float(t), 0.1, 0.01, 20) for t in due], (5.0, 60.0))
        assert found.low is not None
        assert found.high is not None
        held += found.low <= 100 <= found.high
    assert held >= 90


def test_token_counts_are_compared_and_a_difference_is_said() -> None:
    assert check_tokens([request(0.0)]).disagreement == ""
    assert "4 tokens a chunk" in check_tokens([request(0.0, tokens=16, output_tokens=64)]).disagreement
    none = check_tokens([request(0.0, output_tokens=None)])
    assert none.by == "chunks"
    assert "without a token count" in none.disagreement
    assert "0.5" in compared_with_tokenizer(check_tokens([request(0.0)]), [(64, 128)]).disagreement


def test_half_of_the_ceiling_is_the_client() -> None:
    assert client_limited(400, 1000, Client(0.001, 0.2), 0.02) == ""
    assert "60%" in client_limited(600, 1000, Client(0.001, 0.2), 0.02)
    assert "70% of a core" in client_limited(400, 1000, Client(0.001, 0.7), 0.02)
    assert "late" in client_limited(10, None, Client(0.2, 0.2), 0.02)


@given(st.floats(1, 3000), st.booleans())
def test_a_search_ends_just_below_the_highest_load_that_holds(truth: float, whole: bool) -> None:
    where = SearchRange(1.0, 1.0 if whole else 1 / 64, 2048.0, 0.05, whole)
    probes: list[Probe] = []
    while (level := next_level(probes, where)) is not None:
        assert level not in [p.level for p in probes]
        probes.append(Probe(level, level <= truth))
        assert len(probes) < 40
    found = highest_kept(probes)
    assert found is not None
    assert found <= truth
    assert truth <= max(found * 1.05, found + 1 if whole else 0) or found == where.largest


def queue(rate: float, slots: int, n: int, rng: np.random.Generator) -> list[ServedRequest]:
    """M/M/c with a mean service of one second; the first token comes when service begins."""
    free, found = [0.0] * slots, []
    for due, service in zip(np.cumsum(rng.exponential(1 / rate, n)), rng.exponential(1.0, n), strict=True):
        begin = max(float(due), heapq.heappop(free))
        heapq.heappush(free, begin + service)
        found.append(ServedRequest(float(due), float(due), begin + service, Ending.OK, (begin, begin + service), 2))
    return found


def test_the_saturation_rate_of_a_queue_is_that_of_erlang_c() -> None:
    """P(wait > t) = C(rate) * exp(-(c - rate) * t): the search finds the rate at which that is one in a hundred."""
    slots, limit, rng = 8, 1.0, np.random.default_rng(3)

    def late(rate: float) -> float:
        busy = rate**slots / math.factorial(slots) * slots / (slots - rate)
        waits = busy / (sum(rate**k / math.factorial(k) for k in range(slots)) + busy)
        return waits * math.exp(-(slots - rate) * limit)

    truth = next(r for r in np.arange(1, slots, 0.001) if late(r) > 0.01)
    where, probes = SearchRange(1.0, 1 / 64, 64.0, 0.02), []
    while (level := next_level(probes, where)) is not None:
        n = 8000
        found = summarise_load(queue(level, slots, n, rng), Slo(ttft_s=limit), 20.0, n / level)
        probes.append(Probe(level, found.kept))
    assert highest_kept(probes) == pytest.approx(truth, rel=0.05)


def test_a_search_that_holds_nowhere_finds_nothing() -> None:
    where, probes = SearchRange(1.0, 1 / 64, 64.0), []
    while (level := next_level(probes, where)) is not None:
        probes.append(Probe(level, False))
    assert highest_kept(probes) is None
    assert min(p.level for p in probes) == 1 / 64
