"""The load generator against a server of known service law: what it measures is what the server did.

Laws need little processor time, and truths are taken from the law or the server's own log, so that a busy machine makes
these tests slow rather than wrong. Tighter comparisons are in tests/benchmarks/throughput_side_by_side.py.
"""

from dataclasses import replace
from pathlib import Path

import pytest
from vcpd.evals import load_client
from vcpd.evals.load_processes import offer, parts_of
from vcpd.evals.load_self_test import client_ceiling
from vcpd.evals.load_types import Endpoint, EndpointError, Load, LoadError, LoadKind, LoadPlan, LoadPrompt
from vcpd.evals.load_workload import Case, LoadWorkload
from vcpd.evals.loopback import Loopback, ServiceLaw, loopback
from vcpd.evals.pipeline import Known
from vcpd.evals.samples import Sample
from vcpd.evals.sse import Reader
from vcpd.evals.throughput import ThroughputPlan, measure_throughput
from vcpd.retrieval.passages import Document, Span
from vcpd.retrieval.sources import SourcePolicy
from vcpd.scoring.load_summary import LoadSummary, client_limited, summarise_load
from vcpd.scoring.served_requests import Ending
from vcpd.scoring.serving import Slo

CLOSED, POISSON = LoadKind.CLOSED, LoadKind.POISSON
PROMPTS = (LoadPrompt("a", "What is the law?"), LoadPrompt("b", "And what is not?"))


def measured(
    law: ServiceLaw, kind: LoadKind, level: float, seconds: float, slo: Slo | None = None, **endpoint: float
) -> tuple[Load, LoadSummary, list[dict[str, float]]]:
    ramp = min(law.service_s, 1.0)
    with loopback(law) as server:
        plan = LoadPlan(kind, level, seconds, ramp, seed=1)
        load = offer(Endpoint(server.base_url, "loopback", **endpoint), PROMPTS, plan)  # type: ignore[arg-type]
        log = server.log()
    return load, summarise_load(load.requests, slo or Slo(), 2 * ramp, load.stopped), log


def test_fixed_rate_closed_loop() -> None:
    law = ServiceLaw(ttft_s=0.1, itl_s=0.05, tokens=19)  # one second a request
    load, found, log = measured(law, CLOSED, 8, 8)
    assert found.tokens_per_s is not None
    assert found.tokens_per_s.value == pytest.approx(8 * 19 / law.service_s, rel=0.05)
    assert found.latencies.ttft is not None
    assert found.latencies.tpot is not None
    assert 0.1 <= found.latencies.ttft.p50 < 0.13
    assert found.latencies.tpot.p50 == pytest.approx(0.05, rel=0.05)
    assert found.check.by == "server"
    assert found.endings == {"ok": found.latencies.e2e.n} if found.latencies.e2e else False
    assert len(log) == len(load.requests)


def test_mm_c_queue_has_the_waits_of_erlang_c() -> None:
    """M/M/4 at 80 %: the mean time in the system against the server's own log of the same requests."""
    law = ServiceLaw(ttft_s=0.02, itl_s=0.01, tokens=9, slots=4, exponential=True)
    rate = 0.8 * 4 / law.service_s
    load, found, log = measured(law, POISSON, rate, 12)
    assert found.endings.keys() == {"ok"}
    assert len(load.requests) == pytest.approx(rate * 12, abs=5 * (rate * 12) ** 0.5)
    assert found.latencies.e2e is not None
    mine = sum(r.e2e_s for r in load.requests) / len(load.requests)
    truth = sum(entry["ended"] - entry["arrived"] for entry in log) / len(log)
    assert mine == pytest.approx(truth, abs=0.03)
    assert mine > 1.2 * law.service_s  # requests did wait: Erlang C says 1.75 service times


def test_a_stall_is_seen_from_when_requests_were_due() -> None:
    """No coordinated omission: who was due while the server stood still waited for the rest of it."""
    law = ServiceLaw(ttft_s=0.05, itl_s=0.01, tokens=5, stall_at_s=3.0, stall_for_s=2.0)
    load, found, _ = measured(law, POISSON, 10, 10, Slo(ttft_s=0.5))
    assert found.latencies.ttft is not None
    assert found.latencies.ttft.p99 > 1.5
    assert not found.kept
    late = sum(r.ttft_s > 0.5 for r in load.requests)
    assert 5 <= late <= 35  # about ten a second for a second and a half


@pytest.mark.parametrize(
    ("law", "ending"),
    [
        ({"every_429": 5}, Ending.RATE_LIMITED),
        ({"every_500": 5}, Ending.SERVER_ERROR),
        ({"every_cut": 5}, Ending.CUT_OFF),
        ({"every_hang": 5}, Ending.TIMEOUT),
    ],
)
def test_every_fifth_request_fails_and_is_counted_apart(law: dict[str, int], ending: Ending) -> None:
    fixed = ServiceLaw(ttft_s=0.05, itl_s=0.01, tokens=6, **law)  # type: ignore[arg-type]
    load, found, _ = measured(fixed, POISSON, 20, 5, Slo(e2e_s=0.5), timeout_s=2.0)
    failed = [r for r in load.requests if r.ending is ending]
    assert len(failed) == len(load.requests) // 5
    assert {r.ending for r in load.requests} == {Ending.OK, ending}
    assert found.latencies.e2e is not None
    assert found.latencies.e2e.n == found.endings["ok"]
    assert found.attained is not None
    assert found.attained.value < 0.9
    assert not found.kept


def test_a_slow_first_token_moves_ttft_and_not_tpot() -> None:
    law = ServiceLaw(ttft_s=0.05, itl_s=0.02, tokens=6, every_slow=10, slow_ttft_s=0.8)
    load, found, _ = measured(law, POISSON, 15, 6, Slo(ttft_s=0.5))
    assert found.latencies.ttft is not None
    assert found.latencies.tpot is not None
    assert found.latencies.ttft.p99 > 0.8
    assert found.latencies.ttft.p50 < 0.2
    assert found.latencies.tpot.p50 == pytest.approx(0.02, rel=0.1)
    fast = sum(r.ttft_s < 0.5 for r in load.requests)
    assert fast == pytest.approx(0.9 * len(load.requests), abs=2)
    assert found.goodput_requests_per_s == pytest.approx(0.9 * found.offered_per_s, rel=0.04)


def test_tokens_without_usage_are_chunks_and_said_to_be() -> None:
    law = ServiceLaw(ttft_s=0.05, itl_s=0.05, tokens=10, usage=False)
    _, found, _ = measured(law, CLOSED, 4, 5)
    assert found.check.by == "chunks"
    assert found.tokens_per_s is not None
    assert found.tokens_per_s.value == pytest.approx(4 * 10 / law.service_s, rel=0.06)


def test_four_tokens_a_chunk_are_four_tokens() -> None:
    law = ServiceLaw(ttft_s=0.05, itl_s=0.05, tokens=40, tokens_per_chunk=4)
    _, found, _ = measured(law, CLOSED, 4, 5)
    assert found.tokens_per_s is not None
    assert found.tokens_per_s.value == pytest.approx(4 * 40 / law.service_s, rel=0.06)
    assert found.check.per_chunk == pytest.approx(4)
    assert "4 tokens a chunk" in found.check.disagreement


def test_no_prefix_cache_answers_unless_asked_to() -> None:
    law = ServiceLaw(ttft_s=0.2, itl_s=0.01, tokens=5, cached_ttft_s=0.02)
    with loopback(law) as server:
        plans = [LoadPlan(CLOSED, 2, 2.0, unique=unique) for unique in (True, False)]
        loads = [offer(Endpoint(server.base_url, "loopback"), PROMPTS, plan) for plan in plans]
    unique, shared = (sorted(r.ttft_s for r in load.requests) for load in loads)
    assert unique[0] >= 0.2
    assert shared[len(shared) // 2] < 0.2


def test_a_deliberate_client_bottleneck_is_detected(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that takes 3 ms a chunk cannot read 400 chunks a second, and says so."""
    import time

    class Slow(Reader):
        def _look(self, event: bytes, now: float) -> None:
            end = time.perf_counter() + 0.003
            while time.perf_counter() < end:
                pass
            super()._look(event, now)

    monkeypatch.setattr(load_client, "Reader", Slow)
    monkeypatch.setattr("vcpd.evals.load_self_test._STREAMS", (8,))
    ceiling = client_ceiling()
    assert ceiling.chunks_per_s < 400
    load, found, _ = measured(ServiceLaw(ttft_s=0.1, itl_s=0.02, tokens=30), CLOSED, 6, 4)
    assert "can read at all" in client_limited(found.chunks_per_s, ceiling.chunks_per_s, load)
    assert "of a core" in client_limited(found.chunks_per_s, None, load)


def test_several_processes_share_one_load() -> None:
    law = ServiceLaw(ttft_s=0.1, itl_s=0.05, tokens=19)
    with loopback(law) as server:
        plan = LoadPlan(CLOSED, 8, 6.0, 1.0, processes=2)
        load = offer(Endpoint(server.base_url, "loopback"), PROMPTS, plan)
        log = server.log()
    assert len(load.requests) == len(log)
    found = summarise_load(load.requests, Slo(), 2.0, load.stopped)
    assert found.tokens_per_s is not None
    assert found.tokens_per_s.value == pytest.approx(8 * 19 / law.service_s, rel=0.06)
    assert [p.level for p in parts_of(LoadPlan(CLOSED, 7, 1.0, processes=3))] == [3, 2, 2]


def test_the_saturation_of_a_server_with_four_slots_is_four_streams() -> None:
    law = ServiceLaw(ttft_s=0.25, itl_s=0.05, tokens=8, slots=4)  # 0.6 s; a fifth stream makes all wait for 0.15 s
    slo = Slo(ttft_s=0.36)
    with loopback(law) as server:
        endpoint = Endpoint(server.base_url, "loopback")
        plan = ThroughputPlan(
            endpoint, LoadWorkload("two prompts", PROMPTS), slo, CLOSED, duration_s=6, probe_s=3, self_test=False
        )
        found = measure_throughput(plan)
    assert found.condition.batch == "4 streams"
    assert found.slo_kept
    assert found.tokens_per_s.value == pytest.approx(4 * 8 / law.service_s, rel=0.06)
    assert found.tokens_per_s.n_clusters >= 5
    assert found.raw_tokens_per_s == found.tokens_per_s.value
    assert any("closed loop" in text for text in found.warnings)


def test_delivered_tokens_are_those_that_the_policy_accepts() -> None:
    """Every third answer is invented: rejected, and asked for again within the latency of the same request."""
    document = Document("guide", "The bridge act was passed in 1937.")
    passage = document.passage(Span(0, len(document.text)))
    sample = Sample("q1", "history", "q1", "When was the bridge act passed?", ("1937",))
    case = Case(sample, (passage,), Known({"guide": document}), SourcePolicy())
    workload = LoadWorkload("one prompt", (LoadPrompt("p", "When was it passed?"),), {"p": case}, max_retries=2)
    law = ServiceLaw(ttft_s=0.2, itl_s=0.02, answer="The bridge act was passed in 1937 [1].", every_invented=3)
    with loopback(law) as server:
        plan = ThroughputPlan(
            Endpoint(server.base_url, "loopback"), workload, Slo(), CLOSED, 3, duration_s=6,
            self_test=False, verifier="lexical",
        )  # fmt: skip
        found = measure_throughput(plan)
        log = server.log()
    assert found.condition.verification == "lexical, 2 retries"
    assert found.raw_tokens_per_s / found.tokens_per_s.value == pytest.approx(1.5, rel=0.1)
    assert found.latencies["verify"]["p50"] > 0
    one = sum(entry["ended"] - entry["arrived"] for entry in log) / len(log)
    assert found.latencies["e2e"]["mean"] == pytest.approx(1.5 * one, rel=0.25)


def test_litellm_is_a_way_for_a_few_streams_and_flagged() -> None:
    law = ServiceLaw(ttft_s=0.1, itl_s=0.05, tokens=19)
    workload = LoadWorkload("two prompts", PROMPTS)
    with loopback(law) as server:
        endpoint = Endpoint(server.base_url, "openai/loopback", "none")
        plan = ThroughputPlan(endpoint, workload, Slo(), CLOSED, 2, duration_s=6, through_litellm=True)
        found = measure_throughput(plan)
        with pytest.raises(LoadError, match="at most 4 streams"):
            measure_throughput(replace(plan, level=5))
    assert found.tokens_per_s.value == pytest.approx(2 * 19 / law.service_s, rel=0.2)
    assert "through litellm" in found.warnings[0]


def test_an_endpoint_that_is_not_there_or_answers_nothing_is_named(tmp_path: Path) -> None:
    workload = LoadWorkload("two prompts", PROMPTS)
    plan = ThroughputPlan(Endpoint("http://127.0.0.1:9/v1", "x"), workload, self_test=False)
    with pytest.raises(EndpointError, match=r"127.0.0.1:9/v1 answers no request \(connection\)"):
        measure_throughput(plan)
    with loopback(ServiceLaw(every_500=1)) as server:
        plan = ThroughputPlan(Endpoint(server.base_url, "x"), workload, self_test=False)
        with pytest.raises(EndpointError, match="status 500"):
            measure_throughput(plan)


def test_a_load_that_is_none_is_refused() -> None:
    endpoint = Endpoint("http://127.0.0.1:9/v1", "x")
    with pytest.raises(LoadError, match="prompts"):
        offer(endpoint, (), LoadPlan(CLOSED, 1, 1.0))
    with pytest.raises(LoadError, match="above 0"):
        offer(endpoint, PROMPTS, LoadPlan(POISSON, 0, 1.0))


def test_the_server_ends_with_its_block() -> None:
    with loopback(ServiceLaw()) as server:
        assert isinstance(server, Loopback)
        assert server.log() == []
    with pytest.raises(OSError, match=r".*"):
        server.log()
